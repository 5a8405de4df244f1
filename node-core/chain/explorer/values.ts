/**
 * Values as a runtime's registry describes them, read into labelled plain data.
 *
 * The reader walks the type and the bytes together. It always reads all of a value, so that what follows is found, but it
 * tells only so much of it: long lists and byte strings are cut, and behind a number of values the rest is left out.
 * What people know by another form is told in that: accounts as addresses, balances, errors by their names, calls as calls.
 */
import { fromUtf8, toHex } from '../../base/bytes.ts'
import type { ScaleReader } from '../../scale/reader.ts'
import { ExplorerError } from './errors.ts'
import { endsIn, firstWords } from './metadata.ts'
import type { RuntimeTypes, TypeEntry, TypeField, TypeVariant } from './runtime-types.ts'
import type { Account, Call, DispatchFailure, NamedValue, Value } from './types.ts'

/** Longest list, byte string and text that is told in full. */
const MAX_ITEMS = 64
const MAX_BYTES = 512
const MAX_TEXT = 2_000
/** Types nest; a runtime's own limit for calls is far below. */
const MAX_DEPTH = 200

const OMITTED: Value = { kind: 'omitted' }
const NONE: Value = { kind: 'none' }
const INTEGER = /^([ui])(8|16|32|64|128|256)$/

export interface ValueOptions {
  readonly accountOf: (publicKey: Uint8Array) => Account
  /** Values that are told before the rest is left out. */
  readonly limit: number
}

export class ValueReader {
  readonly #runtime: RuntimeTypes
  readonly #options: ValueOptions
  #told = 0
  #depth = 0

  constructor(runtime: RuntimeTypes, options: ValueOptions) {
    this.#runtime = runtime
    this.#options = options
  }

  /** `hint` is what the source code called the type: it tells balances from other numbers. */
  read(type: number, reader: ScaleReader, hint = ''): Value {
    const entry = this.type(type)
    if (++this.#depth > MAX_DEPTH) throw new ExplorerError('EXPLORER_UNDECODABLE', 'The values are nested too deeply.')
    try {
      const value = type === this.#runtime.call ? this.#readCallValue(reader) : this.#readEntry(entry, reader, hint)
      return ++this.#told > this.#options.limit ? OMITTED : value
    } finally {
      this.#depth--
    }
  }

  type(id: number): TypeEntry {
    const entry = this.#runtime.types[id]
    if (entry === undefined) throw new ExplorerError('EXPLORER_UNDECODABLE', `The metadata has no type ${id}.`)
    return entry
  }

  /** A call or event: the outer variant is the pallet, the inner one what it does. */
  readOuter(type: number, reader: ScaleReader): { readonly pallet: string; readonly variant: TypeVariant; readonly fields: NamedValue[] } {
    const outer = this.#variant(this.type(type), reader.u8())
    const inner = outer.fields[0]
    if (inner === undefined) return { pallet: outer.name, variant: outer, fields: [] }
    const variant = this.#variant(this.type(inner.type), reader.u8())
    return { pallet: outer.name, variant, fields: this.fields(variant.fields, reader) }
  }

  readCall(reader: ScaleReader): Call {
    const { pallet, variant, fields } = this.readOuter(this.#runtime.call, reader)
    return { pallet, name: variant.name, docs: firstWords(variant.docs), args: fields }
  }

  fields(fields: readonly TypeField[], reader: ScaleReader): NamedValue[] {
    return fields.map((field, at) => ({ name: field.name ?? String(at), value: this.read(field.type, reader, field.typeName ?? '') }))
  }

  #readCallValue(reader: ScaleReader): Value {
    return { kind: 'call', call: this.readCall(reader) }
  }

  #readEntry(entry: TypeEntry, reader: ScaleReader, hint: string): Value {
    const { def } = entry
    switch (def.tag) {
      case 'primitive':
        return readPrimitive(def.value.tag, reader, hint)
      case 'compact':
        return isUnit(this.#runtime, def.value) ? NONE : numeric(reader.compact(), hint)
      case 'sequence':
        return this.#readList(def.value, reader.compactNumber(), reader, hint)
      case 'array':
        return this.#readList(def.value.type, def.value.len, reader, hint)
      case 'tuple':
        if (def.value.length === 0) return NONE
        return { kind: 'fields', fields: def.value.map((type, at) => ({ name: String(at), value: this.read(type, reader, hint) })) }
      case 'composite':
        return this.#readComposite(entry, def.value, reader, hint)
      case 'variant':
        return this.#readVariant(entry, reader, hint)
      case 'bitSequence':
        return readBits(reader, this.#storeSize(def.value.bitStoreType))
    }
  }

  #readComposite(entry: TypeEntry, fields: readonly TypeField[], reader: ScaleReader, hint: string): Value {
    if (endsIn(entry, 'AccountId32')) return { kind: 'account', account: this.#options.accountOf(reader.raw(32)) }
    const [only] = fields
    if (only === undefined) return NONE
    // A structure around one value without a name is that value.
    if (fields.length === 1 && only.name === undefined) return this.read(only.type, reader, `${hint} ${only.typeName ?? ''}`)
    return { kind: 'fields', fields: this.fields(fields, reader) }
  }

  #readVariant(entry: TypeEntry, reader: ScaleReader, hint: string): Value {
    const index = reader.u8()
    const variant = this.#variant(entry, index)
    const [only] = variant.fields
    if (endsIn(entry, 'Option') && entry.path.length === 1) return only === undefined ? NONE : this.read(only.type, reader, hint)
    if (endsIn(entry, 'DispatchError')) return { kind: 'error', error: this.#readError(variant, reader) }
    // An address that is an account's id is that account.
    if (endsIn(entry, 'MultiAddress') && variant.name === 'Id' && only !== undefined) return this.read(only.type, reader)
    return { kind: 'variant', name: variant.name, fields: this.fields(variant.fields, reader) }
  }

  /** A pallet's error by its index, and the byte of it. Older runtimes have one byte, newer ones four. */
  #readError(variant: TypeVariant, reader: ScaleReader): DispatchFailure {
    if (variant.name !== 'Module') {
      const [detail] = this.fields(variant.fields, reader)
      const name = detail?.value.kind === 'variant' ? `${variant.name}: ${detail.value.name}` : variant.name
      return { pallet: undefined, name, docs: firstWords(variant.docs) }
    }
    const [palletIndex, errorIndex] = moduleError(this.fields(variant.fields, reader))
    const pallet = this.#runtime.pallets.get(palletIndex)
    const errors = pallet?.errors === undefined ? undefined : this.#runtime.types[pallet.errors.type]
    const error = errors?.def.tag === 'variant' ? errors.def.value.find(({ index }) => index === errorIndex) : undefined
    return { pallet: pallet?.name ?? String(palletIndex), name: error?.name ?? String(errorIndex), docs: firstWords(error?.docs ?? []) }
  }

  #readList(type: number, count: number, reader: ScaleReader, hint: string): Value {
    const { def } = this.type(type)
    if (def.tag === 'primitive' && def.value.tag === 'u8') return bytesValue(reader.raw(count))
    if (isUnit(this.#runtime, type)) return { kind: 'list', items: [], count }
    if (count > reader.remaining) throw new ExplorerError('EXPLORER_UNDECODABLE', `A list claims ${count} items, but only ${reader.remaining} bytes are left.`)
    const items: Value[] = []
    for (let i = 0; i < count; i++) {
      const item = this.read(type, reader, hint)
      if (i < MAX_ITEMS) items.push(item)
    }
    return { kind: 'list', items, count }
  }

  #variant(entry: TypeEntry, index: number): TypeVariant {
    const variant = entry.def.tag === 'variant' ? entry.def.value.find((candidate) => candidate.index === index) : undefined
    if (variant === undefined) throw new ExplorerError('EXPLORER_UNDECODABLE', isUnknown(entry) ? `The type ${entry.path.at(-1)} is not known.` : `${entry.path.join('::')} has no variant ${index}.`)
    return variant
  }

  #storeSize(type: number): number {
    const { def } = this.type(type)
    return def.tag === 'primitive' ? integerSize(def.value.tag) : 1
  }
}

