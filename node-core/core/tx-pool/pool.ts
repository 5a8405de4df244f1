/**
 * The transaction pool: validates against the best block, keeps what is valid ordered and bounded, follows the chain.
 *
 * A transaction is *ready* when everything it requires is provided by other ready ones or by blocks, otherwise
 * *future*. With each new best block those that went in leave, those of abandoned blocks come back, a share of the rest
 * is validated again, and the expired go.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/events.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { blake2Hash } from '../../crypto/hashing.ts'
import { assertExtrinsic, type Extrinsic } from '../../scale/block.ts'
import type { BlockRef, BlockStateEvents, BlockStateReader } from '../../state/types.ts'
import type { PoolEvents, PoolStatus, TransactionPool, TransactionStatus } from '../types.ts'
import { BanList } from './ban-list.ts'
import { FutureQueue } from './future-queue.ts'
import { InBlock } from './in-block.ts'
import { POOL_DEFAULTS, type PoolOptions } from './options.ts'
import { ReadyQueue } from './ready-queue.ts'
import { TransactionError, toTransaction, type PoolTransaction, type ValidateTransaction } from './transaction.ts'
import { Watchers } from './watchers.ts'

export interface PoolDependencies {
  readonly blocks: BlockStateReader
  readonly validate: ValidateTransaction
  readonly clock: Clock
  readonly logger: Logger
}

export class Pool implements TransactionPool {
  readonly events = new Emitter<PoolEvents>()
  readonly #dependencies: PoolDependencies
  readonly #options: PoolOptions
  readonly #ready = new ReadyQueue()
  readonly #future = new FutureQueue()
  readonly #watchers = new Watchers()
  readonly #inBlock: InBlock
  readonly #banned: BanList
  /** Being validated for the first time. */
  readonly #validating = new Set<Hash>()
  #sequence = 0
  #maintenance: Promise<void> = Promise.resolve()

  constructor(dependencies: PoolDependencies, options: Partial<PoolOptions> = {}) {
    this.#dependencies = dependencies
    this.#options = { ...POOL_DEFAULTS, ...options }
    this.#banned = new BanList(dependencies.clock, { durationMs: this.#options.banMs, limit: this.#options.readyLimit * 2 })
    this.#inBlock = new InBlock((hash, status) => this.#notify(hash, status))
  }

  async submit(extrinsic: Extrinsic, source: 'local' | 'external'): Promise<Hash> {
    const hash = this.#admit(extrinsic)
    this.#validating.add(hash)
    try {
      const best = this.#dependencies.blocks.best()
      const validity = await this.#dependencies.validate(best, extrinsic, source)
      if (validity.kind === 'invalid') {
        this.#banned.ban(hash)
        throw new TransactionError('TX_INVALID', `The runtime refuses this transaction: ${validity.reason}.`, { data: { detail: validity.reason } })
      }
      if (validity.kind === 'unknown') {
        throw new TransactionError('TX_UNKNOWN', `The runtime cannot tell whether this transaction is valid: ${validity.reason}.`, {
          data: { detail: validity.reason },
        })
      }
      this.#insert(toTransaction(hash, extrinsic, source, validity, best.number, this.#sequence++))
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
    return this.#ready.ordered()
  }

  future(): readonly PoolTransaction[] {
    return [...this.#future.values()]
  }

  get(hash: Hash): Extrinsic | undefined {
    return (this.#ready.get(hash) ?? this.#future.get(hash))?.extrinsic
  }

  status(): PoolStatus {
    return { ready: this.#ready.size, readyBytes: this.#ready.bytes, future: this.#future.size, futureBytes: this.#future.bytes }
  }

  onBroadcast(hash: Hash, peers: readonly string[]): void {
    if (this.#ready.has(hash)) this.#notify(hash, { kind: 'broadcast', peers })
  }

  remove(hashes: readonly Hash[]): readonly Hash[] {
    const removed = this.#ready.remove(hashes)
    for (const hash of hashes) {
      const waiting = this.#future.remove(hash)
      if (waiting !== undefined) removed.push(waiting)
    }
    for (const { hash } of removed) {
      this.#banned.ban(hash)
      this.#notify(hash, { kind: 'invalid' })
    }
    return removed.map(({ hash }) => hash)
  }

  /** To be called with each change of the best block, in order. Resolves when the pool has caught up with it. */
  onBestChanged(change: BlockStateEvents['bestChanged']): Promise<void> {
    this.#maintenance = this.#maintenance
      .then(() => this.#maintain(change))
      .catch((error: unknown) => this.#dependencies.logger.warn('the pool could not follow a block', { reason: errorMessage(error) }))
    return this.#maintenance
  }

  onFinalized(finalized: readonly BlockRef[]): void {
    this.#maintenance = this.#maintenance.then(() => this.#inBlock.finalize(finalized))
  }

  /** Ends every watcher, and waits for the maintenance under way. */
  async close(): Promise<void> {
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
    if (this.#banned.isBanned(hash)) {
      throw new TransactionError('TX_TEMPORARILY_BANNED', 'This transaction was found invalid a short while ago and is refused for now.', {
        hint: 'Sign a new one, or wait half an hour.',
      })
    }
    if (this.#ready.has(hash) || this.#future.has(hash) || this.#validating.has(hash)) {
      throw new TransactionError('TX_ALREADY_IMPORTED', 'This transaction is in the pool already.', { data: { hash } })
    }
    if (this.#validating.size >= this.#options.validationsLimit) {
      throw new TransactionError('TX_IMMEDIATELY_DROPPED', 'Too many transactions are being validated at this moment.', { hint: 'Try again in a few seconds.' })
    }
    return hash
  }

  #insert(transaction: PoolTransaction): void {
    const missing = transaction.requires.filter((tag) => !this.#ready.provides(tag) && !this.#inBlock.provides(tag))
    if (missing.length > 0) {
      this.#future.insert(transaction, missing)
      this.#notify(transaction.hash, { kind: 'future' })
    } else {
      this.#promote(transaction)
    }
    this.#enforceLimits()
    if (!this.#ready.has(transaction.hash) && !this.#future.has(transaction.hash)) {
      throw new TransactionError('TX_IMMEDIATELY_DROPPED', 'The pool is full of transactions with a higher priority.', { hint: 'Raise the tip, or try again later.' })
    }
  }

  /** Makes one ready, and then those that waited for it. Throws only for the first. */
  #promote(first: PoolTransaction): void {
    const pending = [first]
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      try {
        for (const replaced of this.#ready.insert(next)) this.#notify(replaced.hash, { kind: 'usurped', by: next.hash })
      } catch (error) {
        if (next === first) throw error
        this.#notify(next.hash, { kind: 'dropped' })
        continue
      }
      this.#notify(next.hash, { kind: 'ready' })
      if (next.propagate) this.events.emit('ready', { hash: next.hash, extrinsic: next.extrinsic })
      pending.push(...this.#future.satisfy(next.provides))
    }
  }

  #enforceLimits(): void {
    const { readyLimit, readyBytesLimit, futureLimit, futureBytesLimit } = this.#options
    while (this.#ready.size > readyLimit || this.#ready.bytes > readyBytesLimit) {
      const worst = this.#ready.worst()
      if (worst === undefined) break
      for (const { hash } of this.#ready.remove([worst.hash])) this.#notify(hash, { kind: 'dropped' })
    }
    while (this.#future.size > futureLimit || this.#future.bytes > futureBytesLimit) {
      const worst = this.#future.worst()
      if (worst === undefined) break
      this.#future.remove(worst.hash)
      this.#notify(worst.hash, { kind: 'dropped' })
    }
  }

  async #maintain({ best, retracted, enacted }: BlockStateEvents['bestChanged']): Promise<void> {
    const returning: PoolTransaction[] = []
    for (const block of retracted) returning.push(...this.#inBlock.retract(block))
    const satisfied: string[] = []
    for (const block of enacted) {
      const body = (await this.#dependencies.blocks.body(block.hash)) ?? []
      body.forEach((extrinsic, index) => {
        const hash = blake2Hash(extrinsic)
        const included = this.#ready.take(hash) ?? this.#future.remove(hash) ?? takeFrom(returning, hash)
        if (included === undefined) return
        satisfied.push(...included.provides)
        this.#inBlock.include(block, included, index)
      })
    }
    for (const unlocked of this.#future.satisfy(satisfied)) this.#tryPromote(unlocked)
    for (const { extrinsic, source } of returning) await this.submit(extrinsic, source).catch(() => undefined)
    this.#expire(best.number)
    await this.#revalidate(best)
  }

  #tryPromote(transaction: PoolTransaction): void {
    try {
      this.#promote(transaction)
    } catch {
      this.#notify(transaction.hash, { kind: 'dropped' })
    }
  }

  #expire(number: number): void {
    for (const transaction of [...this.#ready.values()]) {
      if (transaction.validTill < number) for (const { hash } of this.#ready.remove([transaction.hash])) this.#notify(hash, { kind: 'dropped' })
    }
    for (const transaction of [...this.#future.values()]) {
      if (transaction.validTill >= number) continue
      this.#future.remove(transaction.hash)
      this.#notify(transaction.hash, { kind: 'dropped' })
    }
  }

  /** Asks the runtime again about those that were asked longest ago, the waiting ones included: their gap may be closed. */
  async #revalidate(best: BlockRef): Promise<void> {
    const limit = this.#options.revalidateLimit
    for (const transaction of [...[...this.#future.values()].slice(0, limit), ...[...this.#ready.values()].slice(0, limit)]) {
      const validity = await this.#dependencies.validate(best, transaction.extrinsic, transaction.source)
      const { hash } = transaction
      const waiting = this.#future.has(hash)
      if (!waiting && !this.#ready.has(hash)) continue
      if (validity.kind === 'invalid') {
        this.remove([hash])
      } else if (validity.kind === 'valid') {
        const renewed = toTransaction(hash, transaction.extrinsic, transaction.source, validity, best.number, transaction.sequence)
        const missing = renewed.requires.filter((tag) => !this.#ready.provides(tag))
        if (waiting && missing.length === 0) {
          this.#future.remove(hash)
          this.#tryPromote(renewed)
        } else if (!waiting) {
          // Moves to the end of the line, with what it requires as of now.
          this.#ready.take(hash)
          this.#ready.insert(renewed)
        }
      }
    }
  }

  #notify(hash: Hash, status: TransactionStatus): void {
    this.#watchers.notify(hash, status)
    this.events.emit('status', { hash, status })
  }
}

function takeFrom(list: PoolTransaction[], hash: Hash): PoolTransaction | undefined {
  const index = list.findIndex((transaction) => transaction.hash === hash)
  return index < 0 ? undefined : list.splice(index, 1)[0]
}
