/**
 * The changes that a runtime makes to one trie, over the unchanged trie below.
 *
 * A key of the overlay is live (it has a value) or a tombstone (deleted here, whatever the trie says). Ordered questions
 * are rare beside reads and writes, so the order of the live keys is built when one is asked and brought up to date
 * by what was written since.
 */
import { EMPTY } from '../../../base/bytes.ts'
import { AppendBuffer, readVectorHead } from './append-buffer.ts'
import { Entry } from './entry.ts'
import type { Journal, Undoable } from './journal.ts'
import { OrderedKeys } from './ordered-keys.ts'

/** The state below: reads of the trie at the parent's root. */
export interface StateView {
  get(key: string): Uint8Array | undefined
  /** The first key greater than `key`. */
  nextKey(key: string): string | undefined
}

/** What removing the keys with a prefix came to. */
export interface Removal {
  /** The first key of the trie below that was not looked at; undefined where none is left. */
  readonly cursor: string | undefined
  /** Keys of the trie below that were newly deleted. */
  readonly backend: number
  /** Those, and the keys that had a value here. */
  readonly unique: number
  /** Keys of the trie below that were looked at, whether or not they were deleted already: the limit counts these. */
  readonly loops: number
}

export class Overlay implements Undoable {
  readonly #below: StateView
  readonly #journal: Journal
  readonly #entries = new Map<string, Entry>()
  readonly #order = new OrderedKeys()
  /** Keys that became live since the order was last asked for. */
  #unordered: string[] = []
  /**
   * From a key to the last of the deleted keys of the trie that follow it without a gap: a loop that deletes key by key
   * must not walk over them again and again.
   */
  readonly #deletedRuns = new Map<string, string>()
  /** Goes up with every change of this overlay: whoever caches something derived from it compares it. */
  revision = 0

  constructor(below: StateView, journal: Journal) {
    this.#below = below
    this.#journal = journal
  }

  /** The changed keys, in no order. */
  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries
  }

  /** A view that is valid until the next write; undefined where there is no value. */
  get(key: string): Uint8Array | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined ? this.#below.get(key) : entry.read()
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry === undefined ? this.#below.get(key) !== undefined : entry.live
  }

  /** Sets or, with undefined, deletes. The value is kept: hand over a copy. */
  set(key: string, value: Uint8Array | undefined): void {
    const entry = this.#writable(key, value !== undefined, value?.length ?? 0)
    entry.value = value
    entry.buffer = undefined
  }

  /** Appends one encoded item to a SCALE vector; starts a new vector where there is none. */
  append(key: string, item: Uint8Array): void {
    const before = this.#entries.get(key)
    let { buffer, length, count } = before ?? NO_BUFFER
    if (buffer === undefined) {
      const value = (before === undefined ? this.#below.get(key) : before.value) ?? EMPTY
      const head = readVectorHead(value)
      const items = head === undefined ? EMPTY : value.subarray(head.prefix)
      buffer = new AppendBuffer(items)
      length = items.length
      count = head?.count ?? 0
    }
    const entry = this.#writable(key, true, item.length)
    entry.value = undefined
    entry.buffer = buffer
    entry.length = buffer.append(length, item)
    // A count of 2^32 - 1 goes on at zero, as in every host that keeps it in 32 bits.
    entry.count = (count + 1) >>> 0
  }

  /** The first key after `key` that has a value, in the overlay or below. */
  nextKey(key: string): string | undefined {
    const own = this.#nextLive(`${key}\0`)
    const below = this.#nextBelow(key)
    if (own === undefined || below === undefined) return own ?? below
    return own < below ? own : below
  }

  /**
   * Deletes the keys that start with `prefix`: all that were written here, and those below of the first `limit` from
   * `cursor` on. A key below that is deleted here already takes its part of the limit: removing the same prefix twice in a
   * block therefore goes over the same keys.
   */
  clearPrefix(prefix: string, limit = Number.POSITIVE_INFINITY, cursor = prefix): Removal {
    let written = 0
    for (let key = this.#nextLive(prefix); key?.startsWith(prefix) === true; key = this.#nextLive(`${key}\0`), written++) this.set(key, undefined)
    let backend = 0
    let loops = 0
    const start = cursor > prefix ? cursor : prefix
    let key = this.#below.get(start) === undefined ? this.#below.nextKey(start) : start
    for (; key?.startsWith(prefix) === true && loops < limit; key = this.#below.nextKey(key), loops++) {
      if (this.#entries.has(key)) continue
      this.set(key, undefined)
      backend++
    }
    return { cursor: key?.startsWith(prefix) === true ? key : undefined, backend, unique: written + backend, loops }
  }

  restore(key: string, entry: Entry | undefined): void {
    const wasLive = this.#entries.get(key)?.live === true
    this.revision++
    if (entry === undefined) this.#entries.delete(key)
    else this.#entries.set(key, entry)
    if (!wasLive && entry?.live === true) this.#unordered.push(key)
    // A key below that was deleted may show again.
    this.#deletedRuns.clear()
  }

  /** The entry that the open transaction may change, with what it replaces in the journal. */
  #writable(key: string, live: boolean, bytes: number): Entry {
    this.#journal.count(bytes + key.length)
    this.revision++
    const before = this.#entries.get(key)
    // A deleted key that comes back is found among the live ones: runs of deleted keys may go on passing over it below.
    if (live && before?.live !== true) this.#unordered.push(key)
    const transaction = this.#journal.current
    if (before !== undefined && (transaction === 0 || before.transaction === transaction)) return before
    this.#journal.record(this, key, before)
    const entry = new Entry(undefined, transaction)
    this.#entries.set(key, entry)
    return entry
  }

  /** The first live key of the overlay that is not less than `from`. Keys that died meanwhile leave the order here. */
  #nextLive(from: string): string | undefined {
    if (this.#unordered.length > 0) {
      for (const key of this.#unordered) this.#order.add(key)
      this.#unordered = []
    }
    for (;;) {
      const key = this.#order.from(from)
      if (key === undefined || this.#entries.get(key)?.live === true) return key
      this.#order.delete(key)
    }
  }

  /** The first key below after `key` that is not deleted here. */
  #nextBelow(key: string): string | undefined {
    let at = this.#deletedRuns.get(key) ?? key
    let next = this.#below.nextKey(at)
    while (next !== undefined && this.#entries.get(next)?.live === false) {
      at = next
      next = this.#below.nextKey(at)
    }
    if (at !== key) this.#deletedRuns.set(key, at)
    return next
  }
}

const NO_BUFFER = { buffer: undefined, length: 0, count: 0 }
