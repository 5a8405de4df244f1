/** From the chunks of a plain link to frames. What is kept grows with what really came, whatever a header promises. Pure. */
import { checkPayload, HEADER_BYTES, readHeader, type WireFrame, type WireHeader } from './frame.ts'

const FIRST_ROOM = 4096

export class WireReader {
  readonly #longest: (isLink: boolean, topic: number) => number | undefined
  readonly #head = new Uint8Array(HEADER_BYTES)
  #headFilled = 0
  #header: WireHeader | undefined
  #payload: Uint8Array = new Uint8Array(0)
  #filled = 0

  /** `longest`: see {@link readHeader}. */
  constructor(longest: (isLink: boolean, topic: number) => number | undefined) {
    this.#longest = longest
  }

  /** In the middle of a frame: an end of the link now would be one too early. */
  get partial(): boolean {
    return this.#headFilled > 0
  }

  /** Whole frames in these bytes and those before. Throws a WireError; nothing can be read from the link after that. */
  *push(chunk: Uint8Array): Generator<WireFrame> {
    let at = 0
    while (at < chunk.length) {
      if (this.#header === undefined) {
        const used = Math.min(HEADER_BYTES - this.#headFilled, chunk.length - at)
        this.#head.set(chunk.subarray(at, at + used), this.#headFilled)
        this.#headFilled += used
        at += used
        this.#header = readHeader(this.#head.subarray(0, this.#headFilled), this.#longest)
        if (this.#header === undefined) return
      }
      const used = Math.min(this.#header.length - this.#filled, chunk.length - at)
      this.#keep(this.#header.length, chunk.subarray(at, at + used))
      at += used
      if (this.#filled === this.#header.length) yield this.#finish(this.#header)
    }
  }

  #keep(length: number, bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length
    if (needed > this.#payload.length) {
      const grown = new Uint8Array(Math.min(length, Math.max(FIRST_ROOM, needed, this.#payload.length * 2)))
      grown.set(this.#payload.subarray(0, this.#filled))
      this.#payload = grown
    }
    this.#payload.set(bytes, this.#filled)
    this.#filled = needed
  }

  #finish(header: WireHeader): WireFrame {
    const payload = this.#payload.subarray(0, this.#filled)
    this.#header = undefined
    this.#headFilled = 0
    this.#payload = new Uint8Array(0)
    this.#filled = 0
    checkPayload(header, payload)
    return { isLink: header.isLink, topic: header.topic, payload }
  }
}
