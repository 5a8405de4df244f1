/**
 * The network service: this node among others.
 *
 * It owns the libp2p host and everything that is known of peers, and gives the rest of the node four narrow doors: topics to
 * publish on, requests to make, a judge to report to, and a reader of how things are. Handlers are registered before
 * {@link NetworkService.start}; with none it listens, answers identify and ping, and dials nobody.
 *
 *   connection ──> slot ──> gate topic's handshake ──> the other topics
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Hash } from '../base/bytes.ts'
import { systemClock, type Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Service } from '../service.ts'
import type {
  PeerFault,
  PeerJudge,
  Recipients,
  RequestHandler,
  RequestSender,
  RequestSpec,
  TopicHandler,
  TopicName,
  TopicSender,
} from './contracts.ts'
import { defaultListenAddresses, startHost, stopHost, type Host } from './host.ts'
import { loadIdentity, type NodeIdentity } from './identity.ts'
import { ipOf, isLoopback, parseAddress, parsePeerAddress, peerIdIn } from './peers/address.ts'
import { BanFile } from './peers/ban-file.ts'
import { Connector } from './peers/connector.ts'
import { LatencyMeter } from './peers/latency.ts'
import { PeerRegistry, type PeerStatus } from './peers/registry.ts'
import { Reputation, type Ban } from './peers/reputation.ts'
import { PING_PROTOCOL, answerPings } from './ping-responder.ts'
import { MessageProcessor, type TopicStatistics } from './processor.ts'
import { MAX_INBOUND_REQUESTS, RequestError, RequestStreams } from './request-streams.ts'
import { Topics } from './topics.ts'
import type { NetworkReader, PeerDetails, PeerInfo } from './types.ts'

export interface NetworkOptions {
  readonly dataPath: string
  /** 64 hexadecimal digits; otherwise the key of the data folder. */
  readonly nodeKey?: string | undefined
  /** TCP; WebSocket is on the next one. 0 lets the system choose both. */
  readonly port: number
  /** Multiaddresses to listen on instead of the port on every interface. */
  readonly listenAddrs?: readonly string[]
  /** Multiaddresses to tell others besides our own. */
  readonly publicAddrs?: readonly string[]
  readonly mdns?: boolean
  /** Multiaddresses with a peer id. */
  readonly bootnodes?: readonly string[]
  /** Bootnodes of the chain specification: one that is unusable is passed over. */
  readonly chainBootnodes?: readonly string[]
  readonly reservedNodes?: readonly string[]
  readonly reservedOnly?: boolean
  readonly inPeers?: number
  readonly outPeers?: number
}

export interface NetworkDependencies {
  readonly logger: Logger
  readonly clock?: Clock
  /** Asked at the start, when the state is open. */
  readonly genesisHash: () => Hash
  readonly isMajorSyncing?: () => boolean
}

export const DEFAULT_IN_PEERS = 32
export const DEFAULT_OUT_PEERS = 8
/** Connections beyond the slots: light questions, the routing table, those who are about to be refused. */
const SPARE_CONNECTIONS = 128
/** Connections from one address (this computer's own excepted), slots for one address and for one subnet. */
const CONNECTIONS_PER_ADDRESS = 16
const SLOTS_PER_ADDRESS = 4
const SLOTS_PER_SUBNET = 12
const PING_TIMEOUT_MS = 10_000

export class NetworkService implements Service, NetworkReader, TopicSender, RequestSender, PeerJudge {
  readonly #logger: Logger
  readonly #deps: NetworkDependencies
  readonly #options: NetworkOptions
  readonly #bans: BanFile
  readonly #reputation: Reputation
  readonly #registry: PeerRegistry
  readonly #processor: MessageProcessor
  readonly #topics: Topics
  readonly #requests: RequestStreams
  readonly #connector: Connector
  readonly #latency: LatencyMeter
  readonly #requestHandlers: RequestHandler[] = []
  #identity: NodeIdentity | undefined
  #host: Host | undefined
  #prefix = ''

