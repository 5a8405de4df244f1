/**
 * Where peers were said to be, for a while: what a user wrote, and what discovery found. Hints, and no more: whoever answers at an address has to prove the peer id.
 * Bounded; whoever was learned of longest ago is forgotten first.
 */
import type { Clock } from '../../base/clock.ts'
import { Lru } from '../../base/lru.ts'
import { sound } from './sound.ts'

const MAX_PEERS = 1024
const MAX_ADDRESSES = 8

interface Entry {
  readonly address: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

export class AddressBook {
  readonly #clock: Clock
  readonly #peers = new Lru<string, readonly Entry[]>(MAX_PEERS)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What is no address, or of somebody else, is left out. The newest go first. */
  learn(peer: string, addresses: readonly string[], ttlMs: number): void {
    const until = this.#clock.now() + ttlMs
    const learned = sound(peer, addresses, MAX_ADDRESSES).map((address): Entry => ({ address, until }))
    if (learned.length === 0) return
    const fresh = new Set(learned.map(({ address }) => address))
    this.#peers.set(peer, [...learned, ...this.#valid(peer).filter(({ address }) => !fresh.has(address))].slice(0, MAX_ADDRESSES))
  }

  forget(peer: string): void {
    this.#peers.delete(peer)
  }

  addressesOf(peer: string): readonly string[] {
    return this.#valid(peer).map(({ address }) => address)
  }

  #valid(peer: string): readonly Entry[] {
    const now = this.#clock.now()
    return (this.#peers.get(peer) ?? []).filter(({ until }) => until > now)
  }
}
