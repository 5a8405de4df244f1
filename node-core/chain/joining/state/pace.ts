/** How fast something grows: over the last seconds, so that a pause shows. */
const WINDOW_MS = 15_000
const STEP_MS = 500

export class Pace {
  readonly #samples: { readonly at: number; readonly total: number }[] = []
  #total = 0

  constructor(now: number) {
    this.#samples.push({ at: now, total: 0 })
  }

  add(amount: number, now: number): void {
    this.#total += amount
    const last = this.#samples.at(-1)
    if (last !== undefined && now - last.at < STEP_MS && this.#samples.length > 1) this.#samples.pop()
    this.#samples.push({ at: now, total: this.#total })
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) >= WINDOW_MS) this.#samples.shift()
  }

  perSecond(now: number): number {
    const first = this.#samples.find(({ at }) => now - at <= WINDOW_MS)
    return first === undefined || now <= first.at ? 0 : ((this.#total - first.total) * 1000) / (now - first.at)
  }
}
