/**
 * The host's connections: who may connect, who is told when a connection opens or ends, and how a peer is dialled.
 *
 * The host knows peers as libp2p objects; the rest of the service knows them by their ids. This is the place between:
 * it registers every protocol's handler at the host, and turns the host's events into the registry's records.
 *
 * A connection over a relay is not one to a peer yet. Relays cut it off after two minutes or 128 KiB, so topics and requests
 * do not run over it (a dozen block announcements would end it); it is where the two ends agree (dcutr) to dial
 * each other at the same moment. When the direct connection is there, everything begins as with any other; when it
 * does not come, the relayed one is given up.
 */
import type { Connection, ConnectionGater, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { RequestHandler, TopicHandler } from '../contracts.ts'
import { dialError, whyNotOpen, whyNotReached } from './dial.ts'
import { dialPeer, directInstead, type Dial } from './dialling.ts'
import { DOOR, startHost, stopHost, type Host, type HostOptions } from './host.ts'
import { CONNECTIONS_PER_ADDRESS, CONNECTIONS_PER_SUBNET } from '../options.ts'
import type { AddressBans } from '../peers/address-bans.ts'
import { isNearby, subnetOf, subscriberOf } from '../peers/address-block.ts'
import { ipOf } from '../peers/address.ts'
import { Admission } from '../peers/admission.ts'
import type { Connector } from '../peers/connector.ts'
import type { PeerRegistry } from '../peers/registry.ts'
import type { Reputation } from '../peers/reputation.ts'
import { PING_PROTOCOL, answerPings } from './ping-responder.ts'
import type { MessageProcessor } from '../topics/processor.ts'
import type { NamedProtocol, ProtocolNames } from '../protocol-names.ts'
import { MAX_INBOUND_REQUESTS, type RequestServer } from '../requests/serving/request-server.ts'
import type { StreamOptions } from '../streams.ts'
import type { Topics } from '../topics/topics.ts'
import type { Traffic } from './traffic.ts'
import { until } from './until.ts'

const PING_TIMEOUT_MS = 10_000

export interface ConnectionsDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly registry: PeerRegistry
  readonly reputation: Reputation
  readonly addressBans: AddressBans
  readonly processor: MessageProcessor
  readonly topics: Topics
  readonly server: RequestServer
  readonly connector: Connector
  readonly traffic: Traffic
  readonly reservedOnly: boolean
  /** A peer has said who it is, and where it listens. */
  readonly onIdentified: (peer: string) => void
  /** Carries streams beside topics and requests: its connection is kept where its topics do not open. */
  readonly isInUse: (peer: string) => boolean
}

export class Connections {
  readonly #deps: ConnectionsDependencies
  readonly #admission: Admission
  #host: Host | undefined
  #names: ProtocolNames | undefined

  constructor(dependencies: ConnectionsDependencies) {
    this.#deps = dependencies
    this.#admission = new Admission(dependencies.clock, DOOR)
  }

  /** Connections that came in and have not said who they are. */
  get pending(): number {
    return this.#admission.pending
  }

  /** The running host; undefined before the start and after the stop. */
  get host(): Host | undefined {
    return this.#host
  }

