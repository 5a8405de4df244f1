/**
 * What the dashboard sees of a node, wherever it runs. All of it is plain data: it crosses IPC and WebSocket.
 */
import type { LogRecord } from '../base/logger.ts'
import type { EventSource } from '../base/events.ts'
import type { NetworkKeys } from '../keystore/network-keys.ts'
import type { DiskUse } from '../metrics/disk-use.ts'
import type { PlainData } from '../base/errors.ts'
import type { HistoryReader } from '../metrics/history/history.ts'
import type { BlockSummary, CatchingUp, DiskParts, KindStatus, NodeView, Position } from './kinds/kind.ts'
import type { TroubleAction, TroubleCode } from './kinds/trouble.ts'
import type { Trouble } from './watch/troubles.ts'

export type NodeState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed'

export interface NodeStatus {
  readonly state: NodeState
  /** Why it failed and what to do, where the state is `failed`. */
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string | undefined; readonly data?: PlainData | undefined } | undefined
  /** The network's own name, as its specification has it; the one that a person gave it while its node does not run. */
  readonly chainName: string
  /** While it starts with data of an earlier version: how much of them is carried over, 0 to 1. */
  readonly preparing?: number | undefined
  /** As it was seen last, while the node does not run. */
  readonly newest: Position | undefined
  readonly settled: Position | undefined
  readonly peers: number
  /** Milliseconds since the Unix epoch: when a node that failed is started again by itself. */
  readonly restartAt?: number | undefined
  /** Milliseconds since the Unix epoch: when the state became `running`. */
  readonly startedAt: number | undefined
  /** Milliseconds since the Unix epoch: when the newest position last changed. */
  readonly newestChangedAt: number | undefined
  /** While it is far behind the others. */
  readonly catchingUp?: CatchingUp | undefined
  /** Whether it is to take part with keys of its own. */
  readonly producing: boolean
  readonly intervalMs: number | undefined
  readonly dataPath: string | undefined
  /** What nodes of its kind say besides; undefined while none runs. */
  readonly details: KindStatus | undefined
}

/** The room that a network takes. */
export interface NetworkDisk extends DiskUse {
  /** What its data consist of, while its node runs. */
  readonly parts: DiskParts | undefined
}

export interface NetworkSummary {
  /** Stable identifier, also the folder name of its data. */
  readonly id: string
  readonly name: string
  /** What kind of node it has. */
  readonly kind: string
  /** The window's screens that its kind has and not every other, by their ids. */
  readonly screens: readonly string[]
  readonly status: NodeStatus
}

/** What is wrong with one network; an empty list once nothing is. */
export interface NetworkTroubles {
  readonly network: string
  /** The worst first. */
  readonly troubles: readonly Trouble[]
}

export interface ManagerEvents {
  /** Some network's status changed; at most ten times a second per network. */
  status: NetworkSummary
  removed: { readonly network: string }
  block: { readonly network: string; readonly block: BlockSummary }
  finalized: { readonly network: string; readonly head: Position }
  log: LogRecord
  troubles: NetworkTroubles
}

export interface NodeManagerView {
  readonly events: EventSource<ManagerEvents>
  networks(): readonly NetworkSummary[]
  /** Resolves when the node runs; throws a NodeError that says why it does not. Idempotent. */
  start(network: string): Promise<void>
  stop(network: string): Promise<void>
  restart(network: string): Promise<void>
  /** The node of a network while it runs; another object after each start. */
  node(network: string): NodeView | undefined
  /** The keys of a network, whether its node runs or not. */
  keys(network: string): NetworkKeys
  /** How the figures of a network went, whether its node runs or not. */
  history(network: string): HistoryReader
  /** The room that a network's data takes. */
  disk(network: string): Promise<NetworkDisk>
  /** What is wrong with a network, the worst first. */
  troubles(network: string): readonly Trouble[]
  /** Does one of the actions that a trouble offers. */
  mend(network: string, code: TroubleCode, action: TroubleAction): Promise<void>
  /** Newest first. */
  latestBlocks(network: string, count: number): readonly BlockSummary[]
  /** Oldest first, from a ring buffer of the newest few thousand. */
  recentLogs(count: number): readonly LogRecord[]
}
