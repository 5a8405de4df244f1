/**
 * A Reed–Solomon code: k shards of data become n shards, any k of which give back the data. The first k shards are the data, cut into
 * pieces of equal length, the last of them filled up with zeros; how long the data were is for the user to remember. Shards are byte for byte
 * those of klauspost/reedsolomon with its default options.
 *
 * The code corrects *erasures*, shards of which one knows that they are missing. A shard that was changed must be found out by other means
 * (merkle.ts) and left away.
 */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import { kernel, type Kernel } from './kernel.ts'
import { codeMatrix, inverted, type Matrix } from './matrix.ts'

/** Shards of a code at most. */
export const MAX_SHARDS = 64

/** A shard, or undefined where it is missing. */
export type MaybeShard = Uint8Array | undefined

export class ReedSolomon {
  readonly k: number
  readonly n: number
  readonly #matrix: Matrix
  readonly #kernel: Kernel

  /** 1 <= k <= n <= MAX_SHARDS. Throws a RangeError otherwise. */
  constructor(k: number, n: number, combine: Kernel = kernel) {
    if (!Number.isInteger(k) || !Number.isInteger(n) || k < 1 || k > n || n > MAX_SHARDS) throw new RangeError(`there is no code of ${k} among ${n} shards`)
    this.k = k
    this.n = n
    this.#matrix = codeMatrix(k, n)
    this.#kernel = combine
  }

  /** Bytes of each shard for a content of `bytes`. */
  shardLength(bytes: number): number {
    return Math.ceil(bytes / this.k)
  }

  /** All n shards of a content. Those of whole data are views of it. */
  encode(content: Uint8Array): Uint8Array[] {
    const length = this.shardLength(content.length)
    const data = Array.from({ length: this.k }, (_, i) => {
      const piece = content.subarray(i * length, (i + 1) * length)
      if (piece.length === length) return piece
      const padded = new Uint8Array(length)
      padded.set(piece)
      return padded
    })
    return [...data, ...this.parity(data)]
  }

  /** The n - k further shards of k shards of data. */
  parity(data: readonly Uint8Array[]): Uint8Array[] {
    return this.#combine(this.#matrix.slice(this.k), data)
  }

  /** Whether n shards belong together. */
  verify(shards: readonly Uint8Array[]): boolean {
    const parity = this.parity(shards.slice(0, this.k))
    return parity.every((shard, i) => Buffer.compare(shard, shards[this.k + i] as Uint8Array) === 0)
  }

  /**
   * The k shards of data out of any k of the n shards, by their places; further ones are not looked at. Throws a RangeError where fewer
   * are there, or their lengths differ.
   */
  reconstruct(shards: readonly MaybeShard[]): Uint8Array[] {
    const places = shards.flatMap((shard, i) => (shard === undefined ? [] : [i])).slice(0, this.k)
    const present = places.map((place) => shards[place] as Uint8Array)
    if (places.length < this.k || shards.length > this.n) throw new RangeError(`${places.length} of ${this.k} shards are there`)
    if (present.some(({ length }) => length !== present[0]?.length)) throw new RangeError('shards have one length')
    const missing = Array.from({ length: this.k }, (_, i) => i).filter((i) => shards[i] === undefined)
    if (missing.length === 0) return present
    // Rows of the inverse make data of what is there; only those of missing data are needed.
    const rows = inverted(places.map((place) => this.#matrix[place] as Uint8Array))
    const made = this.#combine(missing.map((i) => rows[i] as Uint8Array), present)
    const byPlace = new Map(missing.map((place, i) => [place, made[i] as Uint8Array]))
    return Array.from({ length: this.k }, (_, i) => shards[i] ?? (byPlace.get(i) as Uint8Array))
  }

  #combine(matrix: Matrix, inputs: readonly Uint8Array[]): Uint8Array[] {
    const length = inputs[0]?.length ?? 0
    const outputs = matrix.map(() => uninitializedBytes(length))
    this.#kernel(matrix, inputs, outputs)
    return outputs
  }
}

/** Codes lately used: a mesh has one. */
const codes = new Lru<number, ReedSolomon>(32)

/** As the constructor; made once for the codes that are in use. */
export function reedSolomon(k: number, n: number): ReedSolomon {
  const key = k * 256 + n
  let code = codes.get(key)
  if (code === undefined) codes.set(key, (code = new ReedSolomon(k, n)))
  return code
}
