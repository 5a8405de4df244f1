/**
 * What a kind of node is to the manager: what every node shows of itself, and the entry by which a kind stands in the table (table.ts).
 *
 * A kind brings its node, the profile of a network of its own, the screens that only it has, and its own words for what goes wrong. The
 * manager starts, stops, watches and restarts the nodes of every kind alike, and names none of them.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { LogFilter, Logger } from '../../base/logger.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import type { NetworkStateReader, PeerActions } from '../../network/types.ts'
import type { ChainDiskParts, ChainStatus } from './chain/types.ts'
import type { Installation } from './installation.ts'
import type { NetView } from './net-view.ts'
import type { NetworkProfileBase, ProfileKind } from './profiles.ts'
import type { Failure, TroubleAction, TroubleFinding } from './trouble.ts'

/** A step of what a network agrees on: a block of a chain, a layer of a mesh. */
export interface Position {
  readonly number: number
  readonly hash: Hash
}

/** While a node is far behind the others: their height, and the milliseconds that it will take at this pace, where that can be told. */
export interface CatchingUp {
  readonly highest: number
  readonly msLeft: number | undefined
}

/** How far a node has come. */
export interface Progress {
  readonly newest: Position
  /** Nothing up to here changes any more. */
  readonly settled: Position
  readonly catchingUp: CatchingUp | undefined
  /** It is to take part with keys of its own: author, vote, prove. */
  readonly producing: boolean
  /** Milliseconds from one position to the next, as the network means it; undefined where it is not known. */
  readonly intervalMs: number | undefined
}

/** This computer's clock beside that of its peers. */
export interface ClockOffset {
  /** How far this clock is ahead, in milliseconds; negative where it is behind, 0 while it is right. */
  readonly offsetMs: number
  /** How many peers say so. */
  readonly peers: number
}

/** The computer around a node: its clock, and the way to the others. */
export interface NodeSurroundings {
  /** Other nodes of its network should be found; a development network is one computer's own. */
  readonly expectsPeers: boolean
  /** Undefined where nobody can tell. */
  clock(): ClockOffset | undefined
  /** After a sleep, in another network, or by hand. */
  reconnect(): void
  askRouter(): void
  /** The clock was set. */
  forgetClock(): void
}

/** What a node of every kind shows. */
export interface NodeView {
  /** The kind's name in the table. */
  readonly kind: string
  /** The network's own name, as its specification has it. */
  readonly chainName: string
  readonly dataPath: string
  readonly network: NetworkStateReader
  /** What a person may do to its peers. */
  readonly peerActions: PeerActions
  readonly metrics: MetricsReader
  readonly surroundings: NodeSurroundings
  /** Undefined where the network is not open to services and programs. */
  readonly net?: NetView | undefined
  progress(): Progress
  /** Hears of a failure that the node cannot recover from by itself. */
  onFailure(listener: (error: unknown) => void): Disposer
}

/** A node as the manager handles it. */
export interface ManagedNode extends NodeView {
  start(): Promise<void>
  stop(): Promise<void>
  /** The part that is being stopped now. */
  readonly stopping?: string | undefined
  /** Hears how much of its data of an earlier version is carried over, 0 to 1, while it starts. */
  onPreparing?(listener: (share: number) => void): Disposer
}

/** A block as lists show it. */
export interface BlockSummary extends Position {
  readonly parentHash: Hash
  /** SS58 address or a well-known name of the author, where it can be told. */
  readonly author: string | undefined
  readonly extrinsics: number
  /** Milliseconds since the Unix epoch: when it was made, by its own word; undefined where it does not say. */
  readonly time: number | undefined
  readonly finalized: boolean
}

/** What the manager is told of a node that runs. */
export interface NodeListener {
  /** A block came, or more is known of one. */
  onBlock(block: BlockSummary): void
  onNewest(): void
  onSettled(position: Position): void
  /** Anything else of the status. */
  onChange(): void
}

