/** Time, injected: whoever needs it takes a `Clock`, so that a test can turn it by hand. */
import type { Disposer } from './disposers.ts'

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Runs `callback` once, `ms` milliseconds from now; the disposer cancels it. */
  schedule(ms: number, callback: () => void): Disposer
}

/** `setTimeout` fires at once beyond this many milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), LONGEST_TIMEOUT))
    return () => clearTimeout(timer)
  },
}

/** As {@link systemClock}, in fractions of a millisecond and never back: for what measures round trips. It does not follow where the clock is set. */
export const preciseClock: Clock = { now: () => performance.timeOrigin + performance.now(), schedule: (ms, callback) => systemClock.schedule(ms, callback) }

/** Time for what measures spans: as the clock goes, but never back. Where the clock is set back, it goes on from where it was. */
export class SteadyClock implements Clock {
  readonly #clock: Clock
  #ahead = 0
  #last = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    const now = this.#clock.now() + this.#ahead
    if (now < this.#last) this.#ahead += this.#last - now
    this.#last = Math.max(now, this.#last)
    return this.#last
  }

  schedule(ms: number, callback: () => void): Disposer {
    return this.#clock.schedule(ms, callback)
  }
}

/** A clock that stands still until it is turned. */
export class FakeClock implements Clock {
  #now: number
  #nextId = 0
  readonly #timers = new Map<number, { at: number; callback: () => void }>()

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(ms: number, callback: () => void): Disposer {
    const id = this.#nextId++
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback })
    return () => this.#timers.delete(id)
  }

  /** When the next timer is due, or undefined where none is set. */
  nextDue(): number | undefined {
    let due: number | undefined
    for (const { at } of this.#timers.values()) if (due === undefined || at < due) due = at
    return due
  }

  /** Moves time forward as a computer that slept does: what fell due meanwhile runs late, with the next {@link advance}. */
  skip(ms: number): void {
    this.#now += ms
  }

  /** Moves time forward, running each due timer at its own instant, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      let next: [number, { at: number; callback: () => void }] | undefined
      for (const entry of this.#timers) if (entry[1].at <= end && (next === undefined || entry[1].at < next[1].at)) next = entry
      if (next === undefined) break
      this.#timers.delete(next[0])
      this.#now = Math.max(this.#now, next[1].at)
      next[1].callback()
    }
    this.#now = end
  }
}
