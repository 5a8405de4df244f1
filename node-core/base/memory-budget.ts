/**
 * What all clients together may have the node hold for them. Each client's own bounds times the number of clients would be more than a machine
 * has; so the sum is bounded, too, and where it is exceeded the client who holds most is hung up on. Whoever reads and writes at a usual pace
 * holds next to nothing.
 */

/** A client. `evict` lets go of everything that is held for it, at once. */
export interface Holder {
  evict(heldBytes: number): void
}

export class MemoryBudget {
  readonly #limit: number
  readonly #held = new Map<Holder, number>()
  #total = 0

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes held now. */
  get total(): number {
    return this.#total
  }

  /** `bytes` more are held for `holder`. May evict it, or another one. */
  hold(holder: Holder, bytes: number): void {
    this.#total += bytes
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + bytes)
    while (this.#total > this.#limit) {
      const [largest, held] = [...this.#held].reduce((most, entry) => (entry[1] > most[1] ? entry : most))
      this.forget(largest)
      largest.evict(held)
    }
  }

  /** `bytes` less are. Does nothing for a holder that is not known any more. */
  release(holder: Holder, bytes: number): void {
    const held = this.#held.get(holder)
    if (held === undefined) return
    const gone = Math.min(held, bytes)
    this.#total -= gone
    if (held === gone) this.#held.delete(holder)
    else this.#held.set(holder, held - gone)
  }

  /** Nothing is held for it any more. */
  forget(holder: Holder): void {
    this.#total -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }
}
