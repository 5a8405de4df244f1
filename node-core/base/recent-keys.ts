/**
 * What was done lately: keys that are remembered for a span of time, in a bounded number. For rules of the form "not again
 * within a minute", where forgetting early would break the rule: once the memory is full it takes no new key.
 */
export class RecentKeys {
  readonly #spanMs: number
  readonly #limit: number
  /** When each was noted, the oldest first. */
  readonly #times = new Map<string, number>()
  #now = Number.NEGATIVE_INFINITY

  constructor(spanMs: number, limit: number) {
    this.#spanMs = spanMs
    this.#limit = limit
  }

  get size(): number {
    return this.#times.size
  }

  /** Noted less than the span ago; or the memory is full, so that nobody can tell. */
  has(key: string, now: number): boolean {
    this.#forget(now)
    return this.#times.has(key) || this.#times.size >= this.#limit
  }

  /** Notes a key. False, and nothing noted, where it {@link has} it. */
  add(key: string, now: number): boolean {
    if (this.has(key, now)) return false
    this.#times.set(key, now)
    return true
  }

  #forget(now: number): void {
    if (now < this.#now) this.#shift(now - this.#now)
    this.#now = now
    for (const [key, at] of this.#times) {
      if (now < at + this.#spanMs) return
      this.#times.delete(key)
    }
  }

  /** The clock was set back: what was noted is as old as it was before. */
  #shift(byMs: number): void {
    for (const [key, at] of this.#times) this.#times.set(key, at + byMs)
  }
}
