/**
 * A Merkle tree over the shards of a message: its root is what the source signs, and a path to it shows of one shard that it is the one at
 * that place which the source meant.
 *
 *   leaf    SHA-256(0x00 ‖ shard)        node    SHA-256(0x01 ‖ left ‖ right)        no leaf    SHA-256(0x02)
 *
 * The first byte keeps a leaf from being taken for a node. The row of leaves is filled up to a power of two with "no leaf", so all paths
 * of a tree have one length, {@link pathLength}, and what is longer or shorter is none. The number of leaves is not part of the root; it is
 * signed beside it.
 */
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { sha256 } from '../message-id.ts'

export const HASH_SIZE = 32

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const NO_LEAF = sha256(Uint8Array.of(2))

/** Bytes of a path in a tree of so many leaves: a hash for each level below the root. */
export function pathLength(leaves: number): number {
  return HASH_SIZE * Math.ceil(Math.log2(leaves))
}

export function leafHash(shard: Uint8Array): Uint8Array {
  return sha256(LEAF, shard)
}

export class MerkleTree {
  /** Rows of hashes, the leaves first. */
  readonly #rows: readonly (readonly Uint8Array[])[]

  /** Of the hashes that {@link leafHash} makes; one at least. */
  constructor(leaves: readonly Uint8Array[]) {
    let row: readonly Uint8Array[] = Array.from({ length: 2 ** Math.ceil(Math.log2(leaves.length)) }, (_, i) => leaves[i] ?? NO_LEAF)
    const rows = [row]
    while (row.length > 1) {
      const below = row
      row = Array.from({ length: below.length / 2 }, (_, i) => sha256(NODE, below[2 * i] as Uint8Array, below[2 * i + 1] as Uint8Array))
      rows.push(row)
    }
    this.#rows = rows
  }

  get root(): Uint8Array {
    return this.#rows.at(-1)?.[0] as Uint8Array
  }

  /** The siblings from a leaf up to the root, one behind the other. */
  path(index: number): Uint8Array {
    return concatBytes(...this.#rows.slice(0, -1).map((row, level) => row[(index >> level) ^ 1] as Uint8Array))
  }
}

/** Whether `path` leads from the leaf at `index` of `leaves` to the root. False for whatever is no path. */
export function leadsToRoot(root: Uint8Array, leaves: number, index: number, leaf: Uint8Array, path: Uint8Array): boolean {
  if (path.length !== pathLength(leaves) || index < 0 || index >= leaves) return false
  let hash = leaf
  for (let at = 0, place = index; at < path.length; at += HASH_SIZE, place >>= 1) {
    const sibling = path.subarray(at, at + HASH_SIZE)
    hash = (place & 1) === 0 ? sha256(NODE, hash, sibling) : sha256(NODE, sibling, hash)
  }
  return equalBytes(hash, root)
}
