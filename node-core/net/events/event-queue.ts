/** Events that wait for one listener of this process: it gets them one at a time and in order; one that is too slow loses its own oldest, and is told how many. */
import { RingBuffer } from '../../base/ring-buffer.ts'
import type { NetEvent } from './net-events.ts'

/** `lost`: events that were lost in front of this one. */
export type NetEventHandler = (event: NetEvent, lost: number) => void | Promise<void>

/** As many as wait for a program. */
export const WAITING_EVENTS = 1024

export class EventQueue {
  readonly #handler: NetEventHandler
  readonly #onError: (error: unknown) => void
  readonly #waiting: RingBuffer<NetEvent>
  #lost = 0
  #isHanding = false
  #closed = false

  /** `onError` hears what the handler throws; the queue goes on. */
  constructor(dependencies: { readonly handler: NetEventHandler; readonly onError: (error: unknown) => void }, capacity = WAITING_EVENTS) {
    this.#handler = dependencies.handler
    this.#onError = dependencies.onError
    this.#waiting = new RingBuffer(capacity)
  }

  /** Never waits. */
  push(event: NetEvent): void {
    if (this.#closed) return
    if (this.#waiting.push(event) !== undefined) this.#lost++
    if (!this.#isHanding) void this.#handOver()
  }

  /** What waits is forgotten. */
  close(): void {
    this.#closed = true
    this.#waiting.clear()
  }

  async #handOver(): Promise<void> {
    this.#isHanding = true
    // Where it happens nobody waits for a handler.
    await Promise.resolve()
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      const lost = this.#lost
      this.#lost = 0
      try {
        await this.#handler(event, lost)
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#isHanding = false
  }
}
