/**
 * The sending half of a topic with one peer. It hands the stream a frame whenever the stream has room, keeps the rest in
 * a bounded queue, and never blocks whoever sends: a peer that reads nothing costs that queue and nothing more.
 */
import type { Stream } from '@libp2p/interface'
import { OutboundQueue } from './outbound-queue.ts'

export interface WriterEvents {
  onSent(frame: Uint8Array): void
  onDropped(count: number): void
  /** The stream no longer takes anything. */
  onFailure(reason: string): void
}

export class PeerWriter {
  readonly #stream: Stream
  readonly #queue: OutboundQueue
  readonly #events: WriterEvents
  #ended = false

  constructor(stream: Stream, limits: { readonly maxItems: number; readonly maxBytes: number }, events: WriterEvents) {
    this.#stream = stream
    this.#queue = new OutboundQueue(limits.maxItems, limits.maxBytes)
    this.#events = events
    stream.addEventListener('drain', this.#pump)
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#queue.length, bytes: this.#queue.bytes }
  }

  /** `frame` carries its length already, so that one copy serves all peers. */
  send(frame: Uint8Array, kind?: string): void {
    if (this.#ended) return
    const dropped = this.#queue.push(frame, kind)
    if (dropped > 0) this.#events.onDropped(dropped)
    this.#pump()
  }

  /** Lets go of the stream, which its owner closes. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#stream.removeEventListener('drain', this.#pump)
    if (this.#queue.length > 0) this.#events.onDropped(this.#queue.length)
    this.#queue.clear()
  }

  readonly #pump = (): void => {
    while (!this.#ended && !this.#stream.writableNeedsDrain) {
      const frame = this.#queue.shift()
      if (frame === undefined) return
      try {
        this.#stream.send(frame)
      } catch (error) {
        this.#events.onFailure((error as Error).message)
        return
      }
      this.#events.onSent(frame)
    }
  }
}
