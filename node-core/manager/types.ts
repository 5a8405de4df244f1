/**
 * What the dashboard sees of a node, wherever it runs. All of it is plain data: it crosses IPC and WebSocket.
 */
import type { LogRecord } from '../base/logger.ts'
import type { EventSource } from '../base/events.ts'
import type { Hash } from '../base/bytes.ts'
import type { AuthoringHold } from '../chain/core/types.ts'
import type { NetworkKeys } from '../keystore/network-keys.ts'
import type { DiskUse } from '../metrics/disk-use.ts'
import type { HistoryReader } from '../metrics/history/history.ts'
import type { NodeView } from '../chain/node/view.ts'
import type { BlockRef } from '../chain/state/types.ts'
import type { Trouble, TroubleAction, TroubleCode } from './watch/troubles.ts'

export type NodeState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed'

export interface BlockSummary extends BlockRef {
  readonly parentHash: Hash
  /** SS58 address or a well-known name of the author, where it can be told. */
  readonly author: string | undefined
  readonly extrinsics: number
  /** Milliseconds since the Unix epoch: when this node imported it. */
  readonly importedAt: number
  readonly finalized: boolean
}

export interface NodeStatus {
  readonly state: NodeState
  /** Why it failed and what to do, where the state is `failed`. */
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined
  readonly chainName: string
  readonly genesisHash: Hash | undefined
  readonly best: BlockRef | undefined
  readonly finalized: BlockRef | undefined
  readonly peers: number
  /** Milliseconds since the Unix epoch: when a node that failed is started again by itself. */
  readonly restartAt?: number | undefined
  /** Milliseconds since the Unix epoch: when the state became `running`. */
  readonly startedAt: number | undefined
  /** Milliseconds since the Unix epoch: when the best block last changed. */
  readonly bestChangedAt: number | undefined
  /** While it is far behind the others: their height, and the milliseconds that it will take at this pace, where that can be told. */
  readonly catchingUp?: { readonly highest: number; readonly msLeft: number | undefined } | undefined
  /** Whether this node authors blocks. */
  readonly authoring: boolean
  /** Why it makes no blocks at present, though it is to make them. */
  readonly authoringHold?: AuthoringHold | undefined
  readonly slotDurationMs: number | undefined
  readonly rpcAddress: string | undefined
  readonly dataPath: string | undefined
}

export interface NetworkSummary {
  /** Stable identifier, also the folder name of its data. */
  readonly id: string
  readonly name: string
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
  finalized: { readonly network: string; readonly head: BlockRef }
  log: LogRecord
  troubles: NetworkTroubles
}

/** What the dashboard reads of a running node besides its status, and what a person may do to its peers. */
export type RunningNode = Pick<NodeView, 'network' | 'sync' | 'peerActions' | 'metrics' | 'explorer' | 'sessionKeys'>

export interface NodeManagerView {
  readonly events: EventSource<ManagerEvents>
  networks(): readonly NetworkSummary[]
  /** Resolves when the node runs; throws a NodeError that says why it does not. Idempotent. */
  start(network: string): Promise<void>
  stop(network: string): Promise<void>
  restart(network: string): Promise<void>
  /** The node of a network while it runs; another object after each start. */
  node(network: string): RunningNode | undefined
  /** The keys of a network, whether its node runs or not. */
  keys(network: string): NetworkKeys
  /** How the figures of a network went, whether its node runs or not. */
  history(network: string): HistoryReader
  /** The room that a network's data takes. */
  disk(network: string): Promise<DiskUse>
  /** What is wrong with a network, the worst first. */
  troubles(network: string): readonly Trouble[]
  /** Does one of the actions that a trouble offers. */
  mend(network: string, code: TroubleCode, action: TroubleAction): Promise<void>
  /** Newest first. */
  latestBlocks(network: string, count: number): readonly BlockSummary[]
  /** Oldest first, from a ring buffer of the newest few thousand. */
  recentLogs(count: number): readonly LogRecord[]
}
