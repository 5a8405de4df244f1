/**
 * Items of one call that wait for its program: bounded in number and bytes, and let out as far as the program has granted credit. Full, it drops its oldest and counts,
 * or tells whoever makes the items when there is room. Pure.
 */
import { OutboundQueue } from '../../../network/peers/outbound-queue.ts'

export class ItemQueue {
  readonly #queue: OutboundQueue
  readonly #maxItems: number
  readonly #maxBytes: number
  readonly #holds: boolean
  /** Infinite where the program did not say. */
  #credit: number
  #dropped = 0
  #waiters: { readonly isMet: () => boolean; readonly resolve: () => void }[] = []

  constructor({ queueItems, whenSlow }: { readonly queueItems: number; readonly whenSlow: 'drop' | 'hold' }, { maxBytes, credit }: { readonly maxBytes: number; readonly credit: number }) {
    this.#holds = whenSlow === 'hold'
    this.#maxItems = queueItems
    this.#maxBytes = maxBytes
    // Whoever is held puts in one more at most than fits, so that nothing is dropped.
    this.#queue = this.#holds ? new OutboundQueue(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) : new OutboundQueue(queueItems, maxBytes)
    this.#credit = credit === 0 ? Infinity : credit
  }

  /** Returns how many had to go. */
  push(message: Uint8Array): number {
    const dropped = this.#queue.push(message)
    this.#dropped += dropped
    return dropped
  }

  get length(): number {
    return this.#queue.length
  }

  get canTake(): boolean {
    return this.#credit > 0 && this.#queue.length > 0
  }

  /** The oldest, with the number of those that were dropped in front of it. */
  take(): { readonly message: Uint8Array; readonly dropped: number } | undefined {
    if (!this.canTake) return undefined
    const message = this.#queue.shift() as Uint8Array
    this.#credit--
    this.#tell()
    return { message, dropped: this.takeDropped() }
  }

  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  grant(items: number): void {
    this.#credit += items
  }

  /** Resolves when another item may be put in, or the signal aborts. */
  room(signal: AbortSignal): Promise<void> {
    return this.#until(() => !this.#holds || (this.#queue.length < this.#maxItems && this.#queue.bytes < this.#maxBytes), signal)
  }

  /** Resolves when all was taken, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void> {
    return this.#until(() => this.#queue.length === 0, signal)
  }

  #until(isMet: () => boolean, signal: AbortSignal): Promise<void> {
    if (isMet() || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = { isMet, resolve: done }
      const queue = this.#waiters
      function done(): void {
        signal.removeEventListener('abort', done)
        const at = queue.indexOf(waiter)
        if (at >= 0) queue.splice(at, 1)
        resolve()
      }
      queue.push(waiter)
      signal.addEventListener('abort', done)
    })
  }

  #tell(): void {
    for (const waiter of [...this.#waiters]) if (waiter.isMet()) waiter.resolve()
  }
}
