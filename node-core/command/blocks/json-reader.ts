/**
 * JSON out of a file that may be larger than memory: objects member by member, in the order of the file. No more is held than a window onto the file, which grows with the
 * longest single value, up to a bound.
 *
 * Reading is synchronous: whoever reads much lets others have their turn. What is no JSON, or not what was asked for, is a {@link JsonFault} that says where.
 */
import { readSync } from 'node:fs'
import { fromHex } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'

const WINDOW = 1024 * 1024
/** A single value in the file: the code of a runtime in hexadecimal has some 6 MB. */
const LONGEST_VALUE = 128 * 1024 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CHARACTERS = { '{': 0x7b, '}': 0x7d, ':': 0x3a, ',': 0x2c } as const
type Character = keyof typeof CHARACTERS

export class JsonFault extends Error {
  /** In bytes from the beginning of the file. */
  readonly offset: number

  constructor(offset: number, reason: string) {
    super(reason)
    this.offset = offset
  }
}

export class JsonReader {
  readonly #file: number
  #window = Buffer.allocUnsafeSlow(WINDOW)
  /** Where the window begins in the file; within it, what comes next, and the end of what was read. */
  #base: number
  #at = 0
  #end = 0

  /** `file`: a descriptor, of a file that can be read anywhere. `offset`: where a value begins. */
  constructor(file: number, offset = 0) {
    this.#file = file
    this.#base = offset
  }

  /** Of what comes next, without white space before it. */
  get offset(): number {
    this.#peek()
    return this.#base + this.#at
  }

  /** The names of an object's members. After each, whoever asked takes its value. */
  *members(): Generator<string> {
    this.#expect('{')
    if (this.#isNext('}')) return
    do {
      const { offset } = this
      const name = this.#parsed(offset, `"${this.#text('the name of a member').toString('utf8')}"`)
      this.#expect(':')
      yield name as string
    } while (this.#isNext(','))
    this.#expect('}')
  }

  /** Bytes as hexadecimal with 0x before. */
  hex(): Uint8Array {
    const { offset } = this
    return this.#decoded(offset, this.#text('a text').toString('latin1'))
  }

  /** An object whose names and values are bytes, both. `offset` of the name, for faults. */
  *entries(): Generator<readonly [key: Uint8Array, value: Uint8Array, offset: number]> {
    this.#expect('{')
    if (this.#isNext('}')) return
    do {
      const { offset } = this
      const key = this.#decoded(offset, this.#text('a key').toString('latin1'))
      this.#expect(':')
      yield [key, this.hex(), offset]
    } while (this.#isNext(','))
    this.#expect('}')
  }

  /** Any value. */
  value(): unknown {
    const { offset } = this
    return this.#parsed(offset, this.#raw())
  }

  /** Nothing may come any more. */
  end(): void {
    if (this.#peek() !== undefined) throw this.#fault('there is something behind the end')
  }

  #decoded(offset: number, text: string): Uint8Array {
    try {
      return fromHex(text)
    } catch {
      throw new JsonFault(offset, `"${text.slice(0, 24)}${text.length > 24 ? '…' : ''}" is not hexadecimal with 0x before it`)
    }
  }

  #parsed(offset: number, text: string): unknown {
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      throw new JsonFault(offset, errorMessage(error))
    }
  }

  /** The text of a value as it stands there. */
  #raw(): string {
    let [length, depth, isText, isEscaped] = [0, 0, false, false]
    for (;; length++) {
      while (this.#at + length >= this.#end) {
        if (this.#more()) continue
        throw this.#fault('the file ends within a value')
      }
      const byte = this.#window[this.#at + length] as number
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) isText = false
        if (isText || depth > 0) continue
      } else if (byte === QUOTE) {
        isText = true
        continue
      } else if (byte === 0x7b || byte === 0x5b) {
        depth++
        continue
      } else if (byte === 0x7d || byte === 0x5d) {
        // Behind a number or a word the object around it ends.
        if (depth === 0) break
        if (--depth > 0) continue
      } else if (depth > 0 || !(byte === CHARACTERS[','] || byte <= 0x20)) continue
      else break
      length++
      break
    }
    const text = this.#window.toString('utf8', this.#at, this.#at + length)
    this.#at += length
    return text
  }

  /** What stands between quotes. Valid until the next call. */
  #text(what: string): Buffer {
    if (this.#peek() !== QUOTE) throw this.#fault(`${what} in quotes was expected`)
    for (let from = 1; ; ) {
      const found = this.#window.indexOf(QUOTE, this.#at + from)
      if (found === -1 || found >= this.#end) {
        from = this.#end - this.#at
        if (!this.#more()) throw this.#fault('the file ends within a text')
      } else if (this.#isEscaped(found)) {
        from = found + 1 - this.#at
      } else {
        const text = this.#window.subarray(this.#at + 1, found)
        this.#at = found + 1
        return text
      }
    }
  }

  #isEscaped(quote: number): boolean {
    let before = quote
    while (before > this.#at + 1 && this.#window[before - 1] === BACKSLASH) before--
    return (quote - before) % 2 === 1
  }

  #isNext(character: Character): boolean {
    if (this.#peek() !== CHARACTERS[character]) return false
    this.#at++
    return true
  }

  #expect(character: Character): void {
    const found = this.#peek()
    if (found === undefined) throw this.#fault(`the file ends where "${character}" was expected`)
    if (!this.#isNext(character)) throw this.#fault(`"${character}" was expected, and there is ${JSON.stringify(String.fromCharCode(found))}`)
  }

  /** The next byte that is no white space; undefined at the end of the file. */
  #peek(): number | undefined {
    for (;;) {
      while (this.#at < this.#end) {
        const byte = this.#window[this.#at] as number
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
        this.#at++
      }
      if (!this.#more()) return undefined
    }
  }

  /** Reads on behind what is there, and keeps what was not taken. False at the end of the file. */
  #more(): boolean {
    if (this.#at > 0) {
      this.#window.copyWithin(0, this.#at, this.#end)
      this.#base += this.#at
      this.#end -= this.#at
      this.#at = 0
    } else if (this.#end === this.#window.length) {
      if (this.#end >= LONGEST_VALUE) throw this.#fault(`a single value is longer than ${LONGEST_VALUE} bytes`)
      const former = this.#window
      this.#window = Buffer.allocUnsafeSlow(former.length * 2)
      former.copy(this.#window)
    }
    const read = readSync(this.#file, this.#window, this.#end, this.#window.length - this.#end, this.#base + this.#end)
    this.#end += read
    return read > 0
  }

  #fault(reason: string): JsonFault {
    return new JsonFault(this.#base + this.#at, reason)
  }
}
