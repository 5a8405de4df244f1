/** A part of the state that is to be had, and a request for the beginning of it. */
import type { StatePeer } from './peers.ts'
import type { Frontier } from './piece.ts'
import type { Position, Span } from './position.ts'
import type { Density } from './splits.ts'

export interface Pending {
  readonly id: number
  readonly range: Range
  readonly peer: StatePeer
  readonly start: Position
  readonly sentAt: number
  /** The answer is here and is being checked. */
  isChecked: boolean
  answerBytes: number
}

export interface Range {
  span: Span
  pending: Pending | undefined
  /** What the last piece showed of what comes next. */
  frontier: Frontier | undefined
  density: Density | undefined
}

export function rangeOf(span: Span): Range {
  return { span, pending: undefined, frontier: undefined, density: undefined }
}

/** Who has least to do, then who is fastest. */
export function byLoad(a: StatePeer, b: StatePeer): number {
  return a.requests - b.requests || (b.bytesPerSecond ?? 0) - (a.bytesPerSecond ?? 0)
}
