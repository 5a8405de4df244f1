/** What one trie of a compact proof says (proof-walk.ts). */
import type { Gap } from './gap.ts'
import type { RunWriter } from './runs.ts'

/** A root of a child trie among the entries, and where it stands. */
export interface ChildRoot {
  readonly key: Uint8Array
  readonly root: Uint8Array
}

export interface WalkedTrie {
  readonly root: Uint8Array
  /** Entries from where the walk was to begin to the gap, or to the end. */
  readonly entries: RunWriter
  /** Of the entries; of a child trie none. */
  readonly childRoots: readonly ChildRoot[]
  readonly gap: Gap | undefined
  /** The value where the walk was to begin. */
  readonly valueAtStart: Uint8Array | undefined
}
