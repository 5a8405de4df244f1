/**
 * The check of what a window sends, before anything looks into it: size first, then form. The procedure's own schema
 * checks the input afterwards.
 */
import { z } from 'zod'
import { NodeError } from '../node-core/base/errors.ts'
import type { IpcRequest } from './channel.ts'

export type IpcErrorCode =
  /** The message is not one of ours. */
  | 'IPC_BAD_MESSAGE'
  | 'IPC_TOO_LARGE'
  /** It does not come from our own page. */
  | 'IPC_FOREIGN_SENDER'
  /** Too many requests or subscriptions of one window at a time. */
  | 'IPC_TOO_MANY'

/** The longest message, in characters. */
export const MAX_MESSAGE_LENGTH = 64 * 1024

const path = z.string().max(100).regex(/^[a-zA-Z]+(\.[a-zA-Z]+)*$/)
const id = z.int().min(1).max(2 ** 31 - 1)

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['query', 'mutation']), path, input: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('subscribe'), id, path, input: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('unsubscribe'), id }),
  z.strictObject({ kind: z.literal('acknowledge'), id, count: z.int().min(1).max(1000) }),
])

/** Reads a message as it came over the channel. Throws a NodeError IPC_TOO_LARGE or IPC_BAD_MESSAGE. */
export function parseRequest(message: unknown): IpcRequest {
  if (typeof message === 'string' && message.length > MAX_MESSAGE_LENGTH) {
    throw new NodeError<IpcErrorCode>('IPC_TOO_LARGE', 'The message is larger than any that the dashboard sends.', {
      data: { length: message.length, limit: MAX_MESSAGE_LENGTH },
    })
  }
  const result = requestSchema.safeParse(typeof message === 'string' ? fromJson(message) : undefined)
  if (result.success) return result.data
  throw new NodeError<IpcErrorCode>('IPC_BAD_MESSAGE', 'The message is not one that the dashboard sends.', {
    data: { issue: result.error.issues[0]?.message },
  })
}

/** Undefined, which no schema accepts, where the text is not JSON. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
