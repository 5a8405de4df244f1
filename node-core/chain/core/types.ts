/** What the other services know of core: facts about blocks come from the state, actions on them from here. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { Block, Extrinsic, BlockRef, Justification } from '../scale/block.ts'

export type BlockOrigin = 'own' | 'announced' | 'sync' | 'file'

/**
 * What a refusal says about whom:
 *
 * - `early`: good later, by this computer's clock. Kept and tried again.
 * - `orphan`: its parent is not here.
 * - `obsolete`: of no use here any more, whoever is right. Dropped.
 * - `delivery`: the body is not the one that the header names. The block may be good, what this sender gave is not.
 * - `proven`: header or signatures are wrong for anybody who looks. Whoever sends it is charged.
 * - `execution`: it does not come out here as its header says, or not by this node's idea of the authorities. A single holder has made
 *   it up; where several who do not belong together hold it, they have executed it, and this node is wrong.
 * - `host`: this node could not do its work. Nobody is charged, however many hold it.
 */
export type RefusalKind = 'early' | 'orphan' | 'obsolete' | 'delivery' | 'proven' | 'execution' | 'host'

export type ImportOutcome =
  | { readonly kind: 'imported'; readonly isBest: boolean }
  | { readonly kind: 'known' }
  /** Its parent is not here yet. */
  | { readonly kind: 'unknown-parent' }
  /**
   * Refused. `refusal` says whose fault it is, the bounded `code` why; `message` is for people. `retryAt`, in milliseconds
   * since the Unix epoch: when it may be good, where it is only early.
   */
  | { readonly kind: 'invalid'; readonly refusal: Exclude<RefusalKind, 'orphan'>; readonly code: string; readonly message: string; readonly retryAt?: number }

export interface BlockImporter {
  /** Queued; blocks are imported one at a time, in the order of the calls. */
  importBlock(block: Block, origin: BlockOrigin, justifications?: readonly Justification[]): Promise<ImportOutcome>
  /** Checks and applies a justification of a block that is here already. */
  importJustification(block: BlockRef, justification: Justification): Promise<ImportOutcome>
}

/** What authoring asks of the network. */
export interface SyncOracle {
  /** Others have a chain that is far ahead of ours. */
  isMajorSyncing(): boolean
  /** No other node is connected. */
  isOffline(): boolean
}

/** Why an authority makes no blocks at present. */
export type AuthoringHold =
  | { readonly kind: 'syncing' }
  /** It shares the slots with other authorities, and no node is connected. */
  | { readonly kind: 'alone'; readonly authorities: number }
  /** The clock shows a slot that is not after the last one that was claimed: it was set back. */
  | { readonly kind: 'clock-behind'; readonly untilSlot: number }
  /** It listens first for another computer that signs with its keys; blocks are made from this slot on. */
  | { readonly kind: 'listening'; readonly untilSlot: number }
  /** Another computer does: nothing is signed before a person says that this is the only one. */
  | { readonly kind: 'signed-elsewhere' }

/** Facts about one transaction, in the words of the `author_submitAndWatchExtrinsic` subscription. */
export type TransactionStatus =
  | { readonly kind: 'future' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'broadcast'; readonly peers: readonly string[] }
  | { readonly kind: 'inBlock'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'retracted'; readonly block: Hash }
  | { readonly kind: 'finalityTimeout'; readonly block: Hash }
  | { readonly kind: 'finalized'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'usurped'; readonly by: Hash }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'invalid' }

export type TransactionErrorCode =
  /** `data.detail` is the runtime's reason, e.g. `Payment`, `Stale`, `BadProof`. */
  | 'TX_INVALID'
  /** The runtime cannot tell yet (`UnknownTransaction`). */
  | 'TX_UNKNOWN'
  | 'TX_TEMPORARILY_BANNED'
  | 'TX_ALREADY_IMPORTED'
  /** Replaces one in the pool, with a priority that is not higher: `data.oldPriority`, `data.newPriority`, and `data.by` which one. */
  | 'TX_TOO_LOW_PRIORITY'
  /** The pool is full of better ones. */
  | 'TX_IMMEDIATELY_DROPPED'
  | 'TX_MALFORMED'
  /** Waits for one that would replace it. */
  | 'TX_CYCLE_DETECTED'
  /** Provides no tag by which the pool could tell it from others. */
  | 'TX_NO_TAGS'
  /** Not to be passed on, and this node does not author. */
  | 'TX_UNACTIONABLE'

export interface PoolStatus {
  readonly ready: number
  readonly readyBytes: number
  readonly future: number
  readonly futureBytes: number
}

export interface PoolEvents {
  status: { readonly hash: Hash; readonly status: TransactionStatus }
  /** A transaction became ready (to be gossiped). */
  ready: { readonly hash: Hash; readonly extrinsic: Extrinsic }
}

export interface TransactionPool {
  readonly events: EventSource<PoolEvents>
  /** Validates against the best block; resolves with the blake2b-256 hash, or throws a NodeError<TransactionErrorCode>. */
  submit(extrinsic: Extrinsic, source: 'local' | 'external'): Promise<Hash>
  /** Like submit, but tells every status of this transaction, in order, none lost; ends after a final one or when `signal` aborts. */
  submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<{ hash: Hash; statuses: AsyncIterable<TransactionStatus> }>
  /**
   * Ready ones, in the order in which a block would take them. `provides` are their tags as `0x…`: on a FRAME chain
   * the first is the SCALE encoding of (account, nonce), which is how RPC counts an account's pending transactions.
   * Where `propagate` is false, the transaction is not to be told to others.
   */
  ready(): readonly { readonly hash: Hash; readonly extrinsic: Extrinsic; readonly provides: readonly string[]; readonly propagate?: boolean }[]
  future(): readonly { readonly hash: Hash; readonly extrinsic: Extrinsic }[]
  get(hash: Hash): Extrinsic | undefined
  status(): PoolStatus
  /** These peers were sent the transaction: whoever watches it is told. */
  onBroadcast(hash: Hash, peers: readonly string[]): void
  /** Removes these with their dependents, and bans these alone for a while; returns the hashes that went. */
  remove(hashes: readonly Hash[]): readonly Hash[]
}
