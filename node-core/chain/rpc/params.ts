/**
 * The kinds of parameter that methods take, checked and decoded by zod before a method sees them.
 *
 * A method declares its parameters as an object of schemas in the order in which they are passed. Clients may send
 * them by position (an array) or by name (an object), as the JSON-RPC interface specification demands.
 */
import { z } from 'zod'
import { EMPTY, fromHex, isHex, type Hash } from '../../base/bytes.ts'
import { invalidParams } from './errors.ts'

export type ParamShape = Readonly<Record<string, z.ZodType>>
export type ParamsOf<Shape extends ParamShape> = z.infer<z.ZodObject<Shape>>

/** Bytes as `0x…`; none at all may be the empty string, which polkadot-api sends. */
export const hexBytes = z
  .string()
  .refine((text) => text === '' || isHex(text), 'expected bytes as hexadecimal digits behind 0x')
  .transform((text) => (text === '' ? EMPTY : fromHex(text)))

/** 32 bytes as `0x…`, in lower case. */
export const hash = z
  .string()
  .refine((text) => text.length === 66 && isHex(text), 'expected a 32-byte hash as 0x and 64 hexadecimal digits')
  .transform((text) => text.toLowerCase() as Hash)

/** May be left out or null. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined)
}

const hexNumber = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'expected a number or 0x and digits')

/** A block number: a JSON number or big-endian hexadecimal, below 2^32. */
export const blockNumber = z.union([z.number(), hexNumber]).transform((value, context) => {
  const number = typeof value === 'number' ? value : Number(BigInt(value))
  if (!Number.isInteger(number) || number < 0) {
    context.addIssue({ code: 'custom', message: 'expected a whole number that is not negative' })
    return z.NEVER
  }
  if (number > 0xffff_ffff) {
    context.addIssue({ code: 'custom', message: 'the max block number is u32::MAX' })
    return z.NEVER
  }
  return number
})

export const u32 = z.number().int().min(0).max(0xffff_ffff)

/** Name of an exported function of the runtime. */
export const functionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'expected the name of a runtime function')

/** Checks `params` against `schema`, whose keys are in the order of the positions. Throws an RpcError -32602. */
export function parseParams<Shape extends ParamShape>(schema: z.ZodObject<Shape>, params: unknown): ParamsOf<Shape> {
  const names = Object.keys(schema.shape)
  let named: Record<string, unknown>
  if (Array.isArray(params)) {
    if (params.length > names.length) throw invalidParams(`expected at most ${names.length} parameters, got ${params.length}`)
    named = Object.fromEntries(params.map((value, index) => [names[index] as string, value]))
  } else {
    named = (params ?? {}) as Record<string, unknown>
  }
  const result = schema.safeParse(named)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  throw invalidParams(`${where}${issue?.message ?? 'not what was expected'}`)
}
