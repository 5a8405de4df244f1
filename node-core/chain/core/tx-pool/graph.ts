/**
 * The pool's two queues as one graph: how a transaction enters it, moves between *ready* and *future*, and leaves.
 *
 * Whoever is moved is told. A change of what the runtime says of one transaction may move others: those that required
 * what it does not provide any more go back to waiting, and those that waited for what it provides become ready.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { TransactionStatus } from '../types.ts'
import { FutureQueue } from './future-queue.ts'
import type { PoolOptions } from './options.ts'
import { ReadyQueue } from './ready-queue.ts'
import { TransactionError, type PoolTransaction } from './transaction.ts'

export interface GraphListener {
  onStatus(hash: Hash, status: TransactionStatus): void
  /** It became ready, and others may be told of it. */
  onReady(transaction: PoolTransaction): void
  /** True where the newest blocks provide the tag. */
  isProvided(tag: string): boolean
}

export type GraphLimits = Pick<PoolOptions, 'readyLimit' | 'readyBytesLimit' | 'futureLimit' | 'futureBytesLimit'>

export class TransactionGraph {
  readonly ready = new ReadyQueue()
  readonly future = new FutureQueue()
  readonly #listener: GraphListener
  readonly #limits: GraphLimits

  constructor(listener: GraphListener, limits: GraphLimits) {
    this.#listener = listener
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.ready.size === 0 && this.future.size === 0
  }

  has(hash: Hash): boolean {
    return this.ready.has(hash) || this.future.has(hash)
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.ready.get(hash) ?? this.future.get(hash)
  }

  /** Adds a new one. Throws TX_TOO_LOW_PRIORITY, TX_CYCLE_DETECTED or TX_IMMEDIATELY_DROPPED, and then it is not here. */
  insert(transaction: PoolTransaction): void {
    this.#enter(transaction, undefined)
    this.#enforceLimits()
    if (!this.has(transaction.hash)) {
      throw new TransactionError('TX_IMMEDIATELY_DROPPED', 'The transaction pool is full, and all its transactions have a higher priority.', { hint: 'Raise the tip, or try again later.' })
    }
  }

  /** Puts what the runtime says now in the place of what it said before; the transaction goes to the end of its line. */
  renew(renewed: PoolTransaction): void {
    const held = this.get(renewed.hash)
    if (held === undefined) return
    if (this.future.remove(held.hash) !== undefined) return this.#reenter(renewed, 'future')
    const lost = held.provides.some((tag) => !renewed.provides.includes(tag))
    if (!lost && this.#missing(renewed).length === 0) {
      this.ready.take(held.hash)
      return this.#reenter(renewed, 'ready')
    }
    for (const removed of this.ready.remove([held.hash])) this.#reenter(removed.hash === renewed.hash ? renewed : removed, 'ready')
  }

  /** Nothing new is known of it: it goes to the end of its line as it is. */
  postpone(hash: Hash): void {
    this.ready.postpone(hash)
    this.future.postpone(hash)
  }

  /** Removes these, with the ready ones that depend on them; tells nobody. */
  remove(hashes: readonly Hash[]): PoolTransaction[] {
    const removed = this.ready.remove(hashes)
    for (const hash of hashes) {
      const waiting = this.future.remove(hash)
      if (waiting !== undefined) removed.push(waiting)
    }
    return removed
  }

  /** Removes one alone: what it provides is provided by a block. Tells nobody. */
  take(hash: Hash): PoolTransaction | undefined {
    return this.ready.take(hash) ?? this.future.remove(hash)
  }

  /**
   * Those that blocks with these tags have overtaken: they provide one of the tags, or what such a one required, which
   * must have happened before.
   */
  overtaken(tags: ReadonlySet<string>): PoolTransaction[] {
    const found = new Map<Hash, PoolTransaction>()
    const pending = [...tags]
    for (const tag of pending) {
      const provider = this.ready.provider(tag)
      if (provider === undefined || found.has(provider.hash)) continue
      found.set(provider.hash, provider)
      pending.push(...provider.requires)
    }
    for (const waiting of this.future.values()) if (waiting.provides.some((tag) => tags.has(tag))) found.set(waiting.hash, waiting)
    return [...found.values()]
  }

