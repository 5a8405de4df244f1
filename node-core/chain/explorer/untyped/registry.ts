/**
 * A registry of types like that of newer metadata, made from names: each name is looked up in the book and becomes entries by number,
 * once. What nothing is known of gets an entry, too; it is only in the way where a value of it is read.
 */
import type { TypeEntry, TypeField, TypeVariant } from '../runtime-types.ts'
import { CALL_NAMES, lookUp, type BookEntry, type Choice, type RuntimeTraits } from './book.ts'
import { parseTypeName, type TypeShape } from './type-name.ts'

type Definition = TypeEntry['def']
type Primitive = Extract<Definition, { tag: 'primitive' }>['value']['tag']

const PRIMITIVES: ReadonlySet<string> = new Set<Primitive>(['bool', 'char', 'str', 'u8', 'u16', 'u32', 'u64', 'u128', 'u256', 'i8', 'i16', 'i32', 'i64', 'i128', 'i256'])

/** Leading bytes of an address by number: small numbers are their own. */
const INDEX_ADDRESS = { own: 0xf0, u16: 0xfc, u32: 0xfd, u64: 0xfe, id: 0xff } as const

export class UntypedRegistry {
  readonly types: TypeEntry[] = []
  /** The outer choice of calls, and that of events: filled by {@link define}. */
  readonly call: number
  readonly event: number
  readonly #traits: RuntimeTraits
  readonly #known = new Map<string, number>()

  constructor(traits: RuntimeTraits) {
    this.#traits = traits
    this.call = this.#reserve()
    this.event = this.#reserve()
    for (const name of CALL_NAMES) this.#known.set(name, this.call)
    this.#known.set('Event', this.event)
  }

  /** The number of the type of this name. Throws an ExplorerError where the name cannot be read. */
  id(name: string): number {
    return this.#idOf(parseTypeName(name))
  }

  field(type: string, name?: string): TypeField {
    return { name, type: this.id(type), typeName: type, docs: [] }
  }

  /** A choice among these, as a new entry. */
  variants(path: readonly string[], variants: readonly TypeVariant[]): number {
    const id = this.#reserve()
    this.define(id, path, variants)
    return id
  }

  /** Gives a reserved entry its choices. */
  define(id: number, path: readonly string[], variants: readonly TypeVariant[]): void {
    this.#set(id, path, { tag: 'variant', value: [...variants] })
  }

  /** An entry that is told by its name alone, and takes no bytes. */
  mark(name: string): number {
    const id = this.#reserve()
    this.#set(id, [name], { tag: 'tuple', value: [] })
    return id
  }

