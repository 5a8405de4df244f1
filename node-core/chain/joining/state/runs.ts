/**
 * Runs: entries of one trie, one behind the other in the order of their keys, packed into one piece of memory. A state of a million
 * entries is written to the database, and read from it again, in some thousand runs; one by one both would take several times as long.
 *
 * An entry in a run is
 *
 *   bytes that its key shares with the one before · how many follow · those · length of the value, twice, plus one where it is hashed · value
 *
 * with numbers in groups of seven bits, lowest first. `hashed` says how the trie holds the value: in the node, or on its own under its
 * hash. Values alone do not tell: state version 1 stores long ones on their own, version 0 none, and a trie that has lived through
 * both holds long values either way, which its root commits to.
 */
import { EMPTY, uninitializedBytes } from '../../../base/bytes.ts'
import { JoinError } from './errors.ts'

export interface Run {
  readonly firstKey: Uint8Array
  readonly lastKey: Uint8Array
  readonly packed: Uint8Array
  readonly entries: number
  /** Keys and values, as they are outside. */
  readonly bytes: number
}

/** A run is cut behind the entry that makes it longer than this. */
export const RUN_BYTES = 64 * 1024

/** Tries of a few entries are many. */
const FIRST_BYTES = 1024

/** Three numbers of at most five bytes. */
const ENTRY_HEAD = 15

export class RunWriter {
  #buffer: Uint8Array = new Uint8Array(FIRST_BYTES)
  #length = 0
  #entries = 0
  #bytes = 0
  #firstKey: Uint8Array = EMPTY
  #lastKey = new Uint8Array(64)
  #lastLength = 0
  #runs: Run[] = []

  /** `key[0, keyLength)` is greater than the key before; both byte strings are copied. */
  add(key: Uint8Array, keyLength: number, value: Uint8Array, hashed: boolean): void {
    let shared = 0
    const last = this.#lastKey
    if (this.#entries === 0) this.#firstKey = key.slice(0, keyLength)
    else {
      const limit = keyLength < this.#lastLength ? keyLength : this.#lastLength
      while (shared < limit && key[shared] === last[shared]) shared++
    }
    const rest = keyLength - shared
    const size = value.length
    const needed = this.#length + ENTRY_HEAD + rest + size
    if (needed > this.#buffer.length) this.#grow(needed)
    if (keyLength > last.length) this.#lastKey = new Uint8Array(keyLength * 2)
    const buffer = this.#buffer
    const kept = this.#lastKey
    if (kept !== last) kept.set(last.subarray(0, shared))
    let at = writeNumber(buffer, writeNumber(buffer, this.#length, shared), rest)
    for (let i = shared; i < keyLength; i++) {
      const byte = key[i] as number
      kept[i] = byte
      buffer[at++] = byte
    }
    at = writeNumber(buffer, at, size * 2 + (hashed ? 1 : 0))
    if (size < 48) for (let i = 0; i < size; i++) buffer[at + i] = value[i] as number
    else buffer.set(value, at)
    this.#length = at + size
    this.#lastLength = keyLength
    this.#entries++
    this.#bytes += keyLength + size
    if (this.#length >= RUN_BYTES) this.#cut()
  }

  /** The key that was added last; undefined before the first. */
  get lastKey(): Uint8Array | undefined {
    return this.#entries === 0 ? this.#runs.at(-1)?.lastKey : this.#lastKey.slice(0, this.#lastLength)
  }

  /** All runs. The writer is empty afterwards. */
  finish(): Run[] {
    if (this.#entries > 0) this.#cut()
    const runs = this.#runs
    this.#runs = []
    return runs
  }

  #cut(): void {
    const packed = this.#buffer.slice(0, this.#length)
    this.#runs.push({ firstKey: this.#firstKey, lastKey: this.#lastKey.slice(0, this.#lastLength), packed, entries: this.#entries, bytes: this.#bytes })
    this.#length = 0
    this.#entries = 0
    this.#bytes = 0
  }

  #grow(needed: number): void {
    const larger = uninitializedBytes(needed * 2)
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Goes through a run. What `key` and `value` return is valid until the next entry: the key changes in place, the value is a view. */
export class RunReader {
  readonly #packed: Uint8Array
  #at = 0
  #key = new Uint8Array(256)
  #keyLength = 0
  #value: Uint8Array = EMPTY
  #hashed = false

  constructor(packed: Uint8Array) {
    this.#packed = packed
  }

  /** Valid in its first {@link keyLength} bytes. */
  get key(): Uint8Array {
    return this.#key
  }

  get keyLength(): number {
    return this.#keyLength
  }

  get value(): Uint8Array {
    return this.#value
  }

  get hashed(): boolean {
    return this.#hashed
  }

  /** Moves to the next entry; false at the end. Throws JOIN_STATE_DAMAGED where the bytes are no run. */
  next(): boolean {
    const packed = this.#packed
    if (this.#at === packed.length) return false
    const shared = this.#number()
    const rest = this.#number()
    const length = shared + rest
    if (shared > this.#keyLength || this.#at + rest > packed.length) throw damaged()
    if (length > this.#key.length) {
      const larger = new Uint8Array(length * 2)
      larger.set(this.#key.subarray(0, shared))
      this.#key = larger
    }
    const key = this.#key
    for (let i = 0, at = this.#at; i < rest; i++) key[shared + i] = packed[at + i] as number
    this.#at += rest
    this.#keyLength = length
    const size = this.#number()
    this.#hashed = (size & 1) === 1
    const end = this.#at + Math.floor(size / 2)
    if (end > packed.length) throw damaged()
    this.#value = packed.subarray(this.#at, end)
    this.#at = end
    return true
  }

  #number(): number {
    let value = 0
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = this.#packed[this.#at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw damaged()
  }
}

function writeNumber(out: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest >= 0x80) {
    out[at++] = (rest & 0x7f) | 0x80
    rest = rest > 0x7fff_ffff ? Math.floor(rest / 128) : rest >>> 7
  }
  out[at++] = rest
  return at
}

function damaged(): JoinError {
  return new JoinError('JOIN_STATE_DAMAGED', 'what was downloaded of the state cannot be read.')
}
