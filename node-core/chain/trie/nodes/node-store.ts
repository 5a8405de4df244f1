/** Nodes by hash: a source behind a bounded cache of decoded nodes, shared by all the tries of one thread. */
import { equalBytes, toBinaryString } from '../../../base/bytes.ts'
import { badNode, missingNode } from '../errors.ts'
import { NodeCache } from './node-cache.ts'
import { EMPTY_ROOT, HASH_SIZE, decodeNode, type TrieNode } from './node.ts'
import type { NodeSource } from '../types.ts'

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024

export class NodeStore {
  readonly source: NodeSource
  readonly #cache: NodeCache

  /** `cacheBytes` bounds the memory of the cache, approximately. */
  constructor(source: NodeSource, cacheBytes = DEFAULT_CACHE_BYTES) {
    this.source = source
    this.#cache = new NodeCache(cacheBytes)
  }

  get cachedBytes(): number {
    return this.#cache.bytes
  }

  /** The root node; undefined where the trie is empty. Throws `TRIE_MISSING_NODE` or `TRIE_BAD_NODE`. */
  root(hash: Uint8Array): TrieNode | undefined {
    if (equalBytes(hash, EMPTY_ROOT)) return undefined
    return this.#cache.get(toBinaryString(hash)) ?? this.#load(hash)
  }

  /** The child whose hash lies at `offset` of its parent's encoding. */
  child(parentRaw: Buffer, offset: number): TrieNode {
    return (
      this.#cache.get(parentRaw.toString('latin1', offset, offset + HASH_SIZE)) ??
      this.#load(new Uint8Array(parentRaw.subarray(offset, offset + HASH_SIZE)))
    )
  }

  /** A value that is stored on its own. Values are not cached here. */
  value(hash: Uint8Array): Uint8Array {
    const value = this.source.get(hash)
    if (value === undefined) throw missingNode(hash)
    // A Buffer's `slice` shares memory where a Uint8Array's copies: callers get what the type says.
    return Buffer.isBuffer(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value
  }

  /** Takes a node that the caller is about to store. */
  remember(node: TrieNode, hash: Uint8Array): void {
    this.#cache.set(toBinaryString(hash), node)
  }

  #load(hash: Uint8Array): TrieNode {
    const encoded = this.source.get(hash)
    if (encoded === undefined) throw missingNode(hash)
    const node = decodeNode(encoded)
    if (node === undefined) throw badNode('an empty trie inside another')
    node.stored = true
    node.hash = hash
    this.remember(node, hash)
    return node
  }
}
