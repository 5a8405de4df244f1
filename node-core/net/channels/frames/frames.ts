/**
 * The frames of a session, in bytes. Each stands behind its length (network/framing.ts), so it is bounded before it is looked at:
 * {@link MAX_FRAME_BYTES}.
 *
 *     byte 0        bits 0–3 the kind, bits 4 and 5 flags of the kind, the others 0
 *     the rest      fields in the order of the kind's type below; integers as unsigned LEB128 in its shortest form, below 2^53;
 *                   a service's name and a channel's metadata behind their length; a payload is what is left of the frame
 *
 * Two sorts. *Sequenced* frames say something of a channel. They are numbered by counting (nothing of that is on the wire), kept
 * until the other side said that it took them, and sent again on the next stream where the present one is lost. The others belong to one
 * stream: they greet, ask how much was taken, answer that, and say goodbye.
 *
 * One string of bytes stands for one frame: what decodes encodes to the same bytes. They are written by frame-encode.ts and read by frame-decode.ts.
 */
import type { Refusal, ResetReason } from '../errors.ts'

/** Classes of service, the most urgent in front. The order is that of the wire. */
export const CLASSES = ['control', 'normal', 'bulk'] as const
export type ChannelClass = (typeof CLASSES)[number]

export const PROTOCOL_VERSION = 1
export const NONCE_BYTES = 16
export const MAX_SERVICE_BYTES = 64
export const MAX_METADATA_BYTES = 1024
/** Of one data frame. */
export const MAX_PAYLOAD_BYTES = 64 * 1024
/** Kind, channel and length in front of a payload. */
const MAX_HEADER_BYTES = 32
export const MAX_FRAME_BYTES = MAX_PAYLOAD_BYTES + MAX_HEADER_BYTES
/** A message's length, whatever two sides agree on. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** Which session the stream is for: both sides' nonces make its name. */
export interface HelloFrame {
  readonly kind: 'hello'
  /** 16 bytes that whoever speaks chose for the session. */
  readonly nonce: Uint8Array
  /** The other side's, as far as it is known; zeros where it is not. */
  readonly peerNonce: Uint8Array
  /** Sequenced frames of the other side that were taken. */
  readonly received: number
}
/** Asks for an {@link AckFrame} at once. */
export interface AskFrame {
  readonly kind: 'ask'
}
export interface AckFrame {
  readonly kind: 'ack'
  /** Sequenced frames of the other side that were taken, all in all. */
  readonly received: number
}
/** Has no channel and would end the session; answered with the same by whoever has none either. */
export interface ByeFrame {
  readonly kind: 'bye'
}
export interface OpenFrame {
  readonly kind: 'open'
  readonly channel: number
  readonly class: ChannelClass
  /** Cost of messages that may be sent to whoever opens. */
  readonly window: number
  /** The longest message that whoever opens takes. */
  readonly maxMessageBytes: number
  /** 1 to 64 of letters, digits and `._-/`, with a letter or digit in front. */
  readonly service: string
  /** What the service makes of it: at most 1,024 bytes. */
  readonly metadata: Uint8Array
}
export interface AcceptFrame {
  readonly kind: 'accept'
  readonly channel: number
  readonly window: number
  readonly maxMessageBytes: number
}
export interface RefuseFrame {
  readonly kind: 'refuse'
  readonly channel: number
  readonly reason: Refusal
}
export interface DataFrame {
  readonly kind: 'data'
  readonly channel: number
  /** Length of the whole message, in the first of several frames of it; undefined in all others. */
  readonly total: number | undefined
  /** The frame begins a message, and ends one. */
  readonly first: boolean
  readonly last: boolean
  readonly payload: Uint8Array
}
export interface CreditFrame {
  readonly kind: 'credit'
  readonly channel: number
  /** What all messages together may cost, counted since the channel was opened. */
  readonly limit: number
}
/** Has more to send on the channel than it was granted. */
export interface BlockedFrame {
  readonly kind: 'blocked'
  readonly channel: number
}
/** Sends no more on the channel; `deaf` reads no more either. */
export interface EndFrame {
  readonly kind: 'end'
  readonly channel: number
  readonly deaf: boolean
}
export interface ResetFrame {
  readonly kind: 'reset'
  readonly channel: number
  readonly reason: ResetReason
}

export type StreamFrame = HelloFrame | AskFrame | AckFrame | ByeFrame
export type SequencedFrame = OpenFrame | AcceptFrame | RefuseFrame | DataFrame | CreditFrame | BlockedFrame | EndFrame | ResetFrame
export type Frame = StreamFrame | SequencedFrame

/** In the order of the wire. */
export const KINDS = ['hello', 'ask', 'ack', 'bye', 'open', 'accept', 'refuse', 'data', 'credit', 'blocked', 'end', 'reset'] as const satisfies readonly Frame['kind'][]
const FIRST_SEQUENCED = KINDS.indexOf('open')
/** Of data: its first and its last part. Of an end: nothing is heard any more either. */
export const FLAG_A = 0x10
export const FLAG_B = 0x20

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/

/** May be the name of a service. */
export function isServiceName(name: string): boolean {
  return SERVICE.test(name)
}

/** Numbered, kept until it was taken, sent again where a stream is lost. */
export function isSequenced(frame: Frame): frame is SequencedFrame {
  return KINDS.indexOf(frame.kind) >= FIRST_SEQUENCED
}
