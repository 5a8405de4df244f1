/** What a developer does with a network of his own: `development.*`. Sealing on request, a second node, and the way to polkadot.js. */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { admin } from './network-admin.ts'
import { polkadotAppsUrl } from './polkadot-apps.ts'
import { requireChain } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import { NodeError } from '../../base/errors.ts'
import { firstNodeOf } from '../../manager/kinds/chain/companion.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

export type DevelopmentErrorCode =
  /** Consensus decides about the blocks of this chain. */
  | 'API_NOT_SEALED'
  /** Only the desktop app can ask the system to open something. */
  | 'NO_BROWSER'

const networkInput = z.strictObject({ network: networkId })

function sealingOf({ sealing, chainName }: ChainNode): NonNullable<ChainNode['sealing']> {
  if (sealing !== undefined) return sealing
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<DevelopmentErrorCode>('API_NOT_SEALED', `${chainName} produces its blocks in slots, not on request.`, { hint: 'Switch block production to on request or per transaction, then restart the node.' }),
  })
}

export const developmentRouter = router({
  /** A block on the best one, empty where nothing waits. */
  seal: procedure.input(networkInput).mutation(({ ctx, input }) => sealingOf(requireChain(ctx, input.network)).seal()),
  /** The best block becomes final. */
  finalize: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    const node = requireChain(ctx, input.network)
    const best = node.blocks.best()
    await sealingOf(node).finalize(best.hash)
    return best
  }),

  /** Adds another node of this network and starts it; answers once it runs. */
  secondNode: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    const node = requireChain(ctx, input.network)
    const details = await admin(ctx).addBeside(input.network, await firstNodeOf(node))
    await ctx.manager.start(details.profile.id)
    return details
  }),

  /** The chain starts again from its genesis. `name` is the network's, typed once more. */
  reset: procedure.input(networkInput.extend({ name: z.string().max(64) })).mutation(({ ctx, input }) => admin(ctx).reset(input.network, input.name)),

  /** The page of polkadot.js that talks to this node; undefined where it serves no RPC. */
  appsUrl: procedure.input(networkInput).query(({ ctx, input }) => polkadotAppsUrl(requireChain(ctx, input.network).rpcAddress)),
  /** The same, opened by the system's browser once the person has agreed; answers whether it was. */
  openApps: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    const { rpcAddress } = requireChain(ctx, input.network)
    if (ctx.browser !== undefined) return ctx.browser.openPolkadotApps(rpcAddress)
    throw new TRPCError({ code: 'PRECONDITION_FAILED', cause: new NodeError<DevelopmentErrorCode>('NO_BROWSER', 'Only the desktop app can open the browser.') })
  }),
})
