/** Networks and the three things one can do to a node: `networks.*` and `node.*`. */
import { z } from 'zod'
import { networkId, procedure, requireNetwork, router } from './trpc.ts'
import { watch } from './watch.ts'
import type { NetworkSummary } from '../manager/types.ts'

/** Networks whose status changed, each as it is now; the first batch holds all of them. */
export interface NetworksBatch {
  readonly networks: readonly NetworkSummary[]
}

const networkInput = z.strictObject({ network: networkId })

export const networksRouter = router({
  list: procedure.query(({ ctx }) => ctx.manager.networks()),

  /** Only the newest status of each network is kept for a client that is slow: older ones are of no use to it. */
  watch: procedure.subscription(({ ctx, signal }) => {
    const changed = new Map<string, NetworkSummary>()
    return watch<NetworksBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) => {
        for (const network of ctx.manager.networks()) changed.set(network.id, network)
        return ctx.manager.events.on('status', (network) => {
          changed.set(network.id, network)
          wake()
        })
      },
      take: () => {
        const networks = [...changed.values()]
        changed.clear()
        return { networks }
      },
    })
  }),
})

export const nodeRouter = router({
  /** Resolves when the node runs. */
  start: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    await ctx.manager.start(requireNetwork(ctx, input.network).id)
  }),
  stop: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    await ctx.manager.stop(requireNetwork(ctx, input.network).id)
  }),
  restart: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    await ctx.manager.restart(requireNetwork(ctx, input.network).id)
  }),
})
