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

/** The largest message: characters and bytes of all strings and buffers together, values, and levels of nesting. */
export const MESSAGE_LIMITS = { size: 64 * 1024, values: 2_000, depth: 12 }

const path = z.string().max(100).regex(/^[a-zA-Z]+(\.[a-zA-Z]+)*$/)
const id = z.int().min(1).max(2 ** 31 - 1)

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['query', 'mutation']), path, input: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('subscribe'), id, path, input: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('unsubscribe'), id }),
  z.strictObject({ kind: z.literal('acknowledge'), id, count: z.int().min(1).max(1000) }),
])

/** Throws a NodeError IPC_TOO_LARGE or IPC_BAD_MESSAGE. */
export function parseRequest(message: unknown): IpcRequest {
  if (!fits(message)) {
    throw new NodeError<IpcErrorCode>('IPC_TOO_LARGE', 'The message is larger than any that the dashboard sends.', { data: { ...MESSAGE_LIMITS } })
  }
  const result = requestSchema.safeParse(message)
  if (result.success) return result.data
  throw new NodeError<IpcErrorCode>('IPC_BAD_MESSAGE', 'The message is not one that the dashboard sends.', {
    data: { issue: result.error.issues[0]?.message },
  })
}

/** True where a structured clone stays within the limits. Plain values only: anything exotic counts as too large. */
function fits(message: unknown): boolean {
  let size = MESSAGE_LIMITS.size
  let values = MESSAGE_LIMITS.values
  const visit = (value: unknown, depth: number): boolean => {
    if (--values < 0 || depth > MESSAGE_LIMITS.depth) return false
    if (typeof value === 'string') return (size -= value.length) >= 0
    if (typeof value !== 'object' || value === null) return true
    if (Array.isArray(value)) return value.length <= MESSAGE_LIMITS.values && value.every((item) => visit(item, depth + 1))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return false
    return Object.entries(value).every(([key, item]) => (size -= key.length) >= 0 && visit(item, depth + 1))
  }
  return visit(message, 0)
}
