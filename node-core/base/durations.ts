/**
 * How long something took, counted in classes, as Prometheus counts a histogram: for each bound how many took no longer. What a histogram's queries
 * ask for (`_bucket`, `_sum`, `_count`) are three counters.
 */
import type { MetricDefinition } from './metric.ts'

/** In seconds; those that Prometheus' own libraries have. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

export class Durations {
  /** By bound, each with those of the bounds below; the last is without a bound. */
  readonly #counts: number[] = Array<number>(BOUNDS.length + 1).fill(0)
  #seconds = 0

  /** It took so long. */
  observe(ms: number): void {
    const seconds = Math.max(0, ms) / 1000
    this.#seconds += seconds
    BOUNDS.forEach((bound, index) => {
      if (seconds <= bound) this.#counts[index] = (this.#counts[index] as number) + 1
    })
    this.#counts[BOUNDS.length] = this.#count + 1
  }

  /** The counters under this name. */
  metrics(name: string, help: string): readonly MetricDefinition[] {
    const bucket = (le: string, index: number) => ({ labels: { le }, value: this.#counts[index] as number })
    return [
      { name: `${name}_bucket`, help: `${help} How many took no longer than this many seconds.`, type: 'counter', labels: ['le'], read: () => [...BOUNDS.map(String), '+Inf'].map(bucket) },
      { name: `${name}_sum`, help: `${help} Seconds of all of them.`, type: 'counter', read: () => this.#seconds },
      { name: `${name}_count`, help: `${help} How many there were.`, type: 'counter', read: () => this.#count },
    ]
  }

  get #count(): number {
    return this.#counts[BOUNDS.length] as number
  }
}
