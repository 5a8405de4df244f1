/** Reads of the state at any stored root. States share their nodes, and so do these reads: through one cache. */
import { fromHex, type Hash } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { Lru } from '../../base/lru.ts'
import { openChildTrie } from '../trie/child.ts'
import type { Difference } from '../trie/difference.ts'
import { NodeStore, isRecordSource } from '../trie/nodes/node-store.ts'
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
  #isIncomplete = (): boolean => false
  readonly #roots = new Lru<Hash, TrieRoot>(REMEMBERED_ROOTS)

  /** `isIncomplete`: not all states are kept here. */
  open(level: Level, isIncomplete: () => boolean): void {
    this.#store = new NodeStore(recordSource(level))
    this.#isIncomplete = isIncomplete
  }

  /** The records of these roots may be gone. */
  forget(roots: readonly Hash[]): void {
    for (const root of roots) this.#roots.delete(root)
  }

  close(): void {
    this.#store = undefined
    this.#roots.clear()
  }

  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined {
    return this.#read(stateRoot, (trie) => trie.get(key))
  }

  keys(stateRoot: Hash, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return this.#read(stateRoot, (trie) => trie.keys(prefix, count, startKey))
  }

  getChild(stateRoot: Hash, childKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return this.#read(stateRoot, (trie) => openChildTrie(this.#nodes(), trie, childKey).get(key))
  }

  childKeys(stateRoot: Hash, childKey: Uint8Array, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return this.#read(stateRoot, (trie) => openChildTrie(this.#nodes(), trie, childKey).keys(prefix, count, startKey))
  }

  has(stateRoot: Hash): boolean {
    try {
      this.#root(stateRoot)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** Around the cache: what a proof needs must be seen being read. */
  readProof(stateRoot: Hash, keys: readonly Uint8Array[]): readonly Uint8Array[] {
    return this.#read(stateRoot, (_, root) => generateProof(this.#nodes().source, root, keys))
  }

  readChildProof(stateRoot: Hash, childKey: Uint8Array, keys: readonly Uint8Array[]): readonly Uint8Array[] {
    return this.#read(stateRoot, (_, root) => generateChildProof(this.#nodes().source, root, childKey, keys))
  }

  closestDescendantMerkleValue(stateRoot: Hash, key: Uint8Array, childKey?: Uint8Array): Uint8Array | undefined {
    return this.#read(stateRoot, (main) => (childKey === undefined ? main : openChildTrie(this.#nodes(), main, childKey)).closestMerkleValue(key))
  }

  /** Past the cache, like {@link nodes}. */
  differences(before: Hash, after: Hash, prefixes: readonly Uint8Array[], childKey?: Uint8Array): Iterable<Difference> {
    const store = new NodeStore(this.#nodes().source, DIFFERENCE_CACHE_BYTES)
    const [old, now] = [before, after].map((stateRoot) =>
      this.#read(stateRoot, (_, root) => {
        const main = new Trie(store, root)
        return childKey === undefined ? main : openChildTrie(store, main, childKey)
      }),
    ) as [Trie, Trie]
    return this.#whileKept([before, after], old.differences(now, prefixes))
  }

  *#whileKept<T>(roots: readonly Hash[], items: Iterable<T>): Generator<T> {
    try {
      yield* items
    } catch (error) {
      for (const root of roots) this.#checkKept(root, error)
      throw error
    }
  }

  nodes(stateRoot: Hash): TrieSource {
    return this.#read(stateRoot, () => this.#nodes().source)
  }

  /** A state may be given up while it is read: then it reads as one that is gone, and not as a damaged one. */
  #read<T>(stateRoot: Hash, read: (trie: Trie, root: TrieRoot) => T): T {
    const root = this.#openRoot(stateRoot)
    try {
      return read(new Trie(this.#nodes(), root), root)
    } catch (error) {
      this.#checkKept(stateRoot, error)
      throw error
    }
  }

  #openRoot(stateRoot: Hash): TrieRoot {
    try {
      return this.#root(stateRoot)
    } catch (error) {
      if (!isMissing(error)) throw error
      if (this.#isIncomplete()) throw pruned(stateRoot)
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

  #checkKept(stateRoot: Hash, error: unknown): void {
    const { source } = this.#nodes()
    if (isMissing(error) && isRecordSource(source) && source.rootId(fromHex(stateRoot)) === undefined) throw pruned(stateRoot)
  }

  #nodes(): NodeStore {
    if (this.#store === undefined) throw new StateError('STATE_NOT_RUNNING', 'the state service is not running')
    return this.#store
  }
}

function pruned(stateRoot: Hash): StateError {
  return new StateError('STATE_PRUNED', `the state ${stateRoot} is not kept any more`, { data: { stateRoot } })
}

function isMissing(error: unknown): boolean {
  return error instanceof NodeError && error.code === 'TRIE_MISSING_NODE'
}
