/**
 * The network as a way for bytes: streams with a peer under a protocol's name, beside topics and requests. For those who bring protocols of
 * their own (`net`): nothing here is bounded but the number of streams, so what is read from one is its reader's to bound.
 *
 * A peer need not have a slot: who has a connection can be reached. A connection that carries streams of this door is kept where topics
 * fail to open on it.
 */
import type { Stream } from '@libp2p/interface'
import type { Disposer } from '../base/disposers.ts'
import type { EventSource } from '../base/events.ts'

/** How the bytes of a connection travel: straight to the peer, or through a relay that passes on a little for a while. */
export type Path = 'direct' | 'relayed'

/** A two-way stream of bytes: libp2p's, and who is behind it. */
export interface PeerStream {
  readonly stream: Stream
  readonly peer: string
  /** The name that was agreed on. */
  readonly protocol: string
  readonly path: Path
}

export interface PeerConnection {
  readonly peer: string
  /** Multiaddress of the other end, as the host sees it. */
  readonly address: string
  readonly path: Path
  readonly direction: 'inbound' | 'outbound'
}

/** The best path to a peer as it is now; undefined where its last connection ended. */
export interface PathChange {
  readonly peer: string
  readonly path: Path | undefined
}

export interface StreamEvents {
  connected: PathChange
  /** A direct connection came beside a relayed one, or went and left that. */
  path: PathChange
  disconnected: PathChange
}

export interface StreamOptions {
  readonly signal?: AbortSignal | undefined
  /** A relayed connection will do, where there is no direct one. */
  readonly relayed?: boolean | undefined
}

export interface ServeOptions {
  /** Streams that one peer may have open under the name at the same time; a further one is reset. */
  readonly perPeer: number
  /** Taken over relayed connections too. */
  readonly relayed: boolean
}

export type StreamErrorCode = 'NETWORK_NOT_CONNECTED' | 'NETWORK_PROTOCOL_UNSUPPORTED' | 'NETWORK_STREAM_FAILED' | 'NETWORK_PROTOCOL_TAKEN' | 'NETWORK_NO_TABLE' | 'NETWORK_NOT_FOUND'

/** A peer as the routing table knows it. */
export interface FoundPeer {
  readonly peer: string
  /** Multiaddresses without the id; a stranger's word. */
  readonly addresses: readonly string[]
}

/**
 * The Kademlia table of this network, in which peers, and who provides what, are found (libp2p spec, kad-dht). Keys of `provide` are
 * multihashes. Rejects with NETWORK_NO_TABLE where the node keeps none; searches end with the signal.
 */
export interface RoutingTable {
  /** Rejects NETWORK_NOT_FOUND. */
  findPeer(peer: string, signal?: AbortSignal): Promise<FoundPeer>
  closestPeers(key: Uint8Array, signal?: AbortSignal): AsyncIterable<FoundPeer>
  /** Tells the nearest peers that this node has it, and tells them again before they forget. */
  provide(key: Uint8Array, signal?: AbortSignal): Promise<void>
  stopProviding(key: Uint8Array): Promise<void>
  findProviders(key: Uint8Array, signal?: AbortSignal): AsyncIterable<FoundPeer>
  /** Values whose key a validator knows; others are refused by everybody. */
  put(key: Uint8Array, value: Uint8Array, signal?: AbortSignal): Promise<void>
  /** Rejects NETWORK_NOT_FOUND. */
  get(key: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>
}

export interface StreamDoor {
  /** Of this node. Throws before the start. */
  readonly peerId: string
  /** Multiaddresses at which it can be reached, `/p2p/<id>` at the end. */
  addresses(): readonly string[]
  /** Takes streams that peers open under this whole name, from the start on; once each. Throws NETWORK_PROTOCOL_TAKEN. */
  serve(protocol: string, options: ServeOptions, onStream: (stream: PeerStream) => void): Disposer
  /** A stream on the best connection that there is. Rejects NETWORK_{NOT_CONNECTED,PROTOCOL_UNSUPPORTED,STREAM_FAILED}. */
  open(peer: string, protocols: readonly string[], options?: StreamOptions): Promise<PeerStream>
  /**
   * Connects, and opens no topics; says which path there is. No addresses: those that the host knows or finds. Where only a relay leads to the peer and
   * `relayed` is not said, it waits for the direct connection that the two ends agree on. Rejects with a DialError.
   */
  reach(peer: string, addresses: readonly string[], options?: StreamOptions): Promise<Path>
  connections(peer?: string): readonly PeerConnection[]
  readonly events: EventSource<StreamEvents>
  /** Ends all connections with the peer, topics and all. */
  disconnect(peer: string): Promise<void>
  readonly routing: RoutingTable
}
