/** Networks and the three things one can do to a node: `networks.*` and `node.*`. */
import { z } from 'zod'
import { dataFolderProcedures } from './data-folder.ts'
import { networkAdminProcedures } from './network-admin.ts'
import { presenceProcedure } from './presence.ts'
import { networkId, procedure, requireNetwork, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import type { NetworkSummary } from '../../manager/types.ts'

/** Networks whose status changed, each as it is now. */
export interface NetworksBatch {
  /** There are no others: the first batch. */
  readonly reset: boolean
  readonly networks: readonly NetworkSummary[]
  /** Identifiers of networks that are no more. */
  readonly removed: readonly string[]
}

const networkInput = z.strictObject({ network: networkId })

export const networksRouter = router({
  ...networkAdminProcedures,
  ...dataFolderProcedures,
  presence: presenceProcedure,

  list: procedure.query(({ ctx }) => ctx.manager.networks()),

  /** Only the newest status of each network is kept for a client that is slow: older ones are of no use to it. */
  watch: procedure.subscription(({ ctx, signal }) => {
    const changed = new Map<string, NetworkSummary>()
    const removed = new Set<string>()
    let reset = true
    return watch<NetworksBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) => {
        for (const network of ctx.manager.networks()) changed.set(network.id, network)
        const offStatus = ctx.manager.events.on('status', (network) => {
          changed.set(network.id, network)
          removed.delete(network.id)
          wake()
        })
        const offRemoved = ctx.manager.events.on('removed', ({ network }) => {
          changed.delete(network)
          removed.add(network)
          wake()
        })
        return () => {
          offStatus()
          offRemoved()
        }
      },
      take: () => {
        const batch = { reset, networks: [...changed.values()], removed: [...removed] }
        reset = false
        changed.clear()
        removed.clear()
        return batch
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
