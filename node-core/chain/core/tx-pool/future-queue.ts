/** Transactions that wait for a tag nobody provides yet: a nonce with a gap before it, mostly. */
import type { Hash } from '../../../base/bytes.ts'
import type { PoolTransaction } from './transaction.ts'

interface Waiting {
  readonly transaction: PoolTransaction
  readonly missing: Set<string>
}

export class FutureQueue {
  /** Those that the runtime was asked about longest ago come first. */
  readonly #waiting = new Map<Hash, Waiting>()
  /** Who waits for a tag. */
  readonly #wanted = new Map<string, Set<Hash>>()
  #bytes = 0

  get size(): number {
    return this.#waiting.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(hash: Hash): boolean {
    return this.#waiting.has(hash)
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#waiting.get(hash)?.transaction
  }

  *values(): IterableIterator<PoolTransaction> {
    for (const { transaction } of this.#waiting.values()) yield transaction
  }

  /** Goes to the end of the line, also where it is here already. */
  insert(transaction: PoolTransaction, missing: Iterable<string>): void {
    const { hash, extrinsic } = transaction
    this.remove(hash)
    const waiting: Waiting = { transaction, missing: new Set(missing) }
    this.#waiting.set(hash, waiting)
    this.#bytes += extrinsic.length
    for (const tag of waiting.missing) {
      const hashes = this.#wanted.get(tag)
      if (hashes === undefined) this.#wanted.set(tag, new Set([hash]))
      else hashes.add(hash)
    }
  }

  remove(hash: Hash): PoolTransaction | undefined {
    const waiting = this.#waiting.get(hash)
    if (waiting === undefined) return undefined
    this.#waiting.delete(hash)
    this.#bytes -= waiting.transaction.extrinsic.length
    for (const tag of waiting.missing) this.#forget(tag, hash)
    return waiting.transaction
  }

  /** Moves it to the end of the line. */
  postpone(hash: Hash): void {
    const waiting = this.#waiting.get(hash)
    if (waiting === undefined) return
    this.#waiting.delete(hash)
    this.#waiting.set(hash, waiting)
  }

  /** Notes that these tags are provided now; removes and returns the transactions that lack nothing any more. */
  satisfy(tags: readonly string[]): PoolTransaction[] {
    const unlocked: PoolTransaction[] = []
    for (const tag of tags) {
      for (const hash of this.#wanted.get(tag) ?? []) {
        const waiting = this.#waiting.get(hash)
        if (waiting === undefined) continue
        waiting.missing.delete(tag)
        if (waiting.missing.size > 0) continue
        this.remove(hash)
        unlocked.push(waiting.transaction)
      }
      this.#wanted.delete(tag)
    }
    return unlocked
  }

  /** The first to go where there are too many: the oldest of the lowest priority. */
  worst(): PoolTransaction | undefined {
    let worst: PoolTransaction | undefined
    for (const { transaction } of this.#waiting.values()) {
      const { priority, sequence } = transaction
      if (worst === undefined || priority < worst.priority || (priority === worst.priority && sequence < worst.sequence)) worst = transaction
    }
    return worst
  }

  #forget(tag: string, hash: Hash): void {
    const hashes = this.#wanted.get(tag)
    hashes?.delete(hash)
    if (hashes?.size === 0) this.#wanted.delete(tag)
  }
}
