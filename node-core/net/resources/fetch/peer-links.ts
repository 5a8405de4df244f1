/**
 * Streams to the peers that a fetch asks: finds providers, again and again, and keeps a stream to each that the plan wants. Where this node has the file itself,
 * it is one of them; where it has the whole file, nobody else is asked as long as it gives it.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { OwnShelf, Provider, ProviderFinder, StreamOpener } from '../types.ts'
import { RESOURCE_PROTOCOL, type Answer, type Question } from '../wire.ts'
import { FetchLink } from './fetch-link.ts'
import { OwnLink } from './own-link.ts'

/** How long to wait between searches, and for a peer. */
const SEARCH_MS = 15_000
const REACH_MS = 15_000
/** Of one search. */
const MAX_PROVIDERS = 64

export interface PeerLinksDependencies {
  readonly streams: StreamOpener
  readonly finder: ProviderFinder
  readonly own: OwnShelf
  readonly clock: Clock
  readonly logger: Logger
  /** Nothing more is fetched. */
  readonly signal: AbortSignal
}

/** What the plan of the fetch wants, and is told. */
export interface LinkPlan {
  /** Whether a peer is worth a stream. */
  mayJoin(peer: string): boolean
  /** A search begins; the function ends it. */
  searching(): () => void
  onOpen(peer: string): void
  onAnswer(peer: string, answer: Answer): void
  /** The other side ended the stream, or broke the protocol. */
  onEnd(peer: string, reason: string, fault: PeerFault | undefined): void
}

export interface PeerLinksOptions {
  readonly root: Uint8Array
  /** Peers to ask, besides those that are found. */
  readonly peers: readonly Provider[]
}

type Link = Pick<FetchLink, 'ask' | 'end'>

export class PeerLinks {
  readonly #deps: PeerLinksDependencies
  readonly #plan: LinkPlan
  readonly #options: PeerLinksOptions
  readonly #links = new Map<string, Link>()
  readonly #connecting = new Set<string>()
  #searchTimer: Disposer | undefined
  #searches = 0
  /** This node itself gives the whole file. */
  #isOwnWhole = false

  constructor(dependencies: PeerLinksDependencies, plan: LinkPlan, options: PeerLinksOptions) {
    this.#deps = dependencies
    this.#plan = plan
    this.#options = options
  }

  /** Searches now, and again after a while. */
  search(): void {
    const { clock, signal } = this.#deps
    const over = this.#plan.searching()
    const count = ++this.#searches
    void this.#searchOnce().then(() => {
      over()
      if (!signal.aborted && count === this.#searches) this.#searchTimer = clock.schedule(SEARCH_MS, () => this.search())
    })
  }

  ask(peer: string, question: Question): void {
    this.#links.get(peer)?.ask(question)
  }

  leave(peer: string): void {
    this.#links.get(peer)?.end()
    this.#links.delete(peer)
    if (peer === this.#deps.own.peer()) this.#askOthers()
  }

  stop(): void {
    this.#searchTimer?.()
    for (const link of this.#links.values()) link.end()
    this.#links.clear()
  }

  /** Never rejects. */
  async #searchOnce(): Promise<void> {
    const { finder, logger, signal } = this.#deps
    await this.#connectOwn()
    if (this.#isOwnWhole) return
    const found = finder.find(this.#options.root, { signal }).catch((error: unknown) => {
      logger.debug('no search for whoever has a file', { reason: errorMessage(error) })
      return []
    })
    const given = Promise.all(this.#options.peers.map((provider) => this.#connect(provider)))
    const reached = found.then((providers) => Promise.all(providers.slice(0, MAX_PROVIDERS).map((provider) => this.#connect(provider))))
    await Promise.all([given, reached])
  }

  /** What this node has itself turned out to be of no use. */
  #askOthers(): void {
    if (!this.#isOwnWhole) return
    this.#isOwnWhole = false
    this.#searchTimer?.()
    this.search()
  }

  /** Never rejects. */
  async #connectOwn(): Promise<void> {
    const { own, logger, signal: over } = this.#deps
    const peer = own.peer()
    if (!this.#plan.mayJoin(peer) || this.#connecting.has(peer)) return
    this.#connecting.add(peer)
    try {
      const resource = await own.open(this.#options.root)
      if (resource === undefined) return
      if (over.aborted || !this.#plan.mayJoin(peer)) return await resource.close()
      this.#isOwnWhole = resource.ranges === 'all'
      this.#join(peer, new OwnLink(resource, { onAnswer: (answer) => this.#plan.onAnswer(peer, answer) }))
    } catch (error) {
      logger.debug('a file of this node is not what it was', { reason: errorMessage(error) })
    } finally {
      this.#connecting.delete(peer)
    }
  }

  #join(peer: string, link: Link): void {
    this.#links.set(peer, link)
    this.#plan.onOpen(peer)
  }

  /** Never rejects. */
  async #connect({ peer, addresses }: Provider): Promise<void> {
    const { streams, clock, logger, signal: over } = this.#deps
    if (!this.#plan.mayJoin(peer) || this.#connecting.has(peer) || over.aborted || peer === this.#deps.own.peer()) return
    this.#connecting.add(peer)
    const late = new AbortController()
    const cancel = clock.schedule(REACH_MS, () => late.abort(new Error('it took too long')))
    const signal = AbortSignal.any([late.signal, over])
    try {
      await streams.reach(peer, addresses, { signal })
      const stream = await streams.open(peer, [RESOURCE_PROTOCOL], { signal })
      if (over.aborted || !this.#plan.mayJoin(peer)) return stream.stream.abort(new Error('it is no longer needed'))
      const link = new FetchLink(stream, {
        onAnswer: (answer) => this.#plan.onAnswer(peer, answer),
        onEnd: (reason, fault) => {
          this.#links.delete(peer)
          this.#plan.onEnd(peer, reason, fault)
        },
      })
      this.#join(peer, link)
      link.start()
    } catch (error) {
      logger.debug('a peer that has a file was not reached', { peer, reason: errorMessage(error) })
    } finally {
      cancel()
      this.#connecting.delete(peer)
    }
  }
}
