/**
 * The transaction pool: validates against the best block, keeps what is valid ordered and bounded, follows the chain.
 *
 * A transaction is *ready* when everything it requires is provided by other ready ones or by blocks, otherwise
 * *future* (graph.ts). The pool is told of each new best block and catches up with it (chain-follower.ts).
 *
 * Validation is what costs: anybody may send anything. What is malformed, here already, or was refused a short while ago
 * does not reach the runtime, and the number of validations under way is bounded.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { Emitter } from '../../../base/events.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import { assertExtrinsic, type Extrinsic, type BlockRef } from '../../scale/block.ts'
import type { BlockStateEvents, BlockStateReader } from '../../state/types.ts'
import type { PoolEvents, PoolStatus, TransactionPool, TransactionStatus } from '../types.ts'
import { BanList } from './ban-list.ts'
import { ChainFollower } from './chain-follower.ts'
import { TransactionGraph } from './graph.ts'
import { InBlock } from './in-block.ts'
import { POOL_DEFAULTS, type PoolOptions } from './options.ts'
import { RecentTags } from './recent-tags.ts'
import { TransactionError, toTransaction, type PoolTransaction, type TransactionSource, type TransactionValidity, type ValidateTransaction } from './transaction.ts'
import { Watchers } from './watchers.ts'

export interface PoolDependencies {
  readonly blocks: BlockStateReader
  readonly validate: ValidateTransaction
  readonly clock: Clock
  readonly logger: Logger
}

/** How often a validation is repeated because the best block moved meanwhile. */
const VALIDATION_ATTEMPTS = 3

export class Pool implements TransactionPool {
  readonly events = new Emitter<PoolEvents>()
  readonly #dependencies: PoolDependencies
  readonly #options: PoolOptions
  readonly #graph: TransactionGraph
  readonly #watchers = new Watchers()
  readonly #inBlock: InBlock
  readonly #bans: BanList
  readonly #follower: ChainFollower
  /** Being validated for the first time. */
  readonly #validating = new Set<Hash>()
  #sequence = 0
  #maintenance: Promise<void> = Promise.resolve()
  #caughtUp: Promise<void> = Promise.resolve()
  #changes = 0
  #closed = false

