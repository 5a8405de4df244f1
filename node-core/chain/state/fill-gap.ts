/**
 * Filling the gap below the block on which a chain began here: from its upper edge downwards, block by block.
 *
 * The blocks are finalized, because each is the parent of one that is: that is checked here by hash, and whoever calls has checked the
 * bodies. Blocks and mark are one batch, so the mark never says more or less than what is there.
 */
import { headerHash } from '../scale/header.ts'
import * as store from './block-store.ts'
import type { Chain } from './chain.ts'
import { StateError, corrupt } from './errors.ts'
import type { BlockGap, GapBlock } from './types.ts'

/**
 * `blocks` run downwards from the highest missing one, or from the one above it, which then gets its body alone. Throws STATE_INVALID_BLOCK
 * where they do not fit, and STATE_WRONG_GENESIS where they end at another genesis than ours; then nothing has changed.
 */
export async function writeGapBlocks(chain: Chain, blocks: readonly GapBlock[]): Promise<void> {
  const { gap, database } = chain
  const [first] = blocks
  if (first === undefined) return
  if (gap === undefined) throw misfit(first, 'nothing is missing')
  const edgeHash = chain.finalizedHash(gap.to + 1)
  const edge = edgeHash === undefined ? undefined : chain.header(edgeHash)
  if (edgeHash === undefined || edge === undefined) throw corrupt(`block ${gap.to + 1}, above which nothing is missing, is not there`)
  const bodyOfEdge = first.hash === edgeHash ? first.body : undefined
  const missing = first.hash === edgeHash ? blocks.slice(1) : blocks
  let above = edge
  for (const block of missing) {
    const { hash, header } = block
    if (hash !== above.parentHash || header.number !== above.number - 1 || headerHash(header) !== hash) throw misfit(block, `it is not the parent of block ${above.number}`)
    if (header.number < gap.from) throw misfit(block, 'it is not missing')
    above = header
  }
  const rest: BlockGap | undefined = above.number > gap.from ? { from: gap.from, to: above.number - 1 } : undefined
  const below = chain.finalizedHash(gap.from - 1)
  if (rest === undefined && above.parentHash !== below) {
    throw new StateError('STATE_WRONG_GENESIS', `the finalized block ${edge.number} leads to block ${gap.from - 1} ${above.parentHash}, expected is ${below}.`, {
      data: { found: above.parentHash, expected: below },
      hint: 'The block on which this node began is of another chain. Begin anew, with a chain specification from a source that you trust.',
    })
  }
  await database.write(
    (batch) => {
      if (bodyOfEdge !== undefined) store.putBody(batch, edgeHash, bodyOfEdge)
      for (const { hash, header, body, justifications } of missing) {
        store.putHeader(batch, hash, header)
        if (body !== undefined) store.putBody(batch, hash, body)
        // What was proven when the node joined stays.
        if (justifications !== undefined) store.putJustifications(batch, hash, justifications)
        store.putFinalizedHash(batch, header.number, hash)
      }
      store.putGap(batch, rest)
    },
    { sync: false },
  )
  chain.gap = rest
}

function misfit({ hash, header }: GapBlock, why: string): StateError {
  return new StateError('STATE_INVALID_BLOCK', `block ${hash} does not belong into the gap: ${why}`, { data: { hash, number: header.number } })
}
