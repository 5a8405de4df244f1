/**
 * The door: connections that came in and have not said yet who they are.
 *
 * Opening a socket costs a stranger nothing, and a node that waits for each of them politely can be kept from everybody
 * else. So few may wait, and when one more comes, it is the newcomer who stays: room is made by the subnet that
 * has most connections waiting, and there by the one that waits longest. Whoever is quick about saying who he is gets in, however
 * many others say nothing. One subscriber and one site are let in only so often; this computer and private networks excepted.
 */
import type { Clock } from '../../base/clock.ts'
import type { Rate } from '../token-bucket.ts'
import { subnetOf } from './address-block.ts'
import { RateLimit } from './rate-limit.ts'

/** What is let in: a connection of the host. */
export interface Arrival {
  abort(reason: Error): void
  addEventListener(type: 'close', listener: () => void, options: { readonly once: true }): void
}

export interface AdmissionOptions {
  readonly maxPending: number
  /** From one IPv4 address or IPv6 /64, on average and at once. */
  readonly rate: Rate
}

/** What a /24 or a /48 may, in multiples of the rate. */
const SHARES = { subscriber: 1, site: 4 }

export class Admission {
  readonly #options: AdmissionOptions
  readonly #arrivals: RateLimit
  /** By subnet, oldest first. */
  readonly #pending = new Map<string, Set<Arrival>>()
  readonly #subnets = new Map<Arrival, string>()

  constructor(clock: Clock, options: AdmissionOptions) {
    this.#options = options
    this.#arrivals = new RateLimit(clock, SHARES)
  }

  /** Connections that have not said who they are. */
  get pending(): number {
    return this.#subnets.size
  }

  /** Takes note of a connection; false where its address comes too often. `ip` is undefined where there is none to tell. */
  admits(arrival: Arrival, ip: string | undefined): boolean {
    if (this.#arrivals.take({ ip }, this.#options.rate) !== undefined) return false
    if (this.pending >= this.#options.maxPending) this.#makeRoom()
    const subnet = ip === undefined ? '' : subnetOf(ip)
    let group = this.#pending.get(subnet)
    if (group === undefined) this.#pending.set(subnet, (group = new Set<Arrival>()))
    group.add(arrival)
    this.#subnets.set(arrival, subnet)
    arrival.addEventListener('close', () => this.settle(arrival), { once: true })
    return true
  }

  /** It said who it is, or is gone. */
  settle(arrival: Arrival): void {
    const subnet = this.#subnets.get(arrival)
    if (subnet === undefined) return
    this.#subnets.delete(arrival)
    const group = this.#pending.get(subnet)
    group?.delete(arrival)
    if (group?.size === 0) this.#pending.delete(subnet)
  }

  #makeRoom(): void {
    let largest: Set<Arrival> | undefined
    for (const group of this.#pending.values()) if (largest === undefined || group.size > largest.size) largest = group
    const oldest = largest?.values().next().value
    if (oldest === undefined) return
    this.settle(oldest)
    oldest.abort(new Error('others are waiting'))
  }
}
