/**
 * Addresses from which one bad peer comes after the other.
 *
 * A ban is an identity's, and whoever is banned makes up another one. So what the peers of a subscriber (address-block.ts) are
 * charged is added up as well, and fades as it does for a peer (reputation.ts). Where it comes to what several bans take,
 * nobody new is let in from there for a while. Several, because honest peers may share the address; they stay connected, and
 * reserved ones may come. Nearby addresses tell nothing, and are never banned.
 */
import type { Clock } from '../../base/clock.ts'
import type { PeerFault } from '../contracts.ts'
import { isNearby, subscriberOf } from './address-block.ts'
import { Reputation } from './reputation.ts'

/** So many bans' worth of faults, within the time in which they fade. */
const BANS_WORTH = 4

export class AddressBans {
  readonly #reputation: Reputation

  constructor(clock: Clock) {
    this.#reputation = new Reputation(clock, { load: () => Promise.resolve([]), save: () => undefined })
  }

  /** Adds what a peer at the address was charged; true where that was one too many. */
  charge(ip: string, { code, cost }: PeerFault): boolean {
    if (isNearby(ip) || this.isBanned(ip)) return false
    return this.#reputation.charge(subscriberOf(ip), { code, cost: cost / BANS_WORTH }) !== undefined
  }

  isBanned(ip: string): boolean {
    return !isNearby(ip) && this.#reputation.isBanned(subscriberOf(ip))
  }
}
