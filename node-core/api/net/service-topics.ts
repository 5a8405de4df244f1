/** Topics of services: their figures, and messages that a person sends: `net.topics.*`. */
import { z } from 'zod'
import { networkInput, openNet, openingOf, requireNet, type Opening } from './open-net.ts'
import { changes, sample } from '../running.ts'
import { procedure, router } from '../trpc.ts'
import type { TopicFigures } from '../../net/topics/service-topic.ts'

export interface ServiceTopicsBatch {
  readonly opening: Opening
  readonly topics: readonly TopicFigures[]
}

/** A message that a person writes. */
export const MAX_WRITTEN_BYTES = 256 * 1024
const MAX_RECIPIENTS = 256

const peers = z
  .array(z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/, 'not a peer id'))
  .min(1, 'no peer is named')
  .max(MAX_RECIPIENTS, `at most ${MAX_RECIPIENTS} peers can be named`)
const payload = z.union([
  z.strictObject({ text: z.string().max(MAX_WRITTEN_BYTES, 'the message is too long') }),
  z.strictObject({
    hex: z
      .string()
      .max(2 * MAX_WRITTEN_BYTES + 2, 'the message is too long')
      .regex(/^(0x)?[0-9a-fA-F]*$/, 'not hexadecimal digits')
      .refine((hex) => hex.length % 2 === 0, 'half a byte is missing'),
  }),
])
const audience = z.union([z.literal('everybody'), z.strictObject({ only: peers }), z.strictObject({ except: peers })])

export const serviceTopicsRouter = router({
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<ServiceTopicsBatch>()
    return sample<ServiceTopicsBatch>(ctx, signal, () => changed({ opening: openingOf(ctx, input.network), topics: openNet(ctx, input.network)?.topics.figures() ?? [] }))
  }),

  /** Resolves with what became of the message: for a list when each peer has answered or will not, otherwise when it is on its way. */
  publish: procedure
    .input(networkInput.extend({ topic: z.string().min(1).max(64), payload, to: audience }))
    .mutation(({ ctx, input: { network, topic, payload: written, to } }) => requireNet(ctx, network).topics.publish(topic, bytesOf(written), { to })),
})

function bytesOf(written: z.output<typeof payload>): Uint8Array {
  return new Uint8Array('text' in written ? Buffer.from(written.text, 'utf8') : Buffer.from(written.hex.replace(/^0x/, ''), 'hex'))
}
