/**
 * A lane: one worker thread, the requests that wait for it, and the clock that watches the one that runs.
 *
 * Wasm cannot be interrupted, so a call that takes too long costs its thread: the worker is ended, the call fails, and
 * a fresh worker takes what was waiting. The same happens where a worker dies on its own. A lane may send requests ahead of the one that
 * runs, so that its thread does not wait for the main one in between: they are copied, and asked anew where their worker goes. Blocks under construction
 * lived in the old worker and are lost. A lane that is not always needed gets its thread with the first request, and lets
 * it go when nothing was asked for a while.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { errorMessage } from '../../../base/errors.ts'
import { RuntimeError, fromPlainError } from '../errors.ts'
import { RUNTIME_LOG_LEVELS } from '../host/context.ts'
import { LaneWorker, type LaneDependencies } from './lane-worker.ts'
import type { OperationName, Params, Request, Result, WorkerMessage } from './protocol.ts'

export interface LaneOptions {
  readonly name: string
  /** Requests that may wait. */
  readonly maxQueue: number
  /** Milliseconds that a worker may take to be ready. */
  readonly startTimeoutMs: number
  /** Milliseconds that `stop` waits for the call that runs. */
  readonly stopTimeoutMs: number
  /** Milliseconds without a request after which the worker goes; it stays where this is undefined. */
  readonly idleMs?: number
  /** Requests that may lie at the worker beside the one that runs; none where this is left out. */
  readonly ahead?: number
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

/** A result, which worker it came from, and what it cost. */
export interface Answer<Name extends OperationName> {
  readonly result: Result<Name>
  readonly generation: number
  /** Milliseconds of processor time, by the worker's own measure. */
  readonly workMs: number
}

export class Lane {
  readonly #dependencies: LaneDependencies
  readonly #options: LaneOptions
  readonly #queue: Job[] = []
  /** The one that gets the requests. Whatever comes of another one is not heard any more. */
  #worker: LaneWorker | undefined
  /** What the worker has: the first one runs. */
  readonly #sent: { readonly id: number; readonly job: Job }[] = []
  #cancelTimer: Disposer | undefined
  #cancelIdle: Disposer | undefined
  #lastId = 0
  #generation = 0
  #stopping: Promise<void> | undefined
  /** Workers that were idle and are closing. */
  readonly #retired = new Set<Promise<void>>()
  /** Called when nothing runs any more, or a worker became ready or died. */
  #waiting: (() => void)[] = []

