/**
 * Which blocks are to change the authorities next: those that were imported, are not final, and above which nothing can be made
 * final on their fork before they are (authority-sets.ts). A node that has not been told their justifications asks for them.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { BlockStateReader } from '../../../../state/types.ts'

export type SetChangeBlocks = Pick<BlockStateReader, 'best' | 'leaves' | 'header' | 'hashByNumber' | 'isAncestor'>

/** Forks that are looked at; while finality stands still there may be many. */
const MAX_FORKS = 32
/** A fork that is longer than this is not followed down. */
const LONGEST_WALK = 1024

/** The one on the best chain first. `limit`: the height of the next change on the chain that ends in a block. */
export function nextSetChanges(blocks: SetChangeBlocks, limit: (hash: Hash) => number | undefined): BlockRef[] {
  const found = new Map<Hash, BlockRef>()
  for (const head of [blocks.best(), ...blocks.leaves().slice(-MAX_FORKS)]) {
    const number = limit(head.hash)
    const hash = number === undefined || number > head.number ? undefined : ancestorAt(blocks, head, number)
    if (number !== undefined && hash !== undefined) found.set(hash, { hash, number })
  }
  return [...found.values()]
}

/** The ancestor of `head` at a height: nearly always on the best chain, else found along the fork. */
function ancestorAt(blocks: SetChangeBlocks, head: BlockRef, number: number): Hash | undefined {
  const onBest = blocks.hashByNumber(number)
  if (onBest !== undefined && blocks.isAncestor(onBest, head.hash)) return onBest
  if (head.number - number > LONGEST_WALK) return undefined
  let { hash } = head
  for (let height = head.number; height > number; height--) {
    const header = blocks.header(hash)
    if (header === undefined) return undefined
    hash = header.parentHash
  }
  return hash
}
