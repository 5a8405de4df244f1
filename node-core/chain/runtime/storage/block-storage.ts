/**
 * The storage of one block under execution: main storage, child storages and their transactions over the state of the
 * parent block (Polkadot Host spec, sections B.2 "Storage" and B.3 "Child Storage").
 *
 * A child storage is a trie of its own whose root is a value of the main trie, under `:child_storage:default:` and its
 * key. So the main root is computed after the child roots. A runtime reads such a value like any other: it is the root
 * before the block until the runtime asks for the root of that child, which is what puts the new one into the main storage.
 * Roots start from the parent's trie and take the changed keys only; the last one is kept until something changes.
 */
import { equalBytes, fromBinaryString, toHex } from '../../../base/bytes.ts'
import type { NodeChanges, StateChanges } from '../../state/types.ts'
import { packIds } from '../../trie/nodes/id-list.ts'
import type { NodeStore } from '../../trie/nodes/node-store.ts'
import { RecordPacker, type NodeCounter } from '../../trie/nodes/packed-records.ts'
import { EMPTY_ROOT, Trie } from '../../trie/trie.ts'
import type { Change, RootHolder, StateVersion, TrieRoot } from '../../trie/types.ts'
import { TrieError } from '../../trie/errors.ts'
import { HostFunctionError } from '../errors.ts'
import { Journal } from './journal.ts'
import { Overlay } from './overlay.ts'
import { CachedState, EMPTY_VIEW } from './state-view.ts'

const DEFAULT_CHILD_PREFIX = ':child_storage:default:'
const CODE_KEY = ':code'

/** A trie with all changes, and the revision of what it was computed from. */
interface ComputedTrie {
  readonly trie: Trie
  readonly root: Uint8Array
  /** Of the child's overlay; for the main trie, which has the roots of all children in it, of the journal. */
  readonly revision: number
  readonly version: StateVersion
}

interface ChildStorage {
  readonly overlay: Overlay
  /** Root before the block. */
  readonly rootBefore: TrieRoot
  computed: ComputedTrie | undefined
}

/** The key of a child's root in the main trie, the root, which is undefined where the child is empty, and the child. */
type ChildRoot = readonly [key: string, root: Uint8Array | undefined, child: RootHolder]

const EMPTY_TRIE: TrieRoot = { hash: EMPTY_ROOT, id: 0 }

export class BlockStorage {
  readonly journal = new Journal()
  readonly main: Overlay
  /** What the block leaves for calls outside of blocks. */
  readonly offchain: Overlay
  readonly #view: CachedState
  readonly #store: NodeStore
  readonly #parentRoot: Uint8Array | TrieRoot
  readonly #children = new Map<string, ChildStorage>()
  #computed: ComputedTrie | undefined

  constructor(store: NodeStore, parentRoot: Uint8Array | TrieRoot, view: CachedState) {
    this.#store = store
    this.#parentRoot = parentRoot
    this.#view = view
    this.main = new Overlay(view, this.journal)
    this.offchain = new Overlay(EMPTY_VIEW, this.journal)
  }

  /** The state version of the last root that was computed. */
  get lastVersion(): StateVersion | undefined {
    return this.#computed?.version
  }

  /** A child storage by its key without prefix; an unknown one is empty. */
  child(childKey: string): Overlay {
    return this.#child(childKey).overlay
  }

  /** The root of the main trie with all changes. `version` says how large values that were written now are stored. */
  root(version: StateVersion): Uint8Array {
    return this.#compute(version).root
  }

  /** The root of a child trie, which is also put into the main storage: an empty one leaves it. */
  childRoot(childKey: string, version: StateVersion): Uint8Array {
    const child = this.#child(childKey)
    if (child.overlay.entries.size === 0) return child.rootBefore.hash
    const { root } = this.#computeChild(child, version)
    const key = DEFAULT_CHILD_PREFIX + childKey
    const entry = equalBytes(root, EMPTY_ROOT) ? undefined : root
    const before = this.main.get(key)
    const isThere = before === undefined || entry === undefined ? before === entry : equalBytes(before, entry)
    if (!isThere) this.main.set(key, entry)
    return root
  }

