/** What the syncer is told, what it asks for, and what others may know of it. */
import type { Hash } from '../../base/bytes.ts'
import type { PeerFault } from '../../network/contracts.ts'
import type { UnansweredKind } from '../../network/requests/failure.ts'
import type { Block, Extrinsic, BlockRef, Justification } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { ImportOutcome, SyncOrigin } from './chain.ts'

/** A block from a peer. Whoever fetched it has checked that `hash` is the hash of `header`. */
export interface BlockData {
  readonly hash: Hash
  readonly header: Header | undefined
  readonly body: readonly Extrinsic[] | undefined
  readonly justifications: readonly Justification[] | undefined
}

export interface BlockRequest {
  readonly header: true
  readonly body: boolean
  readonly justifications: boolean
  /** A hash, or a height on the peer's best chain. */
  readonly from: Hash | number
  readonly direction: 'ascending' | 'descending'
  readonly maxBlocks: number
  readonly multipleJustifications: true
}

/** What a peer is asked; the rest of a request is always the same. */
export type Question = Omit<BlockRequest, 'header' | 'multipleJustifications'>

export interface BlockSource {
  /**
   * Between none and as many blocks as were asked for, in that order. Rejects with a NodeError; one that is the peer's
   * fault carries it as `fault`.
   */
  requestBlocks(peer: string, request: BlockRequest, signal: AbortSignal): Promise<readonly BlockData[]>
}

/** A block whose parts are all here. */
export interface FetchedBlock {
  readonly ref: BlockRef
  readonly block: Block
  readonly justifications: readonly Justification[]
  /** Roughly what it takes in memory. */
  readonly bytes: number
  readonly peer: string
}

export type RequestFailure =
  | { readonly kind: UnansweredKind }
  | { readonly kind: 'bad-response'; readonly fault: PeerFault }

/** What the syncer wants done, in this order. */
export type SyncAction =
  | { readonly kind: 'request'; readonly id: number; readonly peer: string; readonly request: BlockRequest }
  /** The answer is not wanted any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'import'; readonly ticket: number; readonly block: FetchedBlock; readonly origin: SyncOrigin }
  | { readonly kind: 'justify'; readonly block: BlockRef; readonly justification: Justification; readonly peer: string }
  | { readonly kind: 'report'; readonly peer: string; readonly fault: PeerFault }

/** `failed`: not the block's fault; the node is stopping, or its queue is full. */
export type ImportResult = ImportOutcome | { readonly kind: 'failed' }

/** Why nothing moves: bounded. */
export type StallReason = 'import-is-slow' | 'peers-do-not-answer' | 'no-usable-peers' | 'blocks-do-not-execute'

export interface SyncStatus {
  /** `major-sync`: far behind; transactions and announcements rest. */
  readonly state: 'idle' | 'syncing' | 'major-sync'
  /** Height at which this sync began. */
  readonly startingBlock: number
  readonly currentBlock: number
  /** What most peers have, as far as they tell (see claims.ts), or our own. */
  readonly highestBlock: number
  /** Over the last seconds. */
  readonly blocksPerSecond: number
  readonly secondsLeft: number | undefined
  readonly peers: number
  /** Blocks that are here and wait for import, and what they take. */
  readonly queuedBlocks: number
  readonly queuedBytes: number
  readonly pendingRequests: number
  readonly stalled: { readonly reason: StallReason; readonly forMs: number } | undefined
  /** A block that peers hold and this node cannot execute. */
  readonly refused?: RefusedBlock | undefined
  /** Blocks below the one on which the chain began here that are still to be fetched. */
  readonly gap?: GapStatus | undefined
}

/** Blocks below the one on which the chain began here that are kept and are not here yet. */
export interface GapStatus {
  /** Heights of the blocks that are still to be fetched, both included. */
  readonly from: number
  readonly to: number
  /** Blocks stored per second, over the last minute. */
  readonly perSecond: number
  readonly msLeft: number | undefined
  /** Why this will never end: the chain on which this node began is another one. */
  readonly foreign: string | undefined
}

/** A block that holds this node up because it does not execute here, while others have executed it. */
export interface RefusedBlock extends BlockRef {
  /** Bounded: see core/import/refusals.ts. */
  readonly code: string
  readonly message: string
  /** How many peers are known to hold it. */
  readonly peers: number
  /** Milliseconds since the Unix epoch. */
  readonly since: number
}

/** What one request asks for, and since when. */
export interface OpenRequest {
  /**
   * `search` looks for the fork point, `range` downloads, `branch` fetches what was announced, `finality` asks for justifications,
   * `witness` asks whether the peer has a block that does not execute here.
   */
  readonly kind: 'search' | 'range' | 'branch' | 'finality' | 'witness'
  /** The lowest height of an ascending request, the hash that a descending one begins with. */
  readonly from: number | Hash
  readonly blocks: number
  readonly forMs: number
}

/** How one peer serves blocks. */
export interface SyncPeerDetails {
  readonly peer: string
  /** The best block that it told of. */
  readonly best: BlockRef
  /** `resting`: it failed and is asked again later; `disbelieved`: it claimed or sent what was wrong. */
  readonly state: 'serving' | 'free' | 'resting' | 'disbelieved'
  /** How long it still rests or is not believed, in milliseconds. */
  readonly forMs: number
  readonly requests: readonly OpenRequest[]
  /** Blocks that it delivered since it came, and the heights of the last answer. */
  readonly delivered: number
  readonly lastRange: { readonly from: number; readonly to: number } | undefined
  readonly timeouts: number
  /** Refused, failed, empty and wrong answers. */
  readonly failures: number
  /** Smoothed over its answers; undefined before the first. */
  readonly blocksPerSecond: number | undefined
}

/** What happened, with the time in milliseconds since the Unix epoch. */
export type SyncEvent = { readonly at: number } & (
  | { readonly kind: 'began'; readonly from: number; readonly to: number }
  | { readonly kind: 'caught-up'; readonly number: number; readonly blocks: number; readonly tookMs: number }
  | { readonly kind: 'stalled'; readonly reason: StallReason }
  | { readonly kind: 'moves-again'; readonly afterMs: number }
  /** `depth` blocks of the old chain were given up. */
  | { readonly kind: 'reorganized'; readonly from: BlockRef; readonly to: BlockRef; readonly depth: number }
  /** Finality reached `head`, and so many forks ended. */
  | { readonly kind: 'forks-ended'; readonly head: BlockRef; readonly forks: number }
  /** `fault` is bounded, and what it cost the peer is in `cost`. */
  | { readonly kind: 'peer-charged'; readonly peer: string; readonly fault: string; readonly cost: number }
  /** `fault` is what it was charged with shortly before. */
  | { readonly kind: 'peer-left'; readonly peer: string; readonly delivered: number; readonly fault: string | undefined }
)

/** How far this node is behind the others; undefined while the syncer does not run. */
export interface SyncReader {
  status(): SyncStatus | undefined
}

/** All that the syncer lets others see. */
export interface SyncStateReader extends SyncReader {
  /** Those who serve first. Empty while the syncer does not run. */
  peers(): readonly SyncPeerDetails[]
  /** The newest, oldest first: bounded. */
  events(): readonly SyncEvent[]
}
