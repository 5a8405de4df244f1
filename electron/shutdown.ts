/**
 * Quitting: the node first, then the app.
 *
 * The first request to quit is held back while the manager stops every node, and let through afterwards; further
 * requests meanwhile change nothing. A node that does not stop within the time limit does not keep the app from ending:
 * its data survive that (a block is one atomic write), and an app that will not quit is worse.
 */
import type { Clock } from '../node-core/base/clock.ts'
import { errorMessage } from '../node-core/base/errors.ts'
import type { Logger } from '../node-core/base/logger.ts'

export const STOP_TIME_LIMIT_MS = 20_000

export interface ShutdownDeps {
  readonly stopAll: () => Promise<void>
  /** Ends the process. */
  readonly exit: (code: number) => void
  /** Told what is being waited for. */
  readonly onWaiting: () => void
  readonly clock: Clock
  readonly logger: Logger
}

export class Shutdown {
  readonly #deps: ShutdownDeps
  #phase: 'idle' | 'stopping' | 'done' = 'idle'

  constructor(deps: ShutdownDeps) {
    this.#deps = deps
  }

  /** True from the first request to quit on: windows may close then. */
  get isUnderWay(): boolean {
    return this.#phase !== 'idle'
  }

  /** For the `before-quit` event: holds the quit back until the nodes have stopped. */
  onBeforeQuit(event: { preventDefault(): void }): void {
    if (this.#phase === 'done') return
    event.preventDefault()
    if (this.#phase === 'idle') void this.#stop()
  }

  async #stop(): Promise<void> {
    this.#phase = 'stopping'
    const { stopAll, exit, onWaiting, clock, logger } = this.#deps
    onWaiting()
    let code = 0
    const timeUp = new Promise<'time up'>((resolve) => clock.schedule(STOP_TIME_LIMIT_MS, () => resolve('time up')))
    try {
      if ((await Promise.race([stopAll(), timeUp])) === 'time up') {
        logger.error(`the node did not stop within ${STOP_TIME_LIMIT_MS / 1000} s; ending without it`)
        code = 1
      }
    } catch (error) {
      logger.error('the node did not stop cleanly', { reason: errorMessage(error) })
      code = 1
    }
    this.#phase = 'done'
    exit(code)
  }
}
