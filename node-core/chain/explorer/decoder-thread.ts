/**
 * The decoder as the node sees it. Its thread begins with the first task and ends when nothing was asked for a while, so that a
 * node nobody looks into pays nothing for it. A thread that dies fails what it had; the next task begins another.
 */
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { beginThread, endThread } from '../../base/threads.ts'
import { ExplorerError } from './errors.ts'
import type { NamingOptions } from './names.ts'
import type { DecoderAnswer, DecoderRequest, DecoderResult, DecoderResults, DecoderTask } from './protocol.ts'

export interface DecoderThreadOptions extends NamingOptions {
  /** The thread's module. Bundled builds place it elsewhere. */
  readonly workerUrl?: URL
}

/** Tasks that may wait for an answer at one time. */
const LIMIT = 512
/** Milliseconds without a task after which the thread ends. */
const IDLE_MS = 120_000

interface Waiting {
  readonly resolve: (result: DecoderResult) => void
  readonly reject: (error: Error) => void
}

export class DecoderThread {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #options: DecoderThreadOptions
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #cancelIdle: (() => void) | undefined
  #stopped = false
  #lastId = 0

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger }, options: DecoderThreadOptions) {
    this.#clock = dependencies.clock
    this.#logger = dependencies.logger
    this.#options = options
  }

  /** Fails what waits, ends the thread. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end(new ExplorerError('EXPLORER_STOPPED', 'The explorer is stopped.'))
  }

  start(): void {
    this.#stopped = false
  }

  run<Kind extends DecoderTask['kind']>(task: Extract<DecoderTask, { kind: Kind }>): Promise<DecoderResults[Kind]>
  run(task: DecoderTask): Promise<DecoderResult> {
    if (this.#stopped) return Promise.reject(new ExplorerError('EXPLORER_STOPPED', 'The explorer is stopped.'))
    if (this.#waiting.size >= LIMIT) return Promise.reject(new ExplorerError('EXPLORER_BUSY', `The explorer is busy: ${LIMIT} requests are waiting.`))
    this.#worker ??= this.#spawn()
    this.#cancelIdle?.()
    this.#cancelIdle = this.#clock.schedule(IDLE_MS, () => this.#rest())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker?.postMessage({ id, task } satisfies DecoderRequest)
    })
  }

  #rest(): void {
    if (this.#waiting.size === 0) void this.#end(undefined)
  }

  async #end(reason: ExplorerError | undefined): Promise<void> {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    const worker = this.#worker
    this.#worker = undefined
    if (reason !== undefined) this.#failAll(reason)
    if (worker !== undefined) await endThread(worker, 'explorer', { logger: this.#logger })
  }

  #spawn(): Worker {
    const { workerUrl = new URL('./worker.ts', import.meta.url), addressPrefix, isPublic } = this.#options
    const worker = beginThread(workerUrl, { name: 'explorer', workerData: { addressPrefix, isPublic } satisfies NamingOptions })
    worker.on('message', (answer: DecoderAnswer) => this.#settle(answer))
    worker.on('error', (error) => this.#lost(worker, errorMessage(error)))
    worker.on('exit', (code) => this.#lost(worker, `exit code ${code}`))
    return worker
  }

  #settle(answer: DecoderAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('result' in answer) waiting?.resolve(answer.result)
    else waiting?.reject(new ExplorerError('EXPLORER_FAILED', answer.error))
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#logger.error('the explorer thread died', { reason })
    this.#failAll(new ExplorerError('EXPLORER_FAILED', `The explorer's thread died: ${reason}.`))
  }

  #failAll(error: ExplorerError): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of all) reject(error)
  }
}
