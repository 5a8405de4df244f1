/** The authorities of a chain as a person sees them: who they are, whether they are there, and what they did last. Plain data. */
import type { Hash } from '../../base/bytes.ts'

/**
 * - `self`: this node has its key.
 * - `here`: its node is connected, or it was heard of a moment ago.
 * - `away`: it should have been heard of by now.
 * - `unknown`: nothing can be said yet.
 */
export type Presence = 'self' | 'here' | 'away' | 'unknown'

export interface AuthorityRow {
  /** What it makes blocks with, `0x…`. */
  readonly key: Hash
  /** SS58: its account where the chain tells it, its key otherwise. */
  readonly address: string
  /** As the network's specification or a development account has it. */
  readonly name: string | undefined
  readonly presence: Presence
  /** The newest of its blocks among those that were looked at; `time` in milliseconds since the Unix epoch. */
  readonly lastBlock: { readonly number: number; readonly time: number | undefined } | undefined
  /** The last vote that was heard of it since this node runs; `at` in milliseconds since the Unix epoch. */
  readonly lastVote: { readonly round: number; readonly at: number } | undefined
  /** Slots that were its turn without doubt, and have no block; undefined where no slot is anybody's for certain. */
  readonly missed: number | undefined
  /** On finality; undefined where its vote key is not known. */
  readonly weight: number | undefined
}

export interface AuthorityReport {
  readonly rows: readonly AuthorityRow[]
  /** How many blocks back from the best one the rows know of. */
  readonly blocks: number
  /** What those who vote need together; undefined where nothing becomes final by votes. */
  readonly finality: { readonly total: number; readonly threshold: number; readonly behind: number } | undefined
}

export interface AuthoritiesView {
  /** As it was known last; looks anew in the background. Undefined while it is not known, and where there are too many authorities for a table. */
  report(): AuthorityReport | undefined
}

/** What this node did as an authority on one day, in UTC. */
export interface DayRecord {
  /** `2026-11-29`. */
  readonly day: string
  readonly blocks: number
  /** Turns that passed without a block. */
  readonly missed: number
  /** Rounds that it voted in. */
  readonly votes: number
}

/** It makes no blocks although it should. */
export interface Silence {
  /** Turns in a row. */
  readonly turns: number
  /** The key whose turn it was is locked. */
  readonly locked: boolean
}

export interface ValidatorView {
  /** Newest first. */
  days(count: number): readonly DayRecord[]
  silence(): Silence | undefined
}
