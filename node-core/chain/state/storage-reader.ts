/** Reads of the state at any stored root. States share their nodes, and so do these reads: through one cache. */
import { fromHex, type Hash } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { Lru } from '../../base/lru.ts'
import { openChildTrie } from '../trie/child.ts'
import type { Difference } from '../trie/difference.ts'
import { NodeStore } from '../trie/nodes/node-store.ts'
import { generateChildProof, generateProof } from '../trie/proofs/proof.ts'
import { Trie } from '../trie/trie.ts'
import type { TrieRoot, TrieSource } from '../trie/types.ts'
import { StateError } from './errors.ts'
import { recordSource, type Level } from './trie-source.ts'
import type { ProofReader, StorageReader } from './types.ts'

/** The way down to where a walk is. */
const DIFFERENCE_CACHE_BYTES = 1024 * 1024

const REMEMBERED_ROOTS = 64

/** Values that come out are views into the cache: they must not be changed. */
export class TrieStorageReader implements StorageReader, ProofReader {
  #store: NodeStore | undefined
  readonly #roots = new Lru<Hash, TrieRoot>(REMEMBERED_ROOTS)

  open(level: Level): void {
    this.#store = new NodeStore(recordSource(level))
  }

  close(): void {
    this.#store = undefined
    this.#roots.clear()
  }

  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined {
    return this.#trie(stateRoot).get(key)
  }

  keys(stateRoot: Hash, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return this.#trie(stateRoot).keys(prefix, count, startKey)
  }

  getChild(stateRoot: Hash, childKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return openChildTrie(this.#nodes(), this.#trie(stateRoot), childKey).get(key)
  }

  childKeys(stateRoot: Hash, childKey: Uint8Array, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return openChildTrie(this.#nodes(), this.#trie(stateRoot), childKey).keys(prefix, count, startKey)
  }

  has(stateRoot: Hash): boolean {
    try {
      this.#nodes().root(fromHex(stateRoot))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** Around the cache: what a proof needs must be seen being read. */
  readProof(stateRoot: Hash, keys: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#trie(stateRoot)
    return generateProof(this.#nodes().source, fromHex(stateRoot), keys)
  }

  readChildProof(stateRoot: Hash, childKey: Uint8Array, keys: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#trie(stateRoot)
    return generateChildProof(this.#nodes().source, fromHex(stateRoot), childKey, keys)
  }

  closestDescendantMerkleValue(stateRoot: Hash, key: Uint8Array, childKey?: Uint8Array): Uint8Array | undefined {
    const main = this.#trie(stateRoot)
    return (childKey === undefined ? main : openChildTrie(this.#nodes(), main, childKey)).closestMerkleValue(key)
  }

  /** Past the cache, like {@link nodes}. */
  differences(before: Hash, after: Hash, prefixes: readonly Uint8Array[], childKey?: Uint8Array): Iterable<Difference> {
    const store = new NodeStore(this.#nodes().source, DIFFERENCE_CACHE_BYTES)
    const [old, now] = [before, after].map((root) => {
      this.#trie(root)
      const main = new Trie(store, fromHex(root))
      return childKey === undefined ? main : openChildTrie(store, main, childKey)
    }) as [Trie, Trie]
    return old.differences(now, prefixes)
  }

  nodes(stateRoot: Hash): TrieSource {
    this.#trie(stateRoot)
    return this.#nodes().source
  }

  #trie(stateRoot: Hash): Trie {
    try {
      return new Trie(this.#nodes(), this.#root(stateRoot))
    } catch (error) {
      if (!isMissing(error)) throw error
      throw new StateError('STATE_UNKNOWN_ROOT', `the state ${stateRoot} is not stored`, { data: { stateRoot } })
    }
  }

  /** The newest few are remembered: most reads are of the same state as the one before. */
  #root(stateRoot: Hash): TrieRoot {
    let root = this.#roots.get(stateRoot)
    if (root === undefined) {
      const hash = fromHex(stateRoot)
      const node = this.#nodes().root(hash)
      root = { hash, id: node?.id ?? 0 }
      this.#roots.set(stateRoot, root)
    }
    return root
  }

  #nodes(): NodeStore {
    if (this.#store === undefined) throw new StateError('STATE_NOT_RUNNING', 'the state service is not running')
    return this.#store
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof NodeError && error.code === 'TRIE_MISSING_NODE'
}
