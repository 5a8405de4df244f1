/** Transactions that wait for a tag nobody provides yet: a nonce with a gap before it, mostly. */
import type { Hash } from '../../base/bytes.ts'
import type { PoolTransaction } from './transaction.ts'

export class FutureQueue {
  readonly #transactions = new Map<Hash, { readonly transaction: PoolTransaction; readonly missing: Set<string> }>()
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
    return this.#transactions.get(hash)?.transaction
  }

  *values(): IterableIterator<PoolTransaction> {
    for (const { transaction } of this.#transactions.values()) yield transaction
  }

  insert(transaction: PoolTransaction, missing: Iterable<string>): void {
    this.remove(transaction.hash)
    this.#transactions.set(transaction.hash, { transaction, missing: new Set(missing) })
    this.#bytes += transaction.extrinsic.length
  }

  remove(hash: Hash): PoolTransaction | undefined {
    const entry = this.#transactions.get(hash)
    if (entry === undefined) return undefined
    this.#transactions.delete(hash)
    this.#bytes -= entry.transaction.extrinsic.length
    return entry.transaction
  }

  /** Notes that these tags are provided now; removes and returns the transactions that lack nothing any more. */
  satisfy(tags: readonly string[]): PoolTransaction[] {
    const unlocked: PoolTransaction[] = []
    for (const [hash, { transaction, missing }] of this.#transactions) {
      for (const tag of tags) missing.delete(tag)
      if (missing.size > 0) continue
      this.remove(hash)
      unlocked.push(transaction)
    }
    return unlocked
  }

  /** The first to go where there are too many: the oldest of the lowest priority. */
  worst(): PoolTransaction | undefined {
    let worst: PoolTransaction | undefined
    for (const { transaction } of this.#transactions.values()) {
      if (worst === undefined || transaction.priority < worst.priority) worst = transaction
    }
    return worst
  }
}
