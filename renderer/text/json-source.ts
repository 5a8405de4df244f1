/** JSON that somebody writes: what it means, where each value stands, and where the first mistake is. Pure. */

export interface Place {
  /** From 1. */
  readonly line: number
  readonly column: number
}

export type JsonSource =
  | {
      readonly ok: true
      readonly value: unknown
      /** Where a value stands: its key, or itself within a list. The nearest parent's place where it does not exist. */
      readonly placeOf: (path: readonly string[]) => Place
    }
  | { readonly ok: false; readonly place: Place; readonly found: string | undefined }

export function readJson(text: string): JsonSource {
  const reader = new Reader(text)
  try {
    const value = reader.document()
    return {
      ok: true,
      value,
      placeOf: (path) => {
        for (let length = path.length; length >= 0; length--) {
          const at = reader.places.get(JSON.stringify(path.slice(0, length)))
          if (at !== undefined) return placeAt(text, at)
        }
        return { line: 1, column: 1 }
      },
    }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    return { ok: false, place: placeAt(text, error.at), found: text[error.at] }
  }
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

class Mistake extends Error {
  readonly at: number

  constructor(at: number) {
    super('not JSON')
    this.at = at
  }
}

const MAX_DEPTH = 32

class Reader {
  readonly places = new Map<string, number>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    this.#space()
    const value = this.#value([])
    this.#space()
    if (this.#at < this.#text.length) throw new Mistake(this.#at)
    return value
  }

  #value(path: readonly string[]): unknown {
    if (path.length > MAX_DEPTH) throw new Mistake(this.#at)
    const key = JSON.stringify(path)
    if (!this.places.has(key)) this.places.set(key, this.#at)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(path)
    if (next === '[') return this.#array(path)
    if (next === '"') return this.#string()
    const word = /[^\s,\]}:"[{]+/y
    word.lastIndex = this.#at
    const token = word.exec(this.#text)?.[0]
    if (token === undefined) throw new Mistake(this.#at)
    return this.#token(token)
  }

  #token(token: string): unknown {
    try {
      const value: unknown = JSON.parse(token)
      this.#at += token.length
      return value
    } catch {
      throw new Mistake(this.#at)
    }
  }

  #object(path: readonly string[]): Record<string, unknown> {
    const entries: [string, unknown][] = []
    this.#list('}', () => {
      const at = this.#at
      if (this.#text[at] !== '"') throw new Mistake(at)
      const name = this.#string()
      this.#space()
      if (this.#text[this.#at] !== ':') throw new Mistake(this.#at)
      this.#at++
      this.#space()
      this.places.set(JSON.stringify([...path, name]), at)
      entries.push([name, this.#value([...path, name])])
    })
    return Object.fromEntries(entries)
  }

  #array(path: readonly string[]): unknown[] {
    const items: unknown[] = []
    this.#list(']', () => items.push(this.#value([...path, String(items.length)])))
    return items
  }

  #list(end: string, item: () => void): void {
    this.#at++
    this.#space()
    if (this.#text[this.#at] === end) {
      this.#at++
      return
    }
    for (;;) {
      item()
      this.#space()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== end) throw new Mistake(this.#at)
      this.#at++
      if (next === end) return
      this.#space()
    }
  }

  #string(): string {
    const form = /"(?:[^"\\\n]|\\.)*"/y
    form.lastIndex = this.#at
    const token = form.exec(this.#text)?.[0]
    if (token === undefined) throw new Mistake(this.#at)
    return this.#token(token) as string
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}
