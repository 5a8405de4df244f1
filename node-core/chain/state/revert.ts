/**
 * Takes blocks back that are not final: everything above a height, the best chain's and the forks', the newest first.
 *
 * Each block goes in a batch of its own, with its state, what engines keep of it, and the marks of what is best and which forks there are.
 * So whoever dies on the way has a chain that is whole, with fewer blocks taken back. Its records go at once and are not left to the
 * pruner: the same block may come again, and its state with other records.
 */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef } from '../scale/block.ts'
import * as store from './block-store.ts'
import type { Chain } from './chain.ts'
import { dropDead } from './pruning/step.ts'
import type { AuxEntry } from './types.ts'

export interface Reverted {
  /** Newest first. */
  readonly blocks: readonly BlockRef[]
  /** State roots whose entries changed. */
  readonly roots: readonly Hash[]
}

/** `entries` is asked for each block before it goes. The tree in memory is not changed: load the chain again. */
export async function revertBlocks({ database, tree }: Chain, height: number, entries: (block: BlockRef) => readonly AuxEntry[]): Promise<Reverted> {
  const leaves = new Set(tree.leaves().map(({ hash }) => hash))
  const children = new Map<Hash, number>()
  const blocks: BlockRef[] = []
  for (const start of leaves) {
    for (let hash = start; !children.has(hash); ) {
      const header = tree.header(hash)
      if (header === undefined || header.number <= height) break
      children.set(hash, tree.children(hash).length)
      blocks.push({ hash, number: header.number })
      hash = header.parentHash
    }
  }
  blocks.sort((a, b) => b.number - a.number)
  let best = tree.best.hash
  const roots = new Set<Hash>()
  for (const [index, block] of blocks.entries()) {
    const parent = tree.header(block.hash)?.parentHash as Hash
    const left = (children.get(parent) ?? tree.children(parent).length) - 1
    children.set(parent, left)
    leaves.delete(block.hash)
    if (left === 0) leaves.add(parent)
    if (best === block.hash) best = parent
    const state = dropDead(database, [block.hash])
    for (const root of state.roots) roots.add(root)
    const aux = entries(block)
    await database.write(
      (batch) => {
        store.deleteBlock(batch, block.hash)
        state.fill(batch)
        store.putAuxEntries(batch, aux)
        store.putLeaves(batch, [...leaves])
        store.putMetaHash(batch, 'best', best)
      },
      { sync: index === blocks.length - 1 },
    )
  }
  return { blocks, roots: [...roots] }
}
