/**
 * Arguments of calls, encoded by the runtime's own description of their types.
 *
 * The type decides and the value is held against it: a number that is too large, bytes of another length, a field that is missing or
 * that nobody asked for is an error which names its place, never bytes that mean something else. In what form values are given:
 *
 * | type | value |
 * | --- | --- |
 * | integer, compact | number, bigint, or decimal text |
 * | text, flag | string, boolean |
 * | bytes, array of bytes | Uint8Array, or `0x…` |
 * | account | its address, or its id as 32 bytes |
 * | address (`MultiAddress`) | the same, or a variant |
 * | structure | `{ field: value }`; the value alone where there is one field without a name |
 * | tuple, list | array |
 * | option | the value, or undefined |
 * | variant | `{ type: 'Name', value }`; `'Name'` where it has no fields |
 * | call | `{ pallet, name, args }` |
 */
import { fromHex, isHex, utf8 } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'
import { endsIn } from '../explorer/metadata.ts'
import type { RuntimeTypes, TypeEntry, TypeField, TypeVariant } from '../explorer/runtime-types.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import { ExtrinsicError } from './errors.ts'

export type Argument =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Argument[]
  | { readonly [name: string]: Argument }
  | Call

export interface Call {
  readonly pallet: string
  readonly name: string
  readonly args?: Readonly<Record<string, Argument>>
}

const ACCOUNT_SIZE = 32
/** Calls in calls; a runtime's own limit is far below. */
const MAX_DEPTH = 64
const INTEGER = /^([ui])(8|16|32|64|128|256)$/

/** Throws EXTRINSIC_UNKNOWN_CALL or EXTRINSIC_BAD_ARGUMENT. */
export function encodeCall(runtime: RuntimeTypes, call: Call): Uint8Array {
  const encoder = new ArgumentEncoder(runtime)
  encoder.call(call, `${call.pallet}.${call.name}`)
  return encoder.finish()
}

/** Of any type of the runtime; `place` is named in errors. Throws EXTRINSIC_BAD_ARGUMENT. */
export function encodeArgument(runtime: RuntimeTypes, type: number, value: Argument, place: string): Uint8Array {
  const encoder = new ArgumentEncoder(runtime)
  encoder.value(type, value, place)
  return encoder.finish()
}

/** True where a value of this type has no bytes. */
export function isEmptyType(runtime: RuntimeTypes, type: number): boolean {
  const def = runtime.types[type]?.def
  switch (def?.tag) {
    case 'tuple':
      return def.value.every((part) => isEmptyType(runtime, part))
    case 'composite':
      return def.value.every((field) => isEmptyType(runtime, field.type))
    case 'array':
      return def.value.len === 0
    default:
      return false
  }
}

class ArgumentEncoder {
  readonly #runtime: RuntimeTypes
  readonly #writer = new ScaleWriter()
  #depth = 0

  constructor(runtime: RuntimeTypes) {
    this.#runtime = runtime
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }

