/**
 * Finding who offers a service, in the Kademlia table of the network: `advertise` puts a record of this node under the key of the service's name (keys.ts), `find`
 * asks for the records there.
 *
 * Anybody can put a record under any name, and a table is made of strangers: a provider is somebody who says so, no more. What is sure is who answers, since
 * the secure channel proves the peer id; whether it is one that is wanted, the service has to know. A search is bounded in time, in results,
 * in what it looks at, and in how many run at a time, so that a flood of records costs no more than a search.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { NodeError } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import { until } from '../../network/host/until.ts'
import type { FoundPeer, RoutingTable } from '../../network/streams.ts'
import { isName, MAX_NAME_LENGTH } from '../names.ts'
import { sound } from '../routing/sound.ts'
import { within } from '../within.ts'
import { Advertiser, type Advertised, type DiscoveryErrorCode } from './advertiser.ts'
import { serviceKey } from './keys.ts'
import { KnownServices, type ServiceEvents } from './known-services.ts'

const SEARCH_MS = 30_000
/** To look up where a provider is whose record does not say. */
const LOOK_UP_MS = 10_000
const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100
/** Records that are looked at for each result that is wanted: some name nobody who can be found. */
const LOOKED_AT = 4
const MAX_ADDRESSES = 8
const MAX_SEARCHES = 16
/** How long what was found is worth keeping: providers publish again more often than that. */
const FOUND_TTL_MS = 30 * 60_000

export interface DiscoveryDependencies {
  readonly table: Pick<RoutingTable, 'provide' | 'stopProviding' | 'findProviders' | 'findPeer'>
  readonly clock: Clock
  /** Of this node, which is not among the results. */
  readonly peerId: () => string
  /** Where a peer was found, for the address book. */
  readonly learn: (peer: string, addresses: readonly string[], ttlMs: number) => void
}

export interface FindOptions {
  /** Providers; 1 to 100, 20 where nothing is said. */
  readonly limit?: number
  readonly signal?: AbortSignal | undefined
}

export interface Provider {
  readonly peer: string
  /** Multiaddresses, `/p2p/<peer>` at the end. */
  readonly addresses: readonly string[]
}

export class Discovery {
  readonly #deps: DiscoveryDependencies
  readonly #advertiser: Advertiser
  readonly #controller = new AbortController()
  readonly #services = new Map<string, number>()
  readonly #known: KnownServices
  #searches = 0

  constructor(dependencies: DiscoveryDependencies) {
    this.#deps = dependencies
    this.#advertiser = new Advertiser(dependencies)
    this.#known = new KnownServices(dependencies.clock, FOUND_TTL_MS)
  }

  /** Who is found to offer a service, and who no longer is. */
  get events(): EventSource<ServiceEvents> {
    return this.#known.events
  }

