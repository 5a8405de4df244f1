/** How the network is: what its parts know, put together for those who only look. Nothing here changes anything. */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { NodeError } from '../base/errors.ts'
import type { EventSource } from '../base/events.ts'
import type { TopicName } from './contracts.ts'
import type { Connections } from './host/connections.ts'
import { relayState } from './host/relay-server.ts'
import type { NodeIdentity } from './host/identity.ts'
import type { Traffic } from './host/traffic.ts'
import type { Nat } from './nat/nat.ts'
import { peerDetails } from './peers/details.ts'
import type { PeerRegistry } from './peers/registry.ts'
import type { Ban, Reputation } from './peers/reputation.ts'
import type { RequestServer } from './requests/serving/request-server.ts'
import { TopicInspector } from './topics/inspector.ts'
import type { MessageListener } from './topics/message-types.ts'
import type { MessageProcessor } from './topics/processor.ts'
import type { Topics } from './topics/topics.ts'
import type { FixedTopology, TopologyView } from './topology/fixed-topology.ts'
import type { Bandwidth, HolePunchingState, NatState, NetworkStateReader, PeerDetails, PeerEvents, PeerInfo, ProtocolTraffic, QuicState, RelayState, TopicDetails } from './types.ts'

const RELAY_STOP = '/libp2p/circuit/relay/0.2.0/stop'

export type NetworkStateErrorCode = 'NETWORK_TOPIC_UNKNOWN'

export interface NetworkStateDependencies<Status> {
  readonly clock: Clock
  /** Undefined before the start. */
  readonly identity: () => NodeIdentity | undefined
  readonly peerEvents: EventSource<PeerEvents>
  readonly registry: Pick<PeerRegistry<Status>, 'all' | 'reserved' | 'isReserved'>
  readonly reputation: Pick<Reputation, 'points' | 'bans' | 'lastBan'>
  readonly connections: Pick<Connections, 'with' | 'host'>
  readonly processor: Pick<MessageProcessor, 'statistics' | 'handlers' | 'observe'>
  readonly topics: Pick<Topics, 'openTopics' | 'openPeers' | 'queued'>
  readonly server: Pick<RequestServer, 'unread'>
  readonly nat: Pick<Nat, 'state'>
  readonly quic: () => QuicState
  readonly traffic: Pick<Traffic, 'bandwidth' | 'protocols'>
  /** Where the network's members are fixed. */
  readonly topology: Pick<FixedTopology, 'view'> | undefined
}

export class NetworkState<Status> implements NetworkStateReader<Status> {
  readonly #deps: NetworkStateDependencies<Status>

  constructor(dependencies: NetworkStateDependencies<Status>) {
    this.#deps = dependencies
  }

  /** Throws before the start. */
  get localPeerId(): string {
    const identity = this.#deps.identity()
    if (identity === undefined) throw new Error('the network service is not started')
    return identity.peerId
  }

  get peerEvents(): EventSource<PeerEvents> {
    return this.#deps.peerEvents
  }

  topology(): TopologyView | undefined {
    return this.#deps.topology?.view()
  }

  peers(): readonly PeerInfo<Status>[] {
    const { registry, topics } = this.#deps
    return registry
      .all()
      .filter(({ peerId }) => topics.openTopics(peerId).length > 0)
      .map(({ peerId, status }) => ({ peerId, status }))
  }

  peerDetails(): readonly PeerDetails<Status>[] {
    const { registry, connections, reputation, topics } = this.#deps
    return registry.all().map((record) =>
      peerDetails(record, {
        streams: connections.with(record.peerId).reduce((sum, { streams }) => sum + streams.length, 0),
        reputation: reputation.points(record.peerId),
        topics: topics.openTopics(record.peerId),
      }),
    )
  }

  topicStatistics(): readonly TopicDetails[] {
    const { processor, topics } = this.#deps
    return processor.statistics().map((statistics) => ({ ...statistics, subscribers: topics.openPeers(statistics.topic).length }))
  }

  inspectTopic(topic: TopicName, listener: MessageListener): Disposer {
    const { clock, processor } = this.#deps
    const handler = processor.handlers().find(({ spec }) => spec.name === topic)
    if (handler === undefined) throw new NodeError<NetworkStateErrorCode>('NETWORK_TOPIC_UNKNOWN', `This node has no topic "${topic}".`)
    const inspector = new TopicInspector(clock, handler, listener)
    return processor.observe(topic, (message) => inspector.see(message))
  }

  /** Of topics, and answers. */
  queued(): { readonly messages: number; readonly bytes: number } {
    const [topics, answers] = [this.#deps.topics.queued(), this.#deps.server.unread]
    return { messages: topics.messages + answers.messages, bytes: topics.bytes + answers.bytes }
  }

  bandwidth(): Bandwidth {
    return this.#deps.traffic.bandwidth()
  }

  protocolTraffic(): readonly ProtocolTraffic[] {
    return this.#deps.traffic.protocols()
  }

  nat(): NatState {
    return this.#deps.nat.state()
  }

  relay(): RelayState | undefined {
    const { connections, registry, traffic } = this.#deps
    // Between a relay and the peer with the place: what comes from there and what goes there is what was passed on.
    const passed = traffic.protocols().find(({ protocol }) => protocol === RELAY_STOP)
    return relayState(connections.host?.services.relay, (peer) => registry.isReserved(peer), passed === undefined ? 0 : passed.bytesIn + passed.bytesOut)
  }

  quic(): QuicState {
    return this.#deps.quic()
  }

  holePunching(): HolePunchingState {
    return this.#deps.connections.host?.services.punching.counts ?? { direct: 0, failed: 0 }
  }

  bans(): readonly Ban[] {
    return this.#deps.reputation.bans()
  }

  lastBan(peer: string): Ban | undefined {
    return this.#deps.reputation.lastBan(peer)
  }

  reservedPeers(): readonly string[] {
    return this.#deps.registry.reserved()
  }

  listenAddresses(): readonly string[] {
    return this.#deps.connections.host?.getMultiaddrs().map((address) => address.toString()) ?? []
  }
}