/** Of a pallet and of the error in it: `{ index, error }`, in a structure of its own or not, the error one byte or several. */
function moduleError(fields: readonly NamedValue[]): readonly [pallet: number, error: number] {
  const [first, second] = fields
  if (first?.value.kind === 'fields') return moduleError(first.value.fields)
  const numberOf = (value: Value | undefined): number => {
    if (value?.kind === 'bytes') return Number(value.hex.slice(0, 4))
    return value?.kind === 'number' ? Number(value.text) : -1
  }
  return [numberOf(first?.value), numberOf(second?.value)]
}

/** Bytes, and the text that they spell where they do. */
export function bytesValue(bytes: Uint8Array): Extract<Value, { kind: 'bytes' }> {
  const text = bytes.length > 2 && bytes.length <= MAX_BYTES ? fromUtf8(bytes) : ''
  return {
    kind: 'bytes',
    hex: toHex(bytes.subarray(0, MAX_BYTES)),
    size: bytes.length,
    ...(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\n]+$/u.test(text) && !text.includes('\ufffd') ? { text } : {}),
  }
}

function readPrimitive(name: string, reader: ScaleReader, hint: string): Value {
  if (name === 'bool') return { kind: 'flag', flag: reader.bool() }
  if (name === 'str') return { kind: 'text', text: fromUtf8(reader.bytes()).slice(0, MAX_TEXT) }
  if (name === 'char') return { kind: 'text', text: String.fromCodePoint(reader.u32()) }
  const bytes = reader.raw(integerSize(name))
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return numeric(name.startsWith('i') ? BigInt.asIntN(bytes.length * 8, value) : value, hint)
}

function integerSize(name: string): number {
  const bits = INTEGER.exec(name)?.[2]
  if (bits === undefined) throw new ExplorerError('EXPLORER_UNDECODABLE', `The primitive type ${name} does not exist.`)
  return Number(bits) / 8
}

function numeric(value: bigint, hint: string): Value {
  return { kind: /Balance/.test(hint) ? 'balance' : 'number', text: value.toString() }
}

/** First bit first. */
function readBits(reader: ScaleReader, storeSize: number): Value {
  const count = reader.compactNumber()
  const bytes = reader.raw(Math.ceil(count / (8 * storeSize)) * storeSize)
  if (count > MAX_BYTES) return bytesValue(bytes)
  let text = ''
  for (let i = 0; i < count; i++) text += ((bytes[i >> 3] as number) >> (i & 7)) & 1
  return text === '' ? NONE : { kind: 'text', text }
}

/** Metadata that describes no types may name one that nobody here knows. */
function isUnknown({ path, def }: TypeEntry): boolean {
  return path[0] === 'unknown' && def.tag === 'variant' && def.value.length === 0
}

function isUnit(runtime: RuntimeTypes, type: number): boolean {
  const def = runtime.types[type]?.def
  return (def?.tag === 'tuple' && def.value.length === 0) || (def?.tag === 'composite' && def.value.length === 0)
}
