/** Fork choice by length: each block weighs the same, so the chain with more of them is better, and of two the one that came first. */
import type { BlockStateReader } from '../../../state/types.ts'
import type { ChainWeights } from '../engine.ts'

/** What a block adds. */
export const BLOCK_WEIGHT = 1

export function longestChain(blocks: Pick<BlockStateReader, 'header'>): ChainWeights {
  return { chainWeight: (hash) => blocks.header(hash)?.number ?? 0 }
}
