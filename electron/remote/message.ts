/**
 * What the other node sends, checked before the tRPC client looks into it. That client trusts its server: a message of another form
 * makes it throw where nobody catches. Here a message has one of the few forms that the protocol knows, or is none.
 *
 * The data of an answer stay what they are, plain data of limited size: the page draws them as text.
 */
import { z } from 'zod'
import type { IpcErrorShape } from '../channel.ts'

/** The longest message, in bytes: a day of figures has a few hundred kilobytes. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024

const MAX_TEXT = 4_000

const text = z.string().transform((value) => value.slice(0, MAX_TEXT))

const problemSchema = z.object({ code: z.string().max(64), message: text, hint: text.optional() })

const errorSchema = z.object({
  code: z.int(),
  message: text,
  data: z
    .object({ code: z.string().max(64).optional(), path: z.string().max(200).optional(), problem: problemSchema.optional().catch(undefined) })
    .catch({}),
})

const id = z.union([z.int(), z.string().max(64), z.null()])

const messageSchema = z.union([
  z.object({ id, error: errorSchema }),
  z.object({ id, result: z.object({ type: z.enum(['data', 'started', 'stopped']).default('data'), data: z.unknown().optional() }) }),
  z.object({ id: z.null(), method: z.literal('reconnect') }),
])

export type AnswerMessage = z.output<typeof messageSchema>

/** Undefined where it is none. */
export function parseAnswer(message: unknown): AnswerMessage | undefined {
  if (typeof message !== 'string' || message.length > MAX_ANSWER_BYTES) return undefined
  try {
    return messageSchema.safeParse(JSON.parse(message)).data
  } catch {
    return undefined
  }
}

/** The error of an answer as a window reads it; undefined where `error` is not one that came so. */
export function answeredShape(error: unknown): IpcErrorShape | undefined {
  const { data } = z.object({ shape: errorSchema }).safeParse(error)
  return data?.shape
}
