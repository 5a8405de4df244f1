/**
 * Bytes and their text forms.
 *
 * Inside the node a 32-byte hash that names something (a block, a state root, a runtime) travels as a lower-case
 * `0x` string, because it is a map key far more often than it is arithmetic. Everything else is a `Uint8Array`.
 * A "binary string" holds one byte per UTF-16 unit: it is the cheapest map key for storage keys, and comparing
 * two of them compares the bytes.
 */

/** Lower-case hexadecimal with the `0x` prefix. */
export type Hex = `0x${string}`

/** A 32-byte hash as {@link Hex}: 66 characters. */
export type Hash = Hex

export const EMPTY = new Uint8Array(0)

/** A hash lies on the engine's own heap, and asking for its buffer would move it off: copied here it stays where it is. */
const SHORT = Buffer.alloc(64)

/** Encodes bytes as `0x…`. */
export function toHex(bytes: Uint8Array): Hex {
  if (bytes.length <= SHORT.length) {
    SHORT.set(bytes)
    return `0x${SHORT.toString('hex', 0, bytes.length)}`
  }
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** True for an even number of hexadecimal digits behind `0x` (`0x` alone is the empty string of bytes). */
export function isHex(text: unknown): text is Hex {
  return typeof text === 'string' && text.length % 2 === 0 && /^0x[0-9a-fA-F]*$/.test(text)
}

/** Decodes `0x…`. Throws a RangeError where the text is not hexadecimal. */
export function fromHex(hex: string): Uint8Array {
  if (!isHex(hex)) throw new RangeError(`not a hexadecimal string with 0x prefix: ${hex.slice(0, 40)}`)
  const buffer = Buffer.from(hex.slice(2), 'hex')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** From here on zeroing memory costs more than asking for memory that is not zeroed. */
const UNINITIALIZED_FROM = 4096

/** Bytes that the caller writes, all of them: what they are before that is arbitrary. */
export function uninitializedBytes(length: number): Uint8Array {
  if (length < UNINITIALIZED_FROM) return new Uint8Array(length)
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length)
  return new Uint8Array(buffer, byteOffset, length)
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = uninitializedBytes(length)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Lexicographic order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** One UTF-16 unit per byte. */
export function toBinaryString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function fromBinaryString(text: string): Uint8Array {
  const buffer = Buffer.from(text, 'latin1')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
