/** Metrics of the chain as it is stored: heights, leaves, and what happened to it since the start. */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { MetricDeclarer } from '../../base/metric.ts'
import type { BlockStateReader } from './types.ts'

/** Declares the metrics; the disposer detaches what counts. `syncTarget` is the highest block that is worth fetching. */
export function declareStateMetrics(registry: MetricDeclarer, blocks: BlockStateReader, clock: Clock, syncTarget: () => number | undefined): Disposer {
  let imported = 0
  let retracted = 0
  let intervals = 0
  let intervalSeconds = 0
  let highest: { readonly number: number; readonly at: number } | undefined
  const disposers = [
    blocks.events.on('imported', () => imported++),
    blocks.events.on('bestChanged', (change) => {
      retracted += change.retracted.length
      const { number } = change.best
      // Another block of the same height is no step forward.
      if (highest !== undefined && number <= highest.number) return
      const at = clock.now() / 1000
      if (highest !== undefined) {
        intervals += number - highest.number
        intervalSeconds += Math.max(0, at - highest.at)
      }
      highest = { number, at }
    }),
  ]
  registry.declare(
    {
      name: 'substrate_block_height',
      help: 'Height of the best and of the finalized block, and of the highest one that peers are believed to have.',
      type: 'gauge',
      labels: ['status'],
      read: () => {
        const best = blocks.best().number
        const heights = { best, finalized: blocks.finalized().number, sync_target: Math.max(best, syncTarget() ?? 0) }
        return Object.entries(heights).map(([status, value]) => ({ labels: { status }, value }))
      },
    },
    { name: 'substrate_number_leaves', help: 'Blocks without children that are not finalized away.', type: 'gauge', read: () => blocks.leaves().length },
    { name: 'nodestead_blocks_imported_total', help: 'Blocks that were added to the chain.', type: 'counter', read: () => imported },
    { name: 'nodestead_best_block_intervals_total', help: 'Steps of the best block, by height, since the first one.', type: 'counter', read: () => intervals },
    { name: 'nodestead_best_block_interval_seconds_total', help: 'Time that those steps took.', type: 'counter', read: () => intervalSeconds },
    { name: 'nodestead_blocks_retracted_total', help: 'Blocks that left the best chain for a better one.', type: 'counter', read: () => retracted },
  )
  return () => disposers.forEach((dispose) => dispose())
}