  /** The outer variant is the pallet, the inner one what it does. */
  call({ pallet, name, args = {} }: Call, place: string): void {
    const outer = variantOf(this.#type(this.#runtime.call), pallet)
    const inner = outer?.fields[0]
    const variant = inner === undefined ? undefined : variantOf(this.#type(inner.type), name)
    if (outer === undefined || variant === undefined) {
      const what = outer === undefined ? `no pallet ${pallet}` : `no call ${pallet}.${name}`
      throw new ExtrinsicError('EXTRINSIC_UNKNOWN_CALL', `The runtime of this chain has ${what}.`, { data: { pallet, name } })
    }
    this.#writer.u8(outer.index).u8(variant.index)
    this.#fields(variant.fields, variant.fields.length === 0 ? undefined : args, place)
  }

  value(type: number, value: Argument, place: string): void {
    if (++this.#depth > MAX_DEPTH) throw bad(place, `values nest more than ${MAX_DEPTH} times`)
    if (type === this.#runtime.call) this.#nestedCall(value, place)
    else this.#entry(this.#type(type), value, place)
    this.#depth--
  }

  #nestedCall(value: Argument, place: string): void {
    if (!isRecord(value) || typeof value['pallet'] !== 'string' || typeof value['name'] !== 'string') throw bad(place, 'expected a call { pallet, name, args }')
    this.call(value as unknown as Call, `${place}: ${value['pallet']}.${value['name']}`)
  }

  #entry(entry: TypeEntry, value: Argument, place: string): void {
    const { def } = entry
    switch (def.tag) {
      case 'primitive':
        return this.#primitive(def.value.tag, value, place)
      case 'compact':
        return this.#compact(def.value, value, place)
      case 'sequence':
        return this.#list(def.value, undefined, value, place)
      case 'array':
        return this.#list(def.value.type, def.value.len, value, place)
      case 'tuple':
        return this.#tuple(def.value, value, place)
      case 'composite':
        if (endsIn(entry, 'AccountId32')) this.#writer.raw(accountOf(value, place))
        else this.#fields(def.value, value, place)
        return
      case 'variant':
        return this.#variant(entry, value, place)
      case 'bitSequence':
        throw bad(place, 'sequences of bits are not supported')
    }
  }

  #primitive(name: string, value: Argument, place: string): void {
    if (name === 'bool') {
      if (typeof value !== 'boolean') throw bad(place, `expected true or false, not ${shown(value)}`)
      this.#writer.bool(value)
    } else if (name === 'str') {
      if (typeof value !== 'string') throw bad(place, `expected text, not ${shown(value)}`)
      this.#writer.bytes(utf8(value))
    } else this.#writer.raw(littleEndian(integerOf(name, value, place), integerSize(name, place)))
  }

  /** What it stands for may be in structures around one value. */
  #compact(type: number, value: Argument, place: string): void {
    let entry = this.#type(type)
    while (entry.def.tag === 'composite' && entry.def.value.length === 1) entry = this.#type(entry.def.value[0]?.type ?? -1)
    if (entry.def.tag === 'tuple' && entry.def.value.length === 0) return
    if (entry.def.tag !== 'primitive') throw bad(place, 'the runtime describes a compact value that is no number')
    this.#writer.compact(integerOf(entry.def.value.tag, value, place))
  }

  /** `count` is undefined where the value says how many there are. */
  #list(type: number, count: number | undefined, value: Argument, place: string): void {
    const { def } = this.#type(type)
    const isBytes = def.tag === 'primitive' && def.value.tag === 'u8'
    const items = isBytes ? bytesOf(value, place) : value
    if (!isBytes && !Array.isArray(items)) throw bad(place, `expected a list, not ${shown(value)}`)
    const list = items as Uint8Array | readonly Argument[]
    if (count !== undefined && list.length !== count) throw bad(place, `expected ${count} ${isBytes ? 'bytes' : 'items'}, not ${list.length}`)
    if (count === undefined) this.#writer.compact(list.length)
    if (isBytes) this.#writer.raw(list as Uint8Array)
    else (list as readonly Argument[]).forEach((item, at) => this.value(type, item, `${place}[${at}]`))
  }

  #tuple(types: readonly number[], value: Argument, place: string): void {
    if (types.length === 0) return
    if (!Array.isArray(value) || value.length !== types.length) throw bad(place, `expected a list of ${types.length}, not ${shown(value)}`)
    types.forEach((type, at) => this.value(type, (value as readonly Argument[])[at], `${place}[${at}]`))
  }

  #fields(fields: readonly TypeField[], value: Argument, place: string): void {
    const [only] = fields
    if (only === undefined) {
      if (value !== undefined && !(isRecord(value) && Object.keys(value).length === 0)) throw bad(place, `expected nothing, not ${shown(value)}`)
    } else if (fields.every(({ name }) => name === undefined)) {
      if (fields.length === 1) this.value(only.type, value, place)
      else this.#tuple(fields.map(({ type }) => type), value, place)
    } else {
      if (!isRecord(value)) throw bad(place, `expected { ${fields.map(({ name }) => name).join(', ')} }, not ${shown(value)}`)
      const unknown = Object.keys(value).find((key) => !fields.some(({ name }) => name === key))
      if (unknown !== undefined) throw bad(place, `there is no field ${unknown}`)
      for (const { name = '', type } of fields) this.value(type, value[name], `${place}: ${name}`)
    }
  }

  #variant(entry: TypeEntry, value: Argument, place: string): void {
    if (endsIn(entry, 'Option') && entry.path.length === 1) {
      const some = variantOf(entry, 'Some')?.fields[0]
      this.#writer.bool(value !== undefined)
      if (value !== undefined && some !== undefined) this.value(some.type, value, place)
      return
    }
    const isAccount = endsIn(entry, 'MultiAddress') && !(isRecord(value) && 'type' in value)
    const { name, inner } = isAccount ? { name: 'Id', inner: value } : nameOf(value, place)
    const variant = variantOf(entry, name)
    if (variant === undefined) throw bad(place, `${entry.path.at(-1) ?? 'it'} has no variant ${name}`)
    this.#writer.u8(variant.index)
    this.#fields(variant.fields, inner, `${place}: ${name}`)
  }

  #type(id: number): TypeEntry {
    const entry = this.#runtime.types[id]
    if (entry === undefined) throw new ExtrinsicError('EXTRINSIC_UNSUPPORTED_RUNTIME', `The metadata of this runtime has no type ${id}.`)
    return entry
  }
}

