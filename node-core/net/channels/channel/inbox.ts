/**
 * What came on a channel and was not taken, and how much more may come. Pure.
 *
 * The receiver grants *credit*: what all messages may cost together, counted from the channel's beginning; a message costs its length
 * and {@link MESSAGE_COST}, so that empty ones are bounded too. The grant is what was taken by the reader plus a window, so a reader that
 * stops holds at most a window of memory here, and the sender of this one channel. A window has room for the longest
 * message, so a message that was begun can always be finished.
 *
 * Grants are told in steps of a quarter of the window. A sender that has more than it was granted says so; where the reader is not
 * what holds it up, the window doubles, as far as the budget allows.
 */
import { EMPTY, uninitializedBytes } from '../../../base/bytes.ts'
import type { Budget } from '../budget.ts'
import { ChannelProtocolError } from '../errors.ts'
import type { DataFrame } from '../frames/frames.ts'

/** What a message costs above its length. */
export const MESSAGE_COST = 32
/** A window at the beginning, or more where one message needs it. */
const FIRST_WINDOW = 256 * 1024
const MAX_WINDOW = 4 * 1024 * 1024
/** A message's memory is made at once up to here, and beyond as it comes. */
const ROOM_AT_ONCE = 256 * 1024

export function firstWindow(maxMessageBytes: number): number {
  return Math.max(FIRST_WINDOW, maxMessageBytes + MESSAGE_COST)
}

export class Inbox {
  readonly #maxMessageBytes: number
  readonly #budget: Budget
  #window: number
  #limit: number
  /** Cost of everything that came, and of what the reader took. */
  #received = 0
  #taken = 0
  #messages: Uint8Array[] = []
  #head = 0
  #bytes = 0
  /** The message of which a part has come. */
  #partial: { room: Uint8Array; filled: number; readonly total: number } | undefined
  #closed = false

  /** {@link firstWindow} was taken from the budget. */
  constructor(maxMessageBytes: number, budget: Budget) {
    this.#maxMessageBytes = maxMessageBytes
    this.#budget = budget
    this.#limit = this.#window = firstWindow(maxMessageBytes)
  }

  get window(): number {
    return this.#window
  }

  /** Messages that wait for the reader. */
  get length(): number {
    return this.#messages.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** In the middle of a message. */
  get isPartial(): boolean {
    return this.#partial !== undefined
  }

  /** Takes a frame; true where it ends a message. Throws a {@link ChannelProtocolError}. */
  push(frame: DataFrame): boolean {
    const { payload, first, last } = frame
    if (first !== (this.#partial === undefined)) throw new ChannelProtocolError('a message began within another, or in its middle')
    const total = first ? (frame.total ?? payload.length) : (this.#partial?.total ?? 0)
    if (total > this.#maxMessageBytes) throw new ChannelProtocolError('a message is longer than it was told to be at most')
    this.#received += payload.length + (first ? MESSAGE_COST : 0)
    if (this.#received > this.#limit) throw new ChannelProtocolError('it sent more than it was granted')
    if (first && last) {
      this.#add(own(payload))
      return true
    }
    const partial = (this.#partial ??= { room: uninitializedBytes(Math.min(total, ROOM_AT_ONCE)), filled: 0, total })
    const filled = partial.filled + payload.length
    if (filled > total || last !== (filled === total)) throw new ChannelProtocolError('a message has another length than it said')
    if (filled > partial.room.length) {
      const room = uninitializedBytes(Math.min(total, Math.max(filled, partial.room.length * 2)))
      room.set(partial.room.subarray(0, partial.filled))
      partial.room = room
    }
    partial.room.set(payload, partial.filled)
    partial.filled = filled
    if (!last) return false
    this.#partial = undefined
    this.#add(partial.room)
    return true
  }

  /** The oldest message; it counts until it is {@link taken}. */
  shift(): Uint8Array | undefined {
    const message = this.#messages[this.#head]
    if (message === undefined) return undefined
    this.#messages[this.#head++] = EMPTY
    if (this.#head > 256 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    this.#bytes -= message.length
    return message
  }

  /** The reader is through with a message of so many bytes. */
  taken(bytes: number): void {
    this.#taken += bytes + MESSAGE_COST
  }

  /** The new limit, where it is time to tell one. */
  grant(): number | undefined {
    const limit = this.#taken + this.#window
    if (this.#closed || limit - this.#limit < this.#window / 4) return undefined
    return (this.#limit = limit)
  }

  /** The sender would send more. True where the window grew, so that there is more to grant. */
  onBlocked(): boolean {
    const more = Math.min(this.#window, MAX_WINDOW - this.#window)
    if (this.#closed || more <= 0 || this.#received - this.#taken > this.#window / 2 || !this.#budget.take(more)) return false
    this.#window += more
    return true
  }

  /** Drops what is there, and gives the window back; once. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#messages = []
    this.#head = this.#bytes = 0
    this.#partial = undefined
    this.#budget.give(this.#window)
  }

  #add(message: Uint8Array): void {
    this.#messages.push(message)
    this.#bytes += message.length
  }
}

/** A view may hold a buffer of the transport that is many times as large, and wait here for long. */
function own(payload: Uint8Array): Uint8Array {
  return payload.length * 2 < payload.buffer.byteLength ? payload.slice() : payload
}
