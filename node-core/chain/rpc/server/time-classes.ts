/** How many took how long: the classes that Substrate's nodes have for calls and for sessions of JSON-RPC. */

/** Upper bounds: microseconds of calls, seconds of sessions. */
export const TIME_BOUNDS = [5, 25, 100, 500, 1_000, 2_500, 10_000, 25_000, 100_000, 1_000_000, 10_000_000] as const

export class TimeClasses {
  /** Each class alone; added up when somebody asks. */
  readonly #counts = new Uint32Array(TIME_BOUNDS.length + 1)

  add(time: number): void {
    let index = 0
    while (index < TIME_BOUNDS.length && time > (TIME_BOUNDS[index] as number)) index++
    this.#counts[index] = (this.#counts[index] as number) + 1
  }

  /** By {@link TIME_BOUNDS}, each with those of the bounds below; the last is without a bound. */
  upTo(): number[] {
    let sum = 0
    return Array.from(this.#counts, (count) => (sum += count))
  }
}
