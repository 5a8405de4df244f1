/** The transfers of a node since it started: each is handed to the pool and followed to its end, or until the node stops. */
import type { Hash } from '../../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Account, DispatchFailure } from '../../explorer/types.ts'
import type { Signer } from '../builder.ts'
import type { ExtrinsicProgress, ExtrinsicSender } from '../sender.ts'
import type { Transfer, TransferFailure } from './types.ts'

export interface TransferOrder {
  readonly from: Account
  readonly to: Account
  readonly recipient: Uint8Array
  /** In the smallest unit. */
  readonly amount: bigint
  readonly signer: Signer
}

/** Remembered at most. */
const KEPT = 20

export class Transfers {
  readonly #sender: Pick<ExtrinsicSender, 'send'>
  readonly #logger: Logger
  #known: readonly Transfer[] = []
  #next = 1
  #stopping = new AbortController()
  readonly #following = new Set<Promise<void>>()

  constructor({ sender, logger }: { readonly sender: Pick<ExtrinsicSender, 'send'>; readonly logger: Logger }) {
    this.#sender = sender
    this.#logger = logger
  }

  /** The newest first. */
  list(): readonly Transfer[] {
    return this.#known
  }

  start(): void {
    this.#stopping = new AbortController()
  }

  /** What was sent goes on without this node, which forgets it. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#following)
    this.#known = []
  }

  dismiss(): void {
    this.#known = this.#known.filter(({ state }) => state !== 'final' && state !== 'failed')
  }

  /** Resolves when the pool has it. Throws what the sender throws before that. */
  send({ from, to, recipient, amount, signer }: TransferOrder): Promise<Transfer> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const onProgress = (progress: ExtrinsicProgress): void => {
        if (progress.kind !== 'pooled') return this.#change(id, afterProgress(progress))
        const begun: Transfer = { id, from, to, amount: String(amount), hash: progress.hash, state: 'pooled', block: undefined, failure: undefined }
        this.#known = [begun, ...this.#known].slice(0, KEPT)
        resolve(begun)
      }
      const call = { pallet: 'Balances', name: 'transfer_keep_alive', args: { dest: recipient, value: amount } }
      const following = this.#sender.send(call, signer, { signal: this.#stopping.signal, onProgress }).then(
        ({ block }) => this.#change(id, { state: 'final', block, failure: undefined }),
        (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)))
          this.#failed(id, error)
        },
      )
      const followed = following.finally(() => this.#following.delete(followed))
      this.#following.add(followed)
    })
  }

  /** The reason in the block's events was heard when the block came. */
  #failed(id: number, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const known = this.#known.find((transfer) => transfer.id === id)
    if (known === undefined) return
    const message = errorMessage(error)
    this.#logger.warn('a transfer failed', { hash: known.hash, reason: message })
    const { code, hint } = isNodeError(error) ? error : { code: 'TRANSFER_FAILED', hint: undefined }
    this.#change(id, { state: 'failed', failure: { code, message, hint, reason: known.failure?.reason } })
  }

  #change(id: number, change: Partial<Transfer>): void {
    this.#known = this.#known.map((transfer) => (transfer.id === id ? { ...transfer, ...change } : transfer))
  }
}

function afterProgress(progress: Exclude<ExtrinsicProgress, { readonly kind: 'pooled' }>): Partial<Transfer> {
  if (progress.kind === 'retracted') return { state: 'pooled', block: undefined, failure: undefined }
  const { block, failure } = progress
  return { state: 'inBlock', block, failure: failure === undefined ? undefined : refusedByRuntime(failure, block.hash) }
}

function refusedByRuntime(reason: DispatchFailure, block: Hash): TransferFailure {
  const name = reason.pallet === undefined ? reason.name : `${reason.pallet}.${reason.name}`
  return { code: 'EXTRINSIC_FAILED', message: `The transaction is in block ${block} and failed there: ${name}.`, hint: undefined, reason }
}