  /** Blocks provide these tags: those that waited for nothing else become ready. */
  satisfy(tags: readonly string[]): void {
    for (const unlocked of this.future.satisfy(tags)) this.#telling(unlocked, () => this.#promote(unlocked, 'future'))
  }

  /** What it requires and nobody provides. */
  #missing(transaction: PoolTransaction): string[] {
    return transaction.requires.filter((tag) => !this.ready.provides(tag) && !this.#listener.isProvided(tag))
  }

  /** `before` is the queue that it was in until now: only what changes is told. */
  #enter(transaction: PoolTransaction, before: 'ready' | 'future' | undefined): void {
    const missing = this.#missing(transaction)
    if (missing.length === 0) return this.#promote(transaction, before)
    this.future.insert(transaction, missing)
    if (before !== 'future') this.#listener.onStatus(transaction.hash, { kind: 'future' })
  }

  #reenter(transaction: PoolTransaction, before: 'ready' | 'future'): void {
    this.#telling(transaction, () => this.#enter(transaction, before))
  }

  /** For one that was accepted before: if there is no place for it any more, whoever watches it is told. */
  #telling({ hash }: PoolTransaction, move: () => void): void {
    try {
      move()
    } catch (error) {
      this.#listener.onStatus(hash, statusOfRefusal(error))
    }
  }

  /** Makes one ready, and then those that waited for it. Throws only for the first. */
  #promote(first: PoolTransaction, before: 'ready' | 'future' | undefined): void {
    const promoted: Hash[] = []
    const pending = [first]
    for (const next of pending) {
      let replaced: PoolTransaction[]
      try {
        replaced = this.ready.insert(next)
      } catch (error) {
        if (next === first) throw error
        this.#listener.onStatus(next.hash, statusOfRefusal(error))
        continue
      }
      for (const { hash } of replaced) this.#listener.onStatus(hash, { kind: 'usurped', by: next.hash })
      if (next !== first || before !== 'ready') {
        this.#listener.onStatus(next.hash, { kind: 'ready' })
        if (next.propagate) this.#listener.onReady(next)
      }
      if (next !== first) promoted.push(next.hash)
      pending.push(...this.future.satisfy(next.provides))
    }
    if (!this.ready.has(first.hash)) this.#breakCycle(promoted)
  }

  /** One that waited for the first has replaced the first: none of them can ever go into a block. */
  #breakCycle(promoted: readonly Hash[]): never {
    for (const { hash } of this.ready.remove(promoted)) this.#listener.onStatus(hash, { kind: 'dropped' })
    throw new TransactionError('TX_CYCLE_DETECTED', 'This transaction depends on one that would replace it.', {
      hint: 'Sign it again with the next nonce of the account.',
    })
  }

  #enforceLimits(): void {
    const { readyLimit, readyBytesLimit, futureLimit, futureBytesLimit } = this.#limits
    while (this.ready.size > readyLimit || this.ready.bytes > readyBytesLimit) this.#drop(this.ready.worst())
    while (this.future.size > futureLimit || this.future.bytes > futureBytesLimit) this.#drop(this.future.worst())
  }

  #drop(worst: PoolTransaction | undefined): void {
    if (worst === undefined) throw new Error('a queue counts more than it holds')
    for (const { hash } of this.remove([worst.hash])) this.#listener.onStatus(hash, { kind: 'dropped' })
  }
}

/** What it means for a transaction that was accepted before that the graph refuses it now. */
export function statusOfRefusal(error: unknown): TransactionStatus {
  if (!(error instanceof TransactionError)) throw error
  if (error.code === 'TX_TOO_LOW_PRIORITY') return { kind: 'usurped', by: error.data['by'] as Hash }
  return { kind: 'dropped' }
}
