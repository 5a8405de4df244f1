/**
 * The network service: this node among others. Here its parts are built and wired, started and stopped; each door that the rest of
 * the node is handed is an object of its own, and nobody needs the service itself.
 *
 *   topics        register a topic, publish on it            topics/topics.ts
 *   requests      register a request protocol, ask others    requests/requests.ts
 *   judge         tell on a peer, or praise it               peers/judge.ts
 *   peers         what the kind of node knows of a peer      peers/registry.ts
 *   state         how things are                             network-state.ts
 *   actions       what a person may do to peers              peers/actions.ts
 *   reachability  after a sleep, in another network          nat/reachability.ts
 *   streams       protocols of one's own, a table of services and resources   streams.ts
 *
 * Topics and requests are registered before {@link NetworkService.start}, or while it runs: then a topic is opened with those who are
 * here. With none at the start it listens, answers identify and ping, and dials nobody. A peer comes in by
 *
 *   connection (host/connections.ts) ──> slot (peers/registry.ts) ──> the gate topic's handshake ──> the other topics (topics/topics.ts)
 */
import { systemClock, type Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import { Emitter } from '../base/events.ts'
import type { Logger } from '../base/logger.ts'
import type { Service } from '../base/service.ts'
import type { PeerBook, PeerJudge, RequestDoor, TopicDoor } from './contracts.ts'
import { Connections } from './host/connections.ts'
import { loadIdentity, type NodeIdentity } from './host/identity.ts'
import { PeerKeeping } from './host/peer-keeping.ts'
import { routingOf } from './host/open-table.ts'
import { loadQuic, quicState, type LoadedQuic } from './host/quic.ts'
import { Streams } from './host/streams.ts'
import { Throttle } from './host/throttle.ts'
import { Traffic } from './host/traffic.ts'
import { Libp2pAddresses } from './nat/libp2p-addresses.ts'
import { Nat } from './nat/nat.ts'
import { Reachability } from './nat/reachability.ts'
import { NetworkState } from './network-state.ts'
import { bandwidthLimitsOf, hostOptionsOf, keptConnectionsOf, slotLimitsOf, type NetworkOptions } from './options.ts'
import { Actions } from './peers/actions.ts'
import { AddressBans } from './peers/address-bans.ts'
import { BanFile } from './peers/ban-file.ts'
import { configuredPeers } from './peers/configured.ts'
import { Connector } from './peers/connector.ts'
import { Judge } from './peers/judge.ts'
import { LatencyMeter } from './peers/latency.ts'
import { PeerMemory } from './peers/peer-memory.ts'
import { PeerRegistry } from './peers/registry.ts'
import { Reputation } from './peers/reputation.ts'
import { nodeKey, type NodeKey } from './node-key.ts'
import { ProtocolNames, type Namespace } from './protocol-names.ts'
import { Requests } from './requests/requests.ts'
import { RequestServer } from './requests/serving/request-server.ts'
import type { GossipKind, GossipTopics } from './spread/gossip.ts'
import type { StreamDoor } from './streams.ts'
import { MessageProcessor } from './topics/processor.ts'
import { FixedTopology } from './topology/fixed-topology.ts'
import { topologyHost } from './topology/topology-host.ts'
import { readNetworkKey } from './topology/network-key.ts'
import { Topics } from './topics/topics.ts'
import type { NetworkStateReader, PeerActions, PeerEvents } from './types.ts'

export interface NetworkDependencies {
  readonly logger: Logger
  readonly clock?: Clock
  /** Asked at the start, when what it is made of is known. */
  readonly namespace: () => Namespace
}

/** `Status` is what the kind of node knows of a peer. */
export class NetworkService<Status = unknown> implements Service {
  readonly topics: TopicDoor
  readonly requests: RequestDoor
  readonly judge: PeerJudge
  readonly peers: PeerBook<Status>
  readonly state: NetworkStateReader<Status>
  readonly actions: PeerActions
  readonly reachability: Reachability
  readonly streams: StreamDoor
  readonly keeping: PeerKeeping
  /** While the host runs, and the options have this kind; undefined otherwise. */
  readonly gossip: (kind: GossipKind) => GossipTopics | undefined
  readonly #options: NetworkOptions
  readonly #namespace: () => Namespace
  readonly #logger: Logger
  readonly #bans: BanFile
  readonly #reputation: Reputation
  readonly #throttle: Throttle
  readonly #processor: MessageProcessor
  readonly #topics: Topics
  readonly #requests: Requests
  readonly #server: RequestServer
  readonly #connector: Connector
  readonly #memory: PeerMemory
  /** Those who are here are remembered as seen now. */
  readonly #rememberAll: () => Promise<void>
  readonly #registry: PeerRegistry<Status>
  readonly #latency: LatencyMeter
  readonly #connections: Connections
  /** Where the network's members are fixed. */
  readonly #topology: FixedTopology | undefined
  readonly #streams: Streams
  readonly #nat: Nat
  #identity: NodeIdentity | undefined
  /** Where it is asked for. */
  #quic: LoadedQuic | undefined

  constructor({ logger, clock = systemClock, namespace }: NetworkDependencies, options: NetworkOptions) {
    const { reservedOnly, outPeers } = slotLimitsOf(options)
    const identity = (): NodeIdentity | undefined => this.#identity
    const peerEvents = new Emitter<PeerEvents>()
    const throttle = new Throttle(clock, bandwidthLimitsOf(options))
    const traffic = new Traffic(throttle)
    const nat = new Nat({ clock, logger: logger.child('nat') }, options)

    // Who is there, and what they are worth.
    const bans = new BanFile(options.dataPath, logger)
    const reputation = new Reputation(clock, bans)
    const addressBans = new AddressBans(clock)
    const registry = new PeerRegistry<Status>(clock, slotLimitsOf(options))
    const judge = new Judge({ logger, registry, reputation, addressBans, disconnect: (peer, reason) => connections.disconnect(peer, reason) })

    // What is said.
    const processor = new MessageProcessor({ logger, judge })
    const late = (serving: Promise<void>): void => void serving.catch((error: unknown) => logger.warn('a protocol is not served', { reason: errorMessage(error) }))
    const topics = new Topics({ clock, logger, processor, registry, judge, onPeer: (peer, open) => onPeer(peer, open), onLate: (handler) => late(connections.serveTopic(handler)), onGone: (handler) => void connections.unserve(handler).catch(() => undefined) })
    const server = new RequestServer({ clock, logger, judge, sendDelayMs: () => throttle.sendDelayMs, fittingBytes: () => throttle.fittingBytes })
    const requests = new Requests({ clock, judge, connectionsWith: (peer) => connections.with(peer), patienceMs: (bytes) => throttle.patienceMs(bytes), onLate: (handler) => late(connections.serveRequests(handler)), onGone: (handler) => void connections.unserve(handler).catch(() => undefined) })

    // Ways to others.
    const connector: Connector = new Connector(
      clock,
      {
        connect: (peerId, addresses, signal) => connections.connect(peerId, addresses, signal),
        // Who came to us decides itself whether to open topics.
        isConnected: (peerId) => {
          const peer = registry.get(peerId)
          return peer !== undefined && (peer.slot !== undefined || peer.direction === 'inbound')
        },
        isBanned: (peerId) => reputation.isBanned(peerId),
        freeSlots: () => outPeers - registry.slotsTaken('outbound'),
      },
      { reservedOnly },
    )
    const topology =
      options.topologyFile === undefined
        ? undefined
        : new FixedTopology(
            {
              clock,
              logger: logger.child('topology'),
              host: topologyHost({ registry, connector, disconnect: (peer, reason) => connections.disconnect(peer, reason) }),
            },
            { path: options.topologyFile },
          )
    const connections: Connections = new Connections({ clock, logger, registry, reputation, addressBans, processor, topics, server, connector, traffic, onIdentified: (peer) => void remember(peer), isInUse: (peer) => streams.isInUse(peer), reservedOnly })
    const streams: Streams = new Streams({
      clock,
      logger,
      peerId: () => this.#identity?.peerId,
      listenAddresses: () => connections.host?.getMultiaddrs().map((address) => address.toString()) ?? [],
      reach: (peer, addresses, options) => connections.reach(peer, addresses, options),
      disconnect: (peer, reason) => connections.disconnect(peer, reason),
      routing: routingOf(() => connections.host?.services.openTable),
    })
    const memory = new PeerMemory({ clock, logger, addressesOf: (peer) => connections.addressesOf(peer) }, options.dataPath)
    const remember = async (peer: string): Promise<void> => {
      const record = registry.get(peer)
      if (record?.slot === undefined || record.slot === 'light') return
      await memory.seen(peer, record.direction === 'outbound' ? record.address : undefined)
    }
    const latency: LatencyMeter = new LatencyMeter(clock, {
      peers: () => registry.all().flatMap(({ peerId, slot }) => (slot === undefined ? [] : [peerId])),
      ping: (peerId) => connections.ping(peerId),
      onLatency: (peerId, ms) => registry.setLatency(peerId, ms),
    })
    const onPeer = (peer: string, open: boolean): void => {
      if (open) {
        latency.measure(peer)
        void remember(peer)
        connections.keep(peer)
      } else {
        connector.onLost(peer)
      }
      peerEvents.emit('changed', { peer, connected: open })
    }

    this.topics = topics
    this.requests = requests
    this.judge = judge
    this.peers = registry
    this.state = new NetworkState({ clock, identity, peerEvents, registry, reputation, connections, processor, topics, server, nat, quic: () => quicState(this.#quic), traffic, topology })
    this.actions = new Actions({ identity, registry, reputation, connector, connections, topics, judge, memory, topology })
    this.streams = streams
    this.keeping = new PeerKeeping(() => connections.host, { keeps: keptConnectionsOf(options) })
    this.gossip = (kind) => connections.host?.services[kind === 'signed' ? 'gossipSigned' : 'gossipUnsigned']
    this.reachability = new Reachability({ registry, connections, connector, nat })
    this.#options = options
    this.#namespace = namespace
    this.#logger = logger
    this.#bans = bans
    this.#reputation = reputation
    this.#processor = processor
    this.#throttle = throttle
    this.#topics = topics
    this.#requests = requests
    this.#server = server
    this.#connector = connector
    this.#memory = memory
    this.#rememberAll = async () => void (await Promise.all(registry.all().map(({ peerId }) => remember(peerId))))
    this.#registry = registry
    this.#latency = latency
    this.#connections = connections
    this.#topology = topology
    this.#streams = streams
    this.#nat = nat
  }

  /** Round trip to a peer in milliseconds, as last measured. */
  latencyTo(peer: string): number | undefined {
    return this.#registry.get(peer)?.latencyMs
  }

  /** One of the nodes that make up the network: of the list where that is fixed, and otherwise whoever is connected. */
  isMember(peer: string): boolean {
    return this.#topology === undefined ? this.#connections.with(peer).length > 0 : this.#registry.isReserved(peer)
  }

  /** The node's key, as far as others may use it. Throws before the start. */
  get key(): NodeKey {
    if (this.#identity === undefined) throw new Error('the network service is not started')
    return nodeKey(this.#identity)
  }

  /** Whether a protocol is one that this network's nodes speak among themselves. */
  isOwnProtocol(protocol: string): boolean {
    return new ProtocolNames(this.#namespace()).withoutPrefix(protocol) !== protocol
  }

  /** Throws a NodeError: NODE_KEY_*, NETWORK_ADDRESS_INVALID, NETWORK_KEY_*, NETWORK_TOPOLOGY_*, NETWORK_PORT_IN_USE, NETWORK_LISTEN_FAILED. */
  async start(): Promise<void> {
    const options = this.#options
    this.#identity = await loadIdentity(options.dataPath, options.nodeKey)
    const networkKey = options.networkKeyFile === undefined ? undefined : await readNetworkKey(options.networkKeyFile)
    this.#quic = options.quic === true ? await this.#findQuic(networkKey !== undefined) : undefined
    const quic = this.#quic?.state === 'available' ? this.#quic.transport : undefined
    const hostOptions = hostOptionsOf(options, quic !== undefined)
    await this.#knowPeers(this.#identity.peerId)
    await this.#reputation.load()
    const names = new ProtocolNames(this.#namespace())
    this.#topics.start(names)
    this.#requests.start(names)
    await this.#connections.start({ ...hostOptions, isTrusted: (peer) => this.#registry.isReserved(peer), quic, names, identity: this.#identity, networkKey }, this.#requests.handlers())
    if (this.#connections.host !== undefined) await this.#streams.attach(this.#connections.host)
    if (this.#processor.handlers().length > 0) this.#connector.start()
    this.#latency.start()
    if (this.#connections.host !== undefined) this.#nat.start(new Libp2pAddresses(this.#connections.host))
    this.#logger.info('local identity', { peerId: this.#identity.peerId })
    this.#logger.info('listening for peers', { addresses: this.state.listenAddresses() })
  }

  async #findQuic(isPrivate: boolean): Promise<LoadedQuic> {
    const quic: LoadedQuic = isPrivate ? { state: 'unavailable', why: 'private-network', reason: 'in a network with a key of its own there is no QUIC' } : await loadQuic()
    if (quic.state === 'unavailable') this.#logger.warn('the node does not speak QUIC', { reason: quic.reason })
    return quic
  }

  /** Whom it may look for from the start. A fixed topology leaves no room for others. */
  async #knowPeers(self: string): Promise<void> {
    if (this.#topology !== undefined) return this.#topology.start(self)
    for (const { peerId, address, reserved } of configuredPeers(this.#options, this.#logger)) {
      if (reserved) this.#registry.setReserved(peerId, true)
      this.#connector.know(peerId, [address], { reserved, kept: true })
    }
    for (const { peerId, addresses, reserved } of await this.#memory.load()) {
      if (peerId === self) continue
      if (reserved) this.#registry.setReserved(peerId, true)
      this.#connector.know(peerId, addresses, { reserved, kept: reserved, met: true })
    }
  }

  async stop(): Promise<void> {
    this.#topology?.stop()
    this.#connector.stop()
    this.#latency.stop()
    this.#requests.stop()
    this.#server.stop()
    await this.#rememberAll()
    this.#topics.stop()
    this.#throttle.stop()
    await this.#nat.stop()
    this.#streams.detach()
    await this.#connections.stop()
    await Promise.all([this.#bans.flush(), this.#memory.flush()])
  }
}
