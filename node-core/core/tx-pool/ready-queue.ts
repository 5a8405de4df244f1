/**
 * Transactions whose requirements are met, and the graph of who unlocks whom.
 *
 * A tag is provided by one ready transaction at a time; a transaction that provides a tag which another one already
 * provides replaces it, if its priority is higher than that of all it replaces together.
 */
import type { Hash } from '../../base/bytes.ts'
import { compareTransactions, TransactionError, type PoolTransaction } from './transaction.ts'

export class ReadyQueue {
  readonly #transactions = new Map<Hash, PoolTransaction>()
  readonly #providers = new Map<string, Hash>()
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

  /** Adds one whose requirements are met. Returns those it replaced, with their dependents. Throws TX_TOO_LOW_PRIORITY. */
  insert(transaction: PoolTransaction): PoolTransaction[] {
    const rivals = new Set<Hash>()
    for (const tag of transaction.provides) {
      const rival = this.#providers.get(tag)
      if (rival !== undefined) rivals.add(rival)
    }
    let rivalPriority = 0n
    for (const rival of rivals) rivalPriority += this.#transactions.get(rival)?.priority ?? 0n
    if (rivals.size > 0 && rivalPriority >= transaction.priority) {
      throw new TransactionError('TX_TOO_LOW_PRIORITY', 'The pool holds a transaction with the same nonce and no lower priority.', {
        data: { oldPriority: rivalPriority, newPriority: transaction.priority },
        hint: 'Raise the tip, or wait until the first one is in a block.',
      })
    }
    const replaced = this.remove([...rivals])
    this.#transactions.set(transaction.hash, transaction)
    this.#bytes += transaction.extrinsic.length
    for (const tag of transaction.provides) this.#providers.set(tag, transaction.hash)
    return replaced
  }

  /** Removes these and all that depend on them; returns what went. */
  remove(hashes: readonly Hash[]): PoolTransaction[] {
    const removed: PoolTransaction[] = []
    const pending = [...hashes]
    for (let hash = pending.pop(); hash !== undefined; hash = pending.pop()) {
      const transaction = this.take(hash)
      if (transaction === undefined) continue
      removed.push(transaction)
      const lost = new Set(transaction.provides)
      for (const other of this.#transactions.values()) if (other.requires.some((tag) => lost.has(tag))) pending.push(other.hash)
    }
    return removed
  }

  /** Removes one and leaves its dependents: it went into a block, so their requirement is met there. */
  take(hash: Hash): PoolTransaction | undefined {
    const transaction = this.#transactions.get(hash)
    if (transaction === undefined) return undefined
    this.#transactions.delete(hash)
    this.#bytes -= transaction.extrinsic.length
    for (const tag of transaction.provides) if (this.#providers.get(tag) === hash) this.#providers.delete(tag)
    return transaction
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
}

/** A binary heap: `pop` gives the item that sorts first. */
class Heap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  push(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#compare(items[at] as T, items[parent] as T) >= 0) break
      this.#swap(at, parent)
      at = parent
    }
  }

  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return first
    items[0] = last
    for (let at = 0; ; ) {
      const left = at * 2 + 1
      let smallest = at
      if (left < items.length && this.#compare(items[left] as T, items[smallest] as T) < 0) smallest = left
      if (left + 1 < items.length && this.#compare(items[left + 1] as T, items[smallest] as T) < 0) smallest = left + 1
      if (smallest === at) return first
      this.#swap(at, smallest)
      at = smallest
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const item = items[a] as T
    items[a] = items[b] as T
    items[b] = item
  }
}
