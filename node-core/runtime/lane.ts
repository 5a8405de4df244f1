/**
 * A lane: one worker thread, the requests that wait for it, and the clock that watches the one that runs.
 *
 * Wasm cannot be interrupted, so a call that takes too long costs its thread: the worker is ended, the call fails, and
 * a fresh worker takes what was waiting. The same happens where a worker dies on its own. Blocks under construction
 * lived in the old worker and are lost.
 */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { endThread } from '../base/threads.ts'
import { RuntimeError, fromPlainError } from './errors.ts'
import { RUNTIME_LOG_LEVELS } from './host/context.ts'
import { transferables, type OperationName, type Params, type Request, type Result, type WorkerMessage } from './protocol.ts'

/** What a lane needs of a `Worker` (node:worker_threads). */
export interface WorkerThread {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: WorkerMessage) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<number>
}

export interface LaneDependencies {
  readonly createWorker: () => WorkerThread
  readonly clock: Clock
  readonly logger: Logger
}

export interface LaneOptions {
  readonly name: string
  /** Requests that may wait. */
  readonly maxQueue: number
  /** Milliseconds that a worker may take to be ready. */
  readonly startTimeoutMs: number
  /** Milliseconds that `stop` waits for the call that runs. */
  readonly stopTimeoutMs: number
}

interface Job {
  readonly name: OperationName
  readonly params: Params<OperationName>
  readonly timeoutMs: number
  /** The worker that this job is for; undefined where any will do. */
  readonly generation: number | undefined
  readonly resolve: (answer: Answer<OperationName>) => void
  readonly reject: (error: Error) => void
}

/** A result, and which worker it came from. */
export interface Answer<Name extends OperationName> {
  readonly result: Result<Name>
  readonly generation: number
}

interface LiveWorker {
  readonly thread: WorkerThread
  readonly generation: number
  ready: boolean
}

export class Lane {
  readonly #dependencies: LaneDependencies
  readonly #options: LaneOptions
  readonly #queue: Job[] = []
  #worker: LiveWorker | undefined
  #running: { readonly id: number; readonly job: Job } | undefined
  #cancelTimer: Disposer | undefined
  #lastId = 0
  #generation = 0
  #stopping: Promise<void> | undefined
  /** Called when nothing runs any more, or a worker became ready or died. */
  #waiting: (() => void)[] = []

