/**
 * A trie from a complete list of entries: the genesis state, and small tries of which only the root is wanted.
 *
 * It is a recursion over ranges of entries: what all keys of a range share is the partial key, and the next nibble
 * deals them out to the children (a radix sort on the way, so the entries may come in any order).
 */
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { copy, headerSize, writeHeader, writeLength } from './nodes/encode.ts'
import { commonNibbles, nibbleAt, writeNibbles } from './nodes/nibbles.ts'
import { EMPTY_NODE, HASH_SIZE, HEADER, isHashed } from './nodes/node.ts'
import { NodePacker, type NodeSink } from './nodes/packed-nodes.ts'
import type { Entry, PackedNodes, StateVersion, TrieHasher } from './types.ts'

/** Head, partial key, bitmap, and sixteen hashes, besides partial key and value. */
const BRANCH_SIZE = 16 * (HASH_SIZE + 1) + HASH_SIZE + 16

/** One group for keys that end at a node, and one per nibble. */
const GROUPS = 17

class Builder {
  readonly #entries: Entry[]
  readonly #sorted: Entry[]
  readonly #version: StateVersion
  readonly #hasher: TrieHasher
  readonly #sink: NodeSink | undefined
  #scratch = new Uint8Array(4096)

  constructor(entries: readonly Entry[], version: StateVersion, sink: NodeSink | undefined, hasher: TrieHasher) {
    this.#entries = [...entries]
    this.#sorted = [...entries]
    this.#version = version
    this.#hasher = hasher
    this.#sink = sink
  }

  /** The entries `[from, to)`, which share their first `depth` nibbles. Returns the hash, or a short encoding. */
  node(from: number, to: number, depth: number, isRoot: boolean): Uint8Array {
    const firstKey = (this.#entries[from] as Entry)[0]
    let length = firstKey.length * 2 - depth
    for (let i = from + 1; i < to && length > 0; i++) {
      const key = (this.#entries[i] as Entry)[0]
      length = commonNibbles(firstKey, depth, key, depth, Math.min(length, key.length * 2 - depth))
    }
    const here = depth + length
    const ends = to - from === 1 ? [to] : this.#deal(from, to, here)
    const below = ends[0] as number
    // Of several values for one key the last counts; dealing keeps their order.
    const value = below > from ? (this.#entries[below - 1] as Entry)[1] : undefined
    const hashed = value !== undefined && isHashed(value, this.#version)
    const children = below < to ? this.#children(ends, here) : undefined

    const variant =
      children === undefined
        ? hashed ? HEADER.leafHashed : HEADER.leaf
        : hashed ? HEADER.branchHashed : value === undefined ? HEADER.branch : HEADER.branchWithValue
    const room = BRANCH_SIZE + headerSize(variant, length) + length + (hashed || value === undefined ? 0 : value.length)
    if (room > this.#scratch.length) this.#scratch = new Uint8Array(room * 2)
    const out = this.#scratch
    let at = writeNibbles(firstKey, depth, length, out, writeHeader(variant, length, out))
    if (children !== undefined) {
      let bitmap = 0
      for (let i = 0; i < 16; i++) if (children[i] !== undefined) bitmap |= 1 << i
      out[at++] = bitmap & 0xff
      out[at++] = bitmap >> 8
    }
    if (hashed) at = copy(this.#emit(value), 0, HASH_SIZE, out, at)
    else if (value !== undefined) at = copy(value, 0, value.length, out, writeLength(value.length, out, at))
    if (children !== undefined) {
      for (const child of children) {
        if (child === undefined) continue
        out[at++] = child.length << 2
        at = copy(child, 0, child.length, out, at)
      }
    }
    const encoding = out.subarray(0, at)
    return at < HASH_SIZE && !isRoot ? encoding.slice() : this.#emit(encoding)
  }

  /** Sorts a range by the nibble at `depth`, keys that end there first. Returns where each group ends. */
  #deal(from: number, to: number, depth: number): number[] {
    const ends = new Array<number>(GROUPS).fill(0)
    for (let i = from; i < to; i++) {
      const group = groupOf((this.#entries[i] as Entry)[0], depth)
      ends[group] = (ends[group] as number) + 1
    }
    let at = from
    for (let group = 0; group < GROUPS; group++) {
      const size = ends[group] as number
      ends[group] = at
      at += size
    }
    for (let i = from; i < to; i++) {
      const entry = this.#entries[i] as Entry
      const group = groupOf(entry[0], depth)
      const place = ends[group] as number
      this.#sorted[place] = entry
      ends[group] = place + 1
    }
    for (let i = from; i < to; i++) this.#entries[i] = this.#sorted[i] as Entry
    return ends
  }

  #children(ends: readonly number[], depth: number): (Uint8Array | undefined)[] {
    const children = new Array<Uint8Array | undefined>(16).fill(undefined)
    for (let i = 0; i < 16; i++) {
      const start = ends[i] as number
      const end = ends[i + 1] as number
      if (end > start) children[i] = this.node(start, end, depth + 1, false)
    }
    return children
  }

  #emit(bytes: Uint8Array): Uint8Array {
    const hash = this.#hasher(bytes)
    this.#sink?.(hash, bytes)
    return hash
  }
}

/** Root of the trie with these entries, in any order; of several values for one key the last counts. */
export function trieRoot(entries: readonly Entry[], version: StateVersion, sink?: NodeSink, hasher: TrieHasher = blake2b256): Uint8Array {
  return entries.length === 0 ? hasher(EMPTY_NODE) : new Builder(entries, version, sink, hasher).node(0, entries.length, 0, true)
}

/** The root, and all nodes to be stored (values of their own included). */
export function buildTrie(entries: readonly Entry[], version: StateVersion): { root: Uint8Array; nodes: PackedNodes } {
  const packer = new NodePacker()
  const root = trieRoot(entries, version, packer.add)
  return { root, nodes: packer.finish() }
}

/** Root of `values` under the keys 0, 1, … as compact integers: the extrinsics root (spec, section 3.3.2 "Block Header"). */
export function orderedTrieRoot(values: readonly Uint8Array[], version: StateVersion, hasher?: TrieHasher): Uint8Array {
  return trieRoot(values.map((value, index) => [compactIndex(index), value]), version, undefined, hasher)
}

/** An index is encoded as a length is. */
function compactIndex(index: number): Uint8Array {
  const out = new Uint8Array(4)
  return out.subarray(0, writeLength(index, out, 0))
}

function groupOf(key: Uint8Array, depth: number): number {
  return key.length * 2 === depth ? 0 : 1 + nibbleAt(key, depth)
}
