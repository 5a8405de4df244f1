/** Reads the frames of a session; frames.ts says what they are and how they lie in bytes. Nothing is believed before it is looked at. */
import { ChannelFrameError, REFUSALS, RESET_REASONS } from '../errors.ts'
import { CLASSES, PROTOCOL_VERSION, NONCE_BYTES, MAX_SERVICE_BYTES, MAX_METADATA_BYTES, MAX_PAYLOAD_BYTES, MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, KINDS, FLAG_A, FLAG_B, isServiceName, type Frame, type DataFrame } from './frames.ts'

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