  #idOf(shape: TypeShape): number {
    const key = keyOf(shape)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // Another name for a type is that type.
    const alias = shape.kind === 'name' ? this.#aliasOf(shape.name) : undefined
    if (alias !== undefined) {
      const id = this.id(alias)
      this.#known.set(key, id)
      return id
    }
    const id = this.#reserve()
    // Before it is made: types contain themselves.
    this.#known.set(key, id)
    const { path, def } = shape.kind === 'name' ? this.#named(shape.name) : this.#composed(shape)
    this.#set(id, path, def)
    return id
  }

  #aliasOf(name: string): string | undefined {
    if (PRIMITIVES.has(name)) return undefined
    if (name === 'LookupSource') return this.#traits.address === 'id' ? 'AccountId' : undefined
    const entry = lookUp(name, this.#traits)
    return typeof entry === 'string' ? entry : undefined
  }

  #named(name: string): { readonly path: string[]; readonly def: Definition } {
    if (PRIMITIVES.has(name)) return { path: [], def: { tag: 'primitive', value: { tag: name as Primitive, value: undefined } } }
    if (name === 'AccountId') return { path: ['AccountId32'], def: { tag: 'composite', value: [this.field('[u8; 32]')] } }
    if (name === 'LookupSource') return { path: ['MultiAddress'], def: { tag: 'variant', value: this.#addresses() } }
    const entry = lookUp(name, this.#traits)
    if (entry === undefined || typeof entry === 'string') return { path: ['unknown', name], def: { tag: 'variant', value: [] } }
    return { path: [name], def: this.#fromBook(entry) }
  }

  #fromBook(entry: Exclude<BookEntry, string>): Definition {
    if ('fields' in entry) return { tag: 'composite', value: this.#fields(entry.fields) }
    return { tag: 'variant', value: entry.choices.map((one, index) => this.#choice(one, index)) }
  }

  #choice(one: Choice, index: number): TypeVariant {
    if (typeof one === 'string') return { name: one, fields: [], index, docs: [] }
    const [name, content] = one
    return { name, fields: typeof content === 'string' ? [this.field(content)] : this.#fields(content), index, docs: [] }
  }

  #fields(fields: Readonly<Record<string, string>>): TypeField[] {
    return Object.entries(fields).map(([name, type]) => this.field(type, name))
  }

  #composed(shape: Exclude<TypeShape, { kind: 'name' }>): { readonly path: string[]; readonly def: Definition } {
    const field = (of: TypeShape): TypeField => ({ name: undefined, type: this.#idOf(of), typeName: keyOf(of), docs: [] })
    switch (shape.kind) {
      case 'list':
        return { path: [], def: { tag: 'sequence', value: this.#idOf(shape.of) } }
      case 'compact':
        return { path: [], def: { tag: 'compact', value: this.#idOf(shape.of) } }
      case 'array':
        return { path: [], def: { tag: 'array', value: { len: shape.length, type: this.#idOf(shape.of) } } }
      case 'tuple':
        return { path: [], def: { tag: 'tuple', value: shape.of.map((part) => this.#idOf(part)) } }
      case 'option':
        return { path: ['Option'], def: { tag: 'variant', value: [{ name: 'None', fields: [], index: 0, docs: [] }, { name: 'Some', fields: [field(shape.of)], index: 1, docs: [] }] } }
      case 'result': {
        const outcome = (name: string, of: TypeShape, index: number): TypeVariant => ({ name, fields: keyOf(of) === '()' ? [] : [field(of)], index, docs: [] })
        return { path: ['Result'], def: { tag: 'variant', value: [outcome('Ok', shape.ok, 0), outcome('Err', shape.error, 1)] } }
      }
    }
  }

  #addresses(): TypeVariant[] {
    const one = (name: string, index: number, ...types: readonly string[]): TypeVariant => ({ name, index, fields: types.map((type) => this.field(type)), docs: [] })
    if (this.#traits.address === 'multi') {
      return [one('Id', 0, 'AccountId'), one('Index', 1, 'Compact<AccountIndex>'), one('Raw', 2, 'Vec<u8>'), one('Address32', 3, '[u8; 32]'), one('Address20', 4, '[u8; 20]')]
    }
    return [
      ...Array.from({ length: INDEX_ADDRESS.own }, (_, index) => one(`Index ${index}`, index)),
      one('Index', INDEX_ADDRESS.u16, 'u16'), one('Index', INDEX_ADDRESS.u32, 'u32'), one('Index', INDEX_ADDRESS.u64, 'u64'), one('Id', INDEX_ADDRESS.id, 'AccountId'),
    ]
  }

  #reserve(): number {
    const id = this.types.length
    this.#set(id, [], { tag: 'tuple', value: [] })
    return id
  }

  #set(id: number, path: readonly string[], def: Definition): void {
    this.types[id] = { id, path: [...path], params: [], def, docs: [] }
  }
}

function keyOf(shape: TypeShape): string {
  switch (shape.kind) {
    case 'name':
      return shape.name
    case 'array':
      return `[${keyOf(shape.of)}; ${shape.length}]`
    case 'tuple':
      return `(${shape.of.map(keyOf).join(', ')})`
    case 'result':
      return `Result<${keyOf(shape.ok)}, ${keyOf(shape.error)}>`
    default:
      return `${shape.kind === 'list' ? 'Vec' : shape.kind === 'option' ? 'Option' : 'Compact'}<${keyOf(shape.of)}>`
  }
}
