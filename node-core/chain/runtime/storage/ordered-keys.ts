/**
 * A set of strings in order, for "which key comes next".
 *
 * It is a list of short sorted runs: finding a place is two binary searches, inserting moves at most one run. A run
 * that grows too long splits in two, an empty one goes.
 */
const LONGEST_RUN = 512

export class OrderedKeys {
  readonly #runs: string[][] = []

  /** False where it was there already. */
  add(key: string): boolean {
    if (this.#runs.length === 0) {
      this.#runs.push([key])
      return true
    }
    const index = this.#runOf(key)
    const run = this.#runs[index] as string[]
    const at = lowerBound(run, key)
    if (run[at] === key) return false
    run.splice(at, 0, key)
    if (run.length > LONGEST_RUN) this.#runs.splice(index + 1, 0, run.splice(run.length >>> 1))
    return true
  }

  delete(key: string): void {
    if (this.#runs.length === 0) return
    const index = this.#runOf(key)
    const run = this.#runs[index] as string[]
    const at = lowerBound(run, key)
    if (run[at] !== key) return
    run.splice(at, 1)
    if (run.length === 0) this.#runs.splice(index, 1)
  }

  /** The first key that is not less than `key`. */
  from(key: string): string | undefined {
    if (this.#runs.length === 0) return undefined
    const index = this.#runOf(key)
    const run = this.#runs[index] as string[]
    const at = lowerBound(run, key)
    return at < run.length ? run[at] : this.#runs[index + 1]?.[0]
  }

  /** The first key that is greater than `key`. */
  after(key: string): string | undefined {
    // Nothing lies between a string and itself with the smallest unit behind it.
    return this.from(`${key}\0`)
  }

  /** The last run whose first key is not greater than `key`, or the first run. */
  #runOf(key: string): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle]?.[0] as string) <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(run: readonly string[], key: string): number {
  let low = 0
  let high = run.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((run[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
