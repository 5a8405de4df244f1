/**
 * The trie that holds the state (Polkadot Host spec, chapter 2 "States and Transitions", sections "Radix Tree" and
 * "Merkle Proof"): an ordered map from byte strings to byte strings whose root hash commits to all of it.
 *
 * A {@link Trie} is a root with changes on top. Reading and changing loads only the nodes on the way to a key, so the
 * cost of a block follows what it touches and not the size of the state. `root` can be asked at any time, any number
 * of times; `collect` hands out the nodes to be stored once a block is done. Child tries are tries of their own, whose
 * roots lie in the main trie (see child.ts).
 *
 * node.ts, encode.ts: nodes and bytes · record.ts: how they are stored · node-store.ts: where they come from · lookup.ts, walk.ts, difference.ts: reading · edit.ts, commit.ts:
 * writing · build.ts: a trie from nothing · proof.ts, compact-proof.ts: proofs · range.ts: a whole state, piece by piece.
 */
import { EMPTY, compareBytes } from '../../base/bytes.ts'
import { collect, hashSink, seal } from './commit.ts'
import { TrieDifference, type Difference, type ExactDifference } from './difference.ts'
import { badNode } from './errors.ts'
import { insert, remove, type Edit } from './edit.ts'
import { findClosestDescendant, findNode, valueOf, valueReference } from './lookup.ts'
import { EMPTY_NODE, EMPTY_ROOT, HASH_SIZE, VALUE, hashOf, type TrieNode } from './nodes/node.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { NodePacker, type NodeSink } from './nodes/packed-nodes.ts'
import type { Change, PackedNodes, RecordSink, RootHolder, StateVersion, TrieRoot } from './types.ts'
import { walk } from './walk.ts'

let lastOwner = 0

/**
 * Values and keys that go in are kept and must not be changed afterwards; values that come out are views into cached
 * nodes and must not be changed either. Anything that walks to a node that is not there throws `TRIE_MISSING_NODE`.
 */
export class Trie implements RootHolder {
  readonly #store: NodeStore
  #root: TrieNode | undefined
  #edit: Edit

  /** Throws `TRIE_MISSING_NODE` where the root node is not in the store. */
  constructor(store: NodeStore, root: Uint8Array | TrieRoot = EMPTY_ROOT) {
    this.#store = store
    this.#root = root instanceof Uint8Array ? store.root(root) : store.root(root.hash, root.id)
    this.#edit = { store, owner: ++lastOwner, ended: [] }
  }

