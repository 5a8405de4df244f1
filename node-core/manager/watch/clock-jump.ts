/** Notices that the clock was set, or that the computer slept: it moved more or less than time went by. */

/** It moved this much more or less: anything below is a clock that is kept right. Milliseconds. */
const JUMP_LIMIT_MS = 10_000
/** The card about a jump goes away by itself. */
const JUMP_SHOWN_MS = 10 * 60_000

export class ClockJump {
  /** Milliseconds that pass whatever the clock is set to. */
  readonly #monotonic: () => number
  #last: { readonly wall: number; readonly steady: number } | undefined
  #jump: { readonly byMs: number; readonly at: number } | undefined

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** By how much it jumped not long ago, forward or back, in milliseconds. */
  get byMs(): number | undefined {
    return this.#jump?.byMs
  }

  /** What passed since the last look counts for nothing. */
  skip(): void {
    this.#last = undefined
  }

  forget(): void {
    this.#last = undefined
    this.#jump = undefined
  }

  /** To be called now and then; true where it has just jumped. */
  look(now: number): boolean {
    const times = { wall: now, steady: this.#monotonic() }
    const last = this.#last
    this.#last = times
    if (this.#jump !== undefined && now - this.#jump.at > JUMP_SHOWN_MS) this.#jump = undefined
    if (last === undefined) return false
    const byMs = times.wall - last.wall - (times.steady - last.steady)
    if (Math.abs(byMs) < JUMP_LIMIT_MS) return false
    // In seconds: two clocks are never read at the same instant.
    this.#jump = { byMs: Math.round(byMs / 1000) * 1000, at: now }
    return true
  }
}
