/**
 * Messages written to a socket, each behind its length. The first of a turn of the event loop goes out at once, so that a single answer waits for nothing; those
 * that follow it in the same turn, and all that are long, go out together.
 */
import type { Socket } from 'node:net'
import { putVarint, varintSize } from '../../base/varint.ts'
import { encodeFrameLength } from '../../network/framing.ts'

/** Messages up to here are copied behind their length: two writes cost more. */
const COPIED_BYTES = 16 * 1024

export class FrameWriter {
  readonly #socket: Socket
  /** Something was written in this turn. */
  #wrote = false
  #corked = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** False where the other side takes nothing at the moment. */
  write(message: Uint8Array): boolean {
    const isShort = message.length <= COPIED_BYTES
    if (!this.#corked && (this.#wrote || !isShort)) {
      this.#corked = true
      this.#socket.cork()
    }
    if (!this.#wrote) {
      this.#wrote = true
      process.nextTick(this.#endTurn)
    }
    if (isShort) return this.#socket.write(shortFrame(message))
    this.#socket.write(encodeFrameLength(message.length))
    return this.#socket.write(message)
  }

  readonly #endTurn = (): void => {
    this.#wrote = false
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }
}

/** The same bytes as framing.ts's, in a buffer of the pool. */
function shortFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(varintSize(message.length) + message.length)
  frame.set(message, putVarint(frame, 0, message.length))
  return frame
}
