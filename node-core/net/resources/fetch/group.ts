/** A group of leaves that is being fetched: its hashes, once they are proven, and of each leaf whether it is missing and how many were asked for it. */
import { GROUP_LEAVES, HASH_BYTES, hashAt } from '../tree.ts'

export interface Run {
  readonly index: number
  readonly count: number
}

export class Group {
  readonly index: number
  /** Number of its first leaf in the file. */
  readonly first: number
  readonly count: number
  /** How many peers are being asked for its hashes, and since when. */
  hashesAsked = 0
  hashesAskedAt = 0
  #hashes: Uint8Array | undefined
  readonly #missing: Uint8Array
  readonly #asked: Uint8Array
  #missingCount = 0
  /** Leaves that are missing and asked of nobody. */
  #free = 0

  /** `leaves`: of the whole file. */
  constructor(index: number, leaves: number, isMissing: (leaf: number) => boolean) {
    this.index = index
    this.first = index * GROUP_LEAVES
    this.count = Math.min(GROUP_LEAVES, leaves - this.first)
    this.#missing = new Uint8Array(this.count)
    this.#asked = new Uint8Array(this.count)
    for (let i = 0; i < this.count; i++) if (isMissing(this.first + i)) this.#missing[i] = 1
    this.#free = this.#missingCount = this.#missing.reduce((sum, one) => sum + one, 0)
  }

  get hashes(): Uint8Array | undefined {
    return this.#hashes
  }

  /** Proven by the root. */
  set hashes(hashes: Uint8Array) {
    this.#hashes = hashes.slice(0, this.count * HASH_BYTES)
  }

  hashOf(leaf: number): Uint8Array {
    return hashAt(this.#hashes as Uint8Array, leaf - this.first)
  }

  get missing(): number {
    return this.#missingCount
  }

  get free(): number {
    return this.#free
  }

  /** Nobody is being asked for anything of it. */
  get isIdle(): boolean {
    return this.hashesAsked === 0 && this.#asked.every((count) => count === 0)
  }

  isMissing(leaf: number): boolean {
    return this.#missing[leaf - this.first] === 1
  }

  /** The first free leaves in one row, at most `max`, all of which `has` holds. */
  firstFree(max: number, has: (leaf: number) => boolean): Run | undefined {
    let count = 0
    for (let i = 0; i < this.count; i++) {
      if (this.#isFree(i) && has(this.first + i)) {
        if (++count === max) return { index: this.first + i + 1 - count, count }
      } else if (count > 0) {
        return { index: this.first + i - count, count }
      }
    }
    return count === 0 ? undefined : { index: this.first + this.count - count, count }
  }

  /** One more is being asked for these leaves. */
  ask({ index, count }: Run): void {
    for (let i = index - this.first; i < index - this.first + count; i++) this.#change(i, 1)
  }

  /** One less is. */
  release({ index, count }: Run): void {
    for (let i = index - this.first; i < index - this.first + count; i++) this.#change(i, -1)
  }

  /** Whether the leaf was missing. */
  arrived(leaf: number): boolean {
    const i = leaf - this.first
    if (this.#missing[i] !== 1) return false
    if (this.#isFree(i)) this.#free--
    this.#missing[i] = 0
    this.#missingCount--
    return true
  }

  #isFree(i: number): boolean {
    return this.#missing[i] === 1 && this.#asked[i] === 0
  }

  #change(i: number, by: number): void {
    const was = this.#isFree(i)
    this.#asked[i] = Math.max(0, (this.#asked[i] as number) + by)
    const is = this.#isFree(i)
    if (was !== is) this.#free += is ? 1 : -1
  }
}
