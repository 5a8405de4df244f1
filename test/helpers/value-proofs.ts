/** The other side of trie/proofs/value-proof.ts: proofs as trie-db makes them, for tests. */
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { concatBytes, toBinaryString } from '../../node-core/base/bytes.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { trieRoot } from '../../node-core/chain/trie/build.ts'
import { nibbleAt } from '../../node-core/chain/trie/nodes/nibbles.ts'
import { HEADER, VALUE, decodeNode, type TrieNode } from '../../node-core/chain/trie/nodes/node.ts'
import { headerSize, writeHeader } from '../../node-core/chain/trie/nodes/encode.ts'
import type { Entry, StateVersion, TrieHasher } from '../../node-core/chain/trie/types.ts'

const NOTHING = Uint8Array.of(0)

export interface ValueProof {
  readonly root: Uint8Array
  readonly nodes: Uint8Array[]
}

/** The proof of the value at `key`, which must be among the entries. */
export function proveValue(entries: readonly Entry[], key: Uint8Array, version: StateVersion, hasher: TrieHasher = blake2b256): ValueProof {
  const stored = new Map<string, Uint8Array>()
  const root = trieRoot(entries, version, (hash, encoding) => stored.set(toBinaryString(hash), encoding.slice()), hasher)
  const nodes: Uint8Array[] = []
  const load = (hash: Uint8Array): TrieNode => decodeNode(stored.get(toBinaryString(hash))!)!

  /** The node as it stands in the proof; those below it that stand for themselves go to the list behind it. */
  const omit = (node: TrieNode, depth: number): Uint8Array => {
    const end = depth + node.length
    const isLast = end === key.length * 2
    const below: Uint8Array[] = []
    const references = (node.children ?? []).map((child, nibble) => {
      if (child === 0) return undefined
      const reference = typeof child === 'number' ? node.raw.subarray(child, child + 32) : child.raw
      if (isLast || nibble !== nibbleAt(key, end)) return reference
      if (typeof child !== 'number') return omit(child, end + 1)
      below.push(reference)
      return new Uint8Array(0)
    })
    const encoded = encode(node, isLast, references)
    for (const reference of below) {
      const place = nodes.push(new Uint8Array(0)) - 1
      nodes[place] = omit(load(reference), end + 1)
    }
    return encoded
  }
  nodes.push(new Uint8Array(0))
  nodes[0] = omit(load(root), 0)
  return { root, nodes }
}

function encode(node: TrieNode, isLast: boolean, references: readonly (Uint8Array | undefined)[]): Uint8Array {
  const isLeaf = node.children === undefined
  const isHashed = node.kind === VALUE.hashed
  const kept = isLast || node.kind === VALUE.none ? undefined : isHashed ? node.valueHash! : new ScaleWriter().bytes(node.value!).finish()
  const value = isLeaf ? (kept ?? NOTHING) : kept
  const variant = isLeaf
    ? kept !== undefined && isHashed ? HEADER.leafHashed : HEADER.leaf
    : kept === undefined ? HEADER.branch : isHashed ? HEADER.branchHashed : HEADER.branchWithValue
  const header = new Uint8Array(headerSize(variant, node.length))
  writeHeader(variant, node.length, header)
  const partial = node.raw.subarray(node.start >> 1, (node.start + node.length + 1) >> 1)
  if (isLeaf) return concatBytes(header, partial, value!)
  let bitmap = 0
  references.forEach((reference, nibble) => (bitmap |= reference === undefined ? 0 : 1 << nibble))
  const children = references.filter((reference) => reference !== undefined).map((reference) => new ScaleWriter().bytes(reference).finish())
  return concatBytes(header, partial, Uint8Array.of(bitmap & 0xff, bitmap >> 8), value ?? new Uint8Array(0), ...children)
}
