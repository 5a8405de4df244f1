/**
 * What the host remembers of peers, and how much their connections are worth where there are too many: the libp2p daemon's protocol lets programs tag
 * peers. A tag of a program's weighs as much as it says, up to 100; peers with topics have 100 from the node itself (connections.ts), so that
 * programs can keep what they use and push nobody out.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import type { Host } from './host.ts'

export interface KnownPeer {
  /** Multiaddresses without the id. */
  readonly addresses: readonly string[]
  readonly protocols: readonly string[]
}

/** What programs' tags are called at the host. */
const PREFIX = 'program:'
const MOST = 100

export class PeerKeeping {
  readonly #host: () => Host | undefined
  readonly #options: { readonly keeps: number }

  /** `keeps`: connections to which {@link trim} comes down. */
  constructor(host: () => Host | undefined, options: { readonly keeps: number }) {
    this.#host = host
    this.#options = options
  }

  /** Adds to the worth of a peer's connections, 0 to 100, under a name. */
  async tag(peer: string, name: string, weight: number): Promise<void> {
    await this.#host()?.peerStore.merge(peerIdFromString(peer), { tags: { [PREFIX + name]: { value: Math.min(MOST, Math.max(0, Math.round(weight))) } } })
  }

  async untag(peer: string, name: string): Promise<void> {
    await this.#host()?.peerStore.merge(peerIdFromString(peer), { tags: { [PREFIX + name]: undefined } })
  }

  /** Ends the connections that are worth least, down to the number that the node keeps. */
  async trim(): Promise<void> {
    const host = this.#host()
    if (host === undefined) return
    const connections = host.getConnections()
    const worth = await Promise.all(
      connections.map(async (connection) => {
        const known = await host.peerStore.get(connection.remotePeer).catch(() => undefined)
        return { connection, value: [...(known?.tags.values() ?? [])].reduce((sum, { value }) => sum + value, 0) }
      }),
    )
    worth.sort((a, b) => a.value - b.value || b.connection.timeline.open - a.connection.timeline.open)
    const excess = Math.max(0, connections.length - this.#options.keeps)
    await Promise.all(worth.slice(0, excess).map(({ connection }) => connection.close().catch(() => undefined)))
  }

  async known(peer: string): Promise<KnownPeer | undefined> {
    const known = await this.#host()?.peerStore.get(peerIdFromString(peer)).catch(() => undefined)
    return known === undefined ? undefined : { addresses: known.addresses.map(({ multiaddr }) => multiaddr.toString()), protocols: [...known.protocols] }
  }
}
