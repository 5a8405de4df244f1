/**
 * Reading SCALE (Polkadot Host spec, appendix A.2.2).
 *
 * Every read checks that the bytes are there, compact integers must use their shortest form, and `end` insists that
 * nothing is left over: two byte strings never decode to the same value. Byte strings are copied out, so that a decoded
 * value does not hold on to the message that it came in.
 */
import { toHex, type Hash } from '../base/bytes.ts'
import { MalformedError } from '../base/errors.ts'

export type ScaleErrorCode = 'SCALE_TOO_SHORT' | 'SCALE_TRAILING_BYTES' | 'SCALE_INVALID' | 'SCALE_OUT_OF_RANGE' | 'SCALE_TOO_MANY'

export class ScaleError extends MalformedError<ScaleErrorCode> {}

export class ScaleReader {
  readonly #input: Uint8Array
  readonly #view: DataView
  #offset: number

  constructor(input: Uint8Array, offset = 0) {
    // A Buffer's `slice` would not copy.
    this.#input = Buffer.isBuffer(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : input
    this.#view = new DataView(input.buffer, input.byteOffset, input.byteLength)
    this.#offset = offset
  }

  get offset(): number {
    return this.#offset
  }

  get remaining(): number {
    return this.#input.length - this.#offset
  }

  u8(): number {
    const at = this.#advance(1)
    return this.#input[at] as number
  }

  bool(): boolean {
    const value = this.u8()
    if (value > 1) throw new ScaleError('SCALE_INVALID', `${value} is not a boolean`)
    return value === 1
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  /** A u64 that must fit a JavaScript number exactly: slots, rounds, set ids, weights. */
  u64Number(): number {
    return asNumber(this.u64())
  }

  u128(): bigint {
    const low = this.u64()
    return (this.u64() << 64n) | low
  }

  /** A compact integer of up to 2^536 - 1. */
  compact(): bigint {
    const first = this.u8()
    return (first & 3) === 3 ? this.#bigCompact(first) : BigInt(this.#smallCompact(first))
  }

  /** A compact integer that is a safe number, as lengths are: nearly all of them below 2^30, where no BigInt is made. */
  compactNumber(): number {
    const first = this.u8()
    return (first & 3) === 3 ? asNumber(this.#bigCompact(first)) : this.#smallCompact(first)
  }

  /** The forms of one, two and four bytes. */
  #smallCompact(first: number): number {
    switch (first & 3) {
      case 0:
        return first >> 2
      case 1:
        return shortest((first | (this.u8() << 8)) >>> 2, 1 << 6)
      default:
        return shortest((first | (this.u8() << 8) | (this.u16() << 16)) >>> 2, 1 << 14)
    }
  }

  #bigCompact(first: number): bigint {
    const length = (first >> 2) + 4
    const at = this.#advance(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#input[at + i] as number)
    if (this.#input[at + length - 1] === 0 || value < 1n << 30n) {
      throw new ScaleError('SCALE_INVALID', 'a compact integer is not in its shortest form')
    }
    return value
  }

  /** `length` bytes, copied. */
  raw(length: number): Uint8Array {
    const at = this.#advance(length)
    return this.#input.slice(at, at + length)
  }

  hash(): Hash {
    const at = this.#advance(32)
    return toHex(this.#input.subarray(at, at + 32))
  }

  /** A length-prefixed byte string, copied. */
  bytes(): Uint8Array {
    return this.raw(this.compactNumber())
  }

  /** A vector. `minimumSize` is what one item takes at the least: it bounds the count before anything is allocated. */
  vec<T>(item: (reader: this) => T, minimumSize = 1, limit = Number.MAX_SAFE_INTEGER): T[] {
    const count = this.compactNumber()
    if (count > limit) throw new ScaleError('SCALE_TOO_MANY', `${count} items, at most ${limit} are allowed`)
    if (count * minimumSize > this.remaining) throw new ScaleError('SCALE_TOO_SHORT', `${count} items do not fit into ${this.remaining} bytes`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(item(this))
    return items
  }

  option<T>(item: (reader: this) => T): T | undefined {
    return this.bool() ? item(this) : undefined
  }

  /** Throws where bytes are left. */
  end(what: string): void {
    if (this.remaining !== 0) throw new ScaleError('SCALE_TRAILING_BYTES', `${this.remaining} bytes after the end of ${what}`)
  }

  #advance(length: number): number {
    const at = this.#offset
    if (length > this.remaining) throw new ScaleError('SCALE_TOO_SHORT', `${length} bytes expected, ${this.remaining} left`)
    this.#offset = at + length
    return at
  }
}

/** Decodes one value that must fill the whole input. */
export function decodeAll<T>(input: Uint8Array, what: string, decode: (reader: ScaleReader) => T): T {
  const reader = new ScaleReader(input)
  const value = decode(reader)
  reader.end(what)
  return value
}

/** What `decode` makes of the beginning of the input; undefined where that is nothing of its kind. */
export function decodeIfValid<T>(input: Uint8Array, decode: (reader: ScaleReader) => T): T | undefined {
  try {
    return decode(new ScaleReader(input))
  } catch (error) {
    if (error instanceof ScaleError) return undefined
    throw error
  }
}

function shortest(value: number, minimum: number): number {
  if (value < minimum) throw new ScaleError('SCALE_INVALID', 'a compact integer is not in its shortest form')
  return value
}

function asNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ScaleError('SCALE_OUT_OF_RANGE', `integer out of range: ${value}`)
  return Number(value)
}
