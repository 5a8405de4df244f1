/**
 * Which block to vote for (Polkadot Host spec, section 6.3 "Best Final Candidate"; the rules are those of Substrate nodes).
 *
 * Not the very best block: the newest two may still be replaced, and of a long unfinalized chain at most three quarters are voted for at a
 * time, so that voters who are a little behind agree sooner. Never above the next change of authorities.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { BlockStateReader } from '../../../../state/types.ts'

export type RuleBlocks = Pick<BlockStateReader, 'best' | 'leaves' | 'header' | 'hasBlock' | 'isAncestor'>

/** Votes stay this many blocks behind the best one. */
const BEHIND_BEST = 2

/**
 * The block to prevote for: on the best chain that contains `base`, at or above it. `limit` tells the number of the next
 * change of authorities on the chain to a block.
 */
export function chooseVote(blocks: RuleBlocks, base: BlockRef, limit: (hash: Hash) => number | undefined): BlockRef {
  const best = bestContaining(blocks, base)
  if (best === undefined || best.number < base.number + BEHIND_BEST) return base
  const unfinalized = best.number - base.number
  const number = Math.min(
    best.number - BEHIND_BEST,
    base.number + Math.floor((unfinalized * 3 + 2) / 4),
    Math.max(base.number, limit(best.hash) ?? Number.MAX_SAFE_INTEGER),
  )
  return number === base.number ? base : ancestorAt(blocks, best, number) ?? base
}

function bestContaining(blocks: RuleBlocks, base: BlockRef): BlockRef | undefined {
  if (!blocks.hasBlock(base.hash)) return undefined
  const best = blocks.best()
  if (blocks.isAncestor(base.hash, best.hash)) return best
  return blocks.leaves().filter((leaf) => blocks.isAncestor(base.hash, leaf.hash)).sort((a, b) => b.number - a.number)[0]
}

function ancestorAt(blocks: RuleBlocks, from: BlockRef, number: number): BlockRef | undefined {
  let { hash } = from
  for (;;) {
    const header = blocks.header(hash)
    if (header === undefined) return undefined
    if (header.number <= number) return { hash, number: header.number }
    hash = header.parentHash
  }
}
