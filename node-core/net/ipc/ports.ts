/**
 * What the local socket needs of the node: streams, the routing table, topics, the worth of peers, and figures. Narrow on purpose: nothing
 * here signs, and nothing leads to a key.
 */
import type { Disposer } from '../../base/disposers.ts'
import type { StreamDoor } from '../../network/streams.ts'
import type { NetEventSource } from '../events/net-events.ts'

export interface PubSubMessage {
  /** Peer id of the author, where the message names one. */
  readonly from: string | undefined
  readonly data: Uint8Array
  readonly topic: string
  /** Big-endian, as on the wire. */
  readonly sequenceNumber?: Uint8Array | undefined
  readonly signature?: Uint8Array | undefined
  /** Protobuf of the author's public key, where its id does not hold it. */
  readonly key?: Uint8Array | undefined
}

/** Topics as the daemon's protocol knows them: bytes to everybody who subscribed, who publishes them among them. */
export interface PubSub {
  /** That anybody of this node listens to. */
  topics(): readonly string[]
  /** Who listens to it elsewhere. */
  peers(topic: string): readonly string[]
  publish(topic: string, data: Uint8Array): Promise<void>
  subscribe(topic: string, listener: (message: PubSubMessage) => void): Disposer
}

export interface KnownPeer {
  /** Multiaddresses without the id. */
  readonly addresses: readonly string[]
  readonly protocols: readonly string[]
}

/** What the node remembers of peers, and which connections it ends first where there are too many. */
export interface PeerKeeping {
  /** Adds to the worth of a peer's connections, 0 to 100, under a name. */
  tag(peer: string, name: string, weight: number): Promise<void>
  untag(peer: string, name: string): Promise<void>
  /** Ends those that are worth least, down to the number that the node keeps. */
  trim(): Promise<void>
  known(peer: string): Promise<KnownPeer | undefined>
}

export interface IpcPorts {
  readonly streams: StreamDoor
  /** None where the node has no open topics. */
  readonly pubsub: PubSub | undefined
  readonly peers: PeerKeeping
  readonly events: NetEventSource
  /** A protocol that is the node's own, beside those of every host (daemon/reserved.ts): no program speaks it in the node's name. */
  readonly isReserved: (protocol: string) => boolean
}
