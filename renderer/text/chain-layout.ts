/**
 * The chain as it is drawn: one row per block, newest on top, the best chain in lane 0, forks in lanes beside it.
 * Pure: blocks, the best one and the final one go in, places and lines come out.
 */
import type { BlockPlace, ChainBlock } from '../../node-core/chain/explorer/types.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'

export interface ChainRow {
  readonly block: ChainBlock
  readonly place: BlockPlace
  readonly lane: number
  readonly row: number
}

/** From a block down to its parent. */
export interface ChainLine {
  readonly key: string
  readonly from: { readonly lane: number; readonly row: number }
  readonly to: { readonly lane: number; readonly row: number }
  readonly place: BlockPlace
}

export interface ChainLayout {
  readonly rows: readonly ChainRow[]
  readonly lines: readonly ChainLine[]
  readonly lanes: number
}

export interface ChainNews {
  readonly blocks: readonly ChainBlock[]
  readonly best: BlockRef
  readonly finalized: BlockRef
}

/** What is known and what came since, a block once, the `kept` that came last. */
export function joinNews(known: ChainNews | undefined, { blocks, best, finalized }: ChainNews, kept: number): ChainNews {
  const byHash = new Map([...(known?.blocks ?? []), ...blocks].map((block) => [block.hash, block]))
  return { blocks: [...byHash.values()].slice(-kept), best, finalized }
}

/** The `limit` newest rows. A chain that leaves the picture at its lower edge is drawn to it. */
export function layOut({ blocks, best, finalized }: ChainNews, limit: number): ChainLayout {
  const byHash = new Map(blocks.map((block) => [block.hash, block]))
  const main = mainChain(byHash, best)

  const sorted = [...byHash.values()]
    .sort((a, b) => b.number - a.number || Number(main.has(b.hash)) - Number(main.has(a.hash)) || a.hash.localeCompare(b.hash))
    .slice(0, limit)
  const rowOf = new Map(sorted.map((block, row) => [block.hash, row]))
  const laneOf = lanesOf(sorted, rowOf, main)

  const rows = sorted.map((block, row) => ({ block, place: placeOf(block, main, finalized), lane: laneOf.get(block.hash) ?? 0, row }))
  const lines = rows.flatMap(({ block, lane, row, place }): ChainLine[] => {
    if (block.number === 0) return []
    const parent = rowOf.get(block.parentHash)
    const to = parent === undefined ? { lane, row: rows.length } : { lane: laneOf.get(block.parentHash) ?? 0, row: parent }
    return [{ key: block.hash, from: { lane, row }, to, place }]
  })
  return { rows, lines, lanes: 1 + Math.max(0, ...laneOf.values()) }
}

/** Hashes of the best block and its ancestors. */
function mainChain(byHash: ReadonlyMap<string, ChainBlock>, best: BlockRef): ReadonlySet<string> {
  const main = new Set<string>()
  for (let block = byHash.get(best.hash); block !== undefined && !main.has(block.hash); block = byHash.get(block.parentHash)) main.add(block.hash)
  return main
}

function placeOf(block: ChainBlock, main: ReadonlySet<string>, finalized: BlockRef): BlockPlace {
  if (block.number <= finalized.number) return main.has(block.hash) ? 'final' : 'retracted'
  return main.has(block.hash) ? 'best' : 'fork'
}

/** Each branch off the best chain takes the first lane that is free between its newest block and where it branched off. */
function lanesOf(sorted: readonly ChainBlock[], rowOf: ReadonlyMap<string, number>, main: ReadonlySet<string>): Map<string, number> {
  const lanes = new Map<string, number>()
  const busy: { readonly from: number; readonly to: number }[][] = [[]]
  for (const block of sorted) {
    if (main.has(block.hash) || lanes.has(block.hash)) continue
    const branch = new Set<string>()
    let parent: string = block.hash
    for (let at: ChainBlock | undefined = block; at !== undefined && !main.has(parent) && !lanes.has(parent) && !branch.has(parent); ) {
      branch.add(at.hash)
      parent = at.parentHash
      at = sorted[rowOf.get(parent) ?? -1]
    }
    const span = { from: rowOf.get(block.hash) ?? 0, to: rowOf.get(parent) ?? sorted.length }
    let lane = 1
    while (busy[lane]?.some(({ from, to }) => from < span.to && span.from < to) === true) lane++
    ;(busy[lane] ??= []).push(span)
    for (const hash of branch) lanes.set(hash, lane)
  }
  for (const hash of main) lanes.set(hash, 0)
  return lanes
}

/** Branches off the best chain, finished or not, among these blocks. */
export function countForks({ blocks, best }: ChainNews): number {
  const byHash = new Map(blocks.map((block) => [block.hash, block]))
  const main = mainChain(byHash, best)
  return blocks.filter(({ hash, parentHash }) => !main.has(hash) && (main.has(parentHash) || !byHash.has(parentHash))).length
}