function variantOf({ def }: TypeEntry, name: string): TypeVariant | undefined {
  return def.tag === 'variant' ? def.value.find((variant) => variant.name === name) : undefined
}

function nameOf(value: Argument, place: string): { readonly name: string; readonly inner: Argument } {
  if (typeof value === 'string') return { name: value, inner: undefined }
  if (isRecord(value) && typeof value['type'] === 'string') return { name: value['type'], inner: value['value'] }
  throw bad(place, `expected { type, value }, not ${shown(value)}`)
}

function accountOf(value: Argument, place: string): Uint8Array {
  if (typeof value === 'string' && !value.startsWith('0x')) {
    try {
      return decodeSs58(value).publicKey
    } catch (error) {
      throw bad(place, `expected an account. ${errorMessage(error)}`)
    }
  }
  const bytes = bytesOf(value, place)
  if (bytes.length !== ACCOUNT_SIZE) throw bad(place, `an account has ${ACCOUNT_SIZE} bytes, not ${bytes.length}`)
  return bytes
}

function bytesOf(value: Argument, place: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (isHex(value)) return fromHex(value)
  throw bad(place, `expected bytes, not ${shown(value)}`)
}

function integerOf(type: string, value: Argument, place: string): bigint {
  const bits = BigInt(integerSize(type, place) * 8)
  const [least, most] = type.startsWith('i') ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n]
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)) || (typeof value === 'string' && /^-?\d{1,80}$/.test(value))
  if (!isWhole) throw bad(place, `expected a whole number, not ${shown(value)}`)
  const number = BigInt(value)
  if (number < least || number > most) throw bad(place, `${number} does not fit into ${type}`)
  return number
}

function integerSize(type: string, place: string): number {
  const bits = INTEGER.exec(type)?.[2]
  if (bits === undefined) throw bad(place, `values of the type ${type} are not supported`)
  return Number(bits) / 8
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => Number(BigInt.asUintN(8, value >> BigInt(8 * at))))
}

function isRecord(value: Argument): value is { readonly [name: string]: Argument } {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function shown(value: Argument): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return typeof value === 'object' ? (Array.isArray(value) ? `a list of ${value.length}` : 'a structure') : String(value)
}

function bad(place: string, why: string): ExtrinsicError {
  return new ExtrinsicError('EXTRINSIC_BAD_ARGUMENT', `${place}: ${why}.`)
}
