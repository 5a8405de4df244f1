/**
 * Transactions whose requirements are met, and the graph of who unlocks whom.
 *
 * A tag is provided by one ready transaction at a time. A newcomer that provides a tag which others already provide
 * replaces them, if its priority is higher than theirs together. What depends on a replaced one stays as long as the
 * newcomer provides the tags that it needs: a higher tip for nonce 0 leaves nonces 1 and 2 where they are.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Heap } from './heap.ts'
import { compareTransactions, TransactionError, type PoolTransaction } from './transaction.ts'

export class ReadyQueue {
  /** Those that the runtime was asked about longest ago come first. */
  readonly #transactions = new Map<Hash, PoolTransaction>()
  readonly #providers = new Map<string, Hash>()
  readonly #requirers = new Map<string, Set<Hash>>()
  #bytes = 0

  get size(): number {
    return this.#transactions.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(hash: Hash): boolean {
    return this.#transactions.has(hash)
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#transactions.get(hash)
  }

  values(): IterableIterator<PoolTransaction> {
    return this.#transactions.values()
  }

  provides(tag: string): boolean {
    return this.#providers.has(tag)
  }

  provider(tag: string): PoolTransaction | undefined {
    const hash = this.#providers.get(tag)
    return hash === undefined ? undefined : this.#transactions.get(hash)
  }

  /** Adds one whose requirements are met. Returns those it replaced, with the dependents that lost a tag. Throws TX_TOO_LOW_PRIORITY. */
  insert(transaction: PoolTransaction): PoolTransaction[] {
    const rivals = new Map<Hash, PoolTransaction>()
    for (const tag of transaction.provides) {
      const rival = this.provider(tag)
      if (rival !== undefined) rivals.set(rival.hash, rival)
    }
    let rivalPriority = 0n
    for (const rival of rivals.values()) rivalPriority += rival.priority
    if (rivals.size > 0 && rivalPriority >= transaction.priority) {
      throw new TransactionError('TX_TOO_LOW_PRIORITY', 'The pool already has a transaction with this nonce and the same or a higher priority.', {
        data: { oldPriority: rivalPriority, newPriority: transaction.priority, by: rivals.keys().next().value },
        hint: 'Raise the tip, or wait until the first one is in a block.',
      })
    }
    const replaced = this.#replace([...rivals.values()], new Set(transaction.provides))
    this.#transactions.set(transaction.hash, transaction)
    this.#bytes += transaction.extrinsic.length
    for (const tag of transaction.provides) this.#providers.set(tag, transaction.hash)
    for (const tag of transaction.requires) {
      const requirers = this.#requirers.get(tag)
      if (requirers === undefined) this.#requirers.set(tag, new Set([transaction.hash]))
      else requirers.add(transaction.hash)
    }
    return replaced
  }

  /** Removes these and all that depend on them; returns what went, nothing before what it required. */
  remove(hashes: readonly Hash[]): PoolTransaction[] {
    const removed: PoolTransaction[] = []
    const pending = [...hashes]
    for (const hash of pending) {
      const transaction = this.take(hash)
      if (transaction === undefined) continue
      removed.push(transaction)
      for (const tag of transaction.provides) pending.push(...(this.#requirers.get(tag) ?? []))
    }
    return removed
  }

  /** Removes one and leaves its dependents: what they require is met elsewhere, in a block or by another transaction. */
  take(hash: Hash): PoolTransaction | undefined {
    const transaction = this.#transactions.get(hash)
    if (transaction === undefined) return undefined
    this.#transactions.delete(hash)
    this.#bytes -= transaction.extrinsic.length
    for (const tag of transaction.provides) if (this.#providers.get(tag) === hash) this.#providers.delete(tag)
    for (const tag of transaction.requires) {
      const requirers = this.#requirers.get(tag)
      requirers?.delete(hash)
      if (requirers?.size === 0) this.#requirers.delete(tag)
    }
    return transaction
  }

  /** Moves it to the end of the line. */
  postpone(hash: Hash): void {
    const transaction = this.#transactions.get(hash)
    if (transaction === undefined) return
    this.#transactions.delete(hash)
    this.#transactions.set(hash, transaction)
  }

  /** In the order in which a block takes them: best first, and nothing before what it requires. */
  ordered(): PoolTransaction[] {
    const waiting = new Map<Hash, number>()
    const unlocks = new Map<Hash, PoolTransaction[]>()
    const heap = new Heap<PoolTransaction>(compareTransactions)
    for (const transaction of this.#transactions.values()) {
      const providers = new Set<Hash>()
      for (const tag of transaction.requires) {
        const provider = this.#providers.get(tag)
        if (provider !== undefined && provider !== transaction.hash) providers.add(provider)
      }
      if (providers.size === 0) {
        heap.push(transaction)
        continue
      }
      waiting.set(transaction.hash, providers.size)
      for (const provider of providers) {
        const list = unlocks.get(provider)
        if (list === undefined) unlocks.set(provider, [transaction])
        else list.push(transaction)
      }
    }
    const order: PoolTransaction[] = []
    for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
      order.push(next)
      for (const unlocked of unlocks.get(next.hash) ?? []) {
        const left = (waiting.get(unlocked.hash) ?? 1) - 1
        waiting.set(unlocked.hash, left)
        if (left === 0) heap.push(unlocked)
      }
    }
    return order
  }

  /** The one that a full pool gives up first: lowest in the order of a block, newest among equals. */
  worst(): PoolTransaction | undefined {
    let worst: PoolTransaction | undefined
    for (const transaction of this.#transactions.values()) {
      if (worst === undefined || transaction.priority < worst.priority || (transaction.priority === worst.priority && transaction.sequence > worst.sequence)) {
        worst = transaction
      }
    }
    return worst
  }

  /** Removes the rivals, and of their dependents those that need a tag which is not among `kept`. */
  #replace(rivals: readonly PoolTransaction[], kept: ReadonlySet<string>): PoolTransaction[] {
    const replaced: PoolTransaction[] = []
    const lost: Hash[] = []
    for (const rival of rivals) {
      this.take(rival.hash)
      replaced.push(rival)
      for (const tag of rival.provides) if (!kept.has(tag)) lost.push(...(this.#requirers.get(tag) ?? []))
    }
    return [...replaced, ...this.remove(lost)]
  }
}
