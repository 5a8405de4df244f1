/**
 * Frames on a stream: a message's length as an unsigned LEB128 integer, then the message
 * (Polkadot Host spec, 4.8.2 "Network messages": multistream's framing).
 *
 * The length is judged before anything is allocated for the message: a frame that says it is too long ends the stream
 * without a byte of it being kept.
 */
import { EMPTY, concatBytes, uninitializedBytes } from '../base/bytes.ts'
import { NodeError } from '../base/errors.ts'
import { encodeVarint } from '../base/varint.ts'

export type FrameErrorCode = 'FRAME_TOO_LONG' | 'FRAME_LENGTH_INVALID'

export class FrameError extends NodeError<FrameErrorCode> {}

/** A length below 2^28 takes at most four bytes; nothing here may be longer. */
const MAX_LENGTH_BYTES = 4

/** The length that stands in front of a message of `length` bytes. */
export function encodeFrameLength(length: number): Uint8Array {
  return encodeVarint(length)
}

/** The message in a frame that {@link encodeFrame} made. */
export function withoutFrameLength(frame: Uint8Array): Uint8Array {
  let start = 0
  while (start < frame.length && ((frame[start] as number) & 0x80) !== 0) start++
  return frame.subarray(start + 1)
}

/** One message with its length in front. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  return concatBytes(encodeFrameLength(message.length), message)
}

/** Pieces below this size are copied together, where they do not come alone. */
const SMALL_PIECE = 4096
/** What they are copied into, at most: it doubles as the bytes really come. */
const MAX_ROOM = 64 * 1024

/**
 * Cuts a stream of chunks into frames; whoever reads asks for one at a time.
 *
 * A frame that lies within one chunk is handed out as a view of it. The pieces of any other are kept until the last one is
 * there, and only then is room for the whole frame made and every byte copied into it, once. A large piece is kept as it
 * is, so a chunk must not be written on after it was pushed; small pieces are copied together, so that a peer who sends
 * single bytes makes us keep bytes, and not a buffer of the transport for each of them.
 */
export class FrameReader {
  /** What came and was not taken; the first `#start` bytes of the first piece are taken. */
  #pieces: Uint8Array[] = []
  #start = 0
  #buffered = 0
  /** Where small pieces are copied together, and how much of it is written on. */
  #room: Uint8Array = EMPTY
  #written = 0
  /** Length of the frame that is being waited for, once it is known. */
  #length: number | undefined

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#buffered > 0 && (chunk.length < SMALL_PIECE || chunk.length < chunk.buffer.byteLength / 2)) {
      this.#append(chunk)
    } else {
      // A plain view: the transport's Buffers behave differently when sliced.
      this.#pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    }
    this.#buffered += chunk.length
  }

  /** Bytes that are held and were not handed out. */
  get buffered(): number {
    return this.#buffered
  }

  /** Length of the frame of which a part has come, once it is known. */
  get awaited(): number | undefined {
    return this.#length
  }

  /** In the middle of a frame: an end of the stream now would be one too early. */
  get partial(): boolean {
    return this.#buffered > 0 || this.#length !== undefined
  }

  /** All that is held, where what follows on the stream are no frames. Not to be called in the middle of one. */
  takeRest(): Uint8Array {
    return this.#take(this.#buffered)
  }

  /** The next whole frame, or undefined until more has arrived. Throws a {@link FrameError}. */
  next(maxBytes: number): Uint8Array | undefined {
    this.#length ??= this.#readLength()
    const length = this.#length
    if (length === undefined) return undefined
    if (length > maxBytes) {
      throw new FrameError('FRAME_TOO_LONG', `The frame has ${length} bytes; at most ${maxBytes} are allowed.`, { data: { length, maxBytes } })
    }
    if (this.#buffered < length) return undefined
    this.#length = undefined
    return this.#take(length)
  }

  #readLength(): number | undefined {
    let length = 0
    for (let i = 0; i < Math.min(this.#buffered, MAX_LENGTH_BYTES); i++) {
      const byte = this.#byte(i)
      length += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) !== 0) continue
      if (byte === 0 && i > 0) throw new FrameError('FRAME_LENGTH_INVALID', 'The frame length is not in its shortest form.')
      this.#take(i + 1)
      return length
    }
    if (this.#buffered >= MAX_LENGTH_BYTES) throw new FrameError('FRAME_LENGTH_INVALID', `The frame length takes more than ${MAX_LENGTH_BYTES} bytes.`)
    return undefined
  }

  /** The byte at `index` of what is held. */
  #byte(index: number): number {
    let at = this.#start + index
    for (const piece of this.#pieces) {
      if (at < piece.length) return piece[at] as number
      at -= piece.length
    }
    throw new RangeError('beyond what is held')
  }

  /** Takes bytes that are there: as a view where they lie in one piece, copied together otherwise. */
  #take(length: number): Uint8Array {
    const first = this.#pieces[0]
    this.#buffered -= length
    if (first === undefined) return EMPTY
    const end = this.#start + length
    if (end <= first.length) {
      const view = first.subarray(this.#start, end)
      this.#drop(0, end)
      return view
    }
    const whole = uninitializedBytes(length)
    let filled = first.length - this.#start
    whole.set(first.subarray(this.#start))
    let index = 0
    let used = first.length
    while (filled < length) {
      const piece = this.#pieces[++index] as Uint8Array
      used = Math.min(piece.length, length - filled)
      whole.set(piece.subarray(0, used), filled)
      filled += used
    }
    this.#drop(index, used)
    return whole
  }

  /** Forgets the pieces in front of one, and the bytes of that one that were taken. */
  #drop(index: number, used: number): void {
    const isWhole = used === this.#pieces[index]?.length
    const gone = isWhole ? index + 1 : index
    if (gone === this.#pieces.length) this.#pieces.length = 0
    else if (gone > 0) this.#pieces.splice(0, gone)
    this.#start = isWhole ? 0 : used
    if (this.#pieces.length === 0) this.#room = EMPTY
  }

  /** What was handed out stays as it is, so a room is written on behind its end only. */
  #append(chunk: Uint8Array): void {
    if (this.#room === EMPTY || this.#written + chunk.length > this.#room.length) {
      this.#room = new Uint8Array(Math.max(SMALL_PIECE, chunk.length, Math.min(this.#room.length * 2, MAX_ROOM)))
      this.#written = 0
    }
    const start = this.#written
    this.#room.set(chunk, start)
    this.#written += chunk.length
    const last = this.#pieces.at(-1)
    // Where it follows on the last piece, the two become one.
    const isNext = last !== undefined && last.buffer === this.#room.buffer && last.byteOffset + last.length === start
    if (isNext) this.#pieces[this.#pieces.length - 1] = this.#room.subarray(last.byteOffset, this.#written)
    else this.#pieces.push(this.#room.subarray(start, this.#written))
  }
}
