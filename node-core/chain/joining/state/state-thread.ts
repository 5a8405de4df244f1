/** The thread of a download as the node sees it: it begins with the download and ends with it. */
import type { Worker } from 'node:worker_threads'
import type { Hash } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { beginThread, endThread } from '../../../base/threads.ts'
import { Coverage } from './coverage.ts'
import { JoinError, PieceError, type JoinErrorCode } from './errors.ts'
import type { OpenedSpans, StateAnswer, StateFailure, StateRequest, StateTask, StateThreadData } from './protocol.ts'
import type { Position } from './position.ts'
import type { AssembledState, StoredPiece } from './types.ts'
import type { OpenedDownload, StateWorkDoor } from './work.ts'

export interface StateThreadOptions extends StateThreadData {
  /** The thread's module. Bundled builds place it elsewhere. */
  readonly workerUrl?: URL | undefined
}

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((entries: number, bytes: number) => void) | undefined
}

export class StateThread implements StateWorkDoor {
  readonly #logger: Logger
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #failure: JoinError | undefined

  constructor({ logger }: { readonly logger: Logger }, options: StateThreadOptions) {
    const { dataPath, workerUrl = new URL('./worker.ts', import.meta.url) } = options
    this.#logger = logger
    this.#worker = beginThread(workerUrl, { name: 'state download', workerData: { dataPath } satisfies StateThreadData })
    this.#worker.on('message', (answer: StateAnswer) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#lost(errorMessage(error)))
    this.#worker.on('exit', (code) => this.#lost(`exit code ${code}`))
  }

  async open(root: Hash): Promise<OpenedDownload> {
    const { spans, totals, assembled } = await this.#run<OpenedSpans>({ kind: 'open', root })
    return { coverage: new Coverage(spans), totals, assembled }
  }

  piece(start: Position, response: Uint8Array): Promise<StoredPiece> {
    // Only memory that is the response's alone can move.
    const { buffer, byteLength } = response
    const own = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? response : response.slice()
    return this.#run<StoredPiece>({ kind: 'piece', start, response: own }, undefined, [own.buffer as ArrayBuffer])
  }

  assemble(onProgress: (entries: number, bytes: number) => void): Promise<AssembledState> {
    return this.#run<AssembledState>({ kind: 'assemble' }, onProgress)
  }

  async clear(withState: boolean): Promise<void> {
    await this.#run({ kind: 'clear', withState })
  }

  /** Waits for what is being written, and ends the thread. Never rejects. */
  async close(): Promise<void> {
    await this.#run({ kind: 'close' }).catch(() => undefined)
    this.#failure ??= new JoinError('JOIN_STATE_FAILED', 'The download of the state has ended.')
    await endThread(this.#worker, 'state download', { logger: this.#logger })
  }

  #run<Result>(task: StateTask, onProgress?: Waiting['onProgress'], transfer: readonly ArrayBuffer[] = []): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const id = ++this.#lastId
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve, reject, onProgress })
      this.#worker.postMessage({ id, task } satisfies StateRequest, transfer)
    })
  }

  #settle(answer: StateAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    if ('progress' in answer) return waiting.onProgress?.(answer.progress.entries, answer.progress.bytes)
    this.#waiting.delete(answer.id)
    if ('failure' in answer) waiting.reject(errorOf(answer.failure))
    else waiting.resolve(answer.result as never)
  }

  #lost(reason: string): void {
    if (this.#failure !== undefined) return
    this.#failure = new JoinError('JOIN_STATE_FAILED', `The thread that works on the state has died: ${reason}.`)
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    if (all.length > 0) this.#logger.error('the thread of the state download died', { reason })
    for (const { reject } of all) reject(this.#failure)
  }
}

function errorOf({ code, message, fault }: StateFailure): Error {
  return fault === undefined ? new JoinError(code as JoinErrorCode, message) : new PieceError(fault, message)
}