  /** The services that are advertised. */
  get services(): readonly string[] {
    return [...this.#services.keys()]
  }

  /** How telling of them, and of other keys, goes. */
  offers(): readonly Advertised[] {
    return this.#advertiser.offers()
  }

  /** Until the disposer runs. Throws NET_DISCOVERY_NAME or NET_DISCOVERY_FULL. */
  advertise(service: string): Disposer {
    requireName(service)
    const withdraw = this.#advertiser.offer(serviceKey(service))
    this.#services.set(service, (this.#services.get(service) ?? 0) + 1)
    let isAdvertised = true
    return () => {
      if (!isAdvertised) return
      isAdvertised = false
      withdraw()
      const left = (this.#services.get(service) ?? 1) - 1
      if (left === 0) this.#services.delete(service)
      else this.#services.set(service, left)
    }
  }

  /** As {@link advertise}, for the root of a resource or any other multihash. */
  offer(key: Uint8Array): Disposer {
    return this.#advertiser.offer(key)
  }

  /** Those who say that they offer a service, as they are found, each once. Throws NET_DISCOVERY_NAME and NET_DISCOVERY_BUSY, and what the table throws. */
  find(service: string, options: FindOptions = {}): AsyncGenerator<Provider, void, undefined> {
    requireName(service)
    return this.#noted(service, this.findKey(serviceKey(service), options))
  }

  /** A peer answered that it does not have the service. */
  refused(service: string, peer: string): void {
    this.#known.refused(service, peer)
  }

  /** As {@link find}, by a multihash. Ends after 30 seconds at the latest, and when the signal says so. */
  async *findKey(key: Uint8Array, { limit = DEFAULT_LIMIT, signal }: FindOptions = {}): AsyncGenerator<Provider, void, undefined> {
    if (this.#searches >= MAX_SEARCHES) throw new NodeError<DiscoveryErrorCode>('NET_DISCOVERY_BUSY', `${MAX_SEARCHES} searches are running already.`, { hint: 'Wait until one of them has ended.' })
    this.#searches++
    const end = new AbortController()
    const stop = (): void => end.abort(new Error('the search has ended'))
    const cancel = this.#deps.clock.schedule(SEARCH_MS, stop)
    const signals = [signal, this.#controller.signal].filter((given) => given !== undefined)
    for (const given of signals) {
      if (given.aborted) stop()
      given.addEventListener('abort', stop)
    }
    try {
      yield* this.#search(key, Math.max(1, Math.min(limit, MAX_LIMIT)), end.signal)
    } finally {
      cancel()
      for (const given of signals) given.removeEventListener('abort', stop)
      stop()
      this.#searches--
    }
  }

  /** Idempotent: searches end, and nothing is told any more. */
  async stop(): Promise<void> {
    this.#controller.abort(new Error('the node is stopping'))
    this.#known.stop()
    await this.#advertiser.stop()
    this.#services.clear()
  }

  async *#noted(service: string, found: AsyncGenerator<Provider, void, undefined>): AsyncGenerator<Provider, void, undefined> {
    for await (const provider of found) {
      this.#known.found(service, provider)
      yield provider
    }
  }

  async *#search(key: Uint8Array, limit: number, signal: AbortSignal): AsyncGenerator<Provider, void, undefined> {
    const { table, peerId, learn } = this.#deps
    const seen = new Set([peerId()])
    const records = table.findProviders(key, signal)[Symbol.asyncIterator]()
    let found = 0
    try {
      for (let looked = 0; found < limit && looked < limit * LOOKED_AT; looked++) {
        const next = await until(signal, records.next())
        if (next.done === true) return
        const { peer } = next.value
        if (seen.has(peer)) continue
        seen.add(peer)
        const addresses = await this.#addressesOf(next.value, signal)
        if (addresses.length === 0) continue
        learn(peer, addresses, FOUND_TTL_MS)
        found++
        yield { peer, addresses }
      }
    } catch (error) {
      // What ended in time has found what it has found.
      if (!signal.aborted) throw error
    } finally {
      void Promise.resolve(records.return?.()).catch(() => undefined)
    }
  }

  async #addressesOf({ peer, addresses }: FoundPeer, signal: AbortSignal): Promise<readonly string[]> {
    const said = sound(peer, addresses, MAX_ADDRESSES)
    if (said.length > 0) return said
    const lookUp = async (own: AbortSignal): Promise<FoundPeer> => until(own, this.#deps.table.findPeer(peer, own))
    const found = await within(this.#deps.clock, LOOK_UP_MS, signal, lookUp).catch(() => undefined)
    return found === undefined ? [] : sound(peer, found.addresses, MAX_ADDRESSES)
  }
}

function requireName(service: string): void {
  if (isName(service)) return
  throw new NodeError<DiscoveryErrorCode>('NET_DISCOVERY_NAME', `"${service.slice(0, MAX_NAME_LENGTH)}" is not the name of a service.`, {
    hint: `Use 1 to ${MAX_NAME_LENGTH} lower-case letters, digits, and '.', '_' or '-' between them.`,
  })
}
