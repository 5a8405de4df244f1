/** Ways through the block tree by headers alone, because votes may concern blocks that are settled or pruned meanwhile. */
import type { Hash } from '../../../../../base/bytes.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { BlockStateReader } from '../../../../state/types.ts'
import type { Route } from '../rounds/vote-tree.ts'

export function routeByHeaders(blocks: Pick<BlockStateReader, 'header'>): Route {
  return (base, target) => {
    const floor = blocks.header(base)?.number
    if (floor === undefined) return undefined
    const way: BlockRef[] = []
    for (let hash: Hash = target; hash !== base; ) {
      const header = blocks.header(hash)
      if (header === undefined || header.number <= floor) return undefined
      way.push({ hash, number: header.number })
      hash = header.parentHash
    }
    return way.reverse()
  }
}

/** True where `block` is `base` or descends from it. */
export function isAtOrAbove(route: Route, base: BlockRef, block: BlockRef): boolean {
  return base.hash === block.hash || route(base.hash, block.hash) !== undefined
}
