/**
 * A rate limit: so many per second on average, so many at once. Time comes from the caller's clock. The limit may grow and shrink
 * meanwhile: what a bucket held is not lost as far as it may hold it, and a larger one fills at its new pace.
 */
import type { Clock } from '../base/clock.ts'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #clock: Clock
  #rate: () => Rate
  #tokens: number
  #at: number

  /** `rate` is asked each time where it is a function. */
  constructor(clock: Clock, rate: Rate | (() => Rate)) {
    this.#clock = clock
    this.#rate = typeof rate === 'function' ? rate : () => rate
    this.#tokens = this.#rate().burst
    this.#at = clock.now()
  }

  /** Whether there is one to take. */
  get hasOne(): boolean {
    const now = this.#clock.now()
    const { perSecond, burst } = this.#rate()
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
    return this.#tokens >= 1
  }

  /** From here on the rate is another one. */
  set rate(rate: Rate) {
    this.#rate = () => rate
  }

  /** Takes one, if there is one. */
  take(): boolean {
    if (!this.hasOne) return false
    this.#tokens--
    return true
  }
}
