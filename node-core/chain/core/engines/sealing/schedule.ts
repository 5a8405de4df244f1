/**
 * When blocks are sealed without anybody asking: as soon as a transaction is ready, or at a pace; and when they become final.
 *
 * A transaction that comes while a block is being made waits for the next, which begins at once. What did not fit is tried again, as long
 * as each block takes something: a transaction that fits into no block must not make blocks for ever.
 */
import type { Clock } from '../../../../base/clock.ts'
import { Disposers } from '../../../../base/disposers.ts'
import { errorMessage } from '../../../../base/errors.ts'
import type { Logger } from '../../../../base/logger.ts'
import type { BlockRef } from '../../../scale/block.ts'
import type { Authoring, AuthoringTools, SealingOptions } from '../engine.ts'
import { SealingError } from './errors.ts'
import type { Sealer } from './sealer.ts'

export interface ScheduleDependencies extends Pick<AuthoringTools, 'blocks' | 'pool' | 'clock' | 'watched'> {
  readonly sealer: Sealer
  readonly clock: Clock
  readonly logger: Logger
}

export class SealingSchedule implements Authoring {
  readonly hold = undefined
  readonly #dependencies: ScheduleDependencies
  readonly #options: SealingOptions
  readonly #cleanUp = new Disposers()
  readonly #timers = new Set<() => void>()
  #working: Promise<void> = Promise.resolve()
  #wanted = false
  #busy = false
  #stopped = true

  constructor(dependencies: ScheduleDependencies, options: SealingOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  async start(): Promise<void> {
    const { blocks, pool } = this.#dependencies
    const { mode, finalizeAfterMs } = this.#options
    this.#stopped = false
    if (finalizeAfterMs !== undefined) {
      this.#cleanUp.add(blocks.events.on('imported', ({ block }) => this.#finalizeLater(block, finalizeAfterMs)))
      // What was waiting for it when the node stopped.
      if (blocks.best().number > blocks.finalized().number) this.#finalizeLater(blocks.best(), finalizeAfterMs)
    }
    if (mode === 'instant') {
      this.#cleanUp.add(pool.events.on('ready', () => this.#want()))
      if (pool.ready().length > 0) this.#want()
    } else if (mode !== 'manual') {
      this.#sealEvery(mode.everyMs)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cleanUp.dispose()
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    await this.#dependencies.sealer.close()
    await this.#working
  }

  async idle(): Promise<void> {
    await this.#working
    await this.#dependencies.sealer.idle()
  }

  #sealEvery(ms: number): void {
    this.#after(ms, () => {
      this.#sealEvery(ms)
      // One that takes longer than the pause between two delays the next, and none is made up for.
      if (!this.#busy) this.#working = this.#work(() => this.#seal(true).then(() => undefined))
    })
  }

  #want(): void {
    this.#wanted = true
    if (!this.#busy) this.#working = this.#work(() => this.#sealWanted())
  }

  async #sealWanted(): Promise<void> {
    const { pool } = this.#dependencies
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false
      if (!(await this.#seal(false))) continue
      await pool.caughtUp()
      if (pool.ready().length > 0) this.#wanted = true
    }
  }

  /** False where no block was made. */
  async #seal(createEmpty: boolean): Promise<boolean> {
    const { sealer, watched, logger } = this.#dependencies
    try {
      await watched(sealer.seal({ createEmpty, finalize: false }).then(({ block }) => block.hash))
      return true
    } catch (error) {
      const isEmpty = error instanceof SealingError && error.code === 'SEALING_EMPTY_POOL'
      if (!isEmpty && !this.#stopped) logger.error('could not seal a block', { reason: errorMessage(error) })
      return false
    }
  }

  async #work(task: () => Promise<void>): Promise<void> {
    this.#busy = true
    await task().finally(() => (this.#busy = false))
  }

  #finalizeLater({ hash, number }: BlockRef, ms: number): void {
    const { sealer, blocks, logger } = this.#dependencies
    const finalize = (): void => {
      // A fork that was left behind meanwhile stays behind.
      const isOpen = blocks.hasBlock(hash) && number > blocks.finalized().number && blocks.isAncestor(blocks.finalized().hash, hash)
      if (!isOpen || this.#stopped) return
      sealer.finalize(hash).catch((error: unknown) => {
        if (!this.#stopped) logger.warn('a block could not be finalized', { number, reason: errorMessage(error) })
      })
    }
    if (ms === 0) finalize()
    else this.#after(ms, finalize)
  }

  #after(ms: number, task: () => void): void {
    const cancel = this.#dependencies.clock.schedule(ms, () => {
      this.#timers.delete(cancel)
      if (!this.#stopped) task()
    })
    this.#timers.add(cancel)
  }
}
