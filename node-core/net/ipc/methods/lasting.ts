/** Calls that last: what they began stands until they are cancelled, or their program is gone. */
import type { Disposer } from '../../../base/disposers.ts'

/** Resolves when the signal aborts, and runs `end` then, at once: what the program asks next finds it ended. */
export function whileCalled(signal: AbortSignal, end: Disposer): Promise<void> {
  return new Promise((resolve) => {
    // What it throws rejects.
    const stop = (): void => resolve(new Promise((done) => done(end())))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
