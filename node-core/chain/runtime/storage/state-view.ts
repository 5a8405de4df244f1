/**
 * Reads of the state that a call starts from, remembered by key.
 *
 * A runtime reads the same few hundred keys again and again: in one block, and from block to block. What was read from
 * the trie is kept in a flat map; when a block is done, the map moves on to the state that the block made, together
 * with what the block changed, because there it is exactly as true. So the next block starts warm.
 */
import { fromBinaryString, toBinaryString } from '../../../base/bytes.ts'
import type { Trie } from '../../trie/trie.ts'
import type { TrieRoot } from '../../trie/types.ts'
import type { StateView } from './overlay.ts'

/** Bytes of keys and values that one view remembers; beyond that it starts anew. */
const MAX_REMEMBERED = 16 * 1024 * 1024
const ENTRY_COST = 100

export class CachedState implements StateView {
  readonly #trie: Trie
  #values: Map<string, Uint8Array | undefined>
  #bytes: number

  /** `trie` is only read. */
  constructor(trie: Trie, values = new Map<string, Uint8Array | undefined>(), bytes = 0) {
    this.#trie = trie
    this.#values = values
    this.#bytes = bytes
  }

  get(key: string): Uint8Array | undefined {
    const known = this.#values.get(key)
    if (known !== undefined || this.#values.has(key)) return known
    const value = this.#trie.get(fromBinaryString(key))
    this.#remember(key, value)
    return value
  }

  nextKey(key: string): string | undefined {
    const next = this.#trie.nextKey(fromBinaryString(key))
    return next === undefined ? undefined : toBinaryString(next)
  }

  /** The number of the root's record. */
  get rootId(): number {
    return this.#trie.rootId
  }

  /** Reads without remembering: for large values that are kept elsewhere. */
  load(key: string): Uint8Array | undefined {
    return this.#trie.get(fromBinaryString(key))
  }

  /** The root of a child trie at `key`, as the trie has it. Throws `TRIE_BAD_NODE` where the value is none. */
  childRoot(key: string): TrieRoot | undefined {
    return this.#trie.childRoot(fromBinaryString(key))
  }

  /** Identifies the value at `key` without loading it; undefined where there is none. */
  valueRef(key: string): Uint8Array | undefined {
    return this.#trie.valueRef(fromBinaryString(key))
  }

  /** The view of the state that `changes` lead to, which takes over what this one remembers. This one starts anew. */
  succeed(trie: Trie, changes: Iterable<readonly [key: string, value: Uint8Array | undefined]>): CachedState {
    const successor = new CachedState(trie, this.#values, this.#bytes)
    this.#values = new Map()
    this.#bytes = 0
    for (const [key, value] of changes) successor.#remember(key, value)
    return successor
  }

  /** The same state in other records: what this view remembers is as true there. This one starts anew. */
  moved(trie: Trie): CachedState {
    return this.succeed(trie, [])
  }

  #remember(key: string, value: Uint8Array | undefined): void {
    if (this.#values.has(key)) this.#bytes -= cost(key, this.#values.get(key))
    this.#bytes += cost(key, value)
    if (this.#bytes > MAX_REMEMBERED) {
      this.#values.clear()
      this.#bytes = 0
    }
    this.#values.set(key, value)
  }
}

function cost(key: string, value: Uint8Array | undefined): number {
  return ENTRY_COST + key.length + (value?.length ?? 0)
}

/** A trie without anything in it. */
export const EMPTY_VIEW: StateView = { get: () => undefined, nextKey: () => undefined }
