/**
 * Frames on a stream: a message's length as an unsigned LEB128 integer, then the message
 * (Polkadot Host spec, 4.8.2 "Network messages": multistream's framing).
 *
 * The length is judged before anything is allocated for the message: a frame that says it is too long ends the stream
 * without a byte of it being kept.
 */
import { EMPTY, concatBytes } from '../base/bytes.ts'
import { NodeError } from '../base/errors.ts'

export type FrameErrorCode = 'FRAME_TOO_LONG' | 'FRAME_LENGTH_INVALID'

export class FrameError extends NodeError<FrameErrorCode> {}

/** A length below 2^28 takes at most four bytes; nothing here may be longer. */
const MAX_LENGTH_BYTES = 4

/** One message with its length in front. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = message.length
  do {
    prefix.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 0x80)
  } while (rest > 0)
  return concatBytes(Uint8Array.from(prefix), message)
}

/** Room for a frame that comes in pieces, at first. It doubles as the bytes really come: a length alone allocates nothing. */
const FIRST_ROOM = 4096

/**
 * Cuts a stream of chunks into frames; whoever reads asks for one at a time.
 *
 * A frame that lies within one chunk is handed out as a view of it. Of one that comes in pieces the pieces are copied as they
 * come, so that a peer who sends single bytes makes us keep bytes, and not a buffer of the transport for each of them.
 */
export class FrameReader {
  /** What came and was not taken, from `#start` to `#end`. */
  #buffer: Uint8Array = EMPTY
  #start = 0
  #end = 0
  /** True where `#buffer` is ours to write on; otherwise it is the transport's. */
  #own = false
  /** Length of the frame that is being waited for, once it is known. */
  #length: number | undefined

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.buffered === 0) {
      // A plain view: the transport's Buffers behave differently when sliced.
      this.#buffer = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.#start = 0
      this.#end = chunk.length
      this.#own = false
      return
    }
    this.#makeRoom(chunk.length)
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** Bytes that are held and were not handed out. */
  get buffered(): number {
    return this.#end - this.#start
  }

  /** In the middle of a frame: an end of the stream now would be one too early. */
  get partial(): boolean {
    return this.buffered > 0 || this.#length !== undefined
  }

  /** The next whole frame, or undefined until more has arrived. Throws a {@link FrameError}. */
  next(maxBytes: number): Uint8Array | undefined {
    this.#length ??= this.#readLength()
    const length = this.#length
    if (length === undefined) return undefined
    if (length > maxBytes) {
      throw new FrameError('FRAME_TOO_LONG', `A frame of ${length} bytes where at most ${maxBytes} are allowed.`, { data: { length, maxBytes } })
    }
    if (this.buffered < length) return undefined
    this.#length = undefined
    const frame = this.#buffer.subarray(this.#start, this.#start + length)
    this.#start += length
    if (this.buffered === 0) this.#forget()
    return frame
  }

  #readLength(): number | undefined {
    let length = 0
    for (let i = 0; i < Math.min(this.buffered, MAX_LENGTH_BYTES); i++) {
      const byte = this.#buffer[this.#start + i] as number
      length += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) !== 0) continue
      if (byte === 0 && i > 0) throw new FrameError('FRAME_LENGTH_INVALID', 'A length that is not in its shortest form.')
      this.#start += i + 1
      if (this.buffered === 0) this.#forget()
      return length
    }
    if (this.buffered >= MAX_LENGTH_BYTES) throw new FrameError('FRAME_LENGTH_INVALID', `A length of more than ${MAX_LENGTH_BYTES} bytes.`)
    return undefined
  }

  /** What was handed out stays as it is, so a buffer of ours is written on behind its end only. */
  #makeRoom(bytes: number): void {
    if (this.#own && this.#end + bytes <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(FIRST_ROOM, this.buffered * 2, this.buffered + bytes))
    grown.set(this.#buffer.subarray(this.#start, this.#end))
    this.#end = this.buffered
    this.#start = 0
    this.#buffer = grown
    this.#own = true
  }

  #forget(): void {
    this.#buffer = EMPTY
    this.#start = this.#end = 0
    this.#own = false
  }
}
