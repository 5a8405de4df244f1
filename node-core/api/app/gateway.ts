/** `gateway.*`: the gateway to the internet, as the window of the desktop app shows and changes it. The one secret that goes out is a new key, once, to whoever made it. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { asked } from './asked.ts'
import { changes, SAMPLE_INTERVAL_MS } from '../running.ts'
import { networkId, procedure, router, type ApiContext } from '../trpc.ts'
import { pause } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'
import type { GatewayChoice, GatewayHolder, GatewayState } from './gateway-types.ts'

export interface GatewayBatch {
  /** Undefined where this program has no gateway of its own. */
  readonly gateway: GatewayState | undefined
}

/** Longer than any; the gateway itself says which names there are. */
const name = z.string().trim().min(1, 'no name is given').max(64, 'the name is too long')
const requests = z.int().min(1, 'at least one request').max(10_000_000, 'too many requests').optional()
const path = z.string().trim().max(4096, 'the path is too long')

const changeSchema = z.strictObject({
  isOn: z.boolean().optional(),
  network: networkId.optional(),
  host: z.string().trim().refine((host) => isIP(host) !== 0, 'not an IP address').optional(),
  port: z.int().min(1, 'ports begin at 1').max(65535, 'ports end at 65535').optional(),
  cert: path.optional(),
  key: path.optional(),
  publicUrl: z.string().trim().max(1024, 'the address is too long').optional(),
  origins: z.array(z.string().trim().max(256).regex(/^(\*|https?:\/\/[^/\s]+)$/i, 'not the origin of a site, such as https://wallet.example')).max(64, 'too many sites').optional(),
  service: z.boolean().optional(),
})

export const gatewayRouter = router({
  /** How things are, looked at once a second. */
  watch: procedure.subscription(async function* ({ ctx, signal }): AsyncGenerator<GatewayBatch, void, undefined> {
    const changed = changes<GatewayBatch>()
    while (signal?.aborted !== true) {
      const batch = changed({ gateway: await ctx.gateway?.state() })
      if (batch !== undefined) yield batch
      await pause(ctx.clock, SAMPLE_INTERVAL_MS, signal)
    }
  }),

  /** What it serves when it is on. */
  methods: procedure.query(({ ctx }) => holder(ctx).methods()),

  /** A gateway that serves is started anew. Rejects with why it cannot serve so: nothing is changed then. */
  change: procedure.input(changeSchema).mutation(({ ctx, input }) => asked(async () => holder(ctx).change(said(input)))),

  /** The answer has the key, which is kept nowhere. */
  addKey: procedure.input(z.strictObject({ name, perMinute: requests, perDay: requests })).mutation(({ ctx, input: { name: own, ...limits } }) => asked(async () => holder(ctx).addKey(own, limits))),

  /** It opens nothing from here on, and its WebSockets end. */
  revokeKey: procedure.input(z.strictObject({ name })).mutation(({ ctx, input }) => asked(async () => holder(ctx).revokeKey(input.name))),
})

function said(input: z.infer<typeof changeSchema>): Partial<GatewayChoice> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}

function holder({ gateway }: ApiContext): GatewayHolder {
  if (gateway !== undefined) return gateway
  throw new NodeError('GATEWAY_NOT_HERE', 'This program has no gateway of its own.', { hint: 'Before a node of the command line it is a process beside it: nodestead gateway.' })
}
