/**
 * Frames on a stream: a message's length as an unsigned LEB128 integer, then the message
 * (Polkadot Host spec, 4.8.2 "Network messages": multistream's framing).
 *
 * The length is judged before anything is allocated for the message: a frame that says it is too long ends the stream
 * without a byte of it being kept.
 */
import { concatBytes } from '../base/bytes.ts'
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

/** Cuts a stream of chunks into frames; whoever reads asks for one at a time. */
export class FrameReader {
  readonly #chunks: Uint8Array[] = []
  /** Bytes of the first chunk that were read already. */
  #offset = 0
  #available = 0
  /** Length of the frame that is being waited for, once it is known. */
  #length: number | undefined

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    // A plain view: the transport's Buffers behave differently when sliced.
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#available += chunk.length
  }

  /** Bytes that are held and were not handed out. */
  get buffered(): number {
    return this.#available
  }

  /** In the middle of a frame: an end of the stream now would be one too early. */
  get partial(): boolean {
    return this.#available > 0 || this.#length !== undefined
  }

  /** The next whole frame, or undefined until more has arrived. Throws a {@link FrameError}. */
  next(maxBytes: number): Uint8Array | undefined {
    this.#length ??= this.#readLength()
    const length = this.#length
    if (length === undefined) return undefined
    if (length > maxBytes) {
      throw new FrameError('FRAME_TOO_LONG', `A frame of ${length} bytes where at most ${maxBytes} are allowed.`, { data: { length, maxBytes } })
    }
    if (this.#available < length) return undefined
    this.#length = undefined
    return this.#take(length)
  }

  #readLength(): number | undefined {
    let length = 0
    for (let i = 0; i < Math.min(this.#available, MAX_LENGTH_BYTES); i++) {
      const byte = this.#peek(i)
      length += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) !== 0) continue
      if (byte === 0 && i > 0) throw new FrameError('FRAME_LENGTH_INVALID', 'A length that is not in its shortest form.')
      this.#take(i + 1)
      return length
    }
    if (this.#available >= MAX_LENGTH_BYTES) throw new FrameError('FRAME_LENGTH_INVALID', `A length of more than ${MAX_LENGTH_BYTES} bytes.`)
    return undefined
  }

  #peek(index: number): number {
    let position = index + this.#offset
    for (const chunk of this.#chunks) {
      if (position < chunk.length) return chunk[position] as number
      position -= chunk.length
    }
    throw new RangeError('beyond what has arrived')
  }

  #take(length: number): Uint8Array {
    const parts: Uint8Array[] = []
    let missing = length
    let whole = 0
    while (missing > 0) {
      const chunk = this.#chunks[whole] as Uint8Array
      const part = chunk.subarray(this.#offset, this.#offset + missing)
      parts.push(part)
      missing -= part.length
      this.#offset += part.length
      if (this.#offset === chunk.length) {
        whole++
        this.#offset = 0
      }
    }
    if (whole > 0) this.#chunks.splice(0, whole)
    this.#available -= length
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts)
  }
}
