/**
 * Which bodies and justifications are deleted as finality goes on (`--blocks-pruning`).
 *
 * Headers stay, and so do justifications that proofs for others are made of: those of blocks that changed who decides on finality. Blocks on
 * dead forks go as a whole, as soon as they are dead (block-writer.ts).
 *
 * Each finalization takes its share: usually as many blocks as it makes final, and more where there is something to catch up with, because
 * the node was told to keep less. How far that has come is in the same batch.
 */
import type { Header } from '../scale/header.ts'
import * as store from './block-store.ts'
import type { Chain } from './chain.ts'
import type { Batch } from './database.ts'

export interface OldBlocks {
  /** Bodies of so many of the newest finalized blocks are kept; undefined: of all. */
  readonly keep: number | undefined
  /** Whether others need the justification of this finalized block as long as there is the chain. */
  readonly keepsJustification: (header: Header) => boolean
}

/**
 * Kept in any case, whatever is asked for: peers that fell behind a little, wallets and people look at the newest blocks.
 */
export const LEAST_KEPT = 256

/** Blocks that one finalization deletes at the most: each takes a header to be read. */
const SHARE = 512

/** What goes with the batch that makes `finalized` final. Blocks from the height `held` on stay. */
export function deleteOldBlocks(batch: Batch, chain: Chain, finalized: number, { keep, keepsJustification }: OldBlocks, held: number): void {
  if (keep === undefined) return
  const end = Math.min(finalized - Math.max(keep, LEAST_KEPT), held - 1)
  const lowest = (chain.gap?.to ?? 0) + 1
  const from = Math.max(lowest, store.readPrunedUpTo(chain.database) + 1)
  if (from > end) return
  const last = Math.min(end, from + SHARE - 1)
  for (let number = from; number <= last; number++) {
    const hash = chain.finalizedHash(number)
    const header = hash === undefined ? undefined : chain.header(hash)
    if (hash === undefined || header === undefined) continue
    store.deleteBody(batch, hash)
    if (!keepsJustification(header)) store.deleteJustifications(batch, hash)
  }
  store.putPrunedUpTo(batch, last)
}
