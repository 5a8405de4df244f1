/**
 * Numbers and lists as the Rust library arkworks writes them uncompressed (its `CanonicalSerialize`), the form in which runtimes
 * hand over points and scalars: field elements little-endian in whole bytes, lists behind a count of eight bytes.
 */

/** The bytes are no value of the kind that was asked for. */
export class ArkEncodingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ArkEncodingError'
  }
}

const COUNT_SIZE = 8

export class ArkReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(size: number): Uint8Array {
    const end = this.#at + size
    if (end > this.#bytes.length) throw new ArkEncodingError('the bytes end too early')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** An element of the field of this order, below it. */
  field(size: number, order: bigint): bigint {
    return below(littleEndian(this.take(size)), order)
  }

  /** `itemSize` is what one item takes: it bounds the count before anything is read. */
  list<T>(itemSize: number, item: (reader: this) => T): T[] {
    const count = littleEndian(this.take(COUNT_SIZE))
    if (count * BigInt(itemSize) > BigInt(this.#bytes.length - this.#at)) throw new ArkEncodingError('the list is longer than the bytes')
    return Array.from({ length: Number(count) }, () => item(this))
  }
}

export function below(value: bigint, order: bigint): bigint {
  if (value >= order) throw new ArkEncodingError('a number is not in its field')
  return value
}

export function littleEndian(bytes: Uint8Array): bigint {
  return bigEndian(Uint8Array.from(bytes).reverse())
}

export function bigEndian(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
  return hex === '' ? 0n : BigInt(`0x${hex}`)
}

export function toLittleEndian(value: bigint, size: number): Uint8Array {
  return toBigEndian(value, size).reverse()
}

export function toBigEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex'))
}
