/** Tells of a network's status: each change of its state at once, changes of its numbers ten times a second at the most, the last one always. */
import type { Clock } from '../base/clock.ts'

const INTERVAL_MS = 100

export class StatusTeller {
  readonly #clock: Clock
  readonly #tell: () => void
  #cancel: (() => void) | undefined
  #lastAt = -Infinity

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock
    this.#tell = tell
  }

  now(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#lastAt = this.#clock.now()
    this.#tell()
  }

  soon(): void {
    if (this.#cancel !== undefined) return
    const wait = this.#lastAt + INTERVAL_MS - this.#clock.now()
    if (wait <= 0) this.now()
    else
      this.#cancel = this.#clock.schedule(wait, () => {
        this.#cancel = undefined
        this.now()
      })
  }
}