  /** What the block did to the state; new records get their numbers from `counter`. Transactions must be closed. */
  changes(version: StateVersion, counter: NodeCounter): StateChanges {
    const { trie, root } = this.#compute(version)
    const keys = new Set(this.main.entries.keys())
    for (const [key] of this.#childRoots(version)) keys.add(key)
    return {
      stateRoot: toHex(root),
      nodes: this.#nodeChanges(trie, counter),
      changedKeys: Array.from(keys, fromBinaryString),
      codeChanged: this.main.entries.has(CODE_KEY),
      offchain: Array.from(currentValues(this.offchain), ([key, value]) => [fromBinaryString(key), value] as const),
    }
  }

  /** What was written and is there, with the key of its child storage; undefined is the main one. Roots of children are left out. */
  *written(): Iterable<readonly [childKey: string | undefined, entries: readonly (readonly [key: string, value: Uint8Array])[]]> {
    yield [undefined, liveValues(this.main).filter(([key]) => !key.startsWith(DEFAULT_CHILD_PREFIX))]
    for (const [key, { overlay }] of this.#changedChildren()) yield [key, liveValues(overlay)]
  }

  /** The view of the state after this block, once its root is computed. The view below forgets what it knew. */
  succeedingView(): CachedState {
    if (this.#computed === undefined) throw new Error('the root is not computed')
    const { trie, version } = this.#computed
    const roots = Array.from(this.#childRoots(version), ([key, root]) => [key, root] as const)
    return this.#view.succeed(trie, [...currentValues(this.main), ...roots])
  }

  /** Children first: the main trie refers to their roots. */
  #nodeChanges(main: Trie, counter: NodeCounter): NodeChanges {
    const packer = new RecordPacker(counter)
    const ended: number[] = []
    for (const [, { computed }] of this.#changedChildren()) {
      computed?.trie.store(packer)
      ended.push(...(computed?.trie.takeEnded() ?? []))
    }
    main.store(packer)
    for (const id of main.takeEnded()) ended.push(id)
    return { records: packer.finish(), first: packer.first, next: packer.next, root: main.rootId, ended: packIds(ended), base: 'id' in this.#parentRoot ? this.#parentRoot.id : 0 }
  }

  #compute(version: StateVersion): ComputedTrie {
    if (!isCurrent(this.#computed, this.journal.revision, version)) {
      const trie = this.#apply(this.#parentRoot, sortedChanges([...currentValues(this.main), ...this.#childRoots(version)]), version)
      this.#computed = { trie, root: trie.root(), revision: this.journal.revision, version }
    }
    return this.#computed
  }

  #computeChild(child: ChildStorage, version: StateVersion): ComputedTrie {
    const { overlay, rootBefore } = child
    if (!isCurrent(child.computed, overlay.revision, version)) {
      const trie = this.#apply(rootBefore, sortedChanges([...currentValues(overlay)]), version)
      child.computed = { trie, root: trie.root(), revision: overlay.revision, version }
    }
    return child.computed
  }

  /** The present roots of all children that were changed. */
  *#childRoots(version: StateVersion): Iterable<ChildRoot> {
    for (const [key, child] of this.#changedChildren()) {
      const { root, trie } = this.#computeChild(child, version)
      yield [DEFAULT_CHILD_PREFIX + key, equalBytes(root, EMPTY_ROOT) ? undefined : root, trie]
    }
  }

  *#changedChildren(): Iterable<readonly [key: string, child: ChildStorage]> {
    for (const entry of this.#children) if (entry[1].overlay.entries.size > 0) yield entry
  }

  #apply(rootBefore: Uint8Array | TrieRoot, changes: readonly Change[], version: StateVersion): Trie {
    const trie = new Trie(this.#store, rootBefore)
    trie.apply(changes, version)
    return trie
  }

  #child(childKey: string): ChildStorage {
    let child = this.#children.get(childKey)
    if (child === undefined) {
      const rootBefore = this.#rootBefore(childKey)
      const view = rootBefore === EMPTY_TRIE ? EMPTY_VIEW : new CachedState(new Trie(this.#store, rootBefore))
      child = { overlay: new Overlay(view, this.journal), rootBefore, computed: undefined }
      this.#children.set(childKey, child)
    }
    return child
  }

  #rootBefore(childKey: string): TrieRoot {
    try {
      return this.#view.childRoot(DEFAULT_CHILD_PREFIX + childKey) ?? EMPTY_TRIE
    } catch (error) {
      if (!(error instanceof TrieError) || error.code !== 'TRIE_BAD_NODE') throw error
      throw new HostFunctionError(`the root of a child trie does not read: ${error.message}`)
    }
  }
}

function isCurrent(computed: ComputedTrie | undefined, revision: number, version: StateVersion): computed is ComputedTrie {
  return computed?.revision === revision && computed.version === version
}

/** Changes by key: neighbours in the trie one after another. Of several for one key the last counts, so their order stays. */
function sortedChanges(values: (readonly [string, Uint8Array | undefined, RootHolder?])[]): Change[] {
  return values.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value, child]) => [fromBinaryString(key), value, child])
}

/** Values of append buffers are copied, because the buffers may be written on. */
function* currentValues(overlay: Overlay): Iterable<readonly [string, Uint8Array | undefined]> {
  for (const [key, entry] of overlay.entries) yield [key, entry.buffer === undefined ? entry.value : entry.read()?.slice()]
}

function liveValues(overlay: Overlay): (readonly [string, Uint8Array])[] {
  return [...currentValues(overlay)].flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
}
