/**
 * `setup.*`: what the guide of the first run asks of the app. What the guide decides goes through `networks.*`,
 * `settings.*` and `keys.*`; here is only whether it is needed, and what can be known before anything is written.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { networkId, procedure, router, type ApiContext } from '../trpc.ts'
import { settledNetworkSchema, type FirstRunKeeper, type SettledNetwork } from './first-run.ts'
import { NodeError } from '../../base/errors.ts'
import type { NetworkDetails } from '../../manager/networks/admin-types.ts'
import type { FolderCheck } from '../../manager/folders/data-folder.ts'
import { checkPeerPort, type PortCheck } from '../../manager/ports/port-check.ts'

export type SetupErrorCode = 'SETUP_NOT_HERE'

export interface SetupState {
  /** False where there is no guide. */
  readonly available: boolean
  readonly needed: boolean
  readonly canLaunchAtLogin: boolean
  /** The app's own place for data. */
  readonly folder: FolderCheck | undefined
  /** The network that a guide which was left has added, while it is there, and what was answered for it. */
  readonly settled: { readonly details: NetworkDetails; readonly answers: SettledNetwork } | undefined
}

const port = z.int().min(1, 'not a port').max(65_534, 'not a port')

function keeper(ctx: ApiContext): { firstRun: FirstRunKeeper; networks: NonNullable<ApiContext['networks']> } {
  if (ctx.firstRun !== undefined && ctx.networks !== undefined) return { firstRun: ctx.firstRun, networks: ctx.networks }
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<SetupErrorCode>('SETUP_NOT_HERE', 'This node was started from the command line and has no setup guide.', { hint: 'Start the node with other flags.' }),
  })
}

export const setupRouter = router({
  state: procedure.query(async ({ ctx }): Promise<SetupState> => {
    if (ctx.firstRun === undefined || ctx.networks === undefined) return { available: false, needed: false, canLaunchAtLogin: false, folder: undefined, settled: undefined }
    const { needed, canLaunchAtLogin, networksFolder, settled: answers } = ctx.firstRun
    // Asked of a folder that is not there yet: the one around it may hold other networks, and is no obstacle.
    const check = await ctx.networks.checkFolder(join(networksFolder, 'new-network'))
    const details = answers && ctx.networks.list().find(({ profile }) => profile.id === answers.network)
    return { available: true, needed, canLaunchAtLogin, folder: { ...check, path: networksFolder }, settled: answers && details && { answers, details } }
  }),

  /** Whether a port and the next one can be had for peers; `network` is the one that they are for, where it exists. */
  checkPort: procedure.input(z.strictObject({ port, network: networkId.optional() })).query(({ ctx, input }): Promise<PortCheck> => {
    const { networks } = keeper(ctx)
    return checkPeerPort({ admin: networks, networks: () => ctx.manager.networks() }, input.port, input.network)
  }),

  /** The network of the guide is there from now on: keys are made for it, or it is being set up. */
  settle: procedure.input(settledNetworkSchema.extend({ network: networkId })).mutation(({ ctx, input }) => keeper(ctx).firstRun.settle(input)),

  complete: procedure.mutation(({ ctx }) => keeper(ctx).firstRun.complete()),
})
