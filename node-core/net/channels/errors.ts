/** What can go wrong with a channel, in codes; and what a peer that breaks the protocol is charged with. */
import { MalformedError, NodeError } from '../../base/errors.ts'
import type { PeerFault } from '../../network/contracts.ts'

export type ChannelErrorCode =
  /** The other side did not take the channel; `data.reason` says why (a {@link Refusal}). */
  | 'CHANNEL_REFUSED'
  /** It was ended, here or there, in good order. */
  | 'CHANNEL_CLOSED'
  /** One side broke it off; `data.reason` says why (a {@link ResetReason}). */
  | 'CHANNEL_RESET'
  /** The connection was lost, and did not come back in time, or the other side no longer knows the session. */
  | 'CHANNEL_LOST'
  | 'CHANNEL_UNREACHABLE'
  /** The message is longer than the other side takes on this channel. */
  | 'CHANNEL_TOO_LARGE'
  /** Whoever sends did not wait, and the channel's queue is full. */
  | 'CHANNEL_QUEUE_FULL'
  /** What may be held for this peer, or for all, is given away. */
  | 'CHANNEL_NO_ROOM'
  | 'CHANNEL_INVALID'

export class ChannelError extends NodeError<ChannelErrorCode> {}

/** Why a channel was not taken. The order is that of the wire. */
export const REFUSALS = ['unknown-service', 'not-allowed', 'busy', 'too-many-channels', 'stopping', 'failed'] as const
export type Refusal = (typeof REFUSALS)[number]

/** As a person reads it, behind "the other side did not take the channel". */
export const REFUSAL_TEXTS: Readonly<Record<Refusal, string>> = {
  'unknown-service': 'it has no such service',
  'not-allowed': 'this node may not use the service',
  busy: 'it has no room for more at the moment',
  'too-many-channels': 'there are too many channels with this node already',
  stopping: 'it is stopping',
  failed: 'the service failed',
}

/** Why a channel was broken off. The order is that of the wire. */
export const RESET_REASONS = ['cancelled', 'failed', 'stopping'] as const
export type ResetReason = (typeof RESET_REASONS)[number]

/** Bytes that are no frame of the protocol. */
export class ChannelFrameError extends MalformedError<'CHANNEL_FRAME_INVALID'> {
  constructor(what: string) {
    super('CHANNEL_FRAME_INVALID', `The frame is invalid: ${what}.`)
  }
}

/** A valid frame that says what may not be said, e.g. more bytes than were granted. It ends the session. */
export class ChannelProtocolError extends NodeError<'CHANNEL_PROTOCOL'> {
  constructor(what: string) {
    super('CHANNEL_PROTOCOL', `The peer broke the protocol: ${what}.`)
  }
}

export const CHANNEL_FAULTS = {
  frame: { code: 'channel-frame', cost: -400 },
  protocol: { code: 'channel-protocol', cost: -400 },
  /** It opened a stream and did not say which session it is for. */
  silent: { code: 'channel-silent', cost: -50 },
  /** It moves the session to another stream more often than a network can change. */
  restless: { code: 'channel-restless', cost: -50 },
} as const satisfies Readonly<Record<string, PeerFault>>
