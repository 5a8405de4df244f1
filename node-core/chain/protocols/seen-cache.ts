/**
 * What was seen lately, bounded in entries and in time: gossip that comes back from another side is known again.
 *
 * Every entry lives equally long, so the order of arrival is the order of expiry; nothing needs a timer.
 */
import type { Clock } from '../../base/clock.ts'

export class SeenCache {
  readonly #clock: Pick<Clock, 'now'>
  readonly #maxEntries: number
  readonly #lifetimeMs: number
  /** Key and the time at which it is forgotten. */
  readonly #entries = new Map<string, number>()

  constructor(clock: Pick<Clock, 'now'>, options: { readonly maxEntries: number; readonly lifetimeMs: number }) {
    this.#clock = clock
    this.#maxEntries = options.maxEntries
    this.#lifetimeMs = options.lifetimeMs
  }

  get size(): number {
    this.#forgetOld()
    return this.#entries.size
  }

  has(key: string): boolean {
    const until = this.#entries.get(key)
    return until !== undefined && until > this.#clock.now()
  }

  /** False where it was there already; its time then runs on. */
  add(key: string): boolean {
    this.#forgetOld()
    if (this.#entries.has(key)) return false
    this.#entries.set(key, this.#clock.now() + this.#lifetimeMs)
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value as string)
    return true
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  #forgetOld(): void {
    const now = this.#clock.now()
    for (const [key, until] of this.#entries) {
      if (until > now) return
      this.#entries.delete(key)
    }
  }
}
