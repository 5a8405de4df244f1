/** Finding keys: from the root down, one child per step (Polkadot Host spec, section "Radix Tree"). */
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { commonNibbles, nibbleAt } from './nodes/nibbles.ts'
import type { NodeStore } from './nodes/node-store.ts'
import type { TrieNode} from './nodes/node.ts';
import { HASH_SIZE, NOBODY, VALUE, hashOf, type Child } from './nodes/node.ts'

/** The node at exactly this key, whether or not it has a value. */
export function findNode(store: NodeStore, root: TrieNode | undefined, key: Uint8Array): TrieNode | undefined {
  const end = key.length * 2
  let node = root
  let depth = 0
  while (node !== undefined) {
    const length = node.length
    if (length > end - depth || commonNibbles(node.bytes, node.start, key, depth, length) < length) return undefined
    depth += length
    if (depth === end) return node
    if (node.children === undefined) return undefined
    node = resolve(store, node, nibbleAt(key, depth))
    depth++
  }
  return undefined
}

/** The node at this key, or else the highest one below it: the root of everything whose keys start with `key`. */
export function findClosestDescendant(store: NodeStore, root: TrieNode | undefined, key: Uint8Array): TrieNode | undefined {
  const end = key.length * 2
  let node = root
  let depth = 0
  while (node !== undefined) {
    const compared = Math.min(node.length, end - depth)
    if (commonNibbles(node.bytes, node.start, key, depth, compared) < compared) return undefined
    depth += node.length
    if (depth >= end) return node
    if (node.children === undefined) return undefined
    node = resolve(store, node, nibbleAt(key, depth))
    depth++
  }
  return undefined
}

/** The child at a nibble, loaded where it is not in memory. */
export function resolve(store: NodeStore, parent: TrieNode, nibble: number): TrieNode | undefined {
  const child = (parent.children as Child[])[nibble] as Child
  if (typeof child !== 'number') return child
  return child === 0 ? undefined : store.child(parent, nibble, child)
}

export function valueOf(store: NodeStore, node: TrieNode | undefined): Uint8Array | undefined {
  if (node === undefined) return undefined
  return node.kind === VALUE.hashed ? store.value(node) : node.value
}

/**
 * 32 bytes that stay the same while the value does, without loading a value that is stored on its own: its hash; the
 * hash of the node that holds it; of a value in an inlined or changed node, blake2b-256.
 * Two different values never share one. The same value may have several (it then merely looks changed).
 */
export function valueReference(node: TrieNode | undefined): Uint8Array | undefined {
  if (node === undefined || node.kind === VALUE.none) return undefined
  if (node.valueHash !== undefined) return node.valueHash
  return node.owner === NOBODY && node.raw.length >= HASH_SIZE ? hashOf(node) : blake2b256(node.value as Uint8Array)
}
