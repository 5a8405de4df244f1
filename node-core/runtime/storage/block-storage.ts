/**
 * The storage of one block under execution: main storage, child storages and their transactions over the state of the
 * parent block (Polkadot Host spec, sections B.2 "Storage" and B.3 "Child Storage").
 *
 * A child storage is a trie of its own whose root is a value of the main trie, under `:child_storage:default:` and its
 * key. So the main root is computed after the child roots. Roots start from the parent's trie and take the changed keys
 * only; the last one is kept until something changes.
 */
import { concatBytes, equalBytes, fromBinaryString, toHex } from '../../base/bytes.ts'
import type { StateChanges } from '../../state/types.ts'
import type { NodeStore } from '../../trie/node-store.ts'
import { EMPTY_ROOT, Trie } from '../../trie/trie.ts'
import type { Change, StateVersion } from '../../trie/types.ts'
import { Journal } from './journal.ts'
import { Overlay } from './overlay.ts'
import { CachedState, EMPTY_VIEW } from './state-view.ts'

const DEFAULT_CHILD_PREFIX = ':child_storage:default:'
const CODE_KEY = ':code'

/** A trie with all changes, and the journal's revision for which that holds. */
interface ComputedTrie {
  readonly trie: Trie
  readonly root: Uint8Array
  readonly revision: number
  readonly version: StateVersion
}

interface ChildStorage {
  readonly overlay: Overlay
  /** Root before the block. */
  readonly rootBefore: Uint8Array
  computed: ComputedTrie | undefined
}

export class BlockStorage {
  readonly journal = new Journal()
  readonly main: Overlay
  readonly #view: CachedState
  readonly #store: NodeStore
  readonly #parentRoot: Uint8Array
  readonly #children = new Map<string, ChildStorage>()
  #computed: ComputedTrie | undefined

  constructor(store: NodeStore, parentRoot: Uint8Array, view: CachedState) {
    this.#store = store
    this.#parentRoot = parentRoot
    this.#view = view
    this.main = new Overlay(view, this.journal)
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
    if (child.overlay.entries.size === 0) return child.rootBefore
    if (child.computed === undefined || !this.#isCurrent(child.computed, version)) {
      const trie = this.#apply(child.rootBefore, child.overlay, version)
      const root = trie.root()
      this.main.set(DEFAULT_CHILD_PREFIX + childKey, equalBytes(root, EMPTY_ROOT) ? undefined : root)
      child.computed = { trie, root, revision: this.journal.revision, version }
    }
    return child.computed.root
  }

  /** What the block did to the state. Transactions must be closed. */
  changes(version: StateVersion): StateChanges {
    const { trie, root } = this.#compute(version)
    const packs: Uint8Array[] = []
    for (const { overlay, computed } of this.#children.values()) {
      if (overlay.entries.size > 0 && computed !== undefined) packs.push(computed.trie.collectPacked())
    }
    const own = trie.collectPacked()
    return {
      stateRoot: toHex(root),
      nodes: packs.length === 0 ? own : concatBytes(...packs, own),
      changedKeys: Array.from(this.main.entries.keys(), fromBinaryString),
      codeChanged: this.main.entries.has(CODE_KEY),
    }
  }

  /** The view of the state after this block, once its root is computed. The view below forgets what it knew. */
  succeedingView(): CachedState {
    if (this.#computed === undefined) throw new Error('the root is not computed')
    return this.#view.succeed(this.#computed.trie, currentValues(this.main))
  }

  #compute(version: StateVersion): ComputedTrie {
    if (this.#computed === undefined || !this.#isCurrent(this.#computed, version)) {
      for (const key of this.#children.keys()) this.childRoot(key, version)
      const trie = this.#apply(this.#parentRoot, this.main, version)
      this.#computed = { trie, root: trie.root(), revision: this.journal.revision, version }
    }
    return this.#computed
  }

  #isCurrent(computed: ComputedTrie, version: StateVersion): boolean {
    return computed.revision === this.journal.revision && computed.version === version
  }

  #apply(rootBefore: Uint8Array, overlay: Overlay, version: StateVersion): Trie {
    const trie = new Trie(this.#store, rootBefore)
    trie.apply(sortedChanges(overlay), version)
    return trie
  }

  #child(childKey: string): ChildStorage {
    let child = this.#children.get(childKey)
    if (child === undefined) {
      const root = this.#view.get(DEFAULT_CHILD_PREFIX + childKey)
      const view = root === undefined ? EMPTY_VIEW : new CachedState(new Trie(this.#store, root))
      child = { overlay: new Overlay(view, this.journal), rootBefore: root ?? EMPTY_ROOT, computed: undefined }
      this.#children.set(childKey, child)
    }
    return child
  }
}

/** The changes of an overlay, by key: neighbours in the trie one after another. */
function sortedChanges(overlay: Overlay): Change[] {
  return [...currentValues(overlay)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => [fromBinaryString(key), value])
}

/** Values of append buffers are copied, because the buffers may be written on. */
function* currentValues(overlay: Overlay): Iterable<readonly [string, Uint8Array | undefined]> {
  for (const [key, entry] of overlay.entries) yield [key, entry.buffer === undefined ? entry.value : entry.read()?.slice()]
}
