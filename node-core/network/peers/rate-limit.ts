/**
 * A rate limit that neither a new connection nor a new identity resets.
 *
 * Each peer has a bucket, and so has each subscriber and each site that peers come from (address-block.ts). Those hold several
 * peers' worth, so that a household or an office has enough, and a stranger who makes up identities has no more than that.
 * The buckets outlive the connections. They are bounded by number, those used longest ago go first, and each kind by itself:
 * made-up identities push out other identities, which only refills those, and never the bucket of the address that they share.
 */
import type { Clock } from '../../base/clock.ts'
import { Lru } from '../../base/lru.ts'
import { TokenBucket, type Rate } from '../token-bucket.ts'
import { isNearby, subnetOf, subscriberOf } from './address-block.ts'

/** Who is limited. Where there is no address to tell, or one nearby, only the identity counts. */
export interface Party {
  readonly peer?: string | undefined
  readonly ip?: string | undefined
}

/** What a subscriber and a site may have, in multiples of what a peer may. */
export interface Shares {
  readonly subscriber: number
  readonly site: number
}

/** Who had more than its share: the peer by itself, or everybody at its address together, which is not this peer's fault. */
export type Excess = 'peer' | 'address'

/** Buckets of one kind that are remembered. */
const MAX_BUCKETS = 4096

export class RateLimit {
  readonly #clock: Clock
  readonly #shares: Shares
  readonly #peers = new Lru<string, TokenBucket>(MAX_BUCKETS)
  readonly #subscribers = new Lru<string, TokenBucket>(MAX_BUCKETS)
  readonly #sites = new Lru<string, TokenBucket>(MAX_BUCKETS)

  constructor(clock: Clock, shares: Shares) {
    this.#clock = clock
    this.#shares = shares
  }

  /** Takes one from every bucket of the party, or from none where one is empty, and says whose. `rate` is a peer's. */
  take({ peer, ip }: Party, rate: Rate): Excess | undefined {
    const own = peer === undefined ? undefined : this.#bucket(this.#peers, peer, rate, 1)
    if (own !== undefined && !own.hasOne) return 'peer'
    if (ip !== undefined && !isNearby(ip)) {
      const subscriber = this.#bucket(this.#subscribers, subscriberOf(ip), rate, this.#shares.subscriber)
      const site = this.#bucket(this.#sites, subnetOf(ip), rate, this.#shares.site)
      if (!subscriber.hasOne || !site.hasOne) return 'address'
      subscriber.take()
      site.take()
    }
    own?.take()
    return undefined
  }

  #bucket(buckets: Lru<string, TokenBucket>, key: string, { perSecond, burst }: Rate, share: number): TokenBucket {
    const rate = { perSecond: perSecond * share, burst: burst * share }
    const known = buckets.get(key)
    if (known === undefined) {
      const bucket = new TokenBucket(this.#clock, rate)
      buckets.set(key, bucket)
      return bucket
    }
    known.rate = rate
    return known
  }
}
