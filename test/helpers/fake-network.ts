/**
 * A network's state that a test sets, and actions that are written down and do to that state what the real ones do: what
 * lies above the network service sees no more.
 */
import type { Disposer } from '../../node-core/base/disposers.ts'
import type { ChainPeerStatus } from '../../node-core/chain/protocols/roles.ts'
import type { TopicName } from '../../node-core/network/contracts.ts'
import type { InspectedMessage, MessageListener } from '../../node-core/network/topics/message-types.ts'
import type { HolePunchingState, NatState, NetworkStateReader, PeerActions, PeerDetails, PeerEvents, QuicState, RelayState, TopicDetails } from '../../node-core/network/types.ts'
import type { TopologyView } from '../../node-core/network/topology/fixed-topology.ts'
import type { Ban } from '../../node-core/network/peers/reputation.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { dialError, type DialError } from '../../node-core/network/host/dial.ts'
import { parsePeerAddress } from '../../node-core/network/peers/address.ts'

/** Three well-formed peer ids. */
export const PEERS = [
  '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
  '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD',
  '12D3KooWSCufgHzV4fCwRijfH2k3abrpAJxTKxEvN1FDuRXA2U9x',
] as const

/** What the node speaks. */
const TOPICS: readonly TopicName[] = ['block-announces', 'transactions', 'grandpa']

type ChainPeer = PeerDetails<ChainPeerStatus>

export function fakePeer(peerId: string, change: Partial<ChainPeer> = {}): ChainPeer {
  return {
    peerId,
    address: '/ip4/192.0.2.1/tcp/30333',
    direction: 'outbound',
    slot: 'outbound',
    agent: 'polkadot/1.2.3',
    status: { roles: 'FULL', best: { hash: `0x${'11'.repeat(32)}`, number: 100 } },
    latencyMs: 40,
    bytesIn: 1000,
    bytesOut: 500,
    streams: 6,
    reputation: 0,
    connectedSince: 1_000,
    topics: ['block-announces'],
    ...change,
  }
}

export function fakeTopic(change: Partial<TopicDetails> = {}): TopicDetails {
  const none = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, accepted: 0, duplicates: 0, ignored: 0, rejected: 0, limited: 0, dropped: 0 }
  return { topic: 'block-announces', ...none, reasons: {}, subscribers: 1, ...change }
}

export class FakeNetwork implements NetworkStateReader<ChainPeerStatus>, PeerActions {
  readonly localPeerId = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
  readonly peerEvents = new Emitter<PeerEvents>()
  details: ChainPeer[] = []
  topics: TopicDetails[] = []
  banned: Ban[] = []
  pastBans: Ban[] = []
  reserved: string[] = []
  readonly inspectors = new Set<{ readonly topic: TopicName; readonly listener: MessageListener }>()
  bytes = { bytesIn: 0, bytesOut: 0 }
  quicIs: QuicState = { state: 'off' }
  relayIs: RelayState | undefined
  topologyIs: TopologyView | undefined
  natState: NatState = { status: 'off', mappings: [], reachable: false }
  /** What comes of the next calls. */
  refusal: DialError | undefined
  waitingCalls = 0
  /** `ban <id> <ms>`, `disconnect <id>`, … in order. */
  readonly actions: string[] = []

  peers() {
    return this.details.flatMap(({ peerId, status, topics }) => (topics.length === 0 || status === undefined ? [] : [{ peerId, status }]))
  }
  peerDetails(): readonly ChainPeer[] {
    return this.details
  }
  topicStatistics(): readonly TopicDetails[] {
    return this.topics
  }
  queued() {
    return { messages: 0, bytes: 0 }
  }
  bans(): readonly Ban[] {
    return this.banned
  }
  lastBan(peer: string): Ban | undefined {
    return [...this.banned, ...this.pastBans].find(({ peerId }) => peerId === peer)
  }
  topology(): TopologyView | undefined {
    return this.topologyIs
  }

  reservedPeers(): readonly string[] {
    return this.reserved
  }
  inspectTopic(topic: TopicName, listener: MessageListener): Disposer {
    if (!TOPICS.includes(topic) && this.topics.every((known) => known.topic !== topic)) throw new NodeError('NETWORK_TOPIC_UNKNOWN', `This node has no topic "${topic}".`)
    const entry = { topic, listener }
    this.inspectors.add(entry)
    return () => this.inspectors.delete(entry)
  }
  /** Shows a message to those who look at its topic. */
  pass(topic: TopicName, message: InspectedMessage): void {
    for (const entry of this.inspectors) if (entry.topic === topic) entry.listener.onMessage(message)
  }
  bandwidth() {
    return this.bytes
  }
  nat(): NatState {
    return this.natState
  }
  holePunching(): HolePunchingState {
    return { direct: 0, failed: 0 }
  }

  quic(): QuicState {
    return this.quicIs
  }
  relay(): RelayState | undefined {
    return this.relayIs
  }
  protocolTraffic() {
    return [{ protocol: '/sync/2', ...this.bytes }]
  }
  listenAddresses(): readonly string[] {
    return ['/ip4/192.0.2.2/tcp/30333/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5']
  }

  ban(peer: string, durationMs: number): void {
    this.actions.push(`ban ${peer} ${durationMs}`)
    const times = (this.lastBan(peer)?.times ?? 0) + 1
    this.banned = [...this.banned.filter(({ peerId }) => peerId !== peer), { peerId: peer, until: Date.now() + durationMs, reason: 'by-hand', times }]
    this.#lose(peer)
  }
  pardon(peer: string): void {
    this.actions.push(`pardon ${peer}`)
    this.banned = this.banned.filter(({ peerId }) => peerId !== peer)
  }
  disconnect(peer: string): void {
    this.actions.push(`disconnect ${peer}`)
    this.#lose(peer)
  }
  /** The peer is there at once, where its port is not 1: there nobody answers. */
  addReserved(address: string): void {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    if (peerId === PEERS[2]) throw new NodeError('TEST_REFUSED', 'Not this one.')
    this.actions.push(`add ${address}`)
    this.reserved = [...new Set([...this.reserved, peerId])]
    if (address.includes('/tcp/1/') || this.details.some((peer) => peer.peerId === peerId)) return
    this.details = [...this.details, fakePeer(peerId, { address, slot: 'reserved', connectedSince: Date.now() })]
  }
  /** As {@link addReserved}; without an answer for port 1 until the caller gives up, and with `refusal` where a test set one. */
  async call(address: string, signal?: AbortSignal): Promise<'connected' | 'already'> {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    if (this.refusal !== undefined && (this.refusal.code === 'NETWORK_DIAL_SELF' || this.refusal.code === 'NETWORK_DIAL_BANNED')) throw this.refusal
    const isThere = this.details.some((peer) => peer.peerId === peerId)
    if (this.refusal === undefined) this.addReserved(address)
    else this.reserved = [...new Set([...this.reserved, peerId])]
    if (this.refusal !== undefined) throw this.refusal
    if (isThere) return 'already'
    if (!address.includes('/tcp/1/')) return 'connected'
    this.waitingCalls++
    await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    this.waitingCalls--
    throw dialError('NETWORK_DIAL_CANCELLED')
  }
  removeReserved(peer: string): void {
    this.actions.push(`remove ${peer}`)
    this.reserved = this.reserved.filter((peerId) => peerId !== peer)
  }

  #lose(peer: string): void {
    this.details = this.details.filter(({ peerId }) => peerId !== peer)
  }
}
