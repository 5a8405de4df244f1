/** How fast something goes: bytes of the last few seconds, in a fixed number of slots of time. */
const SLOTS = 16
const SLOT_MS = 250

export class SpeedMeter {
  readonly #slots = new Float64Array(SLOTS)
  /** Number of the newest slot, counted from the epoch of the clock. */
  #slot = -Infinity
  #since = -Infinity
  #sum = 0

  add(now: number, bytes: number): void {
    this.#turn(now)
    const at = this.#slot % SLOTS
    this.#slots[at] = (this.#slots[at] as number) + bytes
    this.#sum += bytes
  }

  /** From here on nothing is expected of it, or again: what came before does not count. */
  restart(now: number): void {
    this.#slots.fill(0)
    this.#sum = 0
    this.#slot = Math.floor(now / SLOT_MS)
    this.#since = now
  }

  /** Bytes per second over the last four seconds, or since the beginning. */
  perSecond(now: number): number {
    if (this.#since === -Infinity) return 0
    this.#turn(now)
    const spanned = Math.min(now - this.#since, (SLOTS - 1) * SLOT_MS + (now % SLOT_MS))
    return (this.#sum * 1000) / Math.max(SLOT_MS / 2, spanned)
  }

  #turn(now: number): void {
    if (this.#since === -Infinity) this.restart(now)
    const slot = Math.floor(now / SLOT_MS)
    const passed = Math.min(SLOTS, slot - this.#slot)
    for (let i = 0; i < passed; i++) {
      this.#sum -= this.#slots[(slot - i) % SLOTS] as number
      this.#slots[(slot - i) % SLOTS] = 0
    }
    this.#slot = Math.max(slot, this.#slot)
  }
}
