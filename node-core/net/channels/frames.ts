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
 * One string of bytes stands for one frame: what decodes encodes to the same bytes.
 */
import { uninitializedBytes } from '../../base/bytes.ts'
import { ChannelFrameError, REFUSALS, RESET_REASONS, type Refusal, type ResetReason } from './errors.ts'

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

const KINDS = ['hello', 'ask', 'ack', 'bye', 'open', 'accept', 'refuse', 'data', 'credit', 'blocked', 'end', 'reset'] as const satisfies readonly Frame['kind'][]
const FIRST_SEQUENCED = KINDS.indexOf('open')
const FLAG_A = 0x10
const FLAG_B = 0x20

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/

/** May be the name of a service. */
export function isServiceName(name: string): boolean {
  return SERVICE.test(name)
}

/** Numbered, kept until it was taken, sent again where a stream is lost. */
export function isSequenced(frame: Frame): frame is SequencedFrame {
  return KINDS.indexOf(frame.kind) >= FIRST_SEQUENCED
}

/** Bytes of an integer. */
function sizeOf(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Bytes of a frame, without the length in front. */
export function frameSize(frame: Frame): number {
  switch (frame.kind) {
    case 'hello':
      return 2 + 2 * NONCE_BYTES + sizeOf(frame.received)
    case 'ask':
    case 'bye':
      return 1
    case 'ack':
      return 1 + sizeOf(frame.received)
    case 'open':
      return 3 + sizeOf(frame.channel) + sizeOf(frame.window) + sizeOf(frame.maxMessageBytes) + frame.service.length + sizeOf(frame.metadata.length) + frame.metadata.length
    case 'accept':
      return 1 + sizeOf(frame.channel) + sizeOf(frame.window) + sizeOf(frame.maxMessageBytes)
    case 'data':
      return 1 + sizeOf(frame.channel) + (frame.total === undefined ? 0 : sizeOf(frame.total)) + frame.payload.length
    case 'credit':
      return 1 + sizeOf(frame.channel) + sizeOf(frame.limit)
    case 'blocked':
    case 'end':
      return 1 + sizeOf(frame.channel)
    case 'refuse':
    case 'reset':
      return 2 + sizeOf(frame.channel)
  }
}

/** With the length in front. */
export function framedSize(frame: Frame): number {
  const size = frameSize(frame)
  return sizeOf(size) + size
}

/** Writes a frame behind its length; returns where it ends. There must be room for {@link framedSize}. */
export function writeFramed(into: Uint8Array, at: number, frame: Frame): number {
  return writeBody(into, writeInteger(into, at, frameSize(frame)), frame)
}

/** A frame without the length in front. */
export function encodeFrameBody(frame: Frame): Uint8Array {
  const bytes = uninitializedBytes(frameSize(frame))
  writeBody(bytes, 0, frame)
  return bytes
}

function writeInteger(into: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest >= 0x80) {
    into[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  into[at++] = rest
  return at
}

function writeBody(into: Uint8Array, start: number, frame: Frame): number {
  let at = start
  const integer = (value: number): void => void (at = writeInteger(into, at, value))
  const bytes = (value: Uint8Array): void => {
    into.set(value, at)
    at += value.length
  }
  into[at++] = KINDS.indexOf(frame.kind) | flagsOf(frame)
  switch (frame.kind) {
    case 'hello':
      into[at++] = PROTOCOL_VERSION
      bytes(frame.nonce)
      bytes(frame.peerNonce)
      integer(frame.received)
      break
    case 'ask':
    case 'bye':
      break
    case 'ack':
      integer(frame.received)
      break
    case 'open':
      integer(frame.channel)
      into[at++] = CLASSES.indexOf(frame.class)
      integer(frame.window)
      integer(frame.maxMessageBytes)
      into[at++] = frame.service.length
      for (let i = 0; i < frame.service.length; i++) into[at++] = frame.service.charCodeAt(i)
      integer(frame.metadata.length)
      bytes(frame.metadata)
      break
    case 'accept':
      integer(frame.channel)
      integer(frame.window)
      integer(frame.maxMessageBytes)
      break
    case 'data':
      integer(frame.channel)
      if (frame.total !== undefined) integer(frame.total)
      bytes(frame.payload)
      break
    case 'credit':
      integer(frame.channel)
      integer(frame.limit)
      break
    case 'blocked':
    case 'end':
      integer(frame.channel)
      break
    case 'refuse':
      integer(frame.channel)
      into[at++] = REFUSALS.indexOf(frame.reason)
      break
    case 'reset':
      integer(frame.channel)
      into[at++] = RESET_REASONS.indexOf(frame.reason)
      break
  }
  return at
}

function flagsOf(frame: Frame): number {
  if (frame.kind === 'data') return (frame.first ? FLAG_A : 0) | (frame.last ? FLAG_B : 0)
  return frame.kind === 'end' && frame.deaf ? FLAG_A : 0
}

/** Reads a frame without its length. A payload, nonces and metadata are views. Throws a {@link ChannelFrameError}. */
export function decodeFrameBody(bytes: Uint8Array): Frame {
  if (bytes.length > MAX_FRAME_BYTES) throw new ChannelFrameError('it is too long')
  const reader = new BodyReader(bytes)
  const head = reader.byte()
  const kind = KINDS[head & 0x0f]
  if (kind === undefined) throw new ChannelFrameError('its kind is unknown')
  const flags = head & 0xf0
  if ((flags & ~(kind === 'data' ? FLAG_A | FLAG_B : kind === 'end' ? FLAG_A : 0)) !== 0) throw new ChannelFrameError('it has flags that its kind has not')
  const frame = readBody(kind, flags, reader)
  if (!reader.isAtEnd) throw new ChannelFrameError('there are bytes behind its end')
  return frame
}

function readBody(kind: Frame['kind'], flags: number, reader: BodyReader): Frame {
  switch (kind) {
    case 'hello':
      if (reader.byte() !== PROTOCOL_VERSION) throw new ChannelFrameError('its version is unknown')
      return { kind, nonce: reader.bytes(NONCE_BYTES), peerNonce: reader.bytes(NONCE_BYTES), received: reader.integer() }
    case 'ask':
    case 'bye':
      return { kind }
    case 'ack':
      return { kind, received: reader.integer() }
    case 'open': {
      const channel = reader.integer()
      const cls = reader.oneOf(CLASSES)
      const window = reader.integer()
      const maxMessageBytes = reader.length(MAX_MESSAGE_BYTES)
      const service = reader.text(reader.byte())
      return { kind, channel, class: cls, window, maxMessageBytes, service, metadata: reader.bytes(reader.length(MAX_METADATA_BYTES)) }
    }
    case 'accept':
      return { kind, channel: reader.integer(), window: reader.integer(), maxMessageBytes: reader.length(MAX_MESSAGE_BYTES) }
    case 'data':
      return readData(flags, reader)
    case 'credit':
      return { kind, channel: reader.integer(), limit: reader.integer() }
    case 'blocked':
      return { kind, channel: reader.integer() }
    case 'end':
      return { kind, channel: reader.integer(), deaf: flags === FLAG_A }
    case 'refuse':
      return { kind, channel: reader.integer(), reason: reader.oneOf(REFUSALS) }
    case 'reset':
      return { kind, channel: reader.integer(), reason: reader.oneOf(RESET_REASONS) }
  }
}

function readData(flags: number, reader: BodyReader): DataFrame {
  const [first, last] = [(flags & FLAG_A) !== 0, (flags & FLAG_B) !== 0]
  const channel = reader.integer()
  const total = first && !last ? reader.length(MAX_MESSAGE_BYTES) : undefined
  const payload = reader.rest()
  if (payload.length > MAX_PAYLOAD_BYTES) throw new ChannelFrameError('its payload is too long')
  // Only an empty message is a frame without a payload.
  if (payload.length === 0 && !(first && last)) throw new ChannelFrameError('it is a part of nothing')
  if (total !== undefined && total <= payload.length) throw new ChannelFrameError('the message ends before it says so')
  return { kind: 'data', channel, total, first, last, payload }
}

class BodyReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new ChannelFrameError('it is too short')
    return byte
  }

  integer(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) throw new ChannelFrameError('a number is too large')
      if ((byte & 0x80) !== 0) continue
      if (byte === 0 && scale > 1) throw new ChannelFrameError('a number is not in its shortest form')
      return value
    }
  }

  length(most: number): number {
    const length = this.integer()
    if (length > most) throw new ChannelFrameError('a length is too large')
    return length
  }

  oneOf<T>(table: readonly T[]): T {
    const one = table[this.byte()]
    if (one === undefined) throw new ChannelFrameError('a value is unknown')
    return one
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new ChannelFrameError('it is too short')
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }

  text(length: number): string {
    if (length > MAX_SERVICE_BYTES) throw new ChannelFrameError('the name of the service is too long')
    const name = String.fromCharCode(...this.bytes(length))
    if (!isServiceName(name)) throw new ChannelFrameError('the name of the service is none')
    return name
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at)
  }
}
