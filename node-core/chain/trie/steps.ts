/**
 * Long work on tries in small steps: a generator that yields wherever others may have a turn, and returns the result.
 * Who has nobody to wait for runs it to its end; a server lets the event loop go on in between.
 */
export type Steps<T> = Generator<void, T, void>

/** What a step costs besides the bytes that it moves, in bytes that could have been moved (measured, roughly). */
const STEP_OVERHEAD = 512

/** Work between two turns of others: below a millisecond. */
const TURN = 64 * 1024

/** Says when it is time to yield. */
export class Turns {
  #left = TURN

  /** Counts a step that went over so many bytes; true where others should have their turn. */
  spend(bytes: number): boolean {
    this.#left -= bytes + STEP_OVERHEAD
    if (this.#left > 0) return false
    this.#left = TURN
    return true
  }
}

/** Runs everything at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Runs turn by turn. Undefined where `signal` aborts: then nobody waits for the result any more. */
export async function runInTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T | undefined> {
  while (signal?.aborted !== true) {
    const { done, value } = steps.next()
    if (done === true) return value
    await new Promise((resolve) => setImmediate(resolve))
  }
  return undefined
}
