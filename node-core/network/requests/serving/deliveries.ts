/**
 * Answers on their way to those who asked.
 *
 * A stream takes what the other side reads and no more, so an answer waits here for its reader, as a whole. An honest reader
 * takes some of it every moment. Somebody who asks for the largest answers on many streams and reads none of them makes
 * this node hold them. So a stream that takes nothing for a while is ended, and the connection with it, where that happens
 * again and again; and where others wait for room, the stream that has stood still longest is ended sooner.
 *
 * What counts is what left the stream: its first window goes without a word from the other side, and then only what was read.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { concatBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { RequestError } from '../exchange.ts'
import { encodeFrameLength } from '../../framing.ts'
import { roomIn } from '../../stream-room.ts'

/** Nothing was taken for so long. */
export const STALL_MS = 10_000
/** So many streams in a row that took nothing end their connection. */
const MAX_STALLS = 4
/** The time for a stream while others wait for the room. */
const STALL_WHILE_AWAITED_MS = 2_000
/** How often is looked who stands still, while others wait. */
const LOOK_MS = 250

/** What is given to a stream at a time; see {@link Deliveries.send}. */
export const PORTION_BYTES = 4 * (65_535 - 16) - 12

/** The answer stood where it was. */
export class Unread extends RequestError {}

interface Delivery {
  readonly connection: Connection
  readonly stream: Stream
  readonly bytes: number
  /** Bytes that the stream has not let go, and when they became fewer last. */
  left: number
  at: number
  /** Why it was ended here. */
  ended: Unread | undefined
}

export interface DeliveriesDependencies {
  readonly clock: Clock
  /** Whether somebody waits for nothing but the room that answers take. */
  readonly isAwaited: () => boolean
  /** The peer let an answer stand that it asked for. */
  readonly onUnread: (peer: string) => void
  /** How long what is sent may stand in line on this side. */
  readonly delayMs: () => number
}

export class Deliveries {
  readonly #deps: DeliveriesDependencies
  /** Those that stood still longest are in front. */
  readonly #running = new Set<Delivery>()
  /** Streams of each connection that took nothing, since one took something. */
  readonly #stalls = new WeakMap<Connection, number>()
  #isLooking = false

  constructor(dependencies: DeliveriesDependencies) {
    this.#deps = dependencies
  }

  /** Answers and their bytes. */
  get running(): { readonly messages: number; readonly bytes: number } {
    let bytes = 0
    for (const delivery of this.#running) bytes += delivery.bytes
    return { messages: this.#running.size, bytes }
  }

  /**
   * Sends a message of any length in portions, the next one when there is room for it, and closes our half: so no more than a
   * portion is encrypted and waits in front of the socket. A portion with the head of its Yamux frame fills four messages of
   * Noise (Noise framework, section 3: 65,535 bytes, tag included), and with that the window of 256 KiB with which a stream
   * begins; smaller ones cost more time in frames and window updates. Rejects with a {@link RequestError} where it is not taken.
   */
  async send(connection: Connection, stream: Stream, message: Uint8Array, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    const delivery: Delivery = { connection, stream, bytes: message.length, left: message.length, at: clock.now(), ended: undefined }
    this.#running.add(delivery)
    let sent = 0
    const left = (): number => message.length - sent + stream.writeBufferLength
    // What a drain lets go, the stream sends in a microtask of its own.
    const onDrain = (): void => queueMicrotask(() => this.#note(delivery, left()))
    stream.addEventListener('drain', onDrain)
    let cancel = this.#watch(delivery, (next) => (cancel = next))
    try {
      const length = encodeFrameLength(message.length)
      sent = Math.min(message.length, PORTION_BYTES - length.length)
      let hasRoom = stream.send(concatBytes(length, message.subarray(0, sent)))
      delivery.left = left()
      while (sent < message.length) {
        if (!hasRoom) await roomIn(stream, signal)
        const portion = message.subarray(sent, sent + PORTION_BYTES)
        sent += portion.length
        hasRoom = stream.send(portion)
        this.#note(delivery, left())
      }
      await stream.close({ signal })
    } catch (error) {
      throw delivery.ended ?? new RequestError('NETWORK_DISCONNECTED', 'The peer did not read the answer.', { cause: error })
    } finally {
      cancel()
      stream.removeEventListener('drain', onDrain)
      this.#running.delete(delivery)
    }
  }

  /** Somebody waits for room: who stands still is looked for until nobody does. */
  press(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#deps.clock.schedule(LOOK_MS, () => {
      this.#isLooking = false
      if (!this.#deps.isAwaited()) return
      const [slowest] = this.#running
      if (slowest !== undefined && this.#deps.clock.now() - slowest.at >= STALL_WHILE_AWAITED_MS + this.#deps.delayMs()) this.#end(slowest, 'Others wait for the room.')
      this.press()
    })
  }

  /** The connection drains for all its streams: whether this one let something go shows in what is left. */
  #note(delivery: Delivery, left: number): void {
    if (left >= delivery.left) return
    delivery.left = left
    delivery.at = this.#deps.clock.now()
    this.#stalls.delete(delivery.connection)
    if (this.#running.delete(delivery)) this.#running.add(delivery)
  }

  /** Looks again when it may have stood still long enough. `onNext` is given the way to cancel that. */
  #watch(delivery: Delivery, onNext: (cancel: () => void) => void): () => void {
    const { clock, delayMs } = this.#deps
    const patience = STALL_MS + delayMs()
    return clock.schedule(delivery.at + patience - clock.now(), () => {
      if (clock.now() - delivery.at < STALL_MS + delayMs()) return onNext(this.#watch(delivery, onNext))
      this.#onStall(delivery)
    })
  }

  #onStall(delivery: Delivery): void {
    const { connection } = delivery
    const stalls = (this.#stalls.get(connection) ?? 0) + 1
    this.#stalls.set(connection, stalls)
    this.#end(delivery, 'The peer does not read the answers that it asks for.')
    this.#deps.onUnread(connection.remotePeer.toString())
    if (stalls >= MAX_STALLS) connection.abort(new Error('it does not read the answers that it asks for'))
  }

  #end(delivery: Delivery, reason: string): void {
    delivery.ended = new Unread('NETWORK_TIMEOUT', reason)
    this.#running.delete(delivery)
    delivery.stream.abort(delivery.ended)
  }
}
