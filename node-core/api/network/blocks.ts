/** The blocks of a chain as they come: `blocks.*`. */
import { z } from 'zod'
import { requireKind } from '../running.ts'
import { networkId, procedure, requireNetwork, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import type { BlockSummary, Position } from '../../manager/kinds/kind.ts'

/** How many blocks a client may ask for, and how many are kept for one that is slow. */
export const MAX_BLOCKS = 200

export interface BlocksBatch {
  /** Forget what came before: the list starts anew (first batch, or the node was started again). */
  readonly reset: boolean
  /** Newest first in a reset batch; in the order of import otherwise. */
  readonly blocks: readonly BlockSummary[]
  /** The newest final block, where it moved since the last batch. */
  readonly finalized: Position | undefined
  /** Blocks that came and went while the client was busy. */
  readonly dropped: number
}

const count = z.int().min(1).max(MAX_BLOCKS)

export const blocksRouter = router({
  /** Newest first. */
  latest: procedure
    .input(z.strictObject({ network: networkId, count }))
    .query(({ ctx, input: { network, count: wanted } }) => {
      requireKind(ctx, network, 'chain')
      return ctx.manager.latestBlocks(network, wanted)
    }),

  watch: procedure.input(z.strictObject({ network: networkId, count })).subscription(({ ctx, input, signal }) => {
    const { network } = input
    requireKind(ctx, network, 'chain')
    const fresh = new Map<string, BlockSummary>()
    let finalized: Position | undefined
    let dropped = 0
    let reset = true
    let wasRunning = requireNetwork(ctx, network).status.state === 'running'
    return watch<BlocksBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) => {
        const disposers = [
          ctx.manager.events.on('block', (event) => {
            if (event.network !== network) return
            fresh.set(event.block.hash, event.block)
            if (fresh.size > MAX_BLOCKS) {
              fresh.delete(fresh.keys().next().value as string)
              dropped++
            }
            wake()
          }),
          ctx.manager.events.on('finalized', (event) => {
            if (event.network !== network) return
            finalized = event.head
            wake()
          }),
          ctx.manager.events.on('status', ({ id, status }) => {
            if (id !== network) return
            const isRunning = status.state === 'running'
            // A start may bring another chain (a temporary one is thrown away): the list is read anew.
            if (isRunning && !wasRunning) {
              reset = true
              wake()
            }
            wasRunning = isRunning
          }),
        ]
        return () => disposers.forEach((dispose) => dispose())
      },
      take: () => {
        const batch: BlocksBatch = {
          reset,
          blocks: reset ? ctx.manager.latestBlocks(network, input.count) : [...fresh.values()],
          finalized,
          dropped,
        }
        fresh.clear()
        finalized = undefined
        dropped = 0
        reset = false
        return batch
      },
    })
  }),
})
