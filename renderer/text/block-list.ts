/** The list of latest blocks and how a batch of news changes it. Pure, so that it can be tested without a screen. */
import type { BlocksBatch } from '../../node-core/api/network/blocks.ts'
import type { BlockSummary } from '../../node-core/manager/kinds/kind.ts'

/** Newest first, `limit` at the most. Blocks of a fork that lost to the finalized chain leave the list. */
export function applyBatch(list: readonly BlockSummary[], batch: BlocksBatch, limit: number): readonly BlockSummary[] {
  const byHash = new Map<string, BlockSummary>()
  for (const block of batch.reset ? [] : list) byHash.set(block.hash, block)
  for (const block of batch.blocks) byHash.set(block.hash, block)
  if (batch.finalized !== undefined) finalize(byHash, batch.finalized.hash, batch.finalized.number)
  return [...byHash.values()].sort((a, b) => b.number - a.number || (b.time ?? 0) - (a.time ?? 0)).slice(0, limit)
}

function finalize(byHash: Map<string, BlockSummary>, head: string, height: number): void {
  if (!byHash.has(head)) return
  const chain = new Set<string>()
  for (let block = byHash.get(head); block !== undefined; block = byHash.get(block.parentHash)) chain.add(block.hash)
  for (const block of [...byHash.values()]) {
    if (chain.has(block.hash)) byHash.set(block.hash, { ...block, finalized: true })
    else if (block.number <= height && !block.finalized) byHash.delete(block.hash)
  }
}
