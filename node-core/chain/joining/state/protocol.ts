/** What the main thread and the thread of a download say to each other. */
import type { Hash } from '../../../base/bytes.ts'
import type { PieceFault } from './errors.ts'
import type { Position, Span } from './position.ts'
import type { StoredTotals } from './store.ts'
import type { AssembledState, StoredPiece } from './types.ts'

export interface StateThreadData {
  readonly dataPath: string
}

export type StateTask =
  | { readonly kind: 'open'; readonly root: Hash }
  /** The memory of `response` moves to the thread. */
  | { readonly kind: 'piece'; readonly start: Position; readonly response: Uint8Array }
  | { readonly kind: 'assemble' }
  | { readonly kind: 'clear'; readonly withState: boolean }
  /** Ends what is under way, and closes the database. */
  | { readonly kind: 'close' }

export interface StateRequest {
  readonly id: number
  readonly task: StateTask
}

export interface OpenedSpans {
  readonly spans: readonly Span[]
  readonly totals: StoredTotals
  readonly assembled: AssembledState | undefined
}

export interface StateFailure {
  readonly code: string
  readonly message: string
  /** What it says of the sender of a piece. */
  readonly fault: PieceFault | undefined
}

export type StateAnswer =
  | { readonly id: number; readonly result: OpenedSpans | StoredPiece | AssembledState | undefined }
  | { readonly id: number; readonly failure: StateFailure }
  | { readonly id: number; readonly progress: { readonly entries: number; readonly bytes: number } }
