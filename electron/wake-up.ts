/**
 * One waking up of the computer is one, however often it is told: Electron may say twice that it resumed
 * (https://github.com/electron/electron/issues/44252), seen on Linux two milliseconds apart. It is acted upon a moment after the
 * first word, so that none is lost: what comes later than that is another one.
 */
import type { Clock } from '../node-core/base/clock.ts'
import type { Disposer } from '../node-core/base/disposers.ts'

const MOMENT_MS = 500

/** To be called at each word of it. */
export function onWakeUp(clock: Clock, act: () => void): () => void {
  let waiting: Disposer | undefined
  return () => {
    waiting ??= clock.schedule(MOMENT_MS, () => {
      waiting = undefined
      act()
    })
  }
}
