/**
 * Sequenced frames that were made and not yet acknowledged, in order. Pure.
 *
 * A frame's number is how many came before it. The log holds those from {@link SentLog.acked} to {@link SentLog.made}; those before
 * the cursor were given to the present stream, the others wait for it. When the stream changes, the other side says how many it took:
 * these are dropped, and the cursor goes back to the first of the rest. So nothing is lost, repeated or out of order.
 */
import type { ChannelError } from '../errors.ts'

/** Called once: when the other side took a frame, or with the error because of which nobody will ever know. */
export type Taken = (error?: ChannelError) => void

/** Where a frame's bytes lie. */
export interface FrameMemory {
  /** One frame less is kept. */
  release(): void
}

export interface SentFrame {
  /** With its length in front. */
  readonly bytes: Uint8Array
  readonly memory: FrameMemory
  readonly onTaken: Taken | undefined
}

/** Entries at the front that were dropped are cut off when there are so many. */
const CUT_FROM = 1024

export class SentLog {
  #frames: (SentFrame | undefined)[] = []
  /** Dropped entries in front. */
  #start = 0
  #acked = 0
  #cursor = 0
  #bytes = 0

  /** Frames that the other side took. */
  get acked(): number {
    return this.#acked
  }

  /** Frames that were made. */
  get made(): number {
    return this.#acked + this.#frames.length - this.#start
  }

  /** Frames that were given to the present stream or acknowledged. */
  get given(): number {
    return this.#cursor
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** Every frame was given to the present stream. */
  get isGiven(): boolean {
    return this.#cursor === this.made
  }

  push(bytes: Uint8Array, memory: FrameMemory, onTaken?: Taken): void {
    this.#frames.push({ bytes, memory, onTaken })
    this.#bytes += bytes.length
  }

  /** The first frame that the present stream was not given; {@link give} moves on. */
  next(): SentFrame | undefined {
    return this.#frames[this.#start + this.#cursor - this.#acked]
  }

  give(): void {
    if (!this.isGiven) this.#cursor++
  }

  /** `received` is a number that the other side may say: no fewer than before, and no more than it was given. */
  isPossible(received: number): boolean {
    return received >= this.#acked && received <= this.#cursor
  }

  /** The other side took `received` frames all in all; returns the bytes of those that are new. */
  acknowledge(received: number): number {
    let bytes = 0
    const taken: Taken[] = []
    while (this.#acked < received) {
      const frame = this.#frames[this.#start] as SentFrame
      this.#frames[this.#start++] = undefined
      this.#acked++
      bytes += frame.bytes.length
      frame.memory.release()
      if (frame.onTaken !== undefined) taken.push(frame.onTaken)
    }
    this.#bytes -= bytes
    this.#cursor = Math.max(this.#cursor, this.#acked)
    if (this.#start >= CUT_FROM && this.#start * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start)
      this.#start = 0
    }
    for (const tell of taken) tell()
    return bytes
  }

  /** The stream changed: everything that is kept is to be given anew. */
  rewind(): void {
    this.#cursor = this.#acked
  }

  /** Whoever waits for a frame to be taken hears that it is not. */
  fail(error: ChannelError): void {
    const frames = this.#frames.slice(this.#start)
    this.#frames = []
    this.#start = this.#bytes = 0
    for (const frame of frames) frame?.onTaken?.(error)
  }
}
