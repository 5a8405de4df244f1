/**
 * What this node offers, told to the peers nearest to its key in the Kademlia table, and told again: a record lasts two days there, and the peers who hold it
 * come and go. What is told right after the start reaches few, since few are known by then, so it is told again after a minute, then after two, up to
 * twelve hours; a failure is tried again in the same way from the beginning.
 *
 * Keys are multihashes. Whoever finds a record takes it for a hint: the node that it names proves its id when it is connected to.
 */
import { toHex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { until } from '../../network/host/until.ts'
import type { RoutingTable } from '../../network/streams.ts'
import { within } from '../within.ts'

export type DiscoveryErrorCode = 'NET_DISCOVERY_NAME' | 'NET_DISCOVERY_FULL' | 'NET_DISCOVERY_BUSY'

const FIRST_MS = 60_000
const LONGEST_MS = 12 * 3_600_000
const PROVIDE_MS = 60_000
const MAX_KEYS = 1024

export interface AdvertiserDependencies {
  readonly table: Pick<RoutingTable, 'provide' | 'stopProviding'>
  readonly clock: Clock
}

/** How telling of one key goes. */
export interface Advertised {
  readonly key: Uint8Array
  /** When it was told last, in milliseconds since the epoch; undefined before the first time. */
  readonly toldAt: number | undefined
  /** Why the last time failed; undefined where it did not. */
  readonly failure: string | undefined
}

interface Offer {
  readonly key: Uint8Array
  users: number
  waitMs: number
  toldAt: number | undefined
  failure: string | undefined
  cancel: Disposer
}

export class Advertiser {
  readonly #deps: AdvertiserDependencies
  readonly #offers = new Map<string, Offer>()
  readonly #controller = new AbortController()
  readonly #telling = new Set<Promise<void>>()

  constructor(dependencies: AdvertiserDependencies) {
    this.#deps = dependencies
  }

  offers(): readonly Advertised[] {
    return [...this.#offers.values()].map(({ key, toldAt, failure }) => ({ key, toldAt, failure }))
  }

  /** Until every disposer that was given for the key has run. Throws NET_DISCOVERY_FULL. */
  offer(key: Uint8Array): Disposer {
    const name = toHex(key)
    const known = this.#offers.get(name)
    const offer = known ?? { key, users: 0, waitMs: FIRST_MS, toldAt: undefined, failure: undefined, cancel: () => undefined }
    if (known === undefined) {
      if (this.#offers.size >= MAX_KEYS) {
        throw new NodeError<DiscoveryErrorCode>('NET_DISCOVERY_FULL', `This node offers ${MAX_KEYS} services and resources already.`, { hint: 'Withdraw one of them first.' })
      }
      this.#offers.set(name, offer)
      this.#tell(name, offer)
    }
    offer.users++
    let isOffered = true
    return () => {
      if (!isOffered) return
      isOffered = false
      if (--offer.users === 0) this.#withdraw(name, offer)
    }
  }

  /** Tells nothing any more; records that are out run off. Idempotent. */
  async stop(): Promise<void> {
    this.#controller.abort(new Error('the node is stopping'))
    for (const { cancel } of this.#offers.values()) cancel()
    this.#offers.clear()
    await Promise.allSettled(this.#telling)
  }

  #tell(name: string, offer: Offer): void {
    const telling: Promise<void> = this.#provide(offer).finally(() => {
      this.#telling.delete(telling)
      // It was withdrawn while it was told.
      if (this.#offers.get(name) !== offer) return this.#stopTelling(offer.key)
      offer.cancel = this.#deps.clock.schedule(offer.waitMs, () => this.#tell(name, offer))
      offer.waitMs = Math.min(LONGEST_MS, offer.waitMs * 2)
    })
    this.#telling.add(telling)
  }

  async #provide(offer: Offer): Promise<void> {
    const { table, clock } = this.#deps
    try {
      await within(clock, PROVIDE_MS, this.#controller.signal, (signal) => until(signal, table.provide(offer.key, signal)))
      offer.toldAt = clock.now()
      offer.failure = undefined
    } catch (error) {
      if (offer.failure === undefined) offer.waitMs = FIRST_MS
      offer.failure = errorMessage(error)
    }
  }

  #withdraw(name: string, offer: Offer): void {
    offer.cancel()
    if (this.#offers.get(name) === offer) this.#offers.delete(name)
    this.#stopTelling(offer.key)
  }

  #stopTelling(key: Uint8Array): void {
    void this.#deps.table.stopProviding(key).catch(() => undefined)
  }
}
