/** A clock that can be set, as a computer's can: timers go by the time that passes, not by what the clock shows. */
import type { Disposer } from '../../node-core/base/disposers.ts'
import { FakeClock } from '../../node-core/base/clock.ts'

export class SettableClock extends FakeClock {
  #offset = 0
  /** Timers fire so many milliseconds before their time, where they are set for later than that. */
  earlyBy = 0

  override now(): number {
    return super.now() + this.#offset
  }

  /** Puts the clock forward, or back where `ms` is negative. */
  set(ms: number): void {
    this.#offset += ms
  }

  override schedule(ms: number, callback: () => void): Disposer {
    return super.schedule(ms > this.earlyBy ? ms - this.earlyBy : ms, callback)
  }
}
