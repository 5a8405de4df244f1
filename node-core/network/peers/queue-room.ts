/**
 * The room that messages for slow peers share. Each queue is bounded by itself (outbound-queue.ts), for one peer that reads
 * nothing; but there are many queues, and many peers may read nothing together. When all of them hold more than there is room
 * for, the fullest queue loses its oldest message, again and again: whoever reads keeps what waits for it.
 */
import type { Disposer } from '../../base/disposers.ts'

/** Messages that wait for one peer on one topic. */
export interface WaitingMessages {
  readonly bytes: number
  /** Lets the oldest go, and tells the room. */
  dropOldest(): void
}

/** For all queues together. A message that waits for several peers counts for each of them. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024

export class QueueRoom {
  readonly #maxBytes: number
  readonly #queues = new Set<WaitingMessages>()
  #bytes = 0

  constructor(maxBytes = MAX_QUEUED_BYTES) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The disposer takes the queue out, which is empty by then. */
  add(queue: WaitingMessages): Disposer {
    this.#queues.add(queue)
    return () => this.#queues.delete(queue)
  }

  /** A queue of this room holds so many bytes more, or fewer. */
  onChange(by: number): void {
    this.#bytes += by
    while (by > 0 && this.#bytes > this.#maxBytes) {
      const fullest = [...this.#queues].reduce<WaitingMessages | undefined>((most, queue) => (queue.bytes > (most?.bytes ?? 0) ? queue : most), undefined)
      if (fullest === undefined) return
      fullest.dropOldest()
    }
  }
}