  /** Starts the host and answers every protocol. Throws a NodeError with a HostErrorCode. */
  async start(options: Omit<HostOptions, 'gater' | 'metrics'>, requestHandlers: readonly RequestHandler[]): Promise<void> {
    const { names } = options
    const host = await startHost({ ...options, gater: this.#gater(), metrics: this.#deps.traffic.component((protocol) => names.withoutPrefix(protocol)) })
    this.#host = host
    this.#names = names
    this.#listen(host)
    const { clock, processor } = this.#deps
    await host.handle(PING_PROTOCOL, (stream) => answerPings(clock, stream), { force: true, maxInboundStreams: 4 })
    for (const handler of processor.handlers()) await this.serveTopic(handler)
    for (const handler of requestHandlers) await this.serveRequests(handler)
  }

  async stop(): Promise<void> {
    const host = this.#host
    this.#host = undefined
    if (host !== undefined) await stopHost(host)
  }

  /** Those with one peer; there may be several, or one that is just closing. */
  with(peer: string): readonly Connection[] {
    return this.#host?.getConnections().filter(({ remotePeer }) => remotePeer.toString() === peer) ?? []
  }

  /**
   * Dials the peer and opens its topics. Resolves when they are open; rejects with a DialError that says why not: after
   * a minute at the latest (forty seconds where there is one address), or as soon as the signal aborts.
   */
  async connect(peerId: string, addresses: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#dialling(peerId, signal, async (host, onStage) => {
      const connection = await this.#dial(host, { peerId, addresses, signal, onStage })
      const failure = whyNotOpen(await this.#deps.topics.openGate(connection))
      if (failure === undefined) return
      if (connection.direction === 'outbound' && !this.#deps.isInUse(peerId)) this.disconnect(peerId, 'its topics did not open')
      throw failure
    })
  }

  /** Connects and opens no topics: over a relay too where `relayed` allows it. Rejects with a DialError, as {@link connect} does. */
  async reach(peerId: string, addresses: readonly string[], { signal, relayed = false }: StreamOptions = {}): Promise<Connection> {
    return this.#dialling(peerId, signal, (host, onStage) => this.#dial(host, { peerId, addresses, signal, onStage }, relayed))
  }

  async #dial(host: Host, dial: Dial, relayed = false): Promise<Connection> {
    const connection = await dialPeer(host, dial)
    const usable = relayed ? connection : await until(dial.signal, directInstead(host, connection, this.#deps.clock)).catch(async (error: unknown) => {
      // A relayed one leads to nothing here; what others send over it goes on, as does a direct one whose dial was merely given up.
      if (connection.limits !== undefined && !this.#deps.isInUse(dial.peerId)) await connection.close().catch(() => undefined)
      throw error
    })
    this.#onConnection(usable)
    return usable
  }

  /** Whatever fails on the way is told as a DialError. */
  async #dialling<T>(peerId: string, signal: AbortSignal | undefined, work: (host: Host, onStage: (stage: string) => void) => Promise<T>): Promise<T> {
    const host = this.#host
    let stage = ''
    try {
      if (host === undefined) throw new Error('this node does not run')
      return await until(signal, work(host, (told) => (stage = told)))
    } catch (error) {
      const failure = signal?.aborted === true ? dialError('NETWORK_DIAL_CANCELLED') : this.#host === host ? whyNotReached(error, stage) : dialError('NETWORK_DIAL_FAILED', error)
      this.#deps.logger.debug('a peer could not be reached', { peer: peerId, code: failure.code, reason: errorMessage(failure.cause ?? failure) })
      throw failure
    }
  }

  disconnect(peer: string, reason: string): void {
    this.#deps.topics.closePeer(peer, reason)
    for (const connection of this.with(peer)) connection.abort(new Error(reason))
  }

  /** Round trip in milliseconds. Rejects where the peer does not answer within ten seconds. */
  async ping(peerId: string): Promise<number> {
    if (this.#host === undefined) throw new Error('not started')
    return this.#host.services.ping.ping(idOf(peerId), { signal: AbortSignal.timeout(PING_TIMEOUT_MS) })
  }

  /** Where the peer says that it listens, as far as the host knows. */
  async addressesOf(peer: string): Promise<readonly string[]> {
    const known = await this.#host?.peerStore.get(idOf(peer))
    return known?.addresses.map(({ multiaddr: address }) => address.toString()) ?? []
  }

  /** Where connections are too many, libp2p ends those that are worth least: not this one. */
  keep(peer: string): void {
    void this.#host?.peerStore.merge(idOf(peer), { tags: { topics: { value: 100 } } }).catch(() => undefined)
  }

  #gater(): ConnectionGater {
    return {
      denyDialPeer: (peer) => this.#deps.reputation.isBanned(peer.toString()),
      denyInboundConnection: (arrival) => this.#isCrowded(ipOf(arrival.remoteAddr)) || !this.#admission.admits(arrival, ipOf(arrival.remoteAddr)),
      denyInboundEncryptedConnection: (peer, arrival) => !this.#admits(peer.toString(), ipOf(arrival.remoteAddr)),
      denyInboundUpgradedConnection: (_peer, arrival) => {
        this.#admission.settle(arrival)
        return false
      },
    }
  }

  #listen(host: Host): void {
    const { connector, registry, onIdentified } = this.#deps
    host.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail))
    // To listen at a relay is to connect to it, which the start did.
    for (const connection of host.getConnections()) this.#onConnection(connection)
    host.addEventListener('peer:disconnect', ({ detail }) => this.#onDisconnect(detail.toString()))
    host.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
      // libp2p calls everybody discovered who connects; without an address there is nothing to know.
      if (multiaddrs.length > 0) connector.know(id.toString(), multiaddrs.map((address) => address.toString()))
    })
    host.addEventListener('peer:identify', ({ detail: { peerId, agentVersion } }) => {
      const peer = registry.get(peerId.toString())
      if (peer !== undefined) peer.agent = agentVersion?.slice(0, 128)
      onIdentified(peerId.toString())
    })
  }

  /** Takes streams of a topic that peers open. Nothing before the start, which sees to all that are registered by then. */
  async serveTopic(handler: TopicHandler): Promise<void> {
    const accept = (stream: Stream, connection: Connection): void => {
      this.#onConnection(connection)
      void this.#deps.topics.accept(handler, stream, connection)
    }
    await this.#handle(handler, accept, 2)
  }

  /** The same for the questions of a request protocol. */
  async serveRequests(handler: RequestHandler): Promise<void> {
    await this.#handle(handler, (stream, connection) => void this.#deps.server.serve(handler, stream, connection), MAX_INBOUND_REQUESTS)
  }

  /** Takes no more streams of a topic or request protocol. */
  async unserve({ spec }: { readonly spec: NamedProtocol }): Promise<void> {
    const names = this.#names
    if (names !== undefined) await this.#host?.unhandle([...names.of(spec)])
  }

  async #handle({ spec }: { readonly spec: NamedProtocol }, answer: (stream: Stream, connection: Connection) => void, maxInboundStreams: number): Promise<void> {
    const names = this.#names
    if (names !== undefined) await this.#host?.handle([...names.of(spec)], answer, { maxInboundStreams })
  }

  #onConnection(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (connection.limits !== undefined) return
    // A stream may be negotiated a moment after its connection ended: that peer is gone.
    if (connection.status !== 'open') return
    const { registry, traffic } = this.#deps
    const record = registry.get(peer) ?? registry.add(peer, connection.direction, connection.remoteAddr.toString(), ipOf(connection.remoteAddr))
    traffic.attribute(connection, record)
  }

  #onDisconnect(peer: string): void {
    const { connector, registry, topics } = this.#deps
    topics.closePeer(peer, 'the connection ended')
    registry.remove(peer)
    connector.onLost(peer)
  }

  #admits(peer: string, ip: string | undefined): boolean {
    const { registry, reputation, addressBans, reservedOnly } = this.#deps
    if (registry.isReserved(peer)) return true
    return !reservedOnly && !reputation.isBanned(peer) && (ip === undefined || !addressBans.isBanned(ip))
  }

  /** Those who hold a slot are counted there (peers/registry.ts): behind one router there may be many light clients. */
  #isCrowded(ip: string | undefined): boolean {
    if (ip === undefined || isNearby(ip)) return false
    const { registry } = this.#deps
    const [subscriber, subnet] = [subscriberOf(ip), subnetOf(ip)]
    let [ofSubscriber, ofSubnet] = [0, 0]
    for (const { direction, remoteAddr, remotePeer } of this.#host?.getConnections() ?? []) {
      const other = direction === 'inbound' ? ipOf(remoteAddr) : undefined
      if (other === undefined || subnetOf(other) !== subnet || registry.get(remotePeer.toString())?.slot !== undefined) continue
      ofSubnet++
      if (subscriberOf(other) === subscriber) ofSubscriber++
    }
    return ofSubscriber >= CONNECTIONS_PER_ADDRESS || ofSubnet >= CONNECTIONS_PER_SUBNET
  }
}

function idOf(peerId: string): PeerId {
  return peerIdFromString(peerId)
}
