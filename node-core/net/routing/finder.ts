/**
 * How the way to a peer is found of whom only the id is known: routers are asked, one behind the other, and the first way that leads there is taken.
 *
 * A router is anything that knows ways: it is asked for a peer, and answers with addresses or that it does not know. The built-in ones (routers.ts) look at
 * the connections, the address book, the Kademlia table, and relays, in this order, the cheap ones first; others may be put among them. What a router says is a
 * hint: the secure channel proves who answers. A router that fails, or takes too long, is passed over. What was asked and what it said is told with the result.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { until } from '../../network/host/until.ts'
import type { Path, StreamDoor } from '../../network/streams.ts'
import { within } from '../within.ts'
import { sound } from './sound.ts'

export type RoutingErrorCode = 'NET_ROUTE_NONE' | 'NET_ROUTER_TAKEN'

/** What a router knows. */
export type Way =
  /** There is a connection. */
  | { readonly kind: 'connected' }
  /** Multiaddresses, with the peer id at the end or without; over relays too, by which the two ends may agree on a direct connection. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }

export interface Router {
  /** Shown to people: how a peer was found. */
  readonly name: string
  /** Undefined where it does not know. */
  find(peer: string, signal: AbortSignal): Promise<Way | undefined>
}

/** What became of asking one router. */
export interface Attempt {
  readonly router: string
  readonly outcome: 'reached' | 'unknown' | 'failed'
  /** Why, where it failed. */
  readonly reason?: string
}

export interface Reached {
  readonly path: Path
  /** The name of the router that knew. */
  readonly router: string
  readonly attempts: readonly Attempt[]
}

export interface FinderDependencies {
  readonly door: Pick<StreamDoor, 'reach' | 'connections'>
  readonly clock: Clock
}

export interface ReachOptions {
  readonly signal?: AbortSignal | undefined
  /** A way over a relay will do. */
  readonly relayed?: boolean
  /** A way that whoever asks knows: tried behind the connections, before every router. */
  readonly way?: string | undefined
}

/** For a router to answer, and for a way to be tried. */
const FIND_MS = 15_000
const REACH_MS = 15_000
const MAX_ADDRESSES = 16
const MAX_ROUTERS = 32

/** The name under which a way in the address that was asked for is told. */
export const GIVEN = 'address'
/** The router that looks at the connections. */
export const CONNECTED = 'connected'

export class RouteFinder {
  readonly #deps: FinderDependencies
  readonly #routers: Router[]

  /** In the order in which they are asked. */
  constructor(dependencies: FinderDependencies, routers: readonly Router[]) {
    this.#deps = dependencies
    this.#routers = [...routers]
  }

  get routers(): readonly string[] {
    return this.#routers.map(({ name }) => name)
  }

  /** Puts a router in front of another one, or at the end. Throws NET_ROUTER_TAKEN where there is one of its name, or there are too many. */
  use(router: Router, before?: string): Disposer {
    if (router.name === GIVEN || this.routers.includes(router.name) || this.#routers.length >= MAX_ROUTERS) {
      throw new NodeError<RoutingErrorCode>('NET_ROUTER_TAKEN', `There is a router called "${router.name}" already, or there are ${MAX_ROUTERS}.`, { hint: 'Remove it first, or choose another name.' })
    }
    const at = this.#routers.findIndex(({ name }) => name === before)
    this.#routers.splice(at < 0 ? this.#routers.length : at, 0, router)
    return () => {
      const index = this.#routers.indexOf(router)
      if (index >= 0) this.#routers.splice(index, 1)
    }
  }

  /** Connects to a peer; says how it was found. Rejects NET_ROUTE_NONE with what each router said, or with the signal's reason. */
  async reach(peer: string, options: ReachOptions = {}): Promise<Reached> {
    const attempts: Attempt[] = []
    for (const router of this.#order(options.way)) {
      options.signal?.throwIfAborted()
      const { attempt, path } = await this.#try(router, peer, options)
      attempts.push(attempt)
      if (path !== undefined) return { path, router: router.name, attempts }
    }
    options.signal?.throwIfAborted()
    throw none(peer, attempts)
  }

  /** A way that was given comes behind the connections. */
  #order(way: string | undefined): readonly Router[] {
    if (way === undefined) return [...this.#routers]
    const given: Router = { name: GIVEN, find: () => Promise.resolve({ kind: 'addresses', addresses: [way] }) }
    const at = this.routers.indexOf(CONNECTED) + 1
    return [...this.#routers.slice(0, at), given, ...this.#routers.slice(at)]
  }

  async #try(router: Router, peer: string, { signal, relayed = false }: ReachOptions): Promise<{ readonly attempt: Attempt; readonly path?: Path }> {
    const { clock, door } = this.#deps
    const { name } = router
    try {
      const way = await within(clock, FIND_MS, signal, (own) => until(own, router.find(peer, own)))
      if (way === undefined) return { attempt: { router: name, outcome: 'unknown' } }
      if (way.kind === 'connected') {
        const paths = door.connections(peer).map(({ path }) => path)
        if (paths.includes('direct')) return { attempt: { router: name, outcome: 'reached' }, path: 'direct' }
        return relayed && paths.length > 0 ? { attempt: { router: name, outcome: 'reached' }, path: 'relayed' } : { attempt: { router: name, outcome: 'unknown' } }
      }
      const addresses = sound(peer, way.addresses, MAX_ADDRESSES)
      // Without addresses the host would begin a search of its own.
      if (addresses.length === 0) return { attempt: { router: name, outcome: 'unknown' } }
      const path = await within(clock, REACH_MS, signal, (own) => until(own, door.reach(peer, addresses, { signal: own, relayed })))
      return { attempt: { router: name, outcome: 'reached' }, path }
    } catch (error) {
      return { attempt: { router: name, outcome: 'failed', reason: errorMessage(error) } }
    }
  }
}

function none(peer: string, attempts: readonly Attempt[]): NodeError<RoutingErrorCode> {
  const said = attempts.map(({ router, outcome, reason }) => `${router}: ${outcome === 'failed' ? reason : 'does not know it'}`).join('; ')
  return new NodeError<RoutingErrorCode>('NET_ROUTE_NONE', `No way to the peer ${peer} was found (${said === '' ? 'nobody was asked' : said}).`, {
    data: { peer },
    hint: 'See that the peer runs and is in this network, or say its address.',
  })
}
