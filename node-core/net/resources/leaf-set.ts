/** A set of leaves of one file: a bit for each, the first in the highest bit of the first byte. */
import type { LeafRange } from './wire.ts'

export class LeafSet {
  /** Leaves that there are. */
  readonly size: number
  readonly bits: Uint8Array
  #count = 0

  /** `bits` may come from a file: what is set behind the last leaf does not count. */
  constructor(size: number, bits?: Uint8Array) {
    this.size = size
    this.bits = new Uint8Array(Math.ceil(size / 8))
    if (bits === undefined) return
    this.bits.set(bits.subarray(0, this.bits.length))
    const rest = size % 8
    if (rest > 0) this.bits[this.bits.length - 1] = (this.bits.at(-1) as number) & (0xff << (8 - rest))
    for (const byte of this.bits) for (let left = byte; left > 0; left &= left - 1) this.#count++
  }

  static of(size: number, { from, to }: LeafRange): LeafSet {
    const set = new LeafSet(size)
    for (let leaf = from; leaf < Math.min(to, size); leaf++) set.add(leaf)
    return set
  }

  get count(): number {
    return this.#count
  }

  has(leaf: number): boolean {
    return ((this.bits[leaf >> 3] ?? 0) & (0x80 >> (leaf & 7))) !== 0
  }

  /** Whether it was not in the set. */
  add(leaf: number): boolean {
    if (leaf < 0 || leaf >= this.size || this.has(leaf)) return false
    this.bits[leaf >> 3] = (this.bits[leaf >> 3] as number) | (0x80 >> (leaf & 7))
    this.#count++
    return true
  }

  /** The first `limit` runs of leaves, ascending. */
  ranges(limit: number): LeafRange[] {
    const ranges: LeafRange[] = []
    for (let leaf = 0; leaf < this.size && ranges.length < limit; ) {
      if (!this.has(leaf)) {
        leaf++
        continue
      }
      const from = leaf
      while (leaf < this.size && this.has(leaf)) leaf++
      ranges.push({ from, to: leaf })
    }
    return ranges
  }
}

/** Whether one of the ranges, which ascend, holds the leaf. */
export function covers(ranges: 'all' | readonly LeafRange[], leaf: number): boolean {
  if (ranges === 'all') return true
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle] as LeafRange).to <= leaf) low = middle + 1
    else high = middle
  }
  return low < ranges.length && (ranges[low] as LeafRange).from <= leaf
}
