/**
 * Going through a whole state, piece by piece: the main trie in the order of its keys, and where it meets the root of a
 * child trie, that one, and then on. Whoever serves a state goes this way, and whoever checks the proof of a piece goes it
 * again over the nodes that came.
 *
 * A piece continues where another one ended: after a key of the main trie, or after a key within a child trie.
 */
import { EMPTY, equalBytes, toBinaryString } from '../../base/bytes.ts'
import { isNodeError } from '../../base/errors.ts'
import { CHILD_PREFIX } from './child.ts'
import { valueOf } from './lookup.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { HASH_SIZE, type TrieNode } from './nodes/node.ts'
import { Turns, type Steps } from './steps.ts'
import { Trie } from './trie.ts'
import type { Entry, TrieRoot } from './types.ts'
import { walk } from './walk.ts'

/** One trie's part of a piece. */
export interface RangeLevel {
  /** Root of the child trie; undefined for the main trie. */
  readonly childRoot: Uint8Array | undefined
  /** By key. */
  readonly entries: Entry[]
  /** No more keys behind the last one. */
  complete: boolean
}

export interface RangeOptions {
  /** Nothing for the beginning; the last key of the main trie; or a child's key (with prefix) in the main trie and the last key inside. */
  readonly start: readonly Uint8Array[]
  /** Whether an entry still belongs to the piece, behind what its level has so far; the first that does not ends it. */
  readonly takes: (entry: Entry, level: RangeLevel) => boolean
  /** The nodes are those of a proof: the piece ends where they end. Otherwise that is an error. */
  readonly isPartial: boolean
}

/**
 * Reads a piece: the main trie first, then the child tries that are in it, each once. Undefined where `start` names a child
 * that does not exist. Throws `TRIE_MISSING_NODE`, of a partial state only where its root or the way to `start` is not there.
 */
export function readRange(store: NodeStore, root: Uint8Array, options: RangeOptions): Steps<RangeLevel[] | undefined> {
  return new RangeReader(store, root, options).read()
}

/** What a piece ends with: what to continue from, or undefined at the end of the state. */
export function rangeEnd(levels: readonly RangeLevel[], start: readonly Uint8Array[]): Uint8Array[] | undefined {
  const [main, ...children] = levels
  const last = main?.entries.at(-1)?.[0] ?? start[0]
  // Only the last can be open: nothing follows it.
  const open = children.at(-1)
  if (open?.complete === false) {
    const inside = open.entries.at(-1)?.[0] ?? start[1]
    return last === undefined || inside === undefined ? [] : [last, inside]
  }
  return main?.complete === true ? undefined : last === undefined ? [] : [last]
}

/** Where a child trie stands in the main trie. */
interface ChildAt {
  readonly key: Uint8Array
  readonly root: TrieRoot
}

class RangeReader {
  readonly #store: NodeStore
  readonly #root: Uint8Array
  readonly #options: RangeOptions
  readonly #main: RangeLevel = { childRoot: undefined, entries: [], complete: false }
  readonly #levels: RangeLevel[] = [this.#main]
  /** Child tries with the same root have the same contents. */
  readonly #children = new Set<string>()

  constructor(store: NodeStore, root: Uint8Array, options: RangeOptions) {
    this.#store = store
    this.#root = root
    this.#options = options
  }

  *read(): Steps<RangeLevel[] | undefined> {
    const [resumed, inside] = this.#options.start
    const main = new Trie(this.#store, this.#root)
    let after = resumed
    if (resumed !== undefined && inside !== undefined) {
      const root = main.get(resumed)
      if (root === undefined || !isChildRoot(resumed, root)) return undefined
      if (!(yield* this.#child(main.childRoot(resumed) as TrieRoot, inside))) return this.#levels
    }
    for (;;) {
      const child = yield* this.#level({ hash: this.#root, id: main.rootId }, this.#main, after)
      if (child === undefined) return this.#levels
      if (!(yield* this.#child(child.root, undefined))) return this.#levels
      after = child.key
    }
  }

  /** False where the piece ends within this child. */
  *#child(root: TrieRoot, after: Uint8Array | undefined): Steps<boolean> {
    const name = toBinaryString(root.hash)
    if (this.#children.has(name)) return true
    this.#children.add(name)
    const level: RangeLevel = { childRoot: root.hash, entries: [], complete: false }
    this.#levels.push(level)
    yield* this.#level(root, level, after)
    return level.complete
  }

  /** Fills a level, in pieces between which others have their turn. Returns the child trie at which the main trie is interrupted. */
  *#level(root: TrieRoot, level: RangeLevel, start: Uint8Array | undefined): Steps<ChildAt | undefined> {
    const { takes, isPartial } = this.#options
    const isMain = level === this.#main
    const turns = new Turns()
    let after = start
    let child: ChildAt | undefined
    let isFull = false
    for (;;) {
      let isTurn = false
      const visit = (key: Uint8Array, node: TrieNode): boolean => {
        const entry: Entry = [key, valueOf(this.#store, node) as Uint8Array]
        isFull = !takes(entry, level)
        if (isFull) return false
        level.entries.push(entry)
        after = key
        if (isMain && isChildRoot(...entry) && !this.#children.has(toBinaryString(entry[1]))) child = { key, root: { hash: entry[1], id: node.valueId } }
        isTurn = turns.spend(entry[1].length)
        return child === undefined && !isTurn
      }
      try {
        walk(this.#store, this.#store.root(root.hash, root.id), { prefix: EMPTY, from: after ?? EMPTY, inclusive: after === undefined }, visit)
      } catch (error) {
        if (isPartial && isNodeError(error) && error.code === 'TRIE_MISSING_NODE') return undefined
        throw error
      }
      if (isFull || child !== undefined) return child
      if (!isTurn) {
        level.complete = true
        return undefined
      }
      yield
    }
  }
}

/** True for an entry of the main trie that holds the root of a child trie. */
export function isChildRoot(key: Uint8Array, value: Uint8Array): boolean {
  return value.length === HASH_SIZE && equalBytes(key.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX)
}
