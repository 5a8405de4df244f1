/** What the download of a state is told, what it asks for, and what others may know of it. */
import type { Hash } from '../../../base/bytes.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { PieceFault } from './errors.ts'
import type { Frontier } from './piece.ts'
import type { Position } from './position.ts'

/** A piece that was proven and stored. */
export interface StoredPiece {
  readonly until: Position | undefined
  readonly frontier: Frontier | undefined
  /** What it added to what was there. */
  readonly entries: number
  readonly bytes: number
}

/** A state that is put together and stored. */
export interface AssembledState {
  readonly stateRoot: Hash
  /** The record of its root node; 0 for the empty state. */
  readonly root: number
  /** Its records: `[first, next)`. */
  readonly first: number
  readonly next: number
}

/** What the download wants done, in this order. */
export type StateAction =
  | { readonly kind: 'request'; readonly id: number; readonly peer: string; readonly start: Position }
  /** The answer is not wanted any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'report'; readonly peer: string; readonly fault: PeerFault }
  /** All of the state is here. */
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: 'unavailable' | 'too-large' }

export type { PieceFault }

export interface StatePeerDetails {
  readonly peer: string
  /** `without`: it does not have this state. `resting`: it failed, and is asked again later. */
  readonly state: 'serving' | 'free' | 'resting' | 'without'
  /** How long it still rests, in milliseconds. */
  readonly forMs: number
  readonly requests: number
  readonly pieces: number
  /** Bytes of its answers. */
  readonly bytes: number
  readonly failures: number
  /** Of its answers, smoothed; undefined before the first. */
  readonly bytesPerSecond: number | undefined
}

export interface StateRangesStatus {
  /** Entries that are here, and their keys and values. */
  readonly entries: number
  readonly bytes: number
  /** Keys and values, over the last seconds. */
  readonly bytesPerSecond: number
  /** How much of the state is here, 0 to 1: an estimate. Never falls. */
  readonly share: number
  readonly secondsLeft: number | undefined
  /** Ranges that are not done. */
  readonly ranges: number
  readonly pendingRequests: number
  /** Since something was added last. */
  readonly idleMs: number
  readonly peers: readonly StatePeerDetails[]
}

export interface StateRangesOptions {
  /** Of one peer: others answer two at a time. */
  readonly requestsPerPeer: number
  /** Asked and not yet stored, of all peers: each may be 16 MiB, and is in memory. */
  readonly requestsAtOnce: number
  /** Answers that wait to be checked: nobody is asked while there are so many. */
  readonly checkedAtOnce: number
  /** Ranges that the state is cut into at the most. */
  readonly ranges: number
  /** What must be left of a range to split it, in bytes: each split costs part of an answer. */
  readonly leastSplitBytes: number
  /** An answer that is shorter, and not at the end of its range, is a trickle: less than the slowest line carries in the time of an answer. */
  readonly smallPieceBytes: number
  /** So many trickles in a row are a fault. */
  readonly smallPieces: number
  /** What the state may hold. */
  readonly maxEntries: number
  readonly maxBytes: number
  /** A request that is open longer than this is given to another peer where one is free. */
  readonly slowMs: number
  /** How long all peers must be without the state. */
  readonly unavailableMs: number
}

const MIB = 1024 * 1024

export const DEFAULT_RANGES_OPTIONS: StateRangesOptions = {
  requestsPerPeer: 2,
  requestsAtOnce: 8,
  checkedAtOnce: 4,
  ranges: 32,
  leastSplitBytes: 8 * MIB,
  smallPieceBytes: 8 * 1024,
  smallPieces: 6,
  maxEntries: 400_000_000,
  maxBytes: 256 * 1024 * MIB,
  slowMs: 12_000,
  unavailableMs: 20_000,
}