/** The newest blocks of a network; it outlasts the node. */
export interface BlockList {
  /** Newest first, as things stand now. */
  latest(count: number): BlockSummary[]
}

/** What a status says besides what every kind has. A further kind adds its own here. */
export type KindStatus = ChainStatus

/** What the data of a network consist of. A further kind adds its own here. */
export type DiskParts = ChainDiskParts

/** Heights that a network's data have reached for certain. */
export interface SeenHeights {
  readonly newest: number
  readonly settled: number
}

/** A node with what its kind makes of it. */
export interface HostedNode {
  readonly node: ManagedNode
  /** By what networks of this kind are told apart, of a node that has started; of a chain its genesis hash. */
  networkIdentity(): string
  /** Nobody else makes this network's blocks, as far as it is known by now. */
  isSoleAuthority(): boolean
  /** After the start: attaches the listeners, which `dispose` detaches. */
  follow(listener: NodeListener): Promise<{ readonly blocks: BlockList; readonly dispose: Disposer }>
  /** Undefined where the kind adds nothing. */
  status(): KindStatus | undefined
  /** What its data consist of, in bytes; undefined where nothing is known. */
  diskParts?(): Promise<DiskParts | undefined>
  /**
   * What is wrong, from what is wrong by what every node has (`common`): the kind adds its own, and leaves out what its own explains.
   * Asked from time to time, so that it can tell how long something has been so.
   */
  troubles(common: readonly TroubleFinding[], facts: { readonly now: number; readonly canOpenTimeSettings: boolean }): readonly TroubleFinding[]
  /** Does an action that only its kind offers. */
  mend?(action: TroubleAction): Promise<void>
}

export interface NodeServices {
  readonly installation: Installation
  readonly clock: Clock
  readonly logger: Logger
  readonly keys: NetworkKeys
  /** What its data have reached before: a node that finds less does not start. Undefined where nothing is known. */
  readonly seen?: SeenHeights | undefined
}

/** A network as the manager of nodes knows it. */
export interface NetworkDefinition {
  readonly id: string
  readonly kind: string
  readonly name: string
  /** Where its data lies, for people. */
  readonly dataPath: string
  /** What its node logs; the manager's own filter where it is left out. */
  readonly logFilter?: LogFilter
}

/** What came of a repair. */
export interface RepairReport {
  /** Where the damaged database is kept. */
  readonly kept: string
  readonly newest: number
}

/** An entry of the table. `Plan` is what a node of this kind is built with. */
export interface NodeKind<Profile extends NetworkProfileBase = NetworkProfileBase, Plan = unknown> {
  /** The window's screens that not every kind has, by their ids. */
  readonly screens: readonly string[]
  /** Networks of this kind as they are remembered; undefined where none is kept in the list of networks. */
  readonly profiles: ProfileKind<Profile> | undefined
  /** What the node of this profile is built with. */
  plan(profile: Profile, installation: Installation): Promise<Plan>
  /** Builds a node; it is not started yet. */
  create(plan: Plan, services: NodeServices): Promise<HostedNode>
  /** Codes of failures that starting again does not mend. */
  readonly needsPerson: readonly string[]
  /** What a failure of this kind's own means; undefined for any other. `hasRun`: a node has run on these data before. */
  explain(failure: Failure, dataPath: string, hasRun: boolean): TroubleFinding | undefined
  /** Whether there is a database in a data folder; left out where the kind has none. Asked every few seconds while a node runs. */
  hasDatabase?(dataPath: string): Promise<boolean>
  /** Brings a damaged database back as far as it goes, and keeps the damaged one; left out where the kind cannot. Throws a NodeError. */
  repair?(dataPath: string, now: number): Promise<RepairReport>
  /** Puts its database aside, so that the node begins anew; gives the new path, or undefined where there was none. */
  setAside(dataPath: string, now: number): Promise<string | undefined>
  /** Forgets what keys signed that everybody knows; left out where it has none. */
  readonly forgetPublicKeys?: (dataPath: string) => Promise<void>
}

export type KindTable = Readonly<Record<string, NodeKind>>
