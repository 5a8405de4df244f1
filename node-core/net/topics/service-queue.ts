/**
 * What waits for one service of a topic. It is bounded by number and by bytes: a service that is too slow loses its own oldest messages, counted,
 * and delays nobody else. Messages are handed over one at a time, in the order in which they came.
 */
import { RingBuffer } from '../../base/ring-buffer.ts'
import type { TopicMessage } from './descriptor.ts'

export type ServiceHandler = (message: TopicMessage) => void | Promise<void>

export interface QueueLimits {
  readonly messages: number
  /** Of payloads. The newest message is kept, however long it is. */
  readonly bytes: number
}

export const DEFAULT_LIMITS: QueueLimits = { messages: 1024, bytes: 64 * 1024 * 1024 }

export class ServiceQueue {
  readonly #handler: ServiceHandler
  readonly #onError: (error: unknown) => void
  readonly #maxBytes: number
  readonly #waiting: RingBuffer<TopicMessage>
  #bytes = 0
  #received = 0
  #dropped = 0
  #isHanding = false
  #closed = false

  /** `onError` hears what the handler throws; the queue goes on. */
  constructor(dependencies: { readonly handler: ServiceHandler; readonly onError: (error: unknown) => void }, limits: QueueLimits) {
    this.#handler = dependencies.handler
    this.#onError = dependencies.onError
    this.#maxBytes = limits.bytes
    this.#waiting = new RingBuffer(limits.messages)
  }

  get figures(): { readonly received: number; readonly dropped: number; readonly waiting: number; readonly waitingBytes: number } {
    return { received: this.#received, dropped: this.#dropped, waiting: this.#waiting.length, waitingBytes: this.#bytes }
  }

  /** Never waits. */
  push(message: TopicMessage): void {
    if (this.#closed) return
    this.#received++
    this.#drop(this.#waiting.push(message))
    this.#bytes += message.payload.length
    while (this.#bytes > this.#maxBytes && this.#waiting.length > 1) this.#drop(this.#waiting.shift())
    if (!this.#isHanding) void this.#handOver()
  }

  /** What waits is forgotten. */
  close(): void {
    this.#closed = true
    this.#waiting.clear()
    this.#bytes = 0
  }

  #drop(message: TopicMessage | undefined): void {
    if (message === undefined) return
    this.#bytes -= message.payload.length
    this.#dropped++
  }

  async #handOver(): Promise<void> {
    this.#isHanding = true
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      this.#bytes -= message.payload.length
      try {
        const handling = this.#handler(message)
        if (handling !== undefined) await handling
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#isHanding = false
  }
}
