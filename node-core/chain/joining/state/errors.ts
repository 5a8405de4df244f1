/** What can go wrong while a state is downloaded, and what it costs the peer whose fault it is. */
import { NodeError } from '../../../base/errors.ts'
import type { PeerFault } from '../../../network/contracts.ts'

export type JoinErrorCode =
  /** No peer that is connected has this state any more: another block must be chosen. */
  | 'JOIN_STATE_GONE'
  /** More entries or bytes than this node takes; `data.limit`. */
  | 'JOIN_STATE_TOO_LARGE'
  /** What is stored of the download cannot be read, or does not build to the state's root: again and again, where a download ends with it. */
  | 'JOIN_STATE_DAMAGED'
  /** The thread that works on the download failed, or the database did. */
  | 'JOIN_STATE_FAILED'

export class JoinError extends NodeError<JoinErrorCode> {}

export const STATE_FAULTS = {
  /** A piece that its proof does not prove. Nobody sends that by mistake. */
  falseProof: { code: 'state-false-proof', cost: -1000, ban: true },
  /** Bytes that are no answer. */
  malformed: { code: 'state-malformed', cost: -1000, ban: true },
  /** A proof of what was not asked for: nothing behind the start. */
  noProgress: { code: 'state-no-progress', cost: -1000, ban: true },
  /** Pieces so small that the state would never come to its end. */
  trickle: { code: 'state-trickle', cost: -1000, ban: true },
} as const satisfies Readonly<Record<string, PeerFault>>

/** Silence costs more each time in a row. */
export function timeoutFault(failuresBefore: number): PeerFault {
  return { code: 'state-timeout', cost: -200 * (1 + Math.min(failuresBefore, 4)) }
}

export type PieceFault = Exclude<keyof typeof STATE_FAULTS, 'trickle'>

/** A piece that is not taken, with what that says of its sender. */
export class PieceError extends NodeError<'JOIN_BAD_PIECE'> {
  readonly fault: PieceFault

  constructor(fault: PieceFault, message: string) {
    super('JOIN_BAD_PIECE', message)
    this.fault = fault
  }
}

export function malformed(reason: string): PieceError {
  return new PieceError('malformed', `The state response is no proof: ${reason}.`)
}
