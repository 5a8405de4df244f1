/**
 * Frames that go to the stream together, written one behind the other into one piece of memory. It stays as it is while a frame of it is
 * kept; then the large ones are used again, since making them anew costs more than filling them.
 */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { framedSize, writeFramed } from '../frames/frame-encode.ts'
import type { Frame } from '../frames/frames.ts'

/**
 * With a yamux header (12 bytes) in front these are eight messages of Noise, whose payload has at most 65,519 bytes: a few bytes more
 * would make another one. Where a line is fast, more at a time costs less: every frame of yamux is answered with a window.
 */
export const BATCH_BYTES = 524_000
/** Kept for frames that come last: they always find room. */
const RESERVED = 16
/** From here on memory is used again, and so many pieces of it at most. */
const POOLED_FROM = BATCH_BYTES / 2
const MAX_POOLED = 8

export class BatchPool {
  readonly #rooms: Uint8Array[] = []

  take(bytes: number): Batch {
    const size = Math.min(BATCH_BYTES, bytes + RESERVED)
    if (size < POOLED_FROM) return new Batch(uninitializedBytes(size), undefined)
    return new Batch(this.#rooms.pop() ?? uninitializedBytes(BATCH_BYTES), (room) => {
      if (this.#rooms.length < MAX_POOLED) this.#rooms.push(room)
    })
  }
}

export class Batch {
  readonly #room: Uint8Array
  readonly #onFree: ((room: Uint8Array) => void) | undefined
  #at = 0
  /** Frames of it that are kept. */
  #kept = 0

  constructor(room: Uint8Array, onFree: ((room: Uint8Array) => void) | undefined) {
    this.#room = room
    this.#onFree = onFree
  }

  get length(): number {
    return this.#at
  }

  /** Bytes that still find room. */
  get left(): number {
    return this.#room.length - RESERVED - this.#at
  }

  fits(frame: Frame): boolean {
    return framedSize(frame) <= this.left
  }

  /** The last ones may be a few bytes longer than what is {@link left}. */
  add(frame: Frame): void {
    this.#at = writeFramed(this.#room, this.#at, frame)
  }

  /** Returns the frame with its length in front, which stays until it is {@link release}d. */
  keep(frame: Frame): Uint8Array {
    const start = this.#at
    this.add(frame)
    this.#kept++
    return this.#room.subarray(start, this.#at)
  }

  /** A frame is kept no longer; all of them were sent by then. */
  release(): void {
    if (--this.#kept === 0) this.#onFree?.(this.#room)
  }

  copy(bytes: Uint8Array): void {
    this.#room.set(bytes, this.#at)
    this.#at += bytes.length
  }

  bytes(): Uint8Array {
    return this.#room.subarray(0, this.#at)
  }
}
