/**
 * A SCALE vector that grows at its end (`ext_storage_append`, used for the events of a block).
 *
 * The bytes behind the length prefix live in a buffer with room to spare, so that appending copies only the new item;
 * the prefix is written in front when the whole value is read. Several entries of the overlay may share one buffer,
 * each with its own length: a rolled back entry only remembers how much of the buffer was its own.
 */
import { writeCompact } from '../guest/guest-memory.ts'

/** Room for the longest length prefix in front of the items. */
const HEAD = 5

export class AppendBuffer {
  #bytes: Uint8Array

  /** `items` are the bytes behind the length prefix. */
  constructor(items: Uint8Array) {
    this.#bytes = new Uint8Array(HEAD + Math.max(64, items.length * 2))
    this.#bytes.set(items, HEAD)
  }

  /** Writes `item` behind the first `length` bytes of items; returns the new length. */
  append(length: number, item: Uint8Array): number {
    const end = length + item.length
    if (HEAD + end > this.#bytes.length) {
      const larger = new Uint8Array(HEAD + end * 2)
      larger.set(this.#bytes.subarray(0, HEAD + length))
      this.#bytes = larger
    }
    this.#bytes.set(item, HEAD + length)
    return end
  }

  /** The vector of `count` items in the first `length` bytes: a view that the next append may overwrite. */
  view(length: number, count: number): Uint8Array {
    const prefix = compactSize(count)
    writeCompact(this.#bytes, HEAD - prefix, count, prefix)
    return this.#bytes.subarray(HEAD - prefix, HEAD + length)
  }
}

function compactSize(value: number): number {
  return value < 1 << 6 ? 1 : value < 1 << 14 ? 2 : value < 1 << 30 ? 4 : 5
}

/** Item count and prefix size of a SCALE vector; undefined where the bytes do not start with a length. */
export function readVectorHead(value: Uint8Array): { readonly count: number; readonly prefix: number } | undefined {
  const first = value[0]
  if (first === undefined) return undefined
  const mode = first & 3
  const prefix = mode === 0 ? 1 : mode === 1 ? 2 : mode === 2 ? 4 : 5
  if (value.length < prefix || (mode === 3 && first !== 3)) return undefined
  let encoded = 0
  if (mode === 3) {
    for (let i = 4; i > 0; i--) encoded = encoded * 256 + (value[i] as number)
    return encoded >= 2 ** 30 ? { count: encoded, prefix } : undefined
  }
  for (let i = prefix - 1; i >= 0; i--) encoded = encoded * 256 + (value[i] as number)
  const count = Math.floor(encoded / 4)
  return compactSize(count) === prefix ? { count, prefix } : undefined
}
