/**
 * The hash tree of a resource: that of BitTorrent v2 for one file (BEP 52), so that its root is the "pieces root" of the same file there.
 *
 * A file is cut into leaves of 16 KiB; the last one is as short as the file leaves it. The hash of a leaf is the SHA-256 of its bytes. The row
 * of leaf hashes is filled up with zero hashes to a power of two, and each hash above is the SHA-256 of the two below it. The root names the
 * file: whoever knows it can check any run of leaves by itself, given the hashes beside the way up ("uncles").
 *
 * What a root alone does not say is the length. {@link verifyRun} makes up for it: within the file no leaf hash may be zero, and what lies to
 * the right of the file must hash as padding. So a proof of the last run of leaves shows how many leaves there are, and the last leaf how long
 * it is. One case is left: nothing tells a hash of two hashes from the hash of a file of 64 bytes, which holds them. Whoever knows only the
 * root must not take a file of 64 bytes for it ({@link AMBIGUOUS_LENGTH}).
 *
 * Layers are arrays of hashes, one behind the other, without the padding. Layer 0 holds the leaves.
 */
import { hash } from 'node:crypto'
import { equalBytes } from '../../base/bytes.ts'

export const LEAF_BYTES = 16_384
export const HASH_BYTES = 32
/** Leaves whose hashes are asked for, checked and kept together: 8 MiB of the file, 16 KiB of hashes. */
export const GROUP_LEAVES = 512
export const GROUP_LAYER = 9
/** Of a file that can be a resource: 2 TiB. */
export const MAX_LENGTH = 2 ** 41
/** Uncles of a single leaf of the longest file. */
export const MAX_UNCLES = 27
/** A file of two hashes: see above. */
export const AMBIGUOUS_LENGTH = 2 * HASH_BYTES

const ZERO = new Uint8Array(HASH_BYTES)
const pair = new Uint8Array(2 * HASH_BYTES)

export function isLength(length: number): boolean {
  return Number.isSafeInteger(length) && length >= 0 && length <= MAX_LENGTH
}

/** Leaves of a file of so many bytes. */
export function leafCount(length: number): number {
  return Math.ceil(length / LEAF_BYTES)
}

/** Bytes of one leaf of a file of `length` bytes. */
export function leafLength(length: number, index: number): number {
  return Math.min(LEAF_BYTES, length - index * LEAF_BYTES)
}

/** The layer of the root above so many leaves. */
export function rootLayer(leaves: number): number {
  return leaves <= 1 ? 0 : Math.ceil(Math.log2(leaves))
}

export function hashLeaf(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left)
  pair.set(right, HASH_BYTES)
  return hash('sha256', pair, 'buffer')
}

const paddings: Uint8Array[] = [ZERO]

/** What stands in a layer where no leaf of the file is below. */
export function paddingAt(layer: number): Uint8Array {
  for (let i = paddings.length; i <= layer; i++) paddings.push(hashPair(paddings[i - 1] as Uint8Array, paddings[i - 1] as Uint8Array))
  return paddings[layer] as Uint8Array
}

export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
}

/** The layer above `below`, which is layer `layer`. */
export function layerAbove(below: Uint8Array, layer: number): Uint8Array {
  const count = below.length / HASH_BYTES
  const above = new Uint8Array(Math.ceil(count / 2) * HASH_BYTES)
  for (let i = 0; i < count; i += 2) {
    above.set(hashPair(hashAt(below, i), i + 1 < count ? hashAt(below, i + 1) : paddingAt(layer)), (i / 2) * HASH_BYTES)
  }
  return above
}

/** The one hash, `layers` layers above a run of hashes of layer `from`; the run may be cut short by the end of the file, but not empty. */
export function reduceRun(hashes: Uint8Array, layers: number, from = 0): Uint8Array {
  let row = hashes
  for (let layer = from; layer < from + layers; layer++) row = layerAbove(row, layer)
  return row
}

/** The upper part of a tree in memory: from the layer that is given to the root. */
export class HashTree {
  readonly #base: number
  readonly #layers: Uint8Array[]

  /** `hashes`: layer `base` (0: the leaves) of a file of `leaves` leaves. */
  constructor(hashes: Uint8Array, leaves: number, base = 0) {
    this.#base = base
    this.#layers = [hashes]
    for (let layer = base; layer < rootLayer(leaves); layer++) this.#layers.push(layerAbove(this.#layers.at(-1) as Uint8Array, layer))
  }

  /** 32 bytes; zeros for an empty file. */
  get root(): Uint8Array {
    const top = this.#layers.at(-1) as Uint8Array
    return top.length === 0 ? ZERO : top
  }

  /** A layer without its padding. Throws a RangeError for one below the base or above the root. */
  layer(layer: number): Uint8Array {
    const hashes = this.#layers[layer - this.#base]
    if (hashes === undefined) throw new RangeError(`the tree has no layer ${layer}`)
    return hashes
  }

  /** The hashes beside the way from node `index` of `layer` up to the root, lowest first, one behind the other. */
  uncles(layer: number, index: number): Uint8Array {
    const top = this.#base + this.#layers.length - 1
    const out = new Uint8Array(Math.max(0, top - layer) * HASH_BYTES)
    for (let at = layer, node = index; at < top; at++, node = Math.floor(node / 2)) {
      const row = this.layer(at)
      const beside = node ^ 1
      out.set(beside * HASH_BYTES < row.length ? hashAt(row, beside) : paddingAt(at), (at - layer) * HASH_BYTES)
    }
    return out
  }
}

/** A run of leaf hashes with what proves them. */
export interface RunProof {
  /** Of the first leaf: a multiple of `size`. */
  readonly index: number
  /** Leaves of a whole run: a power of two. The last run of a file has fewer hashes. */
  readonly size: number
  readonly hashes: Uint8Array
  readonly uncles: Uint8Array
}

/**
 * Whether the hashes are those of a run of leaves of the file with this root and so many leaves. It is false for anything that is no proof,
 * and costs no more than two hashes for each that is given and one for each layer.
 */
export function verifyRun(root: Uint8Array, leaves: number, { index, size, hashes, uncles }: RunProof): boolean {
  const own = Math.log2(size)
  if (!Number.isInteger(own) || !Number.isInteger(index) || index < 0 || index % size !== 0 || index >= leaves) return false
  const top = rootLayer(leaves)
  const layer = Math.min(own, top)
  if (hashes.length !== Math.min(size, leaves - index) * HASH_BYTES || uncles.length !== (top - layer) * HASH_BYTES) return false
  for (let i = 0; i < hashes.length; i += HASH_BYTES) if (equalBytes(hashes.subarray(i, i + HASH_BYTES), ZERO)) return false
  let node = reduceRun(hashes, layer)
  let at = index / 2 ** layer
  for (let above = layer; above < top; above++, at = Math.floor(at / 2)) {
    const uncle = hashAt(uncles, above - layer)
    if (at % 2 === 1) {
      node = hashPair(uncle, node)
      continue
    }
    if ((at + 1) * 2 ** above >= leaves && !equalBytes(uncle, paddingAt(above))) return false
    node = hashPair(node, uncle)
  }
  return equalBytes(node, root)
}

/** Whether an empty file has this root. */
export function isEmptyRoot(root: Uint8Array): boolean {
  return equalBytes(root, ZERO)
}
