/**
 * Sends extrinsics of this node's own, and follows them to their end.
 *
 * A call is encoded by the runtime of the best block, signed with the account's next nonce and a mortality that begins at the
 * finalized block, and handed to the pool, which tells others. One is signed at a time, so that two calls of one account never get the same
 * nonce. From then on nothing is signed again: what becomes of it is watched until it is in a final block, where the events say
 * whether it did what it was meant to.
 *
 *   encode -> sign -> pool -> in a block -> (taken back -> in another) -> final -> events
 */
import type { Hash } from '../../base/bytes.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import type { DispatchFailure, EventDetails } from '../explorer/types.ts'
import type { Extrinsic, BlockRef } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { Call } from './arguments.ts'
import type { SenderBlocks, SenderPool, SenderRuntime, SenderStorage, SentStatus } from './chain.ts'
import { ExtrinsicBuilder, type Signer } from './builder.ts'
import { mortalityAt } from './era.ts'
import { ExtrinsicError } from './errors.ts'
import { dispatchOutcome, type DispatchOutcome } from './outcome.ts'
import { Runtimes } from './runtimes.ts'

export interface ExtrinsicSenderDependencies {
  readonly blocks: SenderBlocks
  readonly storage: SenderStorage
  readonly runtime: SenderRuntime
  readonly pool: SenderPool
  readonly logger: Logger
}

export type ExtrinsicProgress =
  | { readonly kind: 'pooled'; readonly hash: Hash }
  /** Dispatched there; `failure` is what its events say went wrong. Another block may take its place until it is final. */
  | { readonly kind: 'inBlock'; readonly block: BlockRef; readonly failure: DispatchFailure | undefined }
  /** Its block is not on the best chain any more; it waits for another. */
  | { readonly kind: 'retracted' }

export interface SendOptions {
  /** Ends the watching, not the extrinsic. */
  readonly signal: AbortSignal
  readonly onProgress?: (progress: ExtrinsicProgress) => void
}

/** In a final block, dispatched without an error. */
export interface FinalExtrinsic {
  readonly hash: Hash
  readonly block: BlockRef
  readonly index: number
  readonly events: readonly EventDetails[]
}

/** Calls that may wait for being signed. */
const MAX_WAITING = 64

export class ExtrinsicSender {
  readonly #dependencies: ExtrinsicSenderDependencies
  readonly #runtimes: Runtimes
  readonly #signing = new SerialQueue(MAX_WAITING)

  constructor(dependencies: ExtrinsicSenderDependencies) {
    this.#dependencies = dependencies
    this.#runtimes = new Runtimes(dependencies.runtime)
  }

  /** A call as it stands in an extrinsic, by the runtime of the best block. */
  async encode(call: Call): Promise<Uint8Array> {
    return (await this.#builder()).builder.call(call)
  }

  /**
   * Resolves once it is final and succeeded. Throws an {@link ExtrinsicError} that says what became of it, or what the pool
   * throws where it refuses it (a NodeError).
   */
  async send(call: Call, signer: Signer, options: SendOptions): Promise<FinalExtrinsic> {
    const watched = await this.#signing.run(async () => this.#submit(await this.#sign(call, signer), call, options))
    return this.#follow(watched, options)
  }

  /** The same for a call that nobody signs. */
  async sendBare(call: Call, options: SendOptions): Promise<FinalExtrinsic> {
    const { builder } = await this.#builder()
    return this.#follow(await this.#submit(builder.bare(call), call, options), options)
  }

  async #sign(call: Call, signer: Signer): Promise<Extrinsic> {
    const { blocks, runtime } = this.#dependencies
    const { builder, version } = await this.#builder()
    const nonce = await runtime.nextNonce(signer.accountId)
    const { hash: birthHash, number } = blocks.finalized()
    const mortality = mortalityAt(number, blocks.best().number)
    const { specVersion, transactionVersion } = version
    return builder.signed(call, signer, { nonce, mortality, birthHash, genesisHash: blocks.genesisHash, specVersion, transactionVersion })
  }

  async #submit(extrinsic: Extrinsic, { pallet, name }: Call, { signal, onProgress }: SendOptions) {
    const watched = await this.#dependencies.pool.submitAndWatch(extrinsic, signal)
    this.#dependencies.logger.info('sent a transaction', { call: `${pallet}.${name}`, hash: watched.hash })
    onProgress?.({ kind: 'pooled', hash: watched.hash })
    return watched
  }

  async #follow({ hash, statuses }: { hash: Hash; statuses: AsyncIterable<SentStatus> }, { onProgress }: SendOptions): Promise<FinalExtrinsic> {
    for await (const status of statuses) {
      switch (status.kind) {
        case 'inBlock':
          onProgress?.({ kind: 'inBlock', block: this.#refOf(status.block), failure: (await this.#outcomeIn(status)).failure })
          break
        case 'retracted':
          onProgress?.({ kind: 'retracted' })
          break
        case 'finalized':
          return this.#final(hash, status)
        case 'finalityTimeout':
          throw new ExtrinsicError('EXTRINSIC_NOT_FINALIZED', `The transaction is in block ${this.#refOf(status.block).number}, which has not been finalized for a long time.`, {
            hint: 'Check finality: more than two thirds of the authorities must be online.',
          })
        case 'usurped':
        case 'dropped':
        case 'invalid':
          throw new ExtrinsicError('EXTRINSIC_LOST', LOST[status.kind], { hint: 'Try again.', data: { status: status.kind } })
        case 'future':
        case 'ready':
        case 'broadcast':
      }
    }
    throw new ExtrinsicError('EXTRINSIC_UNWATCHED', 'The node stopped watching this transaction before its outcome was known.', { hint: 'Look for the transaction in the latest blocks.' })
  }

  async #final(hash: Hash, place: { readonly block: Hash; readonly index: number }): Promise<FinalExtrinsic> {
    const block = this.#refOf(place.block)
    const { events, failure } = await this.#outcomeIn(place)
    if (failure !== undefined) {
      const { pallet, name, docs } = failure
      const what = `${pallet === undefined ? name : `${pallet}.${name}`}${docs === '' ? '' : ` (${docs})`}`
      throw new ExtrinsicError('EXTRINSIC_FAILED', `The transaction is in block ${block.number} and failed there: ${what}.`, { data: { pallet, name } })
    }
    return { hash, block, index: place.index, events }
  }

  /** Its block may have changed the code: it was made by the runtime of its parent. */
  async #outcomeIn({ block, index }: { readonly block: Hash; readonly index: number }): Promise<DispatchOutcome> {
    const header = this.#header(block)
    const { types } = await this.#runtimes.at(this.#header(header.parentHash).stateRoot)
    const encoded = types.events === undefined ? undefined : this.#dependencies.storage.get(header.stateRoot, types.events.key)
    return dispatchOutcome(encoded, index, types)
  }

  async #builder() {
    const { types, version } = await this.#runtimes.at(this.#header(this.#dependencies.blocks.best().hash).stateRoot)
    return { builder: new ExtrinsicBuilder(types), version }
  }

  #refOf(hash: Hash): BlockRef {
    return { hash, number: this.#header(hash).number }
  }

  #header(hash: Hash): Header {
    const header = this.#dependencies.blocks.header(hash)
    if (header === undefined) throw new Error(`the block ${hash} has no header`)
    return header
  }
}

const LOST = {
  usurped: 'Another transaction of the same account took its place.',
  dropped: 'The pool dropped the transaction before a block took it.',
  invalid: 'The transaction became invalid before a block took it.',
} as const
