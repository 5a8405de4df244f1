/** What the other services know of the network. */
import type { Disposer } from '../base/disposers.ts'
import type { EventSource } from '../base/events.ts'
import type { TopicName } from './contracts.ts'
import type { MessageListener } from './topics/message-types.ts'
import type { TopologyView } from './topology/fixed-topology.ts'
import type { Ban } from './peers/reputation.ts'
import type { TopicStatistics } from './topics/processor.ts'

/** `Status` is what the kind of node knows of a peer; the service keeps it and does not look into it. */
export interface PeerInfo<Status = unknown> {
  readonly peerId: string
  /** Undefined until the peer's first topic has told it. */
  readonly status: Status | undefined
}

export interface NetworkReader<Status = unknown> {
  /** Our own peer id, base58. */
  readonly localPeerId: string
  /** Peers with whom topics are open. */
  peers(): readonly PeerInfo<Status>[]
  /** Multiaddresses at which we listen. */
  listenAddresses(): readonly string[]
}

/** Everything that is known of one connected peer, for people and metrics. */
export interface PeerDetails<Status = unknown> extends PeerInfo<Status> {
  /** Multiaddress of its end of the connection. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** What its topics are open by; undefined for a bare connection. */
  readonly slot: 'inbound' | 'outbound' | 'reserved' | 'light' | undefined
  readonly agent: string | undefined
  /** Round trip in milliseconds, as last measured. */
  readonly latencyMs: number | undefined
  /** Of all its connections since it came, encryption and multiplexing included. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly streams: number
  /** -1000 to 1000. */
  readonly reputation: number
  /** Milliseconds since the Unix epoch. */
  readonly connectedSince: number
  readonly topics: readonly string[]
}

/** One port of ours that the router passes on: UDP is QUIC's. */
export interface PortMapping {
  readonly transport: 'tcp' | 'udp'
  readonly internalPort: number
  readonly externalPort: number
  /** The router's address on its other side. */
  readonly externalAddress: string
}

/**
 * Whether others can reach this node through the router.
 *
 * `off` was not asked for; `searching` looks for a router; `mapped` has its ports passed on; `verified` is mapped, and
 * peers outside confirmed that they reach us; `double-nat` is mapped by a router that is itself behind another;
 * `failed` says why, and is tried again later.
 */
export interface NatState {
  readonly status: 'off' | 'searching' | 'mapped' | 'verified' | 'double-nat' | 'failed'
  readonly mappings: readonly PortMapping[]
  /** Whether a peer outside confirmed one of our addresses, with or without a mapping. */
  readonly reachable: boolean
  /** What happened and what to do, for `failed` and `double-nat`. */
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string }
}

/** QUIC besides TCP: `off` was not asked for, or does not run yet; `unavailable` was, and is not to be had here. */
export type QuicState = { readonly state: 'off' | 'available' } | { readonly state: 'unavailable'; readonly why: QuicObstacle; readonly reason: string }

/** `not-installed`: there is no native part; `no-socket`: it opens none; `private-network`: nothing in QUIC knows the key of a private network. */
export type QuicObstacle = 'not-installed' | 'no-socket' | 'private-network'

/** What one relayed connection may be: how long, and how many bytes each way. */
export interface RelayBudget {
  readonly connectionMs: number
  readonly connectionBytes: number
}

/** What this node gives as a relay, and what is used of it. */
export interface RelayState {
  /** Peers that have a place; `until` in milliseconds since the Unix epoch. */
  readonly reservations: readonly { readonly peer: string; readonly trusted: boolean; readonly until: number }[]
  readonly maxReservations: number
  readonly budget: RelayBudget
  /** Of connections to trusted peers, which are the reserved ones. */
  readonly trustedBudget: RelayBudget
  /** Passed on since the start, both ways. */
  readonly relayedBytes: number
}

/** Direct connections that two nodes behind routers made in place of relayed ones since the start, and attempts that came to nothing. */
export interface HolePunchingState {
  readonly direct: number
  readonly failed: number
}

/** Bytes of every connection together, encryption and multiplexing included, since the start. */
export interface Bandwidth {
  readonly bytesIn: number
  readonly bytesOut: number
}

/** Bytes of all streams of one protocol, as the protocol sees them. */
export interface ProtocolTraffic extends Bandwidth {
  /** Without the network's namespace: `/sync/2`, `/ipfs/ping/1.0.0`. */
  readonly protocol: string
}

/** A topic's counters since the start, and with how many peers it is open. */
export interface TopicDetails extends TopicStatistics {
  readonly subscribers: number
}

export interface PeerEvents {
  /** It takes part now, or no more: `peers()` is another one. */
  changed: { readonly peer: string; readonly connected: boolean }
}

/** All that the network service lets others see. */
export interface NetworkStateReader<Status = unknown> extends NetworkReader<Status> {
  readonly peerEvents: EventSource<PeerEvents>
  /** Every connection, with or without topics. */
  peerDetails(): readonly PeerDetails<Status>[]
  topicStatistics(): readonly TopicDetails[]
  /** Messages and bytes that wait for slow peers. */
  queued(): { readonly messages: number; readonly bytes: number }
  /** Bans that are in force. */
  bans(): readonly Ban[]
  /** The newest ban of a peer, in force or over, while it is remembered. */
  lastBan(peer: string): Ban | undefined
  /** Peer ids. */
  reservedPeers(): readonly string[]
  nat(): NatState
  quic(): QuicState
  holePunching(): HolePunchingState
  /** Undefined where this node is no relay. */
  relay(): RelayState | undefined
  /** The network's members and how they are, where these are fixed by a file. */
  topology(): TopologyView | undefined
  /** Shows the messages of a topic, decoded, until the disposer is called. Costs nothing otherwise. Throws a NodeError `NETWORK_TOPIC_UNKNOWN`. */
  inspectTopic(topic: TopicName, listener: MessageListener): Disposer
  bandwidth(): Bandwidth
  protocolTraffic(): readonly ProtocolTraffic[]
}

/** What a person may do to peers. */
export interface PeerActions {
  /** Ends the connection and admits the peer again only after `durationMs`. */
  ban(peer: string, durationMs: number): void
  pardon(peer: string): void
  disconnect(peer: string, reason: string): void
  /** Gives the peer a slot for good and dials it. Throws a NodeError `NETWORK_ADDRESS_INVALID` where `address` is none, or names no peer; NETWORK_TOPOLOGY_FIXED where a file lists the members. */
  addReserved(address: string): void
  /**
   * As {@link PeerActions.addReserved}, and tells what came of the first call. Throws a DialError within forty seconds, or when the
   * signal aborts: the place stays reserved, and the peer is called again; except NETWORK_DIAL_SELF and NETWORK_DIAL_BANNED, which
   * reserve nothing.
   */
  call(address: string, signal?: AbortSignal): Promise<'connected' | 'already'>
  /** The peer is one like others; it stays connected while there is a slot for it. Throws a NodeError `NETWORK_ADDRESS_INVALID` where it is no peer id. */
  removeReserved(peer: string): void
}
