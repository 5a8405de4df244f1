/** From counters to rates: how much each grew per second, over the last few seconds. */
import type { Clock } from '../../base/clock.ts'

export type Counters<Name extends string> = Readonly<Record<Name, number>>

const WINDOW_MS = 5_000

export class Rates<Name extends string> {
  readonly #clock: Clock
  #samples: { readonly at: number; readonly counters: Counters<Name> }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes the counters as they are now. Rates are 0 at first; a counter that fell (another node counts) begins anew. */
  add(counters: Counters<Name>): Counters<Name> {
    const at = this.#clock.now()
    const names = Object.keys(counters) as Name[]
    const last = this.#samples.at(-1)
    if (last !== undefined && names.some((name) => counters[name] < last.counters[name])) this.#samples = []
    this.#samples.push({ at, counters })
    // One sample at the far end of the window stays: from there it is counted.
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0] ?? { at, counters }
    const seconds = (at - first.at) / 1000
    const rate = (name: Name): number => (seconds <= 0 ? 0 : (counters[name] - first.counters[name]) / seconds)
    return Object.fromEntries(names.map((name) => [name, rate(name)])) as Record<Name, number>
  }
}