  /** The number of the root's record; 0 of an empty trie, of one that is not stored, and where nodes come by hash. */
  get rootId(): number {
    return this.#root?.id ?? 0
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return valueOf(this.#store, findNode(this.#store, this.#root, key))
  }

  has(key: Uint8Array): boolean {
    const node = findNode(this.#store, this.#root, key)
    return node !== undefined && node.kind !== VALUE.none
  }

  /** 32 bytes that identify the value at `key` without loading a large one; see {@link valueReference}. */
  valueRef(key: Uint8Array): Uint8Array | undefined {
    return valueReference(findNode(this.#store, this.#root, key))
  }

  /**
   * Merkle value of the node at `key`, or of the highest one below it: it changes with everything whose key starts with `key`.
   * The node's hash, or, of a node that its parent holds inline, the encoding itself. Undefined where there is nothing.
   */
  closestMerkleValue(key: Uint8Array): Uint8Array | undefined {
    this.root()
    const node = findClosestDescendant(this.#store, this.#root, key)
    if (node === undefined) return undefined
    return node === this.#root || node.raw.length >= HASH_SIZE ? hashOf(node) : new Uint8Array(node.raw)
  }

  /** The root of a child trie that stands at `key`. Throws `TRIE_BAD_NODE` where the value is no root. */
  childRoot(key: Uint8Array): TrieRoot | undefined {
    const node = findNode(this.#store, this.#root, key)
    const hash = valueOf(this.#store, node)
    if (node === undefined || hash === undefined) return undefined
    if (hash.length !== HASH_SIZE) throw badNode(`a child trie's root has ${HASH_SIZE} bytes, not ${hash.length}`)
    return { hash, id: node.kind === VALUE.inline ? node.valueId : 0 }
  }

  /** The first key strictly greater than `key`, which need not exist itself. */
  nextKey(key: Uint8Array): Uint8Array | undefined {
    let next: Uint8Array | undefined
    walk(this.#store, this.#root, { prefix: EMPTY, from: key, inclusive: false }, (found) => {
      next = found
      return false
    })
    return next
  }

  /** Keys with `prefix`, after `startKey` (exclusive) where one is given, in order, `count` at the most. */
  keys(prefix: Uint8Array, count = Infinity, startKey?: Uint8Array): Uint8Array[] {
    const keys: Uint8Array[] = []
    if (count <= 0) return keys
    const exclusive = startKey !== undefined && compareBytes(startKey, prefix) >= 0
    walk(this.#store, this.#root, { prefix, from: exclusive ? startKey : prefix, inclusive: !exclusive }, (key) => keys.push(key) < count)
    return keys
  }

  /** What `after` differs in from this trie, in the order of the keys: of those that start with one of `prefixes`, or of all where there are none. */
  differences(after: Trie, prefixes: readonly Uint8Array[] = []): Generator<Difference> {
    this.root()
    after.root()
    return differencesOf(new TrieDifference(this.#store, prefixes).between(this.#root, after.#root))
  }

  /** All of them, exactly enough to make this trie into `after` elsewhere. */
  exactDifferences(after: Trie): Generator<ExactDifference> {
    this.root()
    after.root()
    return new TrieDifference(this.#store, [], true).between(this.#root, after.#root)
  }

  /** Every key with `prefix` and its value, in order, until `visit` returns false. */
  forEach(prefix: Uint8Array, visit: (key: Uint8Array, value: Uint8Array) => boolean): void {
    walk(this.#store, this.#root, { prefix, from: prefix, inclusive: true }, (key, node) =>
      visit(key, valueOf(this.#store, node) as Uint8Array),
    )
  }

  /** `version` decides how this value is stored; values that are not written stay as they are. `child` is the trie whose root `value` is. */
  put(key: Uint8Array, value: Uint8Array, version: StateVersion, child?: RootHolder): void {
    this.#root = insert(this.#edit, this.#root, key, 0, { value, version, child })
  }

  delete(key: Uint8Array): void {
    if (this.#root !== undefined) this.#root = remove(this.#edit, this.#root, key, 0)
  }

  apply(changes: Iterable<Change>, version: StateVersion): void {
    for (const [key, value, child] of changes) {
      if (value === undefined) this.delete(key)
      else this.put(key, value, version, child)
    }
  }

  /** The root hash with all changes so far (32 bytes). Costs what changed since the last call. */
  root(): Uint8Array {
    if (this.#root === undefined) return EMPTY_ROOT
    seal(this.#root, true)
    return this.#root.hash as Uint8Array
  }

  /** Another trie with the same contents; changes to one do not show in the other. Costs nothing. */
  fork(): Trie {
    const fork = new Trie(this.#store)
    fork.#root = this.#root
    fork.#edit.ended.push(...this.#edit.ended)
    this.#edit = { ...this.#edit, owner: ++lastOwner }
    return fork
  }

  /**
   * Hands out every node that this trie needs and that did not come from the store; from then on they count as stored.
   * The root node is always among them where anything changed. Nothing is handed out for an empty trie.
   * A child trie whose root was put goes first: its root has its number then.
   */
  store(sink: RecordSink): void {
    this.root()
    if (this.#root !== undefined) this.#root = collect(this.#store, this.#root, true, sink)
  }

  /** Numbers of the stored records that this trie has no more since it was opened, or since this was asked last. */
  takeEnded(): number[] {
    return this.#edit.ended.splice(0)
  }

  /** {@link store} for nodes by hash. */
  collect(sink: NodeSink): void {
    this.store(hashSink(sink))
  }

  /** {@link collect} into one piece of memory. */
  collectPacked(): PackedNodes {
    const packer = new NodePacker()
    this.collect(packer.add)
    return packer.finish()
  }
}

function* differencesOf(exact: Iterable<ExactDifference>): Generator<Difference> {
  for (const { key, before, after } of exact) yield { key, before, after }
}

export { EMPTY_NODE, EMPTY_ROOT }
