/**
 * The peers of the network on screen: who there is, what is shown of them, and what a person does to them. It listens
 * while the screen is looked at; a hidden window gets nothing.
 */
import { whileVisible } from './visibility.ts'
import { PeerList, placesOf } from '../text/peer-list.ts'
import { countPeers, peerMatches, wordsOf, type PeerCounts } from '../text/peers.ts'
import { problemOf } from '../text/problem.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
import type { PeerEntry, PeersBatch } from '../../node-core/api/network/peer-changes.ts'
import type { CallOutcome } from '../../node-core/api/network/peers.ts'
import type { Ban } from '../../node-core/network/peers/reputation.ts'
import type { ApiClient } from '../trpc/client.ts'

export class Peers {
  readonly #client: ApiClient
  readonly #network: string
  readonly #everybody = new PeerList()
  #list = $state.raw<readonly PeerEntry[] | undefined>()
  #bans = $state.raw<readonly Ban[]>([])
  #reserved = $state.raw<readonly string[]>([])
  #problem = $state.raw<ApiProblem | undefined>()
  filter = $state('')
  /** Only peers of this place: a country's code, `local`, or `unknown`. */
  place = $state<string | undefined>()

  readonly #words = $derived(wordsOf(this.filter))
  readonly #shown = $derived(
    (this.#list ?? []).filter((peer) => (this.place === undefined || (peer.place ?? 'unknown') === this.place) && peerMatches(peer, this.#words)),
  )
  readonly #counts = $derived(this.#list && countPeers(this.#list, this.#bans.length))
  readonly #places = $derived(placesOf(this.#list ?? []))

  constructor(client: ApiClient, network: string) {
    this.#client = client
    this.#network = network
  }

  /** Everybody; undefined until the node has said who. */
  get list(): readonly PeerEntry[] | undefined {
    return this.#list
  }

  /** After the filters. */
  get shown(): readonly PeerEntry[] {
    return this.#shown
  }

  get counts(): PeerCounts | undefined {
    return this.#counts
  }

  /** How many peers are where. */
  get places(): ReadonlyMap<string, number> {
    return this.#places
  }

  get bans(): readonly Ban[] {
    return this.#bans
  }

  /** Ids of reserved peers, connected or not. */
  get reserved(): readonly string[] {
    return this.#reserved
  }

  /** What went wrong with the last action, until the next one. */
  get problem(): ApiProblem | undefined {
    return this.#problem
  }

  dismissProblem(): void {
    this.#problem = undefined
  }

  /** Listens while the window is visible; the returned function ends that. */
  follow(onError: (error: unknown) => void): () => void {
    return whileVisible(() => this.#client.peers.watch.subscribe({ network: this.#network }, { onData: (batch) => this.apply(batch), onError }))
  }

  apply(batch: PeersBatch): void {
    const { bans, reserved } = batch
    this.#list = this.#everybody.apply(batch)
    if (bans !== undefined) this.#bans = bans
    if (reserved !== undefined) this.#reserved = reserved
  }

  isConnected(peer: string): boolean {
    return this.#list?.some(({ peerId }) => peerId === peer) ?? false
  }

  lastBan(peer: string): Promise<Ban | null> {
    return this.#client.peers.lastBan.query({ network: this.#network, peer })
  }

  ban(peer: string, minutes: number): Promise<boolean> {
    return this.#try(this.#client.peers.ban.mutate({ network: this.#network, peer, minutes }))
  }

  pardon(peer: string): Promise<boolean> {
    return this.#try(this.#client.peers.pardon.mutate({ network: this.#network, peer }))
  }

  disconnect(peer: string): Promise<boolean> {
    return this.#try(this.#client.peers.disconnect.mutate({ network: this.#network, peer }))
  }

  reserve(peer: string): Promise<boolean> {
    return this.#try(this.#client.peers.reserve.mutate({ network: this.#network, peer }))
  }

  unreserve(peer: string): Promise<boolean> {
    return this.#try(this.#client.peers.removeReserved.mutate({ network: this.#network, peer }))
  }

  /** Calls a peer, until the signal aborts. Resolves undefined where the call could not be made, or was given up. */
  connect(address: string, signal: AbortSignal): Promise<CallOutcome | undefined> {
    this.#problem = undefined
    return new Promise((resolve) => {
      const subscription = this.#client.peers.connect.subscribe(
        { network: this.#network, address },
        {
          onData: resolve,
          onComplete: () => resolve(undefined),
          onError: (error) => {
            if (!signal.aborted) this.#problem = problemOf(error)
            resolve(undefined)
          },
        },
      )
      signal.addEventListener('abort', () => {
        subscription.unsubscribe()
        resolve(undefined)
      })
    })
  }

  /** True where it went well; what went wrong is kept to be shown. */
  async #try(work: Promise<void>): Promise<boolean> {
    this.#problem = undefined
    try {
      await work
      return true
    } catch (error) {
      this.#problem = problemOf(error)
      return false
    }
  }
}
