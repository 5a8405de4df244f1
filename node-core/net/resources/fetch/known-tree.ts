/**
 * What a fetch knows of the hash tree above the groups: roots of groups, and what was proven beside them. So that whoever fetches a file can prove to others the groups
 * that it has, before it has all of them.
 *
 * Every hash that is put in is proven: a group with its uncles by the root, a group of an earlier run by its file (sidecar.ts). What follows from two that are known is
 * known as well, up to the root. Some 128 bytes of memory for each 8 MiB of the file.
 */
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { GROUP_LAYER, GROUP_LEAVES, HASH_BYTES, hashAt, layerAbove, paddingAt, reduceRun, rootLayer } from '../tree.ts'

export class KnownTree {
  readonly #groups: number
  readonly #top: number
  /** By layer above the groups, and place in it. */
  readonly #layers: Map<number, Uint8Array>[]
  /** Groups whose leaf hashes are here; of others only their root may be known. */
  readonly #here = new Set<number>()

  /** `leaves`: of the whole file. */
  constructor(leaves: number) {
    this.#groups = Math.ceil(leaves / GROUP_LEAVES)
    this.#top = Math.max(rootLayer(leaves), GROUP_LAYER) - GROUP_LAYER
    this.#layers = Array.from({ length: this.#top + 1 }, () => new Map<number, Uint8Array>())
  }

  /** A group whose leaf hashes are proven; `uncles` of a proof, lowest first. What it views is the caller's. */
  add(group: number, hashes: Uint8Array, uncles: Uint8Array = new Uint8Array(0)): void {
    for (let layer = 0, index = group; layer < uncles.length / HASH_BYTES && layer < this.#top; layer++, index >>= 1) this.#layers[layer]?.set(index ^ 1, hashAt(uncles, layer).slice())
    this.#layers[0]?.set(group, reduceRun(hashes, GROUP_LAYER))
    this.#here.add(group)
    this.#climb(group)
  }

  /** Whether the leaf hashes are those of a group that is known. */
  isTrue(group: number, hashes: Uint8Array): boolean {
    const known = this.#layers[0]?.get(group)
    return known !== undefined && equalBytes(reduceRun(hashes, GROUP_LAYER), known)
  }

  /** The hashes beside the way from a group to the root; undefined where not all of them are known. */
  uncles(group: number): Uint8Array | undefined {
    if (!this.canProve(group)) return undefined
    const uncles: Uint8Array[] = []
    for (let layer = 0, index = group; layer < this.#top; layer++, index >>= 1) {
      uncles.push(this.#at(layer, index ^ 1) as Uint8Array)
    }
    return concatBytes(...uncles)
  }

  /** Whether its leaf hashes are here, and its {@link uncles} known. */
  canProve(group: number): boolean {
    if (!this.#here.has(group)) return false
    for (let layer = 0, index = group; layer < this.#top; layer++, index >>= 1) if (this.#at(layer, index ^ 1) === undefined) return false
    return true
  }

  #climb(group: number): void {
    for (let layer = 0, index = group; layer < this.#top; layer++, index >>= 1) {
      const [left, right] = [this.#at(layer, index & ~1), this.#at(layer, index | 1)]
      if (left === undefined || right === undefined) return
      this.#layers[layer + 1]?.set(index >> 1, layerAbove(concatBytes(left, right), GROUP_LAYER + layer))
    }
  }

  #at(layer: number, index: number): Uint8Array | undefined {
    // Nothing of the file is below.
    return index * 2 ** layer >= this.#groups ? paddingAt(GROUP_LAYER + layer) : this.#layers[layer]?.get(index)
  }
}
