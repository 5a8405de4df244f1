/**
 * The blocks that one follow subscription has told of and that are not finalized: which of them die when others are
 * finalized. Pure.
 */
import type { Hash } from '../../../base/bytes.ts'

export class ReportedTree {
  /** Parents come before their children. */
  readonly #parents = new Map<Hash, Hash>()
  #finalizedHash: Hash
  #finalizedNumber: number

  constructor(finalizedHash: Hash, finalizedNumber: number) {
    this.#finalizedHash = finalizedHash
    this.#finalizedNumber = finalizedNumber
  }

  get finalizedHash(): Hash {
    return this.#finalizedHash
  }

  get finalizedNumber(): number {
    return this.#finalizedNumber
  }

  /** True for the finalized block and the reported ones above it. */
  has(hash: Hash): boolean {
    return hash === this.#finalizedHash || this.#parents.has(hash)
  }

  isUnfinalized(hash: Hash): boolean {
    return this.#parents.has(hash)
  }

  /** `parent` must be in the tree. */
  add(hash: Hash, parent: Hash): void {
    if (!this.has(parent)) throw new Error(`the parent of ${hash} was not reported`)
    this.#parents.set(hash, parent)
  }

  /** `chain` is the newly finalized blocks, oldest first. Returns the blocks that are on no fork of the last one any more. */
  finalize(chain: readonly Hash[], number: number): Hash[] {
    const head = chain.at(-1)
    if (head === undefined) return []
    for (const hash of chain) this.#parents.delete(hash)
    this.#finalizedHash = head
    this.#finalizedNumber = number
    const alive = new Set<Hash>([head])
    const pruned: Hash[] = []
    for (const [hash, parent] of this.#parents) {
      if (alive.has(parent)) alive.add(hash)
      else pruned.push(hash)
    }
    for (const hash of pruned) this.#parents.delete(hash)
    return pruned
  }
}
