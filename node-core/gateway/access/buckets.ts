/**
 * How many requests a minute somebody may make: a bucket of tokens for each, which is full at first, loses one with each request and fills again with
 * time. Whoever was not here for a minute has a full one, so a bucket that is full is as good as forgotten; and the buckets that are
 * remembered are bounded, for anybody can come from many addresses.
 */
import { Lru } from '../../base/lru.ts'
import { SteadyClock, type Clock } from '../../base/clock.ts'

const MINUTE_MS = 60_000
const MAX_BUCKETS = 65_536

interface Bucket {
  readonly tokens: number
  readonly at: number
}

export class Buckets {
  readonly #clock: Clock
  readonly #buckets: Lru<string, Bucket>

  constructor(clock: Clock, most = MAX_BUCKETS) {
    this.#clock = new SteadyClock(clock)
    this.#buckets = new Lru(most)
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes a token: 0, or how many milliseconds it is to the next one where there is none. `perMinute` is at least 1. */
  take(who: string, perMinute: number): number {
    const { tokens, at } = this.#now(who, perMinute)
    if (tokens < 1) return Math.ceil(((1 - tokens) * MINUTE_MS) / perMinute)
    this.#buckets.set(who, { tokens: tokens - 1, at })
    return 0
  }

  #now(who: string, perMinute: number): Bucket {
    const now = this.#clock.now()
    const known = this.#buckets.get(who)
    if (known === undefined) return { tokens: perMinute, at: now }
    return { tokens: Math.min(perMinute, known.tokens + ((now - known.at) * perMinute) / MINUTE_MS), at: now }
  }
}
