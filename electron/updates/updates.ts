/**
 * Keeps the app up to date: looks at the feed now and then, downloads what is newer, and installs it when the app ends.
 * Quiet in the background, where a failure is a line in the log and on the About screen; told at once to who asked by hand.
 *
 * A state machine around an engine (engine.ts), which does the work with electron-updater. Nothing is installed while a node
 * runs: quitting stops the nodes first (shutdown.ts), and what ran is written down so that the new version starts it again.
 */
import type { FinishedUpdate, UpdateMark, UpdateRecord } from './update-record.ts'
import type { UpdatePhase, UpdateProblem, UpdatesKeeper, UpdatesOff, UpdateState } from '../../node-core/api/app/update-types.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import type { Disposer } from '../../node-core/base/disposers.ts'
import { errorMessage, isNodeError, NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'
import type { Logger } from '../../node-core/base/logger.ts'

export interface FoundUpdate {
  readonly version: string
  readonly notes: string
  readonly bytes: number
}

export interface Download {
  /** Resolves when the file is here and is the one that was signed. */
  readonly done: Promise<void>
  cancel(): void
}

export interface UpdateEngine {
  /** Undefined where nothing newer is for this installation. Throws a NodeError. */
  check(byHand: boolean): Promise<FoundUpdate | undefined>
  /** Of what the last check found. */
  download(onProgress: (doneBytes: number) => void): Download
  /** Throws where the old version had to stay. `ends-itself`: the platform's installer ends this process. */
  install(restart: boolean): 'installed' | 'ends-itself'
  /** Starts this program anew when the process has ended. */
  startAgain(): void
}

export type UpdatesErrorCode = 'UPDATE_NOT_READY' | 'UPDATE_DOWNLOAD_STALLED' | 'UPDATE_TOO_LONG'

export interface UpdatesDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly record: UpdateRecord
  /** Loaded when it is first needed. */
  readonly openEngine: () => Promise<UpdateEngine>
  /** A version waits for the next start. */
  readonly onReady: (version: string) => void
  /** Networks whose nodes run. */
  readonly running: () => readonly string[]
  readonly quit: () => void
}

export interface UpdatesOptions {
  readonly version: string
  /** Undefined where it updates itself. */
  readonly off: UpdatesOff | undefined
}

/** The first look is not among the things that a start waits for. */
export const FIRST_CHECK_MS = 60_000
export const CHECK_INTERVAL_MS = 6 * 3600_000
export const RETRY_INTERVAL_MS = 3600_000
/** A download that brings nothing for so long has stalled. */
export const STALL_LIMIT_MS = 30_000
const PROGRESS_INTERVAL_MS = 200

export class Updates implements UpdatesKeeper {
  readonly events = new Emitter<{ changed: UpdateState }>()
  /** How the installation went that was under way when the app ended; its nodes are to run again. */
  readonly finished: FinishedUpdate | undefined
  readonly #deps: UpdatesDependencies
  readonly #version: string
  #state: UpdateState
  #engine: UpdateEngine | undefined
  #cancelCheck: Disposer | undefined
  #progressAt = 0
  #restart: readonly string[] | undefined

