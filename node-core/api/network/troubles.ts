/** What is wrong and what mends it: `troubles.*`. */
import { z } from 'zod'
import { networkId, procedure, requireNetwork, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import { TROUBLE_ACTIONS, TROUBLE_CODES } from '../../manager/kinds/trouble.ts'
import type { NetworkTroubles } from '../../manager/types.ts'

/** Networks whose troubles changed, each with all that it has now; the first batch holds all networks. */
export interface TroublesBatch {
  readonly networks: readonly NetworkTroubles[]
}

export const troublesRouter = router({
  watch: procedure.subscription(({ ctx, signal }) => {
    const changed = new Map<string, NetworkTroubles>()
    return watch<TroublesBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) => {
        for (const { id } of ctx.manager.networks()) changed.set(id, { network: id, troubles: ctx.manager.troubles(id) })
        return ctx.manager.events.on('troubles', (troubles) => {
          changed.set(troubles.network, troubles)
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

  /** Does one of the actions that a trouble offers, and resolves when it is done. */
  act: procedure
    .input(z.strictObject({ network: networkId, code: z.enum(TROUBLE_CODES), action: z.enum(TROUBLE_ACTIONS) }))
    .mutation(async ({ ctx, input }) => {
      await ctx.manager.mend(requireNetwork(ctx, input.network).id, input.code, input.action)
    }),
})
