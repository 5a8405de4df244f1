/** The voters of one set id, with their weights (Polkadot Host spec, section 6.1 "Preliminaries"). */
import type { Hash } from '../../../../../base/bytes.ts'
import type { GrandpaAuthority } from '../digest.ts'
import { GrandpaError } from '../errors.ts'

export class VoterSet {
  readonly setId: number
  readonly authorities: readonly GrandpaAuthority[]
  readonly total: number
  /** What a supermajority must reach: the total less what may be faulty, floor((total - 1) / 3). */
  readonly threshold: number
  readonly #weights: ReadonlyMap<Hash, number>
  readonly #inOrder: readonly Hash[]

  constructor(setId: number, authorities: readonly GrandpaAuthority[]) {
    const weights = new Map<Hash, number>()
    // An authority that is listed twice has the sum of its weights.
    for (const { key, weight } of authorities) if (weight > 0) weights.set(key, (weights.get(key) ?? 0) + weight)
    this.setId = setId
    this.authorities = authorities
    this.#weights = weights
    this.#inOrder = [...weights.keys()].sort()
    this.total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
    if (this.total === 0) throw new GrandpaError('GRANDPA_BAD_AUTHORITIES', 'An authority set without voters cannot finalize.')
    this.threshold = this.total - Math.floor((this.total - 1) / 3)
  }

  /** 0 for strangers. */
  weightOf(authority: Hash): number {
    return this.#weights.get(authority) ?? 0
  }

  has(authority: Hash): boolean {
    return this.#weights.has(authority)
  }

  /** Who proposes in a round: one after the other in the order of their keys, whatever the order in which the runtime lists them. */
  primary(round: number): Hash {
    return this.#inOrder[round % this.#inOrder.length] as Hash
  }
}
