/** Writing SCALE (Polkadot Host spec, appendix A.2.2). Calls chain; `finish` returns the bytes. */
import { fromHex, type Hash } from '../base/bytes.ts'
import { ScaleError } from './reader.ts'

export class ScaleWriter {
  #buffer: Uint8Array
  #view: DataView
  #length = 0

  constructor(sizeHint = 256) {
    this.#buffer = new Uint8Array(sizeHint)
    this.#view = new DataView(this.#buffer.buffer)
  }

  u8(value: number): this {
    const at = this.#grow(1)
    this.#buffer[at] = value
    return this
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0)
  }

  u16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  u64(value: bigint | number): this {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, unsigned(value), true)
    return this
  }

  u128(value: bigint): this {
    return this.u64(unsigned(value) & 0xffff_ffff_ffff_ffffn).u64(value >> 64n)
  }

  compact(value: bigint | number): this {
    const big = unsigned(value)
    if (big < 1n << 6n) return this.u8(Number(big) << 2)
    if (big < 1n << 14n) return this.u16((Number(big) << 2) | 1)
    if (big < 1n << 30n) return this.u32(((Number(big) << 2) | 2) >>> 0)
    const little: number[] = []
    for (let rest = big; rest > 0n; rest >>= 8n) little.push(Number(rest & 0xffn))
    while (little.length < 4) little.push(0)
    if (little.length > 67) throw new ScaleError('SCALE_OUT_OF_RANGE', `integer out of range: ${value}`)
    this.u8(((little.length - 4) << 2) | 3)
    return this.raw(Uint8Array.from(little))
  }

  raw(value: Uint8Array): this {
    const at = this.#grow(value.length)
    this.#buffer.set(value, at)
    return this
  }

  hash(value: Hash): this {
    const decoded = fromHex(value)
    if (decoded.length !== 32) throw new ScaleError('SCALE_OUT_OF_RANGE', `a hash has 32 bytes, not ${decoded.length}`)
    return this.raw(decoded)
  }

  /** With its length before it. */
  bytes(value: Uint8Array): this {
    return this.compact(value.length).raw(value)
  }

  vec<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.compact(items.length)
    for (const item of items) write(this, item)
    return this
  }

  option<T>(value: T | undefined, write: (writer: this, value: T) => void): this {
    if (value === undefined) return this.u8(0)
    this.u8(1)
    write(this, value)
    return this
  }

  /** The bytes written so far, copied. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  #grow(count: number): number {
    const at = this.#length
    const needed = at + count
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
      larger.set(this.#buffer.subarray(0, at))
      this.#buffer = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#length = needed
    return at
  }
}

function unsigned(value: bigint | number): bigint {
  const big = BigInt(value)
  if (big < 0n) throw new ScaleError('SCALE_OUT_OF_RANGE', `not an unsigned integer: ${value}`)
  return big
}
