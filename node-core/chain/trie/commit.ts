/**
 * From changed nodes to a root, and to the nodes that must be stored.
 *
 * Sealing encodes and hashes, from the leaves up, what has changed since the last time; a sealed node is never changed
 * again, only copied. Collecting walks the sealed nodes that did not come from the store: intermediate roots of one
 * block leave nothing behind.
 */
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { encodeNode } from './nodes/encode.ts'
import type { NodeStore } from './nodes/node-store.ts'
import type { TrieNode} from './nodes/node.ts';
import { HASH_SIZE, NOBODY, VALUE, type Child } from './nodes/node.ts'
import type { NodeSink } from './nodes/packed-nodes.ts'
import type { RecordSink } from './types.ts'

/** Encodes and hashes `node` and everything changed below it. */
export function seal(node: TrieNode, isRoot: boolean): void {
  if (node.owner !== NOBODY) {
    if (node.children !== undefined) {
      for (const child of node.children) if (typeof child !== 'number' && child.owner !== NOBODY) seal(child, false)
    }
    if (node.kind === VALUE.fresh) node.valueHash ??= blake2b256(node.value as Uint8Array)
    const raw = encodeNode(node)
    if (node.children !== undefined) pointInto(node.children, raw)
    node.raw = raw
    node.owner = NOBODY
    if (raw.length >= HASH_SIZE) node.hash = blake2b256(raw)
  }
  if (isRoot) node.hash ??= blake2b256(node.raw)
}

/** Children that are offsets lie elsewhere in the new encoding: at its end, one behind the other. */
function pointInto(children: Child[], raw: Uint8Array): void {
  let at = raw.length
  for (let i = 15; i >= 0; i--) {
    const child = children[i] as Child
    if (child === 0) continue
    const size = typeof child === 'number' ? HASH_SIZE : Math.min(child.raw.length, HASH_SIZE)
    if (typeof child === 'number') children[i] = at - size
    at -= size + 1
  }
}

/**
 * Hands out what is not stored yet below a sealed node, values of their own included, children before parents.
 * Returns the node in the form in which it would be loaded (children by offset); puts all of them into the store's cache.
 */
export function collect(store: NodeStore, node: TrieNode, isRoot: boolean, sink: RecordSink): TrieNode {
  if (node.stored) return node
  const kept = node.copy(NOBODY)
  kept.stored = true
  kept.hash = node.hash
  const { children, raw } = kept
  const ids = children !== undefined && store.hasRecords ? NO_IDS.slice() : undefined
  if (children !== undefined) {
    let at = raw.length
    for (let i = 15; i >= 0; i--) {
      const child = children[i] as Child
      if (child === 0) continue
      if (typeof child === 'number') {
        at = child - 1
        if (ids !== undefined) ids[i] = node.ids?.[i] as number
        continue
      }
      const collected = collect(store, child, false, sink)
      const size = Math.min(child.raw.length, HASH_SIZE)
      if (size === HASH_SIZE) {
        children[i] = at - size
        if (ids !== undefined) ids[i] = collected.id
      } else {
        children[i] = collected
      }
      at -= size + 1
    }
    kept.ids = ids
  }
  if (kept.kind === VALUE.fresh) {
    kept.valueId = sink.value(kept.valueHash as Uint8Array, kept.value as Uint8Array)
    kept.kind = VALUE.hashed
    kept.value = undefined
  }
  if (kept.childTrie !== undefined) {
    kept.valueId = kept.childTrie.rootId
    kept.childTrie = undefined
  }
  if (raw.length >= HASH_SIZE || isRoot) {
    kept.id = sink.node(kept.hash as Uint8Array, raw, referencesOf(kept))
    store.remember(kept)
  }
  return kept
}

const NO_IDS: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

/** In the order of the hashes in the encoding. */
function referencesOf({ valueId, children, ids }: TrieNode): number[] {
  const references: number[] = valueId === 0 ? [] : [valueId]
  if (children !== undefined && ids !== undefined) {
    for (let i = 0; i < 16; i++) if (typeof children[i] === 'number' && children[i] !== 0) references.push(ids[i] as number)
  }
  return references
}

/** For nodes that have no numbers. */
export function hashSink(sink: NodeSink): RecordSink {
  const add = (hash: Uint8Array, encoding: Uint8Array): number => {
    sink(hash, encoding)
    return 0
  }
  return { node: add, value: add }
}
