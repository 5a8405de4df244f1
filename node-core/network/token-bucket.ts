/** A rate limit: so many per second on average, so many at once. Time comes from the caller's clock. */
import type { Clock } from '../base/clock.ts'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #clock: Clock
  #perMs: number
  #burst: number
  #tokens: number
  #at: number

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#perMs = rate.perSecond / 1000
    this.#burst = rate.burst
    this.#tokens = rate.burst
    this.#at = clock.now()
  }

  /** Whether there is one to take. */
  get hasOne(): boolean {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = now
    return this.#tokens >= 1
  }

  /** From here on the rate is another one; what a bucket held is not lost, and a larger one is not full at once. */
  set rate({ perSecond, burst }: Rate) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
  }

  /** Takes one, if there is one. */
  take(): boolean {
    if (!this.hasOne) return false
    this.#tokens--
    return true
  }
}
