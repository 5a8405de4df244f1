/** Looks after a session while nothing comes: one without channels is to end after a while, and so is a link that carries nothing. */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'

/** A link whose acknowledgements stay out for so long carries nothing. */
const STALLED_MS = 15_000
const LOOK_MS = 5000

export interface SessionWatchEvents {
  readonly onIdle: () => void
  readonly onStalled: () => void
}

export interface SessionWatchOptions {
  /** A session without channels ends after so many milliseconds. */
  readonly idleMs: number
  readonly isLinked: () => boolean
  /** When the oldest acknowledgement was asked for that did not come. */
  readonly waitingSince: () => number | undefined
}

export class SessionWatch {
  readonly #clock: Clock
  readonly #events: SessionWatchEvents
  readonly #options: SessionWatchOptions
  #idle: Disposer | undefined
  #look: Disposer | undefined

  constructor(clock: Clock, events: SessionWatchEvents, options: SessionWatchOptions) {
    this.#clock = clock
    this.#events = events
    this.#options = options
  }

  /** Whether nothing goes on in the session. */
  onUse(isIdle: boolean): void {
    if (!isIdle) {
      this.#idle?.()
      this.#idle = undefined
      return
    }
    this.#idle ??= this.#clock.schedule(this.#options.idleMs, () => {
      this.#idle = undefined
      this.#events.onIdle()
    })
  }

  /** There is a link: looks once in a while whether it still carries what it is given. */
  onLink(): void {
    this.#look ??= this.#clock.schedule(LOOK_MS, () => {
      this.#look = undefined
      const since = this.#options.waitingSince()
      if (this.#options.isLinked() && since !== undefined && this.#clock.now() - since > STALLED_MS) this.#events.onStalled()
      if (this.#options.isLinked()) this.onLink()
    })
  }

  stop(): void {
    this.#idle?.()
    this.#look?.()
    this.#idle = this.#look = undefined
  }
}
