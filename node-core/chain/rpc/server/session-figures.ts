/** WebSocket sessions since the start, and how long those that ended were open, as Substrate's nodes count it: in whole seconds, in the classes of calls. */
import { SteadyClock, type Clock } from '../../../base/clock.ts'
import { TimeClasses } from './time-classes.ts'

export interface SessionCounts {
  readonly opened: number
  readonly closed: number
  /** Whole seconds of all that ended. */
  readonly totalSeconds: number
  /** Those that ended, by TIME_BOUNDS in seconds, each with those of the bounds below; the last is without a bound. */
  readonly byTime: readonly number[]
}

export const NO_SESSIONS: SessionCounts = { opened: 0, closed: 0, totalSeconds: 0, byTime: new TimeClasses().upTo() }

export class SessionFigures {
  readonly #clock: Clock
  #opened = 0
  #closed = 0
  #totalSeconds = 0
  readonly #classes = new TimeClasses()

  constructor(clock: Clock) {
    this.#clock = new SteadyClock(clock)
  }

  /** A session begins. What comes back tells its end, once. */
  open(): () => void {
    this.#opened++
    const since = this.#clock.now()
    return () => {
      const seconds = Math.floor((this.#clock.now() - since) / 1000)
      this.#closed++
      this.#totalSeconds += seconds
      this.#classes.add(seconds)
    }
  }

  read(): SessionCounts {
    return { opened: this.#opened, closed: this.#closed, totalSeconds: this.#totalSeconds, byTime: this.#classes.upTo() }
  }
}
