/** `services.*`: the service API, for programs and scripts, as the window shows and changes it. The one secret that goes out is a new client's token, once, to whoever added it. */
import { z } from 'zod'
import { asked } from './asked.ts'
import { changes, SAMPLE_INTERVAL_MS } from '../running.ts'
import { procedure, router, type ApiContext } from '../trpc.ts'
import { pause } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'
import { SERVICE_SCOPES, type ServiceKeeper, type ServiceState } from './service-types.ts'

export interface ServiceBatch {
  /** Undefined where this program has no service API. */
  readonly service: ServiceState | undefined
}

/** Longer than any; the service API itself says which names there are. */
const name = z.string().trim().min(1, 'no name is given').max(64, 'the name is too long')

const changeSchema = z.strictObject({ isOn: z.boolean().optional(), port: z.int().min(1, 'ports begin at 1').max(65535, 'ports end at 65535').optional() })

export const servicesRouter = router({
  /** How things are, looked at once a second: commands change them, too. */
  watch: procedure.subscription(async function* ({ ctx, signal }): AsyncGenerator<ServiceBatch, void, undefined> {
    const changed = changes<ServiceBatch>()
    while (signal?.aborted !== true) {
      const batch = changed({ service: await ctx.services?.state() })
      if (batch !== undefined) yield batch
      await pause(ctx.clock, SAMPLE_INTERVAL_MS, signal)
    }
  }),

  /** Opens another port before the one that was open is closed. Rejects SERVICE_{PORT_IN_USE,CANNOT_LISTEN,NOT_HERE}: nothing is changed then. */
  change: procedure.input(changeSchema).mutation(({ ctx, input: { isOn, port } }) => asked(async () => keeper(ctx).change({ ...(isOn === undefined ? {} : { isOn }), ...(port === undefined ? {} : { port }) }))),

  /** The answer has the token, which is kept nowhere. */
  add: procedure.input(z.strictObject({ name, scopes: z.array(z.enum(SERVICE_SCOPES)).max(SERVICE_SCOPES.length) })).mutation(({ ctx, input }) => asked(async () => keeper(ctx).addClient(input.name, input.scopes))),

  /** Its token is worth nothing from here on, and its streams end. */
  revoke: procedure.input(z.strictObject({ name })).mutation(({ ctx, input }) => asked(async () => keeper(ctx).revokeClient(input.name))),
})

function keeper({ services }: ApiContext): ServiceKeeper {
  if (services !== undefined) return services
  throw new NodeError('SERVICE_NOT_HERE', 'This program has no service API.', { hint: 'Start the node with --service-port.' })
}
