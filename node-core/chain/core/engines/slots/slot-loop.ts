/**
 * Runs `produce` at the start of each slot, one after another, and for no slot twice.
 *
 * A timer is a wish: it fires a millisecond early or seconds late, the computer sleeps, somebody sets the clock. So the loop works on the slot
 * that a timer was set for where it is only a little early, and else on the slot that the clock shows; what is not after the last one
 * is left out. Where a slot takes longer than it lasts, the next one begins as soon as it is done, in what is left of its time.
 */
import type { Clock } from '../../../../base/clock.ts'
import { errorMessage } from '../../../../base/errors.ts'
import type { Logger } from '../../../../base/logger.ts'

export interface SlotLoopDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly produce: (slot: number) => Promise<unknown>
}

/** A timer that is early by no more is early by itself; by more, the clock was set back. Milliseconds. */
const EARLY_MS = 100

export class SlotLoop {
  readonly #dependencies: SlotLoopDependencies
  readonly #slotDuration: number
  #cancel: (() => void) | undefined
  #running: Promise<void> = Promise.resolve()
  #busy = false
  #stopped = true
  /** The slot that the timer is set for. */
  #next = 0
  /** The last one that was worked on. */
  #last = -1
  /** It began while the one before was under way. */
  #waiting: number | undefined
  #saidBehind = false

  constructor(dependencies: SlotLoopDependencies, options: { readonly slotDuration: number }) {
    this.#dependencies = dependencies
    this.#slotDuration = options.slotDuration
  }

  start(): void {
    this.#stopped = false
    this.#schedule(this.#shown() + 1)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.idle()
  }

  /** Resolves when the slot under way is done, and the one that began meanwhile. */
  async idle(): Promise<void> {
    for (let running = this.#running; ; running = this.#running) {
      await running
      if (running === this.#running) return
    }
  }

  #schedule(slot: number): void {
    const { clock } = this.#dependencies
    this.#next = slot
    this.#cancel = clock.schedule(slot * this.#slotDuration - clock.now(), () => this.#onTimer())
  }

  #onTimer(): void {
    if (this.#stopped) return
    const slot = this.#hasBegun(this.#next) ? Math.max(this.#next, this.#shown()) : this.#shown()
    this.#schedule(slot + 1)
    if (this.#busy) this.#waiting = slot
    else this.#begin(slot)
  }

  #begin(slot: number): void {
    if (slot <= this.#last) return this.#sayBehind(slot)
    const { produce, logger } = this.#dependencies
    this.#saidBehind = false
    this.#last = slot
    this.#busy = true
    this.#running = produce(slot)
      .catch((error: unknown) => logger.error('block production failed', { slot, reason: errorMessage(error) }))
      .then(() => {
        this.#busy = false
        this.#beginWaiting(slot)
      })
  }

  /** Slots began while the one before was under way: the newest of them is what there is time for. */
  #beginWaiting(before: number): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined || this.#stopped || !this.#hasBegun(waiting)) return
    const slot = Math.max(waiting, this.#shown())
    if (slot > before + 1) this.#dependencies.logger.warn('skipped slots: the previous one took too long', { slot: before, leftOut: slot - before - 1 })
    this.#begin(slot)
  }

  /** True also where the clock is a little before it. */
  #hasBegun(slot: number): boolean {
    return slot * this.#slotDuration - this.#dependencies.clock.now() <= EARLY_MS
  }

  /** The slot that the clock shows. */
  #shown(): number {
    return Math.floor(this.#dependencies.clock.now() / this.#slotDuration)
  }

  /** A clock that was set back by less than a slot is nobody's business. */
  #sayBehind(slot: number): void {
    if (slot === this.#last || this.#saidBehind) return
    this.#saidBehind = true
    this.#dependencies.logger.warn('the clock was set back: block production resumes after the last claimed slot', { slot, last: this.#last })
  }
}
