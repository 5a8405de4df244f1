/** What goes wrong when a message of this node is to be spread. */
import { NodeError } from '../../base/errors.ts'

export type SpreadErrorCode = 'SPREAD_TOO_LARGE' | 'SPREAD_STOPPED' | 'SPREAD_WAY_UNFIT'

export class SpreadError extends NodeError<SpreadErrorCode> {}

/** Throws where a spreader cannot take a content of this length. */
export function assertSpreadable(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new SpreadError('SPREAD_TOO_LARGE', `The message has ${bytes} bytes; this topic carries at most ${maxBytes}.`, {
    data: { bytes, maxBytes },
    hint: 'Send it in parts, or share it as a resource and send its root.',
  })
}

export function stoppedError(): SpreadError {
  return new SpreadError('SPREAD_STOPPED', 'The topic is closed, so nothing can be sent on it.')
}

export function unfitError(way: string): SpreadError {
  return new SpreadError('SPREAD_WAY_UNFIT', `This topic does not send such a message by ${way}.`, {
    data: { way },
    hint: 'Leave the choice to the node, or send to everybody: only direct and chunks can leave peers out.',
  })
}
