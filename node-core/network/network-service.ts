/**
 * The network service: this node among others.
 *
 * It owns the libp2p host and everything that is known of peers, and gives the rest of the node four narrow doors: topics to
 * publish on, requests to make, a judge to report to, and a reader of how things are. Handlers are registered before
 * {@link NetworkService.start}; with none it listens, answers identify and ping, and dials nobody.
 *
 *   connection ──> slot ──> gate topic's handshake ──> the other topics
 */
import { systemClock, type Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { NodeError } from '../base/errors.ts'
import { Emitter, type EventSource } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import type { Service } from '../base/service.ts'
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
import { Connections } from './host/connections.ts'
import { dialError } from './host/dial.ts'
import type { MessageListener } from './topics/message-types.ts'
import { TopicInspector } from './topics/inspector.ts'
import { loadIdentity, type NodeIdentity } from './host/identity.ts'
import { Libp2pAddresses } from './nat/libp2p-addresses.ts'
import { Nat, type NatEvents } from './nat/nat.ts'
import { hostOptionsOf, slotLimitsOf, type NetworkOptions } from './options.ts'
import { parsePeerAddress } from './peers/address.ts'
import { AddressBans } from './peers/address-bans.ts'
import { BanFile } from './peers/ban-file.ts'
import { configuredPeers } from './peers/configured.ts'
import { Connector } from './peers/connector.ts'
import { peerDetails } from './peers/details.ts'
import { LatencyMeter } from './peers/latency.ts'
import { PeerRegistry } from './peers/registry.ts'
import { Reputation, type Ban } from './peers/reputation.ts'
import { MessageProcessor } from './topics/processor.ts'
import { ProtocolNames, type Namespace } from './protocol-names.ts'
import { RepeatGuard } from './requests/repeat-guard.ts'
import { RequestError, RequestStreams } from './requests/request-streams.ts'
import { RequestServer } from './requests/serving/request-server.ts'
import { Topics } from './topics/topics.ts'
import { Traffic } from './host/traffic.ts'
import type { Bandwidth, NatState, NetworkStateReader, PeerActions, PeerDetails, PeerEvents, PeerInfo, ProtocolTraffic, TopicDetails } from './types.ts'

export interface NetworkDependencies {
  readonly logger: Logger
  readonly clock?: Clock
  /** Asked at the start, when what it is made of is known. */
  readonly namespace: () => Namespace
}

export class NetworkService<Status = unknown> implements Service, NetworkStateReader<Status>, PeerActions, TopicSender, RequestSender, PeerJudge {
  readonly #logger: Logger
  readonly #deps: NetworkDependencies
  readonly #options: NetworkOptions
  readonly #bans: BanFile
  readonly #reputation: Reputation
  readonly #addressBans: AddressBans
  readonly #registry: PeerRegistry<Status>
  readonly #processor: MessageProcessor
  readonly #topics: Topics
  readonly #requests: RequestStreams
  readonly #repeats: RepeatGuard
  readonly #server: RequestServer
  readonly #connector: Connector
  readonly #latency: LatencyMeter
  readonly #connections: Connections
  readonly #nat: Nat
  readonly #traffic = new Traffic()
  readonly #peerEvents = new Emitter<PeerEvents>()
  readonly #requestHandlers: RequestHandler[] = []
  #identity: NodeIdentity | undefined
  #names: ProtocolNames | undefined

  constructor(dependencies: NetworkDependencies, options: NetworkOptions) {
    const { logger, clock = systemClock } = dependencies
    const { reservedOnly, outPeers } = slotLimitsOf(options)
    this.#logger = logger
    this.#deps = dependencies
    this.#options = options
    this.#bans = new BanFile(options.dataPath, logger)
    this.#reputation = new Reputation(clock, this.#bans)
    this.#addressBans = new AddressBans(clock)
    this.#registry = new PeerRegistry(clock, slotLimitsOf(options))
    this.#processor = new MessageProcessor({ logger, judge: this })
    this.#topics = new Topics({ clock, logger, processor: this.#processor, registry: this.#registry, judge: this, onPeer: (peer, open) => this.#onPeer(peer, open) })
    this.#requests = new RequestStreams({ clock, judge: this })
    this.#repeats = new RepeatGuard(clock)
    this.#server = new RequestServer({ clock, logger, judge: this })
    this.#connector = new Connector(
      clock,
      {
        connect: (peerId, addresses, signal) => this.#connections.connect(peerId, addresses, signal),
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
      ping: (peerId) => this.#connections.ping(peerId),
      onLatency: (peerId, ms) => {
        const peer = this.#registry.get(peerId)
        if (peer !== undefined) peer.latencyMs = ms
      },
    })
    this.#connections = new Connections({
      clock,
      logger,
      registry: this.#registry,
      reputation: this.#reputation,
      addressBans: this.#addressBans,
      processor: this.#processor,
      topics: this.#topics,
      server: this.#server,
      connector: this.#connector,
      traffic: this.#traffic,
      reservedOnly,
    })
    this.#nat = new Nat({ clock, logger: logger.child('nat') }, options)
  }

  nat(): NatState {
    return this.#nat.state()
  }

  get peerEvents(): EventSource<PeerEvents> {
    return this.#peerEvents
  }

  /** How others reach this node, as it changes. */
  get natEvents(): EventSource<NatEvents> {
    return this.#nat.events
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
    const hostOptions = hostOptionsOf(options)
    for (const { peerId, address, reserved } of configuredPeers(options, this.#logger)) {
      if (reserved) this.addReserved(address)
      else this.#connector.know(peerId, [address], { kept: true })
    }
    await this.#reputation.load()
    const names = new ProtocolNames(this.#deps.namespace())
    this.#names = names
    this.#topics.start(names)
    await this.#connections.start({ ...hostOptions, names, identity: this.#identity }, this.#requestHandlers)
    if (this.#processor.handlers().length > 0) this.#connector.start()
    this.#latency.start()
    if (this.#connections.host !== undefined) this.#nat.start(new Libp2pAddresses(this.#connections.host))
    this.#logger.info('local identity', { peerId: this.#identity.peerId })
    this.#logger.info('listening for peers', { addresses: this.listenAddresses() })
  }

  async stop(): Promise<void> {
    this.#connector.stop()
    this.#latency.stop()
    this.#requests.stop()
    this.#server.stop()
    this.#topics.stop()
    await this.#nat.stop()
    await this.#connections.stop()
    await this.#bans.flush()
  }

  /** Asks the router at once whether it passes the ports on. */
  askRouter(): void {
    this.#nat.again()
  }

  /** The computer slept, or is in another network now: who does not answer is let go, and everybody is dialled anew. */
  reconnect(): void {
    for (const { peerId } of this.#registry.all()) {
      this.#connections.ping(peerId).catch(() => this.#connections.disconnect(peerId, 'it does not answer after a pause'))
    }
    this.#connector.retry()
    this.#nat.again()
  }

  get localPeerId(): string {
    if (this.#identity === undefined) throw new Error('the network service is not started')
    return this.#identity.peerId
  }

  peers(): readonly PeerInfo<Status>[] {
    return this.#registry
      .all()
      .filter(({ peerId }) => this.#topics.openTopics(peerId).length > 0)
      .map(({ peerId, status }) => ({ peerId, status }))
  }

  /** Every connection, with or without topics. */
  peerDetails(): readonly PeerDetails<Status>[] {
    return this.#registry.all().map((record) =>
      peerDetails(record, {
        streams: this.#connections.with(record.peerId).reduce((sum, { streams }) => sum + streams.length, 0),
        reputation: this.#reputation.points(record.peerId),
        topics: this.#topics.openTopics(record.peerId),
      }),
    )
  }

  topicStatistics(): readonly TopicDetails[] {
    return this.#processor.statistics().map((statistics) => ({ ...statistics, subscribers: this.#topics.openPeers(statistics.topic).length }))
  }

  inspectTopic(topic: TopicName, listener: MessageListener): Disposer {
    const handler = this.#processor.handlers().find(({ spec }) => spec.name === topic)
    if (handler === undefined) throw new NodeError('NETWORK_TOPIC_UNKNOWN', `This node has no topic "${topic}".`)
    const inspector = new TopicInspector(this.#deps.clock ?? systemClock, handler, listener)
    return this.#processor.observe(topic, (message) => inspector.see(message))
  }

  bandwidth(): Bandwidth {
    return this.#traffic.bandwidth()
  }

  protocolTraffic(): readonly ProtocolTraffic[] {
    return this.#traffic.protocols()
  }

  /** Messages and bytes that wait for slow peers: of topics, and answers. */
  queued(): { readonly messages: number; readonly bytes: number } {
    const [topics, answers] = [this.#topics.queued(), this.#server.unread]
    return { messages: topics.messages + answers.messages, bytes: topics.bytes + answers.bytes }
  }

  bans(): readonly Ban[] {
    return this.#reputation.bans()
  }

  lastBan(peer: string): Ban | undefined {
    return this.#reputation.lastBan(peer)
  }

  listenAddresses(): readonly string[] {
    return this.#connections.host?.getMultiaddrs().map((address) => address.toString()) ?? []
  }

  /** Peers of one group may be one person's; see peers/registry.ts. */
  groupOf(peer: string): string {
    return this.#registry.groupOf(peer)
  }

  /** What the peer's status said, as it changes. */
  setStatus(peer: string, status: Status): void {
    this.#registry.setStatus(peer, status)
  }

  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): void {
    this.#topics.send(topic, message, to, kind)
  }

  openPeers(topic: TopicName): readonly string[] {
    return this.#topics.openPeers(topic)
  }

  async request(peer: string, spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const connection = this.#connections.with(peer).find(({ limits, status }) => status === 'open' && limits === undefined)
    if (connection === undefined || this.#names === undefined) throw new RequestError('NETWORK_DISCONNECTED', `There is no connection to the peer ${peer}.`)
    if (!this.#repeats.pass(peer, spec, request)) throw new RequestError('NETWORK_REPEATED', `The peer ${peer} was asked the same on ${spec.protocol} within the last minute.`)
    return this.#requests.request(connection, this.#names.of(spec), spec, request, signal)
  }

  report(peer: string, fault: PeerFault): void {
    this.#logger.debug('a peer is charged', { peer, fault: fault.code, cost: fault.cost })
    // A person chose reserved peers: their faults are counted, and never end in a ban.
    if (this.#registry.isReserved(peer)) return void this.#reputation.add(peer, -Math.abs(fault.cost))
    if (this.#reputation.isBanned(peer)) return
    const ip = this.#registry.get(peer)?.ip
    if (ip !== undefined && this.#addressBans.charge(ip, fault)) this.#logger.info('nobody new is let in from an address for a while', { ip, reason: fault.code })
    if (this.#reputation.charge(peer, fault) !== undefined) this.#expel(peer, fault.code)
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
    this.#connections.disconnect(peer, reason)
  }

  /** Throws a NodeError `NETWORK_ADDRESS_INVALID` where `address` is not one with a peer id. */
  addReserved(address: string): void {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    this.#registry.setReserved(peerId, true)
    this.#connector.know(peerId, [address], { reserved: true, kept: true })
  }

  async call(address: string, signal?: AbortSignal): Promise<'connected' | 'already'> {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    if (peerId === this.localPeerId) throw dialError('NETWORK_DIAL_SELF')
    if (this.#reputation.isBanned(peerId)) throw dialError('NETWORK_DIAL_BANNED')
    this.#registry.setReserved(peerId, true)
    const isOpen = this.#topics.openTopics(peerId).length > 0
    if (isOpen) this.#connector.know(peerId, [address], { reserved: true, kept: true })
    else await this.#connector.call(peerId, address, signal)
    return isOpen ? 'already' : 'connected'
  }

  removeReserved(peer: string): void {
    this.#registry.setReserved(peer, false)
    this.#connector.setReserved(peer, false)
  }

  reservedPeers(): readonly string[] {
    return this.#registry.reserved()
  }

  #onPeer(peer: string, open: boolean): void {
    if (open) {
      this.#latency.measure(peer)
      this.#connections.keep(peer)
    } else {
      this.#connector.onLost(peer)
    }
    this.#peerEvents.emit('changed', { peer, connected: open })
  }

  #expel(peer: string, reason: string): void {
    this.#logger.info('a peer is banned', { peer, reason })
    this.disconnect(peer, `banned: ${reason}`)
  }
}
