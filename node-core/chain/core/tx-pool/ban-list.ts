/**
 * Transactions that are not looked at again for a while: those that were found invalid or thrown out, and those that are
 * in a block already, of which late copies keep coming in from peers. The list is bounded; the oldest bans go first.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'

export class BanList {
  readonly #clock: Clock
  readonly #durationMs: number
  readonly #limit: number
  /** In order of insertion, which is the order of expiry. */
  readonly #until = new Map<Hash, number>()

  constructor(clock: Clock, options: { durationMs: number; limit: number }) {
    this.#clock = clock
    this.#durationMs = options.durationMs
    this.#limit = options.limit
  }

  get size(): number {
    return this.#until.size
  }

  ban(hash: Hash): void {
    this.#until.delete(hash)
    this.#until.set(hash, this.#clock.now() + this.#durationMs)
    if (this.#until.size > this.#limit) this.#until.delete(this.#until.keys().next().value as Hash)
  }

  /** The block that it was in is off the best chain: it may come again. */
  lift(hash: Hash): void {
    this.#until.delete(hash)
  }

  isBanned(hash: Hash): boolean {
    const until = this.#until.get(hash)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#until.delete(hash)
    return false
  }
}