  constructor(dependencies: UpdatesDependencies, { version, off }: UpdatesOptions) {
    this.#deps = dependencies
    this.#version = version
    this.finished = dependencies.record.finish(version)
    const { finished } = this
    this.#state = {
      phase: off === undefined ? { kind: 'idle' } : { kind: 'off', reason: off },
      checkedAt: undefined,
      notes: '',
      outcome: finished === undefined ? undefined : { from: finished.from, to: finished.to, succeeded: finished.succeeded, reason: finished.reason },
    }
  }

  get state(): UpdateState {
    return this.#state
  }

  start(): void {
    const { finished } = this
    if (finished !== undefined) this.#deps.logger[finished.succeeded ? 'info' : 'error'](finished.succeeded ? 'the app was updated' : 'the app could not be updated', { ...finished, running: finished.running.join() })
    if (this.#state.phase.kind !== 'off') this.#checkIn(FIRST_CHECK_MS)
  }

  stop(): void {
    this.#cancelCheck?.()
  }

  check(): void {
    void this.#look(true)
  }

  /** Another channel was chosen: what it offers is looked at soon. */
  onChannel(): void {
    if (this.#isFree()) this.#checkIn(0)
  }

  restart(): void {
    if (this.#state.phase.kind !== 'ready') {
      throw new NodeError<UpdatesErrorCode>('UPDATE_NOT_READY', 'No newer version is ready to be installed.', { hint: 'Look for updates first.' })
    }
    this.#restart = this.#deps.running()
    this.#deps.quit()
  }

  /**
   * The last thing before the process ends, after every node has stopped (`code` 0 where they did so cleanly; otherwise
   * nothing is installed). False where the process is ended by the platform's installer.
   */
  onExit(code: number): boolean {
    const { phase } = this.#state
    const engine = this.#engine
    if (phase.kind !== 'ready' || engine === undefined) return true
    const { logger, record, clock } = this.#deps
    const wantsRestart = this.#restart !== undefined
    const mark: UpdateMark = { from: this.#version, to: phase.version, at: clock.now(), running: [...(this.#restart ?? [])] }
    try {
      record.mark(mark)
      if (code !== 0) throw new Error('The nodes did not stop cleanly.')
      this.#become({ kind: 'installing', version: phase.version })
      return engine.install(wantsRestart) !== 'ends-itself'
    } catch (error) {
      // The log file is closed by now: the next start tells.
      logger.error('the new version could not be installed', { version: phase.version, reason: errorMessage(error) })
      record.mark({ ...mark, reason: errorMessage(error).slice(0, 1000) })
      if (wantsRestart) engine.startAgain()
      return true
    }
  }

  async #look(byHand: boolean): Promise<void> {
    if (!this.#isFree()) return
    this.#cancelCheck?.()
    this.#become({ kind: 'checking' })
    const { clock, logger, onReady } = this.#deps
    try {
      const engine = (this.#engine ??= await this.#deps.openEngine())
      const found = await engine.check(byHand)
      this.#become({ kind: 'idle' }, { checkedAt: clock.now(), notes: found?.notes ?? '' })
      if (found !== undefined) {
        logger.info('a newer version is downloaded', { version: found.version, bytes: found.bytes })
        await this.#download(engine, found)
        this.#become({ kind: 'ready', version: found.version })
        logger.info('a newer version is ready', { version: found.version })
        onReady(found.version)
        return
      }
      this.#checkIn(CHECK_INTERVAL_MS)
    } catch (error) {
      const problem = problemOf(error)
      logger.warn('no update', { code: problem.code, reason: problem.message, byHand })
      this.#become({ kind: 'failed', problem })
      this.#checkIn(RETRY_INTERVAL_MS)
    }
  }

  async #download(engine: UpdateEngine, { version, bytes }: FoundUpdate): Promise<void> {
    const { clock } = this.#deps
    let cancelStall: Disposer | undefined
    let failure: NodeError<UpdatesErrorCode> | undefined
    const end = (error: NodeError<UpdatesErrorCode>): void => {
      failure = error
      download.cancel()
    }
    const watchStall = (): void => {
      cancelStall?.()
      cancelStall = clock.schedule(STALL_LIMIT_MS, () => end(stalled()))
    }
    this.#become({ kind: 'downloading', version, doneBytes: 0, totalBytes: bytes })
    const download = engine.download((doneBytes) => {
      watchStall()
      if (doneBytes > bytes) end(tooLong(bytes))
      else this.#progress(version, doneBytes, bytes)
    })
    watchStall()
    try {
      await download.done
    } catch (error) {
      throw failure ?? error
    } finally {
      cancelStall?.()
    }
  }

  #progress(version: string, doneBytes: number, totalBytes: number): void {
    const now = this.#deps.clock.now()
    if (now - this.#progressAt < PROGRESS_INTERVAL_MS) return
    this.#progressAt = now
    this.#become({ kind: 'downloading', version, doneBytes, totalBytes })
  }

  /** Nothing is under way, and nothing waits to be installed. */
  #isFree(): boolean {
    return this.#state.phase.kind === 'idle' || this.#state.phase.kind === 'failed'
  }

  #checkIn(ms: number): void {
    this.#cancelCheck?.()
    this.#cancelCheck = this.#deps.clock.schedule(ms, () => void this.#look(false))
  }

  #become(phase: UpdatePhase, more: Partial<UpdateState> = {}): void {
    this.#state = { ...this.#state, ...more, phase }
    this.events.emit('changed', this.#state)
  }
}

function stalled(): NodeError<UpdatesErrorCode> {
  return new NodeError('UPDATE_DOWNLOAD_STALLED', `The update server sent nothing for ${STALL_LIMIT_MS / 1000} seconds.`, { hint: 'It is tried again later; this version goes on.' })
}

function tooLong(bytes: number): NodeError<UpdatesErrorCode> {
  return new NodeError('UPDATE_TOO_LONG', `The update server sends more than the ${bytes} bytes that were signed. The file was refused.`, {
    hint: 'Nothing was installed; this version goes on.',
  })
}

function problemOf(error: unknown): UpdateProblem {
  if (isNodeError(error)) return { code: error.code, message: error.message, hint: error.hint }
  return { code: 'UPDATE_FAILED', message: `The update failed: ${errorMessage(error)}`, hint: 'It is tried again later; this version goes on.' }
}
