/**
 * The crypto worker as the node sees it: `SlotCrypto` and `BatchVerifier` whose work is done in a thread of its own, so that the
 * main thread only posts messages. Tasks of one turn of the event loop travel together. A worker that dies fails what it had and is replaced on the next task.
 */
import type { Worker } from 'node:worker_threads'
import { NodeError, errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { beginThread, endThread } from '../../base/threads.ts'
import type { Service } from '../../base/service.ts'
import { packChecks, type BatchVerifier, type SignatureCheck } from '../ed25519/ed25519-batch.ts'
import type { SecretKey } from '../keys/secret-key.ts'
import type { HeaderCheck, HeaderVerdict, SlotCrypto, SlotDraw, SlotInput } from './slot-crypto.ts'
import type { CryptoAnswer, CryptoResult, CryptoTask } from './worker-protocol.ts'

export type CryptoWorkerErrorCode =
  | 'CRYPTO_STOPPED'
  /** Too many tasks wait; try again later. */
  | 'CRYPTO_BUSY'
  /** The task failed, or the worker died over it. */
  | 'CRYPTO_FAILED'

export interface CryptoWorkerOptions {
  /** The worker's module. Bundled builds place it elsewhere. */
  readonly workerUrl?: URL
  /** Tasks that may wait for an answer at one time. */
  readonly limit?: number
}

interface Waiting {
  readonly resolve: (result: CryptoResult) => void
  readonly reject: (error: Error) => void
}

export class CryptoWorker implements Service, SlotCrypto, BatchVerifier {
  readonly #logger: Logger
  readonly #workerUrl: URL
  readonly #limit: number
  readonly #waiting = new Map<number, Waiting>()
  #outbox: (readonly [number, CryptoTask])[] = []
  #worker: Worker | undefined
  #running = false
  #lastId = 0

  constructor({ logger }: { readonly logger: Logger }, options: CryptoWorkerOptions = {}) {
    this.#logger = logger
    this.#workerUrl = options.workerUrl ?? new URL('./worker.ts', import.meta.url)
    this.#limit = options.limit ?? 1024
  }

  async start(): Promise<void> {
    this.#running = true
    this.#worker ??= this.#spawn()
  }

  /** Fails what waits, ends the thread. */
  async stop(): Promise<void> {
    this.#running = false
    const worker = this.#worker
    this.#worker = undefined
    this.#failAll('CRYPTO_STOPPED', 'The crypto worker has been stopped.')
    if (worker !== undefined) await endThread(worker, 'crypto', { logger: this.#logger })
  }

  draw(secret: SecretKey, input: SlotInput, below?: bigint): Promise<SlotDraw | undefined> {
    return this.#run({ kind: 'draw', secret: secret.reveal(), input, below }) as Promise<SlotDraw | undefined>
  }

  checkHeader(check: HeaderCheck): Promise<HeaderVerdict> {
    return this.#run({ kind: 'check', check }) as Promise<HeaderVerdict>
  }

  seal(secret: SecretKey, sealedHash: Uint8Array): Promise<Uint8Array> {
    return this.#run({ kind: 'seal', secret: secret.reveal(), sealedHash }) as Promise<Uint8Array>
  }

  verifyEd25519(checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
    return this.#run({ kind: 'ed25519', checks: packChecks(checks) }) as Promise<readonly boolean[]>
  }

  #run(task: CryptoTask): Promise<CryptoResult> {
    if (!this.#running) return Promise.reject(failure('CRYPTO_STOPPED', 'The crypto worker is not running.'))
    if (this.#waiting.size >= this.#limit) {
      return Promise.reject(failure('CRYPTO_BUSY', `${this.#limit} tasks wait for the crypto worker already.`))
    }
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#outbox.push([id, task])
      if (this.#outbox.length > 1) return
      // While the thread is busy, what else this turn brings goes with it.
      if (this.#waiting.size === 1) queueMicrotask(() => this.#flush())
      else setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    const request = this.#outbox
    this.#outbox = []
    if (!this.#running || request.length === 0) return
    this.#worker ??= this.#spawn()
    this.#worker.postMessage(request)
  }

  #spawn(): Worker {
    const worker = beginThread(this.#workerUrl, { name: 'crypto' })
    worker.on('message', (answers: readonly CryptoAnswer[]) => answers.forEach((answer) => this.#settle(answer)))
    worker.on('error', (error) => this.#lost(worker, errorMessage(error)))
    worker.on('exit', (code) => this.#lost(worker, `exit code ${code}`))
    return worker
  }

  #settle(answer: CryptoAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    if ('result' in answer) waiting.resolve(answer.result)
    else waiting.reject(failure('CRYPTO_FAILED', answer.error))
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#logger.error('the crypto worker died', { reason })
    this.#failAll('CRYPTO_FAILED', `The crypto worker died: ${reason}.`)
  }

  #failAll(code: CryptoWorkerErrorCode, message: string): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#outbox = []
    for (const { reject } of all) reject(failure(code, message))
  }
}

function failure(code: CryptoWorkerErrorCode, message: string): NodeError<CryptoWorkerErrorCode> {
  return new NodeError(code, message)
}
