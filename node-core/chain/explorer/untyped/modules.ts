/**
 * Metadata of the versions 9 to 13 (2019 to 2021): modules with their calls, events, errors and storage, and the names of the types
 * that these have in the source code of the runtime. What a name means is not said.
 *
 * | version | what it brought |
 * | --- | --- |
 * | 10, 11 | further hashers of storage keys |
 * | 11 | the signed extensions of a transaction |
 * | 12 | a fixed number for each module; before, those with calls are counted for calls, and those with events for events |
 * | 13 | storage maps with any number of keys |
 */
import { fromUtf8 } from '../../../base/bytes.ts'
import { ScaleReader } from '../../../scale/reader.ts'

export const UNTYPED_VERSIONS = { first: 9, last: 13 } as const

export type Hasher = 'blake2_128' | 'blake2_256' | 'blake2_128Concat' | 'twox128' | 'twox256' | 'twox64Concat' | 'identity'

export interface UntypedField {
  /** Arguments of calls have one, those of events do not. */
  readonly name: string | undefined
  /** As it stands in the source code, such as `Vec<T::AccountId>`. */
  readonly type: string
}

/** A call, an event or an error. */
export interface UntypedItem {
  readonly name: string
  readonly fields: readonly UntypedField[]
  readonly docs: readonly string[]
}

export interface UntypedStorage {
  readonly name: string
  /** Undefined for a plain value and for maps of several keys. */
  readonly hasher: Hasher | undefined
  readonly value: string
  /** What is read where nothing is stored: its length tells the form of the value. */
  readonly fallback: Uint8Array
}

export interface UntypedModule {
  readonly name: string
  /** Undefined before version 12. */
  readonly index: number | undefined
  readonly storage: { readonly prefix: string; readonly items: readonly UntypedStorage[] } | undefined
  readonly calls: readonly UntypedItem[] | undefined
  readonly events: readonly UntypedItem[] | undefined
  readonly constants: readonly { readonly name: string; readonly value: Uint8Array }[]
  readonly errors: readonly UntypedItem[]
}

export interface UntypedMetadata {
  readonly version: number
  readonly modules: readonly UntypedModule[]
  /** Undefined before version 11. */
  readonly extensions: readonly string[] | undefined
}

const HASHERS: Readonly<Record<number, readonly Hasher[]>> = {
  9: ['blake2_128', 'blake2_256', 'twox128', 'twox256', 'twox64Concat'],
  10: ['blake2_128', 'blake2_256', 'blake2_128Concat', 'twox128', 'twox256', 'twox64Concat'],
}
const HASHERS_SINCE_11: readonly Hasher[] = ['blake2_128', 'blake2_256', 'blake2_128Concat', 'twox128', 'twox256', 'twox64Concat', 'identity']

const STORAGE = { plain: 0, map: 1, doubleMap: 2 } as const

/** `bytes` begin with `meta` and the version. Throws a ScaleError. */
export function readUntyped(bytes: Uint8Array): UntypedMetadata {
  const reader = new ScaleReader(bytes)
  reader.u32()
  const version = reader.u8()
  const modules = reader.vec(() => readModule(reader, version))
  const extensions = version >= 11 ? readExtensions(reader) : undefined
  reader.end('the metadata')
  return { version, modules, extensions }
}

function readModule(reader: ScaleReader, version: number): UntypedModule {
  const name = text(reader)
  const storage = reader.option(() => ({ prefix: text(reader), items: reader.vec(() => readStorage(reader, version)) }))
  const calls = reader.option(() => reader.vec(() => readItem(reader, () => ({ name: text(reader), type: text(reader) }))))
  const events = reader.option(() => reader.vec(() => readItem(reader, () => ({ name: undefined, type: text(reader) }))))
  const constants = reader.vec(() => {
    const constant = text(reader)
    text(reader)
    const value = reader.bytes()
    texts(reader)
    return { name: constant, value }
  })
  const errors = reader.vec(() => ({ name: text(reader), fields: [], docs: texts(reader) }))
  return { name, storage, calls, events, constants, errors, index: version >= 12 ? reader.u8() : undefined }
}

function readItem(reader: ScaleReader, field: () => UntypedField): UntypedItem {
  return { name: text(reader), fields: reader.vec(field), docs: texts(reader) }
}

function readStorage(reader: ScaleReader, version: number): UntypedStorage {
  const hashers = HASHERS[version] ?? HASHERS_SINCE_11
  const name = text(reader)
  reader.u8()
  const kind = reader.u8()
  let hasher: Hasher | undefined
  if (kind === STORAGE.plain) return { name, hasher, value: text(reader), fallback: rest(reader) }
  if (kind === STORAGE.map) {
    hasher = hashers[reader.u8()]
    text(reader)
    const value = text(reader)
    reader.bool()
    return { name, hasher, value, fallback: rest(reader) }
  }
  if (kind === STORAGE.doubleMap) {
    reader.u8()
    text(reader)
    text(reader)
    const value = text(reader)
    reader.u8()
    return { name, hasher, value, fallback: rest(reader) }
  }
  texts(reader)
  reader.vec(() => reader.u8())
  return { name, hasher, value: text(reader), fallback: rest(reader) }
}

/** The value where nothing is stored; the documentation behind it is passed over. */
function rest(reader: ScaleReader): Uint8Array {
  const fallback = reader.bytes()
  texts(reader)
  return fallback
}

/** The version of extrinsics stands before them. */
function readExtensions(reader: ScaleReader): string[] {
  reader.u8()
  return texts(reader)
}

function text(reader: ScaleReader): string {
  return fromUtf8(reader.bytes())
}

function texts(reader: ScaleReader): string[] {
  return reader.vec(() => text(reader))
}
