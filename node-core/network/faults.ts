/**
 * What the transport itself holds against a peer. Reputation runs from -1000, where a ban falls due, to 1000; a handler's
 * own faults are on the same scale.
 */
import type { PeerFault } from './contracts.ts'

export const FAULTS = {
  /** A frame longer than the protocol allows, or with a length that is none. */
  frame: { code: 'bad-frame', cost: -400 },
  /** More messages or requests than the protocol's rate allows. */
  rate: { code: 'rate-exceeded', cost: -20 },
  /** What a handler could not decode. */
  malformed: { code: 'malformed', cost: -200 },
  /** Bytes in the direction that a one-way stream does not have. */
  wrongWay: { code: 'wrong-way', cost: -200 },
  /** Asked for something, and took nothing of the answer. */
  unread: { code: 'answer-unread', cost: -20 },
  /** Opened a stream and said nothing. */
  silent: { code: 'handshake-timeout', cost: -50 },
} as const satisfies Readonly<Record<string, PeerFault>>
