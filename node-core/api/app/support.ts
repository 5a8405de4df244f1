/** What a helper needs to see: `support.*`. */
import { procedure, router } from '../trpc.ts'
import { makeSupportBundle } from '../../manager/support/support-bundle.ts'

export interface BundleFile {
  readonly fileName: string
  /** tar.gz, base64. */
  readonly base64: string
}

export const supportRouter = router({
  /** One archive of plain text files, without secrets. */
  bundle: procedure.mutation(async ({ ctx }): Promise<BundleFile> => {
    const settings = { app: ctx.settings?.settings(), networks: ctx.networks?.list(), flags: ctx.flags }
    const { fileName, bytes } = await makeSupportBundle({ manager: ctx.manager, app: ctx.app, now: ctx.clock.now(), settings, logTail: ctx.logTail })
    return { fileName, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
  }),
})