  constructor(dependencies: PoolDependencies, options: Partial<PoolOptions> = {}) {
    const { blocks, validate, clock, logger } = dependencies
    this.#dependencies = dependencies
    this.#options = { ...POOL_DEFAULTS, ...options }
    const notify = (hash: Hash, status: TransactionStatus): void => this.#notify(hash, status)
    const recentTags = new RecentTags()
    this.#bans = new BanList(clock, { durationMs: this.#options.banMs, limit: this.#options.readyLimit * 2 })
    this.#inBlock = new InBlock(notify)
    this.#graph = new TransactionGraph(
      {
        onStatus: notify,
        onReady: ({ hash, extrinsic }) => this.events.emit('ready', { hash, extrinsic }),
        isProvided: (tag) => recentTags.has(tag),
      },
      this.#options,
    )
    this.#follower = new ChainFollower(
      { blocks, validate, graph: this.#graph, inBlock: this.#inBlock, recentTags, bans: this.#bans, logger, nextSequence: () => this.#sequence++, notify },
      this.#options,
    )
  }

  async submit(extrinsic: Extrinsic, source: TransactionSource): Promise<Hash> {
    const hash = this.#admit(extrinsic)
    this.#validating.add(hash)
    try {
      const { best, validity } = await this.#validateAtBest(extrinsic, source)
      if (validity.kind === 'invalid') {
        this.#bans.ban(hash)
        throw new TransactionError('TX_INVALID', `The runtime rejected this transaction: ${validity.reason}.`, { data: { detail: validity.reason } })
      }
      if (validity.kind === 'unknown') {
        throw new TransactionError('TX_UNKNOWN', `The runtime cannot decide whether this transaction is valid: ${validity.reason}.`, {
          data: { detail: validity.reason },
        })
      }
      const transaction = toTransaction(hash, extrinsic, source, validity, best.number, this.#sequence++)
      this.#assertUsable(transaction)
      // A block that was abandoned meanwhile may have brought it back.
      if (!this.#graph.has(hash)) this.#graph.insert(transaction)
      return hash
    } finally {
      this.#validating.delete(hash)
    }
  }

  async submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<{ hash: Hash; statuses: AsyncIterable<TransactionStatus> }> {
    const hash = this.#admit(extrinsic)
    // Watching begins before the first status can happen.
    const refused = new AbortController()
    const statuses = this.#watchers.watch(hash, AbortSignal.any([signal, refused.signal]))
    try {
      await this.submit(extrinsic, 'external')
    } catch (error) {
      refused.abort()
      throw error
    }
    return { hash, statuses }
  }

  ready(): readonly PoolTransaction[] {
    return this.#graph.ready.ordered()
  }

  future(): readonly PoolTransaction[] {
    return [...this.#graph.future.values()]
  }

  get(hash: Hash): Extrinsic | undefined {
    return this.#graph.get(hash)?.extrinsic
  }

  status(): PoolStatus {
    const { ready, future } = this.#graph
    return { ready: ready.size, readyBytes: ready.bytes, future: future.size, futureBytes: future.bytes }
  }

  onBroadcast(hash: Hash, peers: readonly string[]): void {
    if (this.#graph.ready.has(hash)) this.#notify(hash, { kind: 'broadcast', peers })
  }

  /** Only these are banned: what depended on them may still be valid, and may come again. */
  remove(hashes: readonly Hash[]): readonly Hash[] {
    const removed = this.#graph.remove(hashes)
    for (const hash of hashes) this.#bans.ban(hash)
    for (const { hash } of removed) this.#notify(hash, { kind: 'invalid' })
    return removed.map(({ hash }) => hash)
  }

  /** Resolves when the last change of the best chain is worked in: until then, what went into it may still count as ready. */
  caughtUp(): Promise<void> {
    return this.#caughtUp
  }

  /** Resolves when the pool has followed the chain, and what it asks about again because of that is answered. */
  async idle(): Promise<void> {
    for (let work = this.#maintenance; ; work = this.#maintenance) {
      await work
      if (work === this.#maintenance) return
    }
  }

  /** To be called with each change of the best block, in order. Resolves when the pool has caught up with it and has asked about its share of the rest. */
  onBestChanged(change: BlockStateEvents['bestChanged']): Promise<void> {
    const turn = ++this.#changes
    const logged = (error: unknown): void => this.#dependencies.logger.warn('the pool could not follow a block', { reason: errorMessage(error) })
    this.#caughtUp = this.#maintenance.then(() => this.#follower.follow(change)).catch(logged)
    const stale = (): boolean => this.#closed || turn !== this.#changes
    const oldest = change.retracted.at(-1)
    this.#maintenance = this.#caughtUp
      .then(() => this.#follower.revalidate(change.best, oldest === undefined ? undefined : oldest.number - 1, stale))
      .catch(logged)
    return this.#maintenance
  }

  onFinalized(finalized: readonly BlockRef[]): void {
    this.#maintenance = this.#maintenance.then(() => this.#inBlock.finalize(finalized))
  }

  /** Ends every watcher, and waits for the maintenance under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#watchers.close()
    await this.#maintenance
  }

  /** What can be refused without asking the runtime. Returns the hash. */
  #admit(extrinsic: Extrinsic): Hash {
    if (extrinsic.length > this.#options.extrinsicLimit) {
      throw new TransactionError('TX_MALFORMED', `The transaction has ${extrinsic.length} bytes; ${this.#options.extrinsicLimit} are allowed.`)
    }
    try {
      assertExtrinsic(extrinsic)
    } catch (error) {
      throw new TransactionError('TX_MALFORMED', `This is not a transaction: ${errorMessage(error)}.`, { cause: error })
    }
    const hash = blake2Hash(extrinsic)
    if (this.#graph.has(hash) || this.#validating.has(hash)) {
      throw new TransactionError('TX_ALREADY_IMPORTED', 'This transaction is already in the pool.', { data: { hash } })
    }
    if (this.#bans.isBanned(hash)) {
      throw new TransactionError('TX_TEMPORARILY_BANNED', 'This transaction was recently invalid or included in a block, and is refused for now.', {
        hint: 'Sign a new one, or wait half an hour.',
      })
    }
    if (this.#validating.size >= this.#options.validationsLimit) {
      throw new TransactionError('TX_IMMEDIATELY_DROPPED', 'Too many transactions are being validated right now.', { hint: 'Try again in a few seconds.' })
    }
    return hash
  }

  /** An answer about a block that is not the best any more says nothing: the transaction may have gone into the next one. */
  async #validateAtBest(extrinsic: Extrinsic, source: TransactionSource): Promise<{ best: BlockRef; validity: TransactionValidity }> {
    const { blocks, validate } = this.#dependencies
    for (let attempt = 1; ; attempt++) {
      const best = blocks.best()
      const validity = await validate(best, extrinsic, source)
      if (attempt === VALIDATION_ATTEMPTS || blocks.best().hash === best.hash) return { best, validity }
    }
  }

  #assertUsable({ hash, provides, propagate }: PoolTransaction): void {
    if (provides.length === 0) {
      this.#bans.ban(hash)
      throw new TransactionError('TX_NO_TAGS', 'The runtime returned no tags for this transaction, so the pool cannot order it.')
    }
    if (!propagate && !this.#options.authoring) {
      throw new TransactionError('TX_UNACTIONABLE', 'This transaction must not be propagated, and this node does not produce blocks.', {
        hint: 'Submit it to a node that produces blocks.',
      })
    }
  }

  #notify(hash: Hash, status: TransactionStatus): void {
    this.#watchers.notify(hash, status)
    this.events.emit('status', { hash, status })
  }
}
