/**
 * New records in one piece of memory: per record its length (u32, little-endian) and its bytes. They are numbered one after the other
 * from a first number on, so their numbers are not in it.
 */
import { EMPTY } from '../../../base/bytes.ts'
import { TrieError } from '../errors.ts'
import type { PackedRecords, RecordSink } from '../types.ts'
import { suffixSize, writeSuffix } from './record.ts'

const LENGTH_SIZE = 4

/** Gives out numbers. There is one per database: a number is not given out twice. */
export interface NodeCounter {
  /** The number that comes next. */
  next: number
}

/** Numbers and packs what it takes. As long as it is in use nobody else takes numbers from its counter. */
export class RecordPacker implements RecordSink {
  /** The number of the first record. */
  readonly first: number
  readonly #counter: NodeCounter
  #buffer: Uint8Array = EMPTY
  #length = 0

  constructor(counter: NodeCounter) {
    this.#counter = counter
    this.first = counter.next
  }

  /** The number after the last one. */
  get next(): number {
    return this.#counter.next
  }

  /** Bytes so far. */
  get size(): number {
    return this.#length
  }

  node(_hash: Uint8Array, encoding: Uint8Array, references: readonly number[]): number {
    const at = this.#begin(encoding, suffixSize(references))
    writeSuffix(references, this.#buffer, at)
    return this.#counter.next++
  }

  value(_hash: Uint8Array, value: Uint8Array): number {
    this.#begin(value, 0)
    return this.#counter.next++
  }

  /** What was added so far, in memory of its own (it can be transferred to another thread). */
  finish(): PackedRecords {
    return this.#buffer.slice(0, this.#length)
  }

  /** Writes length and bytes; returns the offset behind them. */
  #begin(bytes: Uint8Array, more: number): number {
    const size = bytes.length + more
    let at = this.#length
    const end = at + LENGTH_SIZE + size
    if (end > this.#buffer.length) this.#grow(end)
    const buffer = this.#buffer
    buffer[at++] = size & 0xff
    buffer[at++] = (size >>> 8) & 0xff
    buffer[at++] = (size >>> 16) & 0xff
    buffer[at++] = size >>> 24
    buffer.set(bytes, at)
    this.#length = end
    return at + bytes.length
  }

  #grow(minimum: number): void {
    const larger = new Uint8Array(Math.max(minimum, this.#buffer.length * 2, 4096))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Hands out number and record of each as views, in order. Throws `TRIE_BAD_PACK` where the pack ends too early. */
export function forEachPackedRecord(packed: PackedRecords, first: number, visit: (id: number, record: Uint8Array) => void): void {
  let id = first
  for (let at = 0; at < packed.length; id++) {
    const start = at + LENGTH_SIZE
    if (start > packed.length) throw badPack(at)
    const size = ((packed[at] as number) | ((packed[at + 1] as number) << 8) | ((packed[at + 2] as number) << 16) | ((packed[at + 3] as number) << 24)) >>> 0
    const end = start + size
    if (end > packed.length) throw badPack(at)
    visit(id, packed.subarray(start, end))
    at = end
  }
}

function badPack(offset: number): TrieError {
  return new TrieError('TRIE_BAD_PACK', `packed records are cut off at byte ${offset}`)
}
