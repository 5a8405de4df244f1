/**
 * Messages that wait to be sent on a channel, and what the other side granted. Pure.
 *
 * A message is cut into frames as its turn comes, no sooner. Whoever sends is told to wait while more than {@link ROOM} waits; a
 * sender that does not wait is refused at a limit, since memory is bounded, and that counts as a drop.
 */
import type { DataFrame } from '../frames/frames.ts'
import { MESSAGE_COST } from './inbox.ts'
import type { Taken } from '../session/sent-log.ts'

/** Bytes that may wait without holding the sender. */
export const ROOM = 1024 * 1024
/** Cost of what may wait at all, where one message does not need more. */
const MAX_WAITING = 4 * 1024 * 1024
/** A frame with less than that of a longer message is not worth its making while more credit is to come. */
const MIN_PART = 512

interface Waiting {
  readonly message: Uint8Array
  readonly onTaken: Taken | undefined
}

/** A frame to send, and who is to hear when the other side took it. */
export interface Part {
  readonly frame: DataFrame
  readonly onTaken: Taken | undefined
}

export class Outbox {
  readonly #channel: number
  #waiting: Waiting[] = []
  #head = 0
  /** Bytes of the first message that were sent. */
  #sent = 0
  #bytes = 0
  #limit = 0
  #used = 0
  readonly #senders: (() => void)[] = []

  constructor(channel: number) {
    this.#channel = channel
  }

  get length(): number {
    return this.#waiting.length - this.#head
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Cost that may still be sent. */
  get credit(): number {
    return this.#limit - this.#used
  }

  /** What was granted, all in all. */
  get limit(): number {
    return this.#limit
  }

  /** Bytes of the first message that wait. */
  get firstBytes(): number {
    return (this.#waiting[this.#head]?.message.length ?? 0) - this.#sent
  }

  /** A sender should wait; see {@link whenRoom}. */
  get isFull(): boolean {
    return this.#bytes + this.length * MESSAGE_COST > ROOM
  }

  /** Something can be sent now. */
  get isReady(): boolean {
    const first = this.#waiting[this.#head]
    if (first === undefined) return false
    return this.credit >= (this.#sent === 0 ? MESSAGE_COST : 0) + Math.min(first.message.length - this.#sent, MIN_PART)
  }

  /** False where there is no room. The message's bytes stay as they are until they are sent. */
  push(message: Uint8Array, onTaken?: Taken): boolean {
    if (this.length > 0 && this.#bytes + message.length + this.length * MESSAGE_COST > MAX_WAITING) return false
    this.#waiting.push({ message, onTaken })
    this.#bytes += message.length
    return true
  }

  /** Calls once there is room, or when the outbox is cleared. */
  whenRoom(call: () => void): void {
    this.#senders.push(call)
  }

  /** The limit as the other side says it; it never falls. False where it does. */
  granted(limit: number): boolean {
    if (limit < this.#limit) return false
    this.#limit = limit
    return true
  }

  /** The next frame, with at most so many bytes; only while {@link isReady}. */
  next(maxBytes: number): Part {
    const { message, onTaken } = this.#waiting[this.#head] as Waiting
    const first = this.#sent === 0
    const rest = message.length - this.#sent
    const room = this.credit - (first ? MESSAGE_COST : 0)
    const length = Math.min(rest, maxBytes, room)
    const last = length === rest
    const payload = last && first ? message : message.subarray(this.#sent, this.#sent + length)
    this.#used += length + (first ? MESSAGE_COST : 0)
    this.#bytes -= length
    this.#sent += length
    if (last) {
      this.#sent = 0
      this.#drop()
    }
    if (!this.isFull) for (const call of this.#senders.splice(0)) call()
    return { frame: { kind: 'data', channel: this.#channel, total: first && !last ? message.length : undefined, first, last, payload }, onTaken: last ? onTaken : undefined }
  }

  /** Drops everything; returns how many messages did not go out. */
  clear(): number {
    const dropped = this.length
    this.#waiting = []
    this.#head = this.#bytes = this.#sent = 0
    for (const call of this.#senders.splice(0)) call()
    return dropped
  }

  #drop(): void {
    ;(this.#waiting as (Waiting | undefined)[])[this.#head++] = undefined
    if (this.#head > 256 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }
}
