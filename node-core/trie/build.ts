/**
 * A trie from a complete list of entries: the genesis state, and small tries of which only the root is wanted.
 *
 * Sorted keys make it a recursion over ranges: what the first and the last key of a range share is the partial key,
 * and the next nibble cuts the range into children.
 */
import { EMPTY, compareBytes } from '../base/bytes.ts'
import { blake2b256 } from '../crypto/hashing.ts'
import type { PackedNodes } from '../state/types.ts'
import { copy, headerSize, writeHeader, writeLength } from './encode.ts'
import { commonNibbles, nibbleAt, writeNibbles } from './nibbles.ts'
import { EMPTY_ROOT, HASH_SIZE, HEADER, isHashed } from './node.ts'
import { NodePacker, type NodeSink } from './packed-nodes.ts'
import type { Entry, StateVersion } from './types.ts'

/** Head, partial key, bitmap, and sixteen hashes, besides partial key and value. */
const BRANCH_SIZE = 16 * (HASH_SIZE + 1) + HASH_SIZE + 16

class Builder {
  readonly #entries: readonly Entry[]
  readonly #version: StateVersion
  readonly #sink: NodeSink | undefined
  #scratch = new Uint8Array(4096)

  constructor(entries: readonly Entry[], version: StateVersion, sink: NodeSink | undefined) {
    this.#entries = entries
    this.#version = version
    this.#sink = sink
  }

  /** The entries `[from, to)`, which share their first `depth` nibbles. Returns the hash, or a short encoding. */
  node(from: number, to: number, depth: number, isRoot: boolean): Uint8Array {
    const [firstKey, firstValue] = this.#entries[from] as Entry
    const lastKey = (this.#entries[to - 1] as Entry)[0]
    const end = firstKey.length * 2
    const length =
      to - from === 1 ? end - depth : commonNibbles(firstKey, depth, lastKey, depth, Math.min(end, lastKey.length * 2) - depth)
    const here = depth + length
    const value = here === end ? firstValue : undefined
    const hashed = value !== undefined && isHashed(value, this.#version)
    const children = to - from === 1 ? undefined : this.#children(from + (value === undefined ? 0 : 1), to, here)

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

  #children(from: number, to: number, depth: number): (Uint8Array | undefined)[] {
    const children = new Array<Uint8Array | undefined>(16).fill(undefined)
    for (let start = from; start < to; ) {
      const nibble = nibbleAt((this.#entries[start] as Entry)[0], depth)
      let end = start + 1
      while (end < to && nibbleAt((this.#entries[end] as Entry)[0], depth) === nibble) end++
      children[nibble] = this.node(start, end, depth + 1, false)
      start = end
    }
    return children
  }

  #emit(bytes: Uint8Array): Uint8Array {
    const hash = blake2b256(bytes)
    this.#sink?.(hash, bytes)
    return hash
  }
}

/** Root of the trie with these entries, in any order; of several values for one key the last counts. */
export function trieRoot(entries: readonly Entry[], version: StateVersion, sink?: NodeSink): Uint8Array {
  const sorted = sortEntries(entries)
  return sorted.length === 0 ? EMPTY_ROOT : new Builder(sorted, version, sink).node(0, sorted.length, 0, true)
}

/** The root, and all nodes to be stored (values of their own included). */
export function buildTrie(entries: readonly Entry[], version: StateVersion): { root: Uint8Array; nodes: PackedNodes } {
  const packer = new NodePacker()
  const root = trieRoot(entries, version, packer.add)
  return { root, nodes: packer.finish() }
}

function sortEntries(entries: readonly Entry[]): readonly Entry[] {
  let isSorted = true
  for (let i = 1; i < entries.length && isSorted; i++) {
    isSorted = compareBytes((entries[i - 1] as Entry)[0], (entries[i] as Entry)[0]) < 0
  }
  if (isSorted) return entries
  // Sorting is stable: of equal keys the last one given is the last one here.
  const sorted = [...entries].sort((a, b) => compareBytes(a[0], b[0]))
  return sorted.filter(([key], i) => compareBytes(key, sorted[i + 1]?.[0] ?? EMPTY) !== 0 || i === sorted.length - 1)
}
