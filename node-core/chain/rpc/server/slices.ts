/** Long synchronous work in slices, so that one client's big question does not hold up everything else in this thread. */
import { preciseClock } from '../../../base/clock.ts'

/** A few milliseconds of trie reads. */
export const SLICE = 256

/** What one client's calls may take before others have their turn. */
const TURN_MS = 8

/** One turn of whoever works through a line of calls that differ in what they take. */
export class Turn {
  readonly #now: () => number
  readonly #until: number

  /** `now` in milliseconds. */
  constructor(now: () => number = () => preciseClock.now()) {
    this.#now = now
    this.#until = now() + TURN_MS
  }

  get isOver(): boolean {
    return this.#now() >= this.#until
  }
}

export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await otherWork()
    for (const item of items.slice(from, from + SLICE)) results.push(work(item))
  }
  return results
}

/** As {@link inSlices}, where it is not known what an item takes. A promise that `work` returns is not waited for. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const results: R[] = []
  let turn = new Turn()
  for (const item of items) {
    if (turn.isOver) {
      await otherWork()
      turn = new Turn()
    }
    results.push(work(item))
  }
  return results
}

function otherWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
