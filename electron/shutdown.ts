/**
 * Quitting: the nodes first, then the app.
 *
 * The first request to quit is held back while the manager stops every node, and let through afterwards; further
 * requests meanwhile change nothing. Stopping goes in stages (the services of each node, one after another). Where one
 * takes longer than a moment, the person is told what is waited for and may end the app at once; a stage that does not
 * end in its time does not keep the app from ending: a node's data survive that (a block is one atomic write), and an app
 * that will not quit is worse.
 */
import type { Clock } from '../node-core/base/clock.ts'
import { errorMessage } from '../node-core/base/errors.ts'
import type { Logger } from '../node-core/base/logger.ts'

/** One stage may take so long, and all together. */
export const STAGE_TIME_LIMIT_MS = 10_000
export const STOP_TIME_LIMIT_MS = 20_000
/** After this the person is told. */
export const PATIENCE_MS = 3_000
const LOOK_INTERVAL_MS = 250

export interface ShutdownDeps {
  readonly stopAll: () => Promise<void>
  /** What is being stopped now: `Development: state`. Empty where that is not known. */
  readonly waitingFor: () => readonly string[]
  /** Ends the process. */
  readonly exit: (code: number) => void
  /** It began; and each time when it waits for something else. */
  readonly onWaiting: (stages: readonly string[]) => void
  /** It takes long: resolves true where the person wants to end at once. */
  readonly onSlow: (stages: readonly string[]) => Promise<boolean>
  readonly clock: Clock
  readonly logger: Logger
}

export class Shutdown {
  readonly #deps: ShutdownDeps
  #phase: 'idle' | 'stopping' | 'done' = 'idle'
  #cancel: (() => void) | undefined

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
    if (this.#phase === 'idle') this.#stop()
  }

  #stop(): void {
    this.#phase = 'stopping'
    const { stopAll, onWaiting, waitingFor, clock, logger } = this.#deps
    onWaiting(waitingFor())
    stopAll().then(
      () => this.#end(0),
      (error: unknown) => {
        logger.error('the node did not stop cleanly', { reason: errorMessage(error) })
        this.#end(1)
      },
    )
    const began = clock.now()
    this.#watch({ began, stage: waitingFor().join(), since: began, asked: false })
  }

  #watch(before: { readonly began: number; readonly stage: string; readonly since: number; readonly asked: boolean }): void {
    const { clock, waitingFor, onWaiting } = this.#deps
    this.#cancel = clock.schedule(LOOK_INTERVAL_MS, () => {
      if (this.#phase !== 'stopping') return
      const now = clock.now()
      const stages = waitingFor()
      const stage = stages.join()
      const since = stage === before.stage ? before.since : now
      if (stage !== before.stage) onWaiting(stages)
      if (now - since >= STAGE_TIME_LIMIT_MS || now - before.began >= STOP_TIME_LIMIT_MS) return this.#giveUp(stages)
      const isSlow = now - before.began >= PATIENCE_MS
      if (isSlow && !before.asked) this.#ask(stages)
      this.#watch({ began: before.began, stage, since, asked: before.asked || isSlow })
    })
  }

  #ask(stages: readonly string[]): void {
    this.#deps.onSlow(stages).then(
      (now) => (now ? this.#giveUp(this.#deps.waitingFor()) : undefined),
      () => undefined,
    )
  }

  #giveUp(stages: readonly string[]): void {
    this.#deps.logger.error('ending without waiting any longer', { waitedFor: stages.join(', ') })
    this.#end(1)
  }

  #end(code: number): void {
    if (this.#phase === 'done') return
    this.#phase = 'done'
    this.#cancel?.()
    this.#deps.exit(code)
  }
}
