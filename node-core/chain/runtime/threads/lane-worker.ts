/**
 * One executor thread of a lane, from its beginning to its end.
 *
 * A thread is starting, ready, or ending. It says when it is ready, answers what it is sent, and closes its database when it is
 * told to, after which it ends by itself. An end that was asked for is no failure, whichever is heard first: the answer to
 * "close" or the end itself (Node delivers both in one turn where the thread is quick). An end that nobody asked for is one.
 */
import type { Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { endThread } from '../../../base/threads.ts'
import { transferables, type Request, type WorkerMessage } from './protocol.ts'

/** What a lane needs of a `Worker` (node:worker_threads). */
export interface WorkerThread {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (messages: readonly WorkerMessage[]) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<number>
}

export interface LaneDependencies {
  readonly createWorker: () => WorkerThread
  readonly clock: Clock
  readonly logger: Logger
}

export interface LaneWorkerEvents {
  readonly onMessage: (message: Exclude<WorkerMessage, { kind: 'ready' }>) => void
  readonly onReady: () => void
  /** It ended, and nobody had asked for it. Nothing comes from it afterwards. */
  readonly onDied: (error: Error) => void
}

/** The id of the request to close: those of a lane count from 1. */
const CLOSE_ID = 0

export class LaneWorker {
  /** Tells the threads of a lane apart. */
  readonly generation: number
  readonly #name: string
  readonly #dependencies: LaneDependencies
  readonly #thread: WorkerThread
  readonly #events: LaneWorkerEvents
  readonly #closed = Promise.withResolvers<void>()
  #phase: 'starting' | 'ready' | 'ending' = 'starting'
  /** What follows the request that runs, of this turn. */
  #outbox: Request[] = []

  constructor(name: string, generation: number, dependencies: LaneDependencies, events: LaneWorkerEvents) {
    this.generation = generation
    this.#name = name
    this.#dependencies = dependencies
    this.#events = events
    this.#thread = dependencies.createWorker()
    this.#thread.on('message', (messages) => messages.forEach((message) => this.#receive(message)))
    this.#thread.on('error', (error) => this.#ended(error))
    this.#thread.on('exit', (code) => this.#ended(code === 0 ? undefined : new Error(`exit code ${code}`)))
  }

  get ready(): boolean {
    return this.#phase === 'ready'
  }

  /** To be worked on at once: the buffers are the thread's afterwards. */
  send(request: Request): void {
    this.#thread.postMessage([request], transferables(request))
  }

  /** To follow what runs: all of one turn crosses in one piece, and is copied, because it may have to be asked of another thread. */
  sendAhead(request: Request): void {
    if (this.#outbox.push(request) === 1) setImmediate(() => this.#thread.postMessage(this.#outbox.splice(0), []))
  }

  /** Has the thread close its database, waits for that until `late` at the most, and ends it. Never rejects. */
  async close(late: Promise<void>): Promise<void> {
    if (this.#phase === 'ready') {
      this.#phase = 'ending'
      this.send({ id: CLOSE_ID, name: 'close', params: {} })
      await Promise.race([this.#closed.promise, late])
    }
    await this.end()
  }

  /** Ends the thread where it is. Never rejects. */
  end(): Promise<void> {
    this.#phase = 'ending'
    return endThread(this.#thread, this.#name, { logger: this.#dependencies.logger })
  }

  #receive(message: WorkerMessage): void {
    if (this.#phase === 'ending') {
      if (message.kind !== 'log' && message.kind !== 'ready' && message.id === CLOSE_ID) this.#closed.resolve()
      return
    }
    if (message.kind !== 'ready') return this.#events.onMessage(message)
    this.#phase = 'ready'
    this.#events.onReady()
  }

  /** `error` is undefined where the thread came to its own end. */
  #ended(error: Error | undefined): void {
    if (this.#phase !== 'ending') {
      this.#phase = 'ending'
      this.#closed.resolve()
      return this.#events.onDied(error ?? new Error('exit code 0'))
    }
    this.#closed.resolve()
    // Ending a thread by force gives an exit code as well: only what it threw says that something went wrong.
    if (error !== undefined && !error.message.startsWith('exit code')) {
      this.#dependencies.logger.warn('an executor thread failed while it was stopped', { lane: this.#name, reason: errorMessage(error) })
    }
  }
}
