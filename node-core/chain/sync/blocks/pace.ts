/** How fast blocks come in, over a sliding window, and since when none did. */
export class Pace {
  readonly #windowMs: number
  /** Imports per second of the clock, oldest first. */
  #buckets: { readonly second: number; count: number }[] = []
  #lastProgress: number

  constructor(now: number, windowMs = 10_000) {
    this.#windowMs = windowMs
    this.#lastProgress = now
  }

  imported(now: number): void {
    this.#lastProgress = now
    const second = Math.floor(now / 1000)
    const last = this.#buckets.at(-1)
    if (last?.second === second) last.count++
    else this.#buckets.push({ second, count: 1 })
    this.#forget(now)
  }

  /** Nothing was expected until now: a stall is counted from here. */
  rested(now: number): void {
    this.#lastProgress = now
  }

  idleFor(now: number): number {
    return now - this.#lastProgress
  }

  blocksPerSecond(now: number): number {
    this.#forget(now)
    const first = this.#buckets[0]
    if (first === undefined) return 0
    const total = this.#buckets.reduce((sum, { count }) => sum + count, 0)
    return total / Math.max(1, Math.min(this.#windowMs, now - first.second * 1000) / 1000)
  }

  #forget(now: number): void {
    this.#buckets = this.#buckets.filter(({ second }) => second * 1000 > now - this.#windowMs)
  }
}
