/** The chain that is here, as the syncer sees it, and the importer that makes it grow. The rest of the node fits these. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { Block, BlockRef, Justification } from '../scale/block.ts'

export interface SyncBlocks {
  best(): BlockRef
  finalized(): BlockRef
  /** Stored here, final or not. */
  hasBlock(hash: Hash): boolean
  /** The hash at this height on the chain that ends in the best block. */
  hashByNumber(number: number): Hash | undefined
}

/** Facts, told after they are on disk. */
export interface SyncBlockEvents {
  /** `retracted` are the blocks of the old chain that were given up, its best block first. */
  bestChanged: { readonly best: BlockRef; readonly retracted: readonly BlockRef[] }
  /** `pruned` are the heads of the forks that ended. */
  finalized: { readonly head: BlockRef; readonly pruned: readonly Hash[] }
}

export interface SyncChain extends SyncBlocks {
  readonly events: EventSource<SyncBlockEvents>
}

/** How a block came: told by a peer as its newest, or asked for to catch up. */
export type SyncOrigin = 'announced' | 'sync'

/**
 * Whose fault a refusal is, which decides what follows:
 *
 * - `early`: tried again when its time comes.
 * - `obsolete`: dropped, and nobody is charged.
 * - `delivery`: the body is not the header's. The block may be good, and is asked of somebody else.
 * - `proven`: bad for anybody who looks. The sender is charged.
 * - `execution`: a single holder has made it up; where several who do not belong together hold it, this node is wrong.
 * - `host`: this node could not do its work. Nobody is charged, however many hold it.
 */
export type Refusal = 'early' | 'obsolete' | 'delivery' | 'proven' | 'execution' | 'host'

export type ImportOutcome =
  | { readonly kind: 'imported' | 'known' | 'unknown-parent' }
  /** The bounded `code` says why, `message` is for people, `retryAt` (milliseconds since the Unix epoch) when an early one is tried again. */
  | { readonly kind: 'invalid'; readonly refusal: Refusal; readonly code: string; readonly message: string; readonly retryAt?: number }

export interface SyncImporter {
  /** Queued; blocks are imported one at a time, in the order of the calls. */
  importBlock(block: Block, origin: SyncOrigin, justifications?: readonly Justification[]): Promise<ImportOutcome>
  /** Checks and applies a justification of a block that is here already. */
  importJustification(block: BlockRef, justification: Justification): Promise<ImportOutcome>
}