  constructor(dependencies: LaneDependencies, options: LaneOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Takes requests again after a stop that is over. */
  reopen(): void {
    this.#stopping = undefined
  }

  /** Waits until the first worker is ready; throws where it dies before. A lane that may be idle needs no start. */
  async start(): Promise<void> {
    const worker = this.#spawn()
    while (!worker.ready) {
      await this.#change()
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

  /** Resolves when nothing runs, nothing waits, and no thread is about to be ready. */
  async idle(): Promise<void> {
    while (this.#sent.length > 0 || this.#queue.length > 0 || this.#worker?.ready === false) await this.#change()
  }

  /** Fails what waits, lets the worker get ready and the running call end (for a while), and ends the worker. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    for (const job of this.#queue.splice(0)) job.reject(stopped())
    this.#cancelIdle?.()
    let late = false
    const { promise: lateness, resolve: isLate } = Promise.withResolvers<void>()
    const cancel = this.#dependencies.clock.schedule(this.#options.stopTimeoutMs, () => {
      late = true
      isLate()
      this.#wake()
    })
    while (this.#sent.length > 0 && !late) await this.#change()
    const worker = this.#worker
    // A thread that is ended while it opens the database cannot close it.
    while (worker !== undefined && this.#worker === worker && !worker.ready && !late) await this.#change()
    this.#unwatch()
    for (const { job } of this.#sent.splice(0)) job.reject(stopped())
    this.#worker = undefined
    this.#wake()
    await Promise.all([worker === undefined || late ? worker?.end() : worker.close(lateness), ...this.#retired])
    cancel()
  }

  #pump(): void {
    if (this.#isFull) return
    const worker = this.#worker ?? (this.#queue.length > 0 && this.#stopping === undefined ? this.#spawn() : undefined)
    if (worker?.ready !== true) return
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      if (job.generation === undefined || job.generation === worker.generation) this.#send(worker, job)
      else job.reject(new RuntimeError('RUNTIME_STOPPED', 'the executor thread that held this block was replaced; build it again'))
      if (this.#isFull) return
    }
    if (this.#sent.length === 0) this.#rest(worker)
  }

  #send(worker: LaneWorker, job: Job): void {
    const id = ++this.#lastId
    this.#cancelIdle?.()
    const isFirst = this.#sent.push({ id, job }) === 1
    if (isFirst) this.#watchRunning(worker)
    const request: Request = { id, name: job.name, params: job.params }
    if (isFirst) worker.send(request)
    else worker.sendAhead(request)
  }

  /** The time of a request begins when those before it are answered. */
  #watchRunning(worker: LaneWorker): void {
    const job = this.#sent[0]?.job
    if (job === undefined) return
    this.#watch(job.timeoutMs, () => {
      const { name, params } = job
      const what = 'method' in params ? params.method : name
      const reason = `${what} took longer than ${job.timeoutMs} ms`
      this.#replace(worker, new RuntimeError('RUNTIME_TIMEOUT', reason, { data: { timeoutMs: job.timeoutMs } }))
    })
  }

  #spawn(): LaneWorker {
    const isCurrent = (): boolean => this.#worker === worker
    const worker = new LaneWorker(this.#options.name, ++this.#generation, this.#dependencies, {
      onMessage: (message) => isCurrent() && this.#receive(worker, message),
      onReady: () => isCurrent() && this.#proceed(),
      onDied: (error) => isCurrent() && this.#died(worker, error),
    })
    this.#worker = worker
    this.#watch(this.#options.startTimeoutMs, () => this.#died(worker, new Error('it did not become ready')))
    return worker
  }

  #receive(worker: LaneWorker, message: Exclude<WorkerMessage, { kind: 'ready' }>): void {
    if (message.kind === 'log') return this.#log(message)
    const [running] = this.#sent
    if (running?.id !== message.id) return
    const { job } = running
    this.#sent.shift()
    if (message.kind === 'result') job.resolve({ result: message.result, generation: worker.generation, workMs: message.workMs })
    else job.reject(fromPlainError(message.error))
    this.#proceed()
  }

  /** After what was waited for: a worker that is ready, or an answer. */
  #proceed(): void {
    this.#unwatch()
    if (this.#worker !== undefined) this.#watchRunning(this.#worker)
    this.#pump()
    this.#wake()
  }

  /** Nothing is to be done: where that stays so for a while, the thread and its memory go. */
  #rest(worker: LaneWorker): void {
    const { idleMs } = this.#options
    if (idleMs === undefined || this.#stopping !== undefined) return
    this.#cancelIdle?.()
    this.#cancelIdle = this.#dependencies.clock.schedule(idleMs, () => {
      if (this.#worker !== worker || this.#sent.length > 0) return
      this.#worker = undefined
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancel = this.#dependencies.clock.schedule(this.#options.stopTimeoutMs, resolve)
      const closing = worker.close(late).then(cancel)
      this.#retired.add(closing)
      void closing.then(() => this.#retired.delete(closing))
    })
  }

  #died(worker: LaneWorker, error: Error): void {
    const memory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const reason = `the ${this.#options.name} executor thread ended: ${errorMessage(error)}`
    this.#dependencies.logger.error(reason)
    const failure = new RuntimeError(memory ? 'RUNTIME_OUT_OF_MEMORY' : 'RUNTIME_TRAP', reason)
    // A worker that dies before it was ready would do so again and again: what waits for it fails with it.
    if (this.#sent.length === 0) for (const job of this.#queue.splice(0)) job.reject(failure)
    this.#replace(worker, failure)
  }

  /** Ends a worker, fails what it ran, and goes on with another one, if there is more to do. */
  #replace(worker: LaneWorker, reason: RuntimeError): void {
    this.#worker = undefined
    void worker.end()
    this.#unwatch()
    const [running, ...ahead] = this.#sent.splice(0)
    running?.job.reject(reason)
    this.#queue.unshift(...ahead.map(({ job }) => job))
    this.#pump()
    this.#wake()
  }

  get #isFull(): boolean {
    return this.#sent.length > (this.#options.ahead ?? 0)
  }

  #watch(ms: number, callback: () => void): void {
    this.#unwatch()
    this.#cancelTimer = this.#dependencies.clock.schedule(ms, callback)
  }

  #unwatch(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Resolves when something may have changed. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
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
