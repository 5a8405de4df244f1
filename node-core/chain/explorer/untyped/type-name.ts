/**
 * The name of a type as it stands in the source code of a runtime, read into a shape: `Vec<(T::AccountId, BalanceOf<T>)>` is a list of
 * pairs of an `AccountId` and a `BalanceOf`.
 *
 * What belongs to Rust alone falls away: the module that a name comes from, the trait that it is known by, the parameters of a type that
 * has a name of its own (`VestingInfo<BalanceOf<T>, T::BlockNumber>` is `VestingInfo`), and boxes.
 */
import { ExplorerError } from '../errors.ts'

export type TypeShape =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'option' | 'compact'; readonly of: TypeShape }
  | { readonly kind: 'array'; readonly of: TypeShape; readonly length: number }
  | { readonly kind: 'tuple'; readonly of: readonly TypeShape[] }
  | { readonly kind: 'result'; readonly ok: TypeShape; readonly error: TypeShape }

const UNIT: TypeShape = { kind: 'tuple', of: [] }
const TOKEN = /\s*(::|[A-Za-z_][A-Za-z0-9_]*|\d+|[<>()[\],;&'=])/y

/** Throws an ExplorerError. */
export function parseTypeName(text: string): TypeShape {
  const parser = new Parser(text)
  const shape = parser.type()
  parser.end()
  return shape
}

class Parser {
  readonly #text: string
  readonly #tokens: string[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
    TOKEN.lastIndex = 0
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) this.#tokens.push(match[1] as string)
  }

  type(): TypeShape {
    if (this.#take('(')) {
      const of = this.#until(')')
      return of.length === 1 ? (of[0] as TypeShape) : { kind: 'tuple', of }
    }
    if (this.#take('[')) return this.#array()
    if (this.#take('<')) return this.#associated()
    return this.#path()
  }

  end(): void {
    if (this.#at < this.#tokens.length || this.#tokens.length === 0) throw this.#unreadable()
  }

  #array(): TypeShape {
    const of = this.type()
    this.#want(';')
    const length = Number(this.#next())
    this.#want(']')
    if (!Number.isInteger(length)) throw this.#unreadable()
    return { kind: 'array', of, length }
  }

  /** `<T::Lookup as StaticLookup>::Source`: what counts is the last word, and that it belongs to a lookup, or to a key. */
  #associated(): TypeShape {
    this.type()
    this.#want('as')
    this.#path()
    this.#want('>')
    this.#want('::')
    const shape = this.#path()
    return shape.kind === 'name' && shape.name === 'Source' ? { kind: 'name', name: 'LookupSource' } : shape
  }

  /** Words with `::` between them; the last one counts, with what stands in angle brackets behind it. */
  #path(): TypeShape {
    let name = this.#next()
    let parameters = this.#parameters()
    while (this.#take('::')) {
      name = this.#next()
      parameters = this.#parameters()
    }
    if (!/^[A-Za-z_]/.test(name)) throw this.#unreadable()
    return wrapped(name, parameters)
  }

  #parameters(): TypeShape[] {
    return this.#take('<') ? this.#until('>') : []
  }

  #until(close: string): TypeShape[] {
    const shapes: TypeShape[] = []
    while (!this.#take(close)) {
      shapes.push(this.#parameter())
      this.#take(',')
    }
    return shapes
  }

  /** A type, a number (`BoundedVec<u8, 32>`), or the choice of a trait's own (`Trait<Hash = H256>`). */
  #parameter(): TypeShape {
    if (/^\d/.test(this.#tokens[this.#at] ?? '')) {
      this.#next()
      return UNIT
    }
    const shape = this.type()
    return this.#take('=') ? this.type() : shape
  }

  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw this.#unreadable()
    return token
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #want(token: string): void {
    if (!this.#take(token)) throw this.#unreadable()
  }

  #unreadable(): ExplorerError {
    return new ExplorerError('EXPLORER_UNDECODABLE', `The name of the type ${this.#text.slice(0, 120)} cannot be read.`)
  }
}

/** The few types whose parameters are part of what is encoded. */
function wrapped(name: string, [first = UNIT, second = UNIT]: readonly TypeShape[]): TypeShape {
  switch (name) {
    case 'Vec':
    case 'BoundedVec':
    case 'WeakBoundedVec':
    case 'BTreeSet':
      return { kind: 'list', of: first }
    case 'BTreeMap':
      return { kind: 'list', of: { kind: 'tuple', of: [first, second] } }
    case 'Option':
      return { kind: 'option', of: first }
    case 'Compact':
      return { kind: 'compact', of: first }
    case 'Box':
      return first
    case 'Result':
      return { kind: 'result', ok: first, error: second }
    case 'PhantomData':
      return UNIT
    default:
      return { kind: 'name', name }
  }
}
