/**
 * The end of a table (doc/table_format.md of LevelDB): behind the blocks with the data stand a filter, the index of these, and a footer of 48
 * bytes that says where they are. Each block has a compression type (1 byte) and a masked CRC-32C (4) behind it.
 *
 * LevelDB reads the filter and the index without a look at their checksums, and believes them: what an index does not name any more is left
 * out, silently, when tables are merged, and the tables that were merged are deleted.
 */
import type { FileHandle } from 'node:fs/promises'
import { crc32c, unmasked } from './log-file.ts'

const FOOTER = 48
const TRAILER = 5
/** The last eight bytes of every table, little-endian. */
const MAGIC = 0xdb4775248b80fb57n
const UNCOMPRESSED = 0
/** No index of a table that is written here is as large. */
const MAX_BLOCK = 16 * 1024 * 1024

interface Block {
  readonly at: number
  readonly size: number
}

/** Whether the footer is one, and filter and index are as they were written. */
export async function hasGoodEnd(file: FileHandle, size: number): Promise<boolean> {
  if (size < FOOTER) return false
  const footer = await read(file, size - FOOTER, FOOTER)
  if (footer.length < FOOTER || new DataView(footer.buffer, footer.byteOffset).getBigUint64(FOOTER - 8, true) !== MAGIC) return false
  const reader = new Varints(footer)
  const [metaIndex, index] = [reader.block(), reader.block()]
  if (metaIndex === undefined || index === undefined) return false
  const names = await goodBlock(file, size, metaIndex)
  if (names === undefined || (await goodBlock(file, size, index)) === undefined) return false
  const filter = names === 'compressed' ? undefined : onlyBlockOf(names)
  return filter === undefined || (await goodBlock(file, size, filter)) !== undefined
}

/** The contents of a block, where it need not be decompressed for them; undefined where it is not as it was written. */
async function goodBlock(file: FileHandle, size: number, { at, size: length }: Block): Promise<Uint8Array | 'compressed' | undefined> {
  if (length > MAX_BLOCK || at + length + TRAILER > size) return undefined
  const bytes = await read(file, at, length + TRAILER)
  if (bytes.length < length + TRAILER) return undefined
  const said = unmasked(new DataView(bytes.buffer, bytes.byteOffset).getUint32(length + 1, true))
  if (said !== crc32c(bytes.subarray(0, length + 1))) return undefined
  return bytes[length] === UNCOMPRESSED ? bytes.subarray(0, length) : 'compressed'
}

/** The block that the first entry of a block of names leads to: tables have a filter, or nothing. */
function onlyBlockOf(names: Uint8Array): Block | undefined {
  const reader = new Varints(names)
  const [shared, unshared, valueLength] = [reader.next(), reader.next(), reader.next()]
  // An empty block has the array of its restarts alone.
  if (shared !== 0 || unshared === undefined || unshared === 0 || valueLength === undefined || valueLength === 0) return undefined
  reader.skip(unshared)
  return reader.block()
}

async function read(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

/** Numbers of seven bits a byte, the lowest first. */
class Varints {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(): number | undefined {
    let value = 0
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return undefined
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    return undefined
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  block(): Block | undefined {
    const [at, size] = [this.next(), this.next()]
    return at === undefined || size === undefined ? undefined : { at, size }
  }
}