  constructor(dependencies: NetworkDependencies, options: NetworkOptions) {
    const { logger, clock = systemClock } = dependencies
    const reservedOnly = options.reservedOnly ?? false
    const outPeers = options.outPeers ?? DEFAULT_OUT_PEERS
    this.#logger = logger
    this.#deps = dependencies
    this.#options = options
    this.#bans = new BanFile(options.dataPath, logger)
    this.#reputation = new Reputation(clock, this.#bans)
    this.#registry = new PeerRegistry(clock, {
      inPeers: options.inPeers ?? DEFAULT_IN_PEERS,
      outPeers,
      reservedOnly,
      perAddress: SLOTS_PER_ADDRESS,
      perSubnet: SLOTS_PER_SUBNET,
    })
    this.#processor = new MessageProcessor({ logger, judge: this })
    this.#topics = new Topics({ clock, logger, processor: this.#processor, registry: this.#registry, judge: this, onPeer: (peer, open) => this.#onPeer(peer, open) })
    this.#requests = new RequestStreams({
      clock,
      logger,
      judge: this,
      traffic: { onIn: (peer, bytes) => this.#count(peer, 'bytesIn', bytes), onOut: (peer, bytes) => this.#count(peer, 'bytesOut', bytes) },
    })
    this.#connector = new Connector(
      clock,
      {
        connect: (peerId, addresses) => this.#connect(peerId, addresses),
        // Who came to us decides itself whether to open topics.
        isConnected: (peerId) => {
          const peer = this.#registry.get(peerId)
          return peer !== undefined && (peer.slot !== undefined || peer.direction === 'inbound')
        },
        isBanned: (peerId) => this.#reputation.isBanned(peerId),
        freeSlots: () => outPeers - this.#registry.slotsTaken('outbound'),
      },
      { reservedOnly },
    )
    this.#latency = new LatencyMeter(clock, {
      peers: () => this.#registry.all().flatMap(({ peerId, slot }) => (slot === undefined ? [] : [peerId])),
      ping: (peerId) => this.#ping(peerId),
      onLatency: (peerId, ms) => {
        const peer = this.#registry.get(peerId)
        if (peer !== undefined) peer.latencyMs = ms
      },
    })
  }

  /** Before the start. The first one is the gate: see topics.ts. */
  registerTopic(handler: TopicHandler): void {
    this.#processor.register(handler)
  }

  /** Before the start. */
  registerRequests(handler: RequestHandler): void {
    this.#requestHandlers.push(handler)
  }

  /** Throws a NodeError: NODE_KEY_*, NETWORK_ADDRESS_INVALID, NETWORK_PORT_IN_USE, NETWORK_LISTEN_FAILED. */
  async start(): Promise<void> {
    const options = this.#options
    this.#identity = await loadIdentity(options.dataPath, options.nodeKey)
    const listen = options.listenAddrs === undefined || options.listenAddrs.length === 0 ? defaultListenAddresses(options.port) : options.listenAddrs
    for (const address of listen) parseAddress('listen-addr', address)
    for (const address of options.publicAddrs ?? []) parseAddress('public-addr', address)
    this.#knowConfigured()
    await this.#reputation.load()
    const genesisHex = this.#deps.genesisHash().slice(2)
    this.#prefix = `/${genesisHex}`
    this.#topics.start(this.#prefix)
    const host = await startHost({
      identity: this.#identity,
      genesisHex,
      listen,
      announce: options.publicAddrs ?? [],
      mdns: options.mdns ?? false,
      maxConnections: (options.inPeers ?? DEFAULT_IN_PEERS) + (options.outPeers ?? DEFAULT_OUT_PEERS) + SPARE_CONNECTIONS,
      gater: {
        denyDialPeer: (peer) => this.#reputation.isBanned(peer.toString()),
        denyInboundConnection: ({ remoteAddr }) => this.#isCrowded(ipOf(remoteAddr)),
        denyInboundEncryptedConnection: (peer) => !this.#admits(peer.toString()),
      },
    })
    this.#host = host
    await this.#serve(host)
    if (this.#processor.handlers().length > 0) this.#connector.start()
    this.#latency.start()
    this.#logger.info('local identity', { peerId: this.#identity.peerId })
    this.#logger.info('listening for peers', { addresses: this.listenAddresses() })
  }

  async stop(): Promise<void> {
    this.#connector.stop()
    this.#latency.stop()
    this.#requests.stop()
    this.#topics.stop()
    const host = this.#host
    this.#host = undefined
    if (host !== undefined) await stopHost(host)
    await this.#bans.flush()
  }

  get localPeerId(): string {
    if (this.#identity === undefined) throw new Error('the network service is not started')
    return this.#identity.peerId
  }

  peers(): readonly PeerInfo[] {
    const unknown = { number: 0, hash: this.#host === undefined ? ('0x' as Hash) : this.#deps.genesisHash() }
    return this.#registry
      .all()
      .filter(({ peerId }) => this.#topics.openTopics(peerId).length > 0)
      .map(({ peerId, status }) => ({ peerId, roles: status?.roles ?? 'FULL', best: status?.best ?? unknown }))
  }

  /** Every connection, with or without topics. */
  peerDetails(): readonly PeerDetails[] {
    return this.#registry.all().map(({ peerId, ip: _, status, ...rest }) => ({
      ...rest,
      peerId,
      roles: status?.roles,
      best: status?.best,
      streams: this.#connections(peerId).reduce((sum, { streams }) => sum + streams.length, 0),
      reputation: this.#reputation.points(peerId),
      topics: this.#topics.openTopics(peerId),
    }))
  }

  topicStatistics(): readonly TopicStatistics[] {
    return this.#processor.statistics()
  }

  /** Messages and bytes that wait for slow peers. */
  queued(): { readonly messages: number; readonly bytes: number } {
    return this.#topics.queued()
  }

  bans(): readonly Ban[] {
    return this.#reputation.bans()
  }

  listenAddresses(): readonly string[] {
    return this.#host?.getMultiaddrs().map((address) => address.toString()) ?? []
  }

  isMajorSyncing(): boolean {
    return this.#deps.isMajorSyncing?.() ?? false
  }

  /** What the peer's status said, as it changes. */
  setStatus(peer: string, status: PeerStatus): void {
    const record = this.#registry.get(peer)
    if (record !== undefined) record.status = status
  }

  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): void {
    this.#topics.send(topic, message, to, kind)
  }

  openPeers(topic: TopicName): readonly string[] {
    return this.#topics.openPeers(topic)
  }

  async request(peer: string, spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const connection = this.#connections(peer).find(({ status }) => status === 'open')
    if (connection === undefined) throw new RequestError('NETWORK_DISCONNECTED', `There is no connection to the peer ${peer}.`)
    return this.#requests.request(connection, `${this.#prefix}${spec.protocol}`, spec, request, signal)
  }

  report(peer: string, fault: PeerFault): void {
    this.#logger.debug('a peer is charged', { peer, fault: fault.code, cost: fault.cost })
    // A person chose reserved peers: their faults are counted, and never end in a ban.
    if (this.#registry.isReserved(peer)) this.#reputation.add(peer, -Math.abs(fault.cost))
    else if (!this.#reputation.isBanned(peer) && this.#reputation.charge(peer, fault) !== undefined) this.#expel(peer, fault.code)
  }

  reward(peer: string, points: number): void {
    this.#reputation.add(peer, Math.abs(points))
  }

  /** Bans for `durationMs`, as a person wishes. */
  ban(peer: string, durationMs: number): void {
    this.#reputation.ban(peer, 'by-hand', durationMs)
    this.#expel(peer, 'by-hand')
  }

  pardon(peer: string): void {
    this.#reputation.pardon(peer)
  }

  disconnect(peer: string, reason: string): void {
    this.#topics.closePeer(peer, reason)
    for (const connection of this.#connections(peer)) connection.abort(new Error(reason))
  }

  /** Throws a NodeError `NETWORK_ADDRESS_INVALID` where `address` is not one with a peer id. */
  addReserved(address: string): void {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    this.#registry.setReserved(peerId, true)
    this.#connector.know(peerId, [address], { reserved: true, kept: true })
  }

  removeReserved(peer: string): void {
    this.#registry.setReserved(peer, false)
    this.#connector.setReserved(peer, false)
  }

  reservedPeers(): readonly string[] {
    return this.#registry.reserved()
  }

  #knowConfigured(): void {
    for (const address of this.#options.reservedNodes ?? []) this.addReserved(address)
    for (const address of this.#options.bootnodes ?? []) {
      this.#connector.know(parsePeerAddress('bootnodes', address).peerId, [address], { kept: true })
    }
    for (const address of this.#options.chainBootnodes ?? []) {
      try {
        this.#connector.know(parsePeerAddress('bootnodes', address).peerId, [address], { kept: true })
      } catch (error) {
        this.#logger.debug('a bootnode of the chain specification is passed over', { reason: errorMessage(error) })
      }
    }
  }

  async #serve(host: Host): Promise<void> {
    host.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail))
    host.addEventListener('peer:disconnect', ({ detail }) => this.#onDisconnect(detail.toString()))
    host.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
      // libp2p calls everybody discovered who connects; without an address there is nothing to know.
      if (multiaddrs.length > 0) this.#connector.know(id.toString(), multiaddrs.map((address) => address.toString()))
    })
    host.addEventListener('peer:identify', ({ detail: { peerId, agentVersion } }) => {
      const peer = this.#registry.get(peerId.toString())
      if (peer !== undefined) peer.agent = agentVersion?.slice(0, 128)
    })
    const { clock = systemClock } = this.#deps
    await host.handle(PING_PROTOCOL, (stream) => answerPings(clock, stream), { force: true, maxInboundStreams: 4 })
    for (const handler of this.#processor.handlers()) {
      await host.handle(
        this.#topics.protocolOf(handler),
        (stream, connection) => {
          this.#onConnection(connection)
          void this.#topics.accept(handler, stream, connection)
        },
        { maxInboundStreams: 2 },
      )
    }
    for (const handler of this.#requestHandlers) {
      await host.handle(`${this.#prefix}${handler.spec.protocol}`, (stream, connection) => void this.#requests.serve(handler, stream, connection), {
        maxInboundStreams: MAX_INBOUND_REQUESTS,
      })
    }
  }

  #onConnection(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    // A stream may be negotiated a moment after its connection ended: that peer is gone.
    if (connection.status === 'open' && this.#registry.get(peer) === undefined) {
      this.#registry.add(peer, connection.direction, connection.remoteAddr.toString(), ipOf(connection.remoteAddr))
    }
  }

  #onDisconnect(peer: string): void {
    this.#topics.closePeer(peer, 'the connection ended')
    this.#registry.remove(peer)
    this.#requests.forget(peer)
    this.#connector.onLost(peer)
  }

  #onPeer(peer: string, open: boolean): void {
    if (open) {
      this.#latency.measure(peer)
      // Where connections are too many, libp2p ends those that are worth least.
      void this.#host?.peerStore.merge(idOf(peer), { tags: { topics: { value: 100 } } }).catch(() => undefined)
    } else {
      this.#connector.onLost(peer)
    }
  }

  async #connect(peerId: string, addresses: readonly string[]): Promise<boolean> {
    const host = this.#host
    if (host === undefined) return false
    try {
      const targets = addresses.map((address) => multiaddr(address)).map((address) => (peerIdIn(address) === undefined ? address.encapsulate(`/p2p/${peerId}`) : address))
      const connection = await host.dial(targets.length > 0 ? targets : idOf(peerId))
      this.#onConnection(connection)
      const open = await this.#topics.openGate(connection)
      if (!open && connection.direction === 'outbound') this.disconnect(peerId, 'its topics did not open')
      return open
    } catch (error) {
      this.#logger.debug('a peer could not be reached', { peer: peerId, reason: errorMessage(error) })
      return false
    }
  }

  async #ping(peerId: string): Promise<number> {
    if (this.#host === undefined) throw new Error('not started')
    return this.#host.services.ping.ping(idOf(peerId), { signal: AbortSignal.timeout(PING_TIMEOUT_MS) })
  }

  #expel(peer: string, reason: string): void {
    this.#logger.info('a peer is banned', { peer, reason })
    this.disconnect(peer, `banned: ${reason}`)
  }

  #admits(peer: string): boolean {
    if (this.#registry.isReserved(peer)) return true
    return !(this.#options.reservedOnly ?? false) && !this.#reputation.isBanned(peer)
  }

  #isCrowded(ip: string | undefined): boolean {
    if (ip === undefined || isLoopback(ip)) return false
    const here = this.#host?.getConnections().filter(({ remoteAddr, direction }) => direction === 'inbound' && ipOf(remoteAddr) === ip)
    return (here?.length ?? 0) >= CONNECTIONS_PER_ADDRESS
  }

  #connections(peer: string): readonly Connection[] {
    return this.#host?.getConnections().filter(({ remotePeer }) => remotePeer.toString() === peer) ?? []
  }

  #count(peer: string, direction: 'bytesIn' | 'bytesOut', bytes: number): void {
    const record = this.#registry.get(peer)
    if (record !== undefined) record[direction] += bytes
  }
}

function idOf(peerId: string): PeerId {
  return peerIdFromString(peerId)
}
