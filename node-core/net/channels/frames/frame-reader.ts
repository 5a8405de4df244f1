/**
 * Cuts what comes on a stream into frames. Unlike network/framing.ts, which keeps what a stranger sends until a frame is whole, it makes
 * room for a frame as soon as its length is known, since that is at most 64 KiB here and one stream has one such room: so every
 * byte is copied once at most, in whatever pieces it comes. A frame that lies within one piece is a view of it.
 */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { ChannelFrameError } from '../errors.ts'
import { MAX_FRAME_BYTES } from './frames.ts'

const MAX_LENGTH_BYTES = 3

export class ChannelFrameReader {
  #at = 0
  /** The length in front of a frame, as far as it was read. */
  #length = 0
  #lengthBytes = 0
  /** The frame of which a part has come. */
  #room: Uint8Array | undefined
  #filled = 0

  /** Calls for each frame that ends in this piece, in order, until `onFrame` returns false. Throws a {@link ChannelFrameError}. */
  push(bytes: Uint8Array, onFrame: (frame: Uint8Array) => boolean): void {
    // A plain view: the transport's Buffers behave differently when sliced.
    const piece = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = 0
    for (let frame = this.#next(piece); frame !== undefined; frame = this.#next(piece)) if (!onFrame(frame)) return
  }

  #next(piece: Uint8Array): Uint8Array | undefined {
    if (this.#room === undefined) {
      const length = this.#readLength(piece)
      if (length === undefined) return undefined
      if (this.#at + length <= piece.length) return piece.subarray(this.#at, (this.#at += length))
      this.#room = uninitializedBytes(length)
      this.#filled = 0
    }
    const part = Math.min(this.#room.length - this.#filled, piece.length - this.#at)
    this.#room.set(piece.subarray(this.#at, this.#at + part), this.#filled)
    this.#at += part
    this.#filled += part
    if (this.#filled < this.#room.length) return undefined
    const frame = this.#room
    this.#room = undefined
    return frame
  }

  #readLength(piece: Uint8Array): number | undefined {
    while (this.#at < piece.length) {
      const byte = piece[this.#at++] as number
      this.#length += (byte & 0x7f) * 0x80 ** this.#lengthBytes++
      if ((byte & 0x80) === 0) {
        if (byte === 0 && this.#lengthBytes > 1) throw new ChannelFrameError('its length is not in the shortest form')
        const length = this.#length
        if (length > MAX_FRAME_BYTES) throw new ChannelFrameError('it is too long')
        this.#length = this.#lengthBytes = 0
        return length
      }
      if (this.#lengthBytes === MAX_LENGTH_BYTES) throw new ChannelFrameError('it is too long')
    }
    return undefined
  }
}