  constructor(dependencies: LaneDependencies, options: LaneOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Requests that wait, the running one not counted. */
  get queued(): number {
    return this.#queue.length
  }

  /** Waits until the first worker is ready; throws where it dies before. */
  async start(): Promise<void> {
    const worker = this.#spawn()
    while (!worker.ready) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      if (this.#worker !== worker) throw new RuntimeError('RUNTIME_STOPPED', `the ${this.#options.name} executor thread did not start`)
    }
  }

  /** `generation` ties the request to one worker: it fails where that one is gone. */
  request<Name extends OperationName>(name: Name, params: Params<Name>, timeoutMs: number, generation?: number): Promise<Answer<Name>> {
    return new Promise<Answer<Name>>((resolve, reject) => {
      if (this.#stopping !== undefined) return reject(stopped())
      if (this.#queue.length >= this.#options.maxQueue) {
        const reason = `${this.#queue.length} calls are waiting for the ${this.#options.name} executor thread already`
        return reject(new RuntimeError('RUNTIME_TIMEOUT', reason, { hint: 'Try again when the node is less busy.' }))
      }
      const job: Job = { name, params, timeoutMs, generation, resolve: resolve as Job['resolve'], reject }
      this.#queue.push(job)
      this.#pump()
    })
  }

  /** Fails what waits, lets the worker get ready and the running call end (for a while), and ends the worker. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    for (const job of this.#queue.splice(0)) job.reject(stopped())
    let late = false
    const cancel = this.#dependencies.clock.schedule(this.#options.stopTimeoutMs, () => {
      late = true
      this.#wake()
    })
    while (this.#running !== undefined && !late) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const worker = this.#worker
    // A thread that is ended while it opens the database cannot close it.
    while (worker !== undefined && this.#worker === worker && !worker.ready && !late) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (worker?.ready === true && this.#worker === worker && !late) {
      const { stopTimeoutMs } = this.#options
      this.#send(worker, { name: 'close', params: {}, timeoutMs: stopTimeoutMs, generation: undefined, resolve: noop, reject: noop })
      while (this.#running !== undefined && !late) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    cancel()
    this.#failRunning(stopped())
    this.#worker = undefined
    if (worker !== undefined) await this.#end(worker)
  }

  #end(worker: LiveWorker): Promise<void> {
    return endThread(worker.thread, this.#options.name, this.#dependencies)
  }

  #pump(): void {
    if (this.#running !== undefined) return
    const worker = this.#worker ?? (this.#queue.length > 0 && this.#stopping === undefined ? this.#spawn() : undefined)
    if (worker?.ready !== true) return
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      if (job.generation === undefined || job.generation === worker.generation) return this.#send(worker, job)
      job.reject(new RuntimeError('RUNTIME_STOPPED', 'the executor thread that held this block was replaced; build it again'))
    }
  }

  #send(worker: LiveWorker, job: Job): void {
    const id = ++this.#lastId
    this.#running = { id, job }
    this.#watch(job.timeoutMs, () => {
      const { name, params } = job
      const what = 'method' in params ? params.method : name
      const reason = `${what} took longer than ${job.timeoutMs} ms`
      this.#replace(worker, new RuntimeError('RUNTIME_TIMEOUT', reason, { data: { timeoutMs: job.timeoutMs } }))
    })
    const request: Request = { id, name: job.name, params: job.params }
    worker.thread.postMessage(request, transferables(request))
  }

  #spawn(): LiveWorker {
    const worker: LiveWorker = { thread: this.#dependencies.createWorker(), generation: ++this.#generation, ready: false }
    this.#worker = worker
    worker.thread.on('message', (message) => this.#receive(worker, message))
    worker.thread.on('error', (error) => this.#died(worker, error))
    worker.thread.on('exit', (code) => this.#died(worker, new Error(`exit code ${code}`)))
    this.#watch(this.#options.startTimeoutMs, () => this.#died(worker, new Error('it did not become ready')))
    return worker
  }

  #receive(worker: LiveWorker, message: WorkerMessage): void {
    if (this.#worker !== worker) return
    if (message.kind === 'log') return this.#log(message)
    this.#unwatch()
    if (message.kind === 'ready') {
      worker.ready = true
    } else if (this.#running?.id === message.id) {
      const { job } = this.#running
      this.#running = undefined
      if (message.kind === 'result') job.resolve({ result: message.result, generation: worker.generation })
      else job.reject(fromPlainError(message.error))
    }
    this.#pump()
    this.#wake()
  }

  #died(worker: LiveWorker, error: Error): void {
    if (this.#worker !== worker) return
    const memory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const reason = `the ${this.#options.name} executor thread ended: ${errorMessage(error)}`
    this.#dependencies.logger.error(reason)
    const failure = new RuntimeError(memory ? 'RUNTIME_OUT_OF_MEMORY' : 'RUNTIME_TRAP', reason)
    // A worker that dies before it is ready would do so again and again: what waits for it fails with it.
    if (!worker.ready) for (const job of this.#queue.splice(0)) job.reject(failure)
    this.#replace(worker, failure)
  }

  /** Ends a worker and goes on with another one, if there is more to do. */
  #replace(worker: LiveWorker, reason: RuntimeError): void {
    this.#unwatch()
    this.#worker = undefined
    void this.#end(worker)
    this.#failRunning(reason)
    this.#pump()
    this.#wake()
  }

  #failRunning(reason: RuntimeError): void {
    this.#unwatch()
    const running = this.#running
    this.#running = undefined
    running?.job.reject(reason)
  }

  #watch(ms: number, callback: () => void): void {
    this.#unwatch()
    this.#cancelTimer = this.#dependencies.clock.schedule(ms, callback)
  }

  #unwatch(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #log({ level, target, message }: Extract<WorkerMessage, { kind: 'log' }>): void {
    const name = RUNTIME_LOG_LEVELS[level]
    if (name !== undefined && name !== 'off') this.#dependencies.logger[name](message, { target })
  }
}

function stopped(): RuntimeError {
  return new RuntimeError('RUNTIME_STOPPED', 'the runtime executor is stopped')
}

function noop(): void {}
