/** `updates.*`: newer versions of the app, where it brings itself up to date. */
import { TRPCError } from '@trpc/server'
import { procedure, router, type ApiContext } from '../trpc.ts'
import type { UpdatesKeeper, UpdateState } from './update-types.ts'
import { watch } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'

export type UpdatesErrorCode = 'UPDATE_NOT_HERE'

export const updatesRouter = router({
  /** Undefined where this program does not update itself at all; the state first, then each change. */
  watch: procedure.subscription(({ ctx, signal }) => {
    const { updates, clock } = ctx
    let last: string | undefined
    return watch<UpdateState | null>({
      open: (wake) => updates?.events.on('changed', wake) ?? (() => undefined),
      take: () => {
        const state = updates?.state ?? null
        const text = JSON.stringify(state)
        if (text === last) return undefined
        last = text
        return state
      },
      clock,
      signal,
    })
  }),

  check: procedure.mutation(({ ctx }) => keeper(ctx).check()),

  restart: procedure.mutation(({ ctx }) => keeper(ctx).restart()),
})

function keeper({ updates }: ApiContext): UpdatesKeeper {
  if (updates !== undefined) return updates
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<UpdatesErrorCode>('UPDATE_NOT_HERE', 'A node started from the command line does not update itself.', {
      hint: 'Update it the way it was installed, for instance with npm.',
    }),
  })
}
