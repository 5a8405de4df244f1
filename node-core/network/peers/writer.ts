/**
 * The sending half of a topic with one peer. It hands the stream a frame whenever the stream has room, keeps the rest in
 * a bounded queue, and never blocks whoever sends: a peer that reads nothing costs that queue and nothing more, and loses
 * the topic after a minute. So a peer that vanished without a word does not hold its slot for as long as the system waits for it.
 *
 * A stream says 'drain' as well when only the connection has room again, and for a moment takes whatever it is given then, without a bound. What
 * it holds already goes first, then it knows whether its peer gave it room: so it is asked again behind that.
 */
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { OutboundQueue } from './outbound-queue.ts'
import type { QueueRoom, WaitingMessages } from './queue-room.ts'

/** Messages waited for so long, and none was taken. */
export const WRITE_DEADLINE_MS = 60_000

export interface WriterEvents {
  onSent(frame: Uint8Array): void
  onDropped(count: number): void
  /** The stream no longer takes anything. */
  onFailure(reason: string): void
}

export interface WriterDependencies {
  readonly clock: Clock
  readonly room: QueueRoom
}

export class PeerWriter implements WaitingMessages {
  readonly #stream: Stream
  readonly #queue: OutboundQueue
  readonly #events: WriterEvents
  readonly #deps: WriterDependencies
  readonly #leaveRoom: Disposer
  /** Bytes of the queue that the room knows of. */
  #counted = 0
  /** Bytes that the stream held when it was last given something. */
  #held = 0
  #deadline: Disposer | undefined
  #ended = false

  constructor(stream: Stream, limits: { readonly maxItems: number; readonly maxBytes: number }, events: WriterEvents, dependencies: WriterDependencies) {
    this.#stream = stream
    this.#queue = new OutboundQueue(limits.maxItems, limits.maxBytes)
    this.#events = events
    this.#deps = dependencies
    this.#leaveRoom = dependencies.room.add(this)
    stream.addEventListener('drain', this.#onDrain)
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#queue.length, bytes: this.#queue.bytes }
  }

  get bytes(): number {
    return this.#queue.bytes
  }

  /** `frame` carries its length already, so that one copy serves all peers. */
  send(frame: Uint8Array, kind?: string): void {
    if (this.#ended) return
    const dropped = this.#queue.push(frame, kind)
    if (dropped > 0) this.#events.onDropped(dropped)
    this.#pump()
  }

  dropOldest(): void {
    if (this.#queue.shift() === undefined) return
    this.#events.onDropped(1)
    this.#tellRoom()
  }

  /** Lets go of the stream, which its owner closes. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#stream.removeEventListener('drain', this.#onDrain)
    this.#deadline?.()
    if (this.#queue.length > 0) this.#events.onDropped(this.#queue.length)
    this.#queue.clear()
    this.#tellRoom()
    this.#leaveRoom()
  }

  readonly #onDrain = (): void => {
    // The stream's own listener came first: what it holds is sent in a microtask that is queued already.
    if (this.#stream.writeBufferLength > 0) queueMicrotask(() => this.#goOn())
    else this.#goOn()
  }

  #goOn(): void {
    if (this.#ended) return
    if (!this.#stream.writableNeedsDrain || this.#stream.writeBufferLength < this.#held) {
      this.#deadline?.()
      this.#deadline = undefined
    }
    this.#pump()
  }

  #pump(): void {
    while (!this.#ended && !this.#stream.writableNeedsDrain) {
      const frame = this.#queue.shift()
      if (frame === undefined) break
      try {
        this.#stream.send(frame)
      } catch (error) {
        this.#events.onFailure((error as Error).message)
        return
      }
      this.#events.onSent(frame)
    }
    this.#held = this.#stream.writeBufferLength
    this.#tellRoom()
    if (!this.#ended && this.#queue.length > 0) this.#deadline ??= this.#deps.clock.schedule(WRITE_DEADLINE_MS, () => this.#events.onFailure('it reads nothing'))
  }

  #tellRoom(): void {
    const by = this.#queue.bytes - this.#counted
    if (by === 0) return
    this.#counted += by
    this.#deps.room.onChange(by)
  }
}
