/**
 * `remote.*`: nodes elsewhere, where the app can open a window for them. These procedures are the app's own in every window: in one that
 * shows another node, all others go to that node, and of these there is the state of the connection alone.
 */
import { z } from 'zod'
import { TRPCError } from '@trpc/server'
import { procedure, router, type ApiContext } from '../trpc.ts'
import type { RemoteNode, RemoteNodesKeeper, RemoteState } from './remote-types.ts'
import { watch } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'

export type RemoteApiErrorCode = 'REMOTE_NOT_HERE'

export interface RemoteBatch {
  /** False where there is no app that could open windows. */
  readonly available: boolean
  readonly nodes: readonly RemoteNode[]
  readonly canKeepTokens: boolean
  /** The app's menu asks for the dialog, for this address where there is one. */
  readonly request: { readonly address: string | undefined } | undefined
}

/** Which node a window shows, and how it is reached. */
export interface ManagedBatch {
  readonly name: string
  readonly address: string
  readonly state: RemoteState
}

const address = z.string().max(512)
const one = z.strictObject({ address })

export const remoteRouter = router({
  watch: procedure.subscription(({ ctx: { remote, clock }, signal }) =>
    watch<RemoteBatch>({
      clock,
      signal,
      open: (wake) => remote?.events.on('changed', wake) ?? (() => undefined),
      take: () => ({ available: remote !== undefined, nodes: remote?.list() ?? [], canKeepTokens: remote?.canKeepTokens() === true, request: remote?.takeRequest() }),
    }),
  ),

  /** Null in a window of this computer's own nodes. */
  managed: procedure.subscription(({ ctx: { managed, clock }, signal }) =>
    watch<ManagedBatch | null>({
      clock,
      signal,
      open: (wake) => managed?.events.on('changed', wake) ?? (() => undefined),
      take: () => (managed === undefined ? null : { name: managed.name, address: managed.address, state: managed.state }),
    }),
  ),

  connect: procedure
    .input(z.strictObject({ address, token: z.string().max(256), name: z.string().max(64) }))
    .mutation(({ ctx, input }) => keeper(ctx).connect(input)),

  open: procedure.input(one).mutation(({ ctx, input }) => keeper(ctx).open(input.address)),

  forget: procedure.input(one).mutation(({ ctx, input }) => keeper(ctx).forget(input.address)),
})

function keeper({ remote }: ApiContext): RemoteNodesKeeper {
  if (remote !== undefined) return remote
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<RemoteApiErrorCode>('REMOTE_NOT_HERE', 'Only the desktop app manages other nodes.', { hint: 'Open the desktop app and choose "Manage another node…".' }),
  })
}
