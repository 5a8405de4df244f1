/** `about.*`: what this program is made of. */
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const aboutRouter = router({
  facts: procedure.query(({ ctx }) => ctx.about?.facts()),
  licenses: procedure.query(({ ctx }) => ctx.about?.licenses() ?? []),
  licenseText: procedure.input(z.strictObject({ name: z.string().max(214) })).query(({ ctx, input }) => ctx.about?.licenseText(input.name)),
})
