/**
 * The raw genesis of a specification: storage as hexadecimal keys and values, read into one form.
 *
 * Whoever makes a file writes its digits in either case and sometimes without `0x`, and the state is the same. So keys are
 * brought to lower case behind `0x` before anybody looks for one. What cannot be meant is refused instead of being dropped,
 * because each entry that is lost gives another genesis block, and with it another network: a key that stands there twice
 * with two values, a field of another format, child storage among the entries of the main trie (its roots follow from
 * `childrenDefault`, where its contents are).
 */
import { toHex, utf8, type Hex } from '../../base/bytes.ts'

/** Keys and values in lower case behind `0x`. */
export type GenesisStorage = Readonly<Record<string, Hex>>

export interface RawGenesis {
  readonly top: GenesisStorage
  /** Default child tries: storage key of the child without its prefix, to its entries. */
  readonly childrenDefault?: Readonly<Record<string, GenesisStorage>> | undefined
}

/** By key: the order in which specifications print it. */
export function sortedStorage(storage: GenesisStorage): GenesisStorage {
  return Object.fromEntries(Object.entries(storage).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What is wrong, and where; in the form of zod's issues. */
export interface SpecIssue {
  readonly path: PropertyKey[]
  readonly message: string
}

export class SpecIssues extends Error {
  readonly issues: readonly SpecIssue[]

  constructor(issues: readonly SpecIssue[]) {
    super(issues[0]?.message ?? '')
    this.issues = issues
  }
}

/** `:code`, where the Wasm runtime lies. */
export const CODE_KEY = '0x3a636f6465'

export const HEX_EXPECTED = 'expected an even number of hexadecimal digits behind 0x'

/** `:child_storage:`, which begins the keys of every kind of child trie. */
const CHILD_STORAGE = toHex(utf8(':child_storage:'))

/** Issues that are told; a file of another format has thousands of the same kind. */
const MAX_ISSUES = 3

/** Bytes in the form that the rest of the node compares: lower case behind `0x`; undefined where they are none. */
export function normalHex(value: unknown): Hex | undefined {
  if (typeof value !== 'string') return undefined
  const digits = value.startsWith('0x') ? value.slice(2) : value
  return digits.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(digits) ? `0x${digits.toLowerCase()}` : undefined
}

/** Reads what stands at `genesis.raw`. Throws {@link SpecIssues}. */
export function readRawGenesis(raw: unknown): RawGenesis {
  const reader = new StorageReader()
  const { top, children, rest } = partsOf(raw)
  for (const [name, value] of Object.entries(rest)) {
    if (!isEmpty(value)) reader.refuse([name], 'this part of a raw genesis is not known; there are top and childrenDefault')
  }
  const main = reader.storage(top, ['top'])
  for (const key of Object.keys(main)) {
    if (key.startsWith(CHILD_STORAGE)) reader.refuse(['top', key], 'child storage does not belong here: put its entries under childrenDefault')
  }
  const childrenDefault = reader.children(children, ['childrenDefault'])
  if (reader.issues.length > 0) throw new SpecIssues(reader.issues)
  return { top: main, childrenDefault }
}

interface Parts {
  readonly top: unknown
  readonly children: unknown
  readonly rest: Readonly<Record<string, unknown>>
}

/** Specifications of 2019 have a list of two: the main storage, and child storage in another form, which nobody had any of. */
function partsOf(raw: unknown): Parts {
  if (Array.isArray(raw)) {
    const [top, ...rest] = raw as unknown[]
    return { top, children: undefined, rest: Object.fromEntries(rest.map((value, index) => [String(index + 1), value])) }
  }
  if (!isRecord(raw)) return { top: undefined, children: undefined, rest: {} }
  const { top, childrenDefault, ...rest } = raw
  return { top, children: childrenDefault, rest }
}

class StorageReader {
  readonly issues: SpecIssue[] = []

  refuse(path: PropertyKey[], message: string): void {
    if (this.issues.length < MAX_ISSUES) this.issues.push({ path, message })
  }

  storage(value: unknown, path: PropertyKey[]): GenesisStorage {
    const entries = this.#entries(value, path, (item, at) => this.#bytes(item, at))
    return Object.fromEntries(entries)
  }

  children(value: unknown, path: PropertyKey[]): Readonly<Record<string, GenesisStorage>> {
    if (value === undefined || value === null) return {}
    return Object.fromEntries(this.#entries(value, path, (item, at) => this.storage(item, at)))
  }

  /** A map that keeps the order of the file. */
  #entries<T>(value: unknown, path: PropertyKey[], read: (item: unknown, path: PropertyKey[]) => T | undefined): Map<string, T> {
    const found = new Map<string, T>()
    if (!isRecord(value)) {
      this.refuse(path, 'expected an object of hexadecimal keys')
      return found
    }
    for (const [text, item] of Object.entries(value)) {
      const key = normalHex(text)
      if (key === undefined) {
        this.refuse([...path, text], HEX_EXPECTED)
        continue
      }
      const content = read(item, [...path, text])
      if (content === undefined) continue
      const before = found.get(key)
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(content)) {
        this.refuse([...path, text], 'the same key stands here twice, written in another way, with another value')
      }
      found.set(key, content)
    }
    return found
  }

  #bytes(value: unknown, path: PropertyKey[]): Hex | undefined {
    const bytes = normalHex(value)
    if (bytes === undefined) this.refuse(path, HEX_EXPECTED)
    return bytes
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}
