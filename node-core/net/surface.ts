/**
 * The interface of the net, the same for services in the node's process (net-api.ts) and for programs at its socket (bindings/typescript): what is written against it
 * runs in both. One suite of tests holds both to it.
 *
 * Where a process answers at once and a socket later, the interface is {@link Awaitable}: `await` suits both.
 */
import type { Disposer } from '../base/disposers.ts'
import type { Awaitable } from './awaitable.ts'
import type { Channel, ChannelMetrics, ChannelState, PeerMetrics } from './channels/types.ts'
import type { DialOptions } from './channels/channels.ts'
import type { GroupHandler, GroupMetrics, GroupOptions, GroupState, Sending } from './channels/multicast.ts'
import type { FindOptions, Provider } from './discovery/discovery.ts'
import type { NetEventHandler } from './events/event-queue.ts'
import type { NetResources } from './resources/net-resources.ts'
import type { SealedHandler } from './sealed/inbox.ts'
import type { Receipt } from './sealed/mailbox.ts'
import type { TopicDescriptor } from './topics/descriptor.ts'
import type { ServiceHandler } from './topics/service-queue.ts'
import type { Delivery, ServiceFigures, TopicFigures } from './topics/service-topic.ts'
import type { PublishOptions } from './topics/topic-table.ts'

export type { Awaitable } from './awaitable.ts'
export type { NetEvent } from './events/net-events.ts'
export type { NetEventHandler } from './events/event-queue.ts'

export interface NetConfiguration {
  /** What a dial may go over where nothing is said there: a relay too. */
  readonly relayed: boolean
}

/** A channel as {@link Channel} says; its state and figures may have to be asked for. */
export interface NetChannel extends Omit<Channel, 'state' | 'metrics'> {
  readonly state: Awaitable<ChannelState>
  readonly metrics: Awaitable<ChannelMetrics>
}

export interface NetService {
  /** The longest message that is taken. */
  readonly maxMessageBytes?: number
  onChannel(channel: NetChannel): void
}

/** A message to many peers, each over a channel of its own: see channels/multicast.ts. */
export interface NetGroup {
  readonly name: string
  readonly state: Awaitable<GroupState>
  readonly metrics: Awaitable<GroupMetrics>
  add(peer: string): Awaitable<void>
  remove(peer: string): Promise<void>
  /** Throws a ChannelError CHANNEL_CLOSED. */
  send(message: Uint8Array): Sending
  /** Throws a ChannelError CHANNEL_CLOSED, or CHANNEL_INVALID where the peer is no member. */
  unicast(peer: string, message: Uint8Array): Sending
  /** One at a time. Throws a ChannelError CHANNEL_INVALID where there is one. */
  onMessage(handler: GroupHandler): Disposer
  close(): Promise<void>
}

export interface NetDialOptions extends Omit<DialOptions, 'addresses' | 'found'> {
  /** Where the address names none. */
  readonly service?: string
  readonly relayed?: boolean
}

export interface NetGroupOptions extends Omit<GroupOptions, 'accepts'> {
  /** Peer ids. */
  readonly members: readonly string[]
}

export interface UnicastOptions {
  /** Sealed: signed and encrypted to the peer, who may be away. Otherwise over a channel, now. */
  readonly sealed?: boolean
  readonly service?: string
  readonly signal?: AbortSignal
}

export interface TopicMetrics {
  readonly topic: string
  /** With how many peers it is open. */
  readonly peers: number
  readonly services: readonly ServiceFigures[]
  readonly ways: TopicFigures['ways']
}

/** Figures of the node's network, of all services and programs together. */
export interface NetMetrics {
  /** Sums over the channels with each peer, those that ended among them, and what is known of the line. Of peers with whom there are channels. */
  readonly peers: readonly PeerMetrics[]
  /** A program sees those of the topics that it may use. */
  readonly topics: readonly TopicMetrics[]
  /** Files that are served: bytes since the start of the node, and to how many peers over how many streams now. */
  readonly serving: { readonly bytes: number; readonly peers: number; readonly streams: number }
}

export type TopicLimits = Omit<TopicDescriptor, 'validate' | 'describe'>

export interface NetSurface {
  configure(configuration: Partial<NetConfiguration>): void
  /** Takes channels for a service until the disposer runs; `advertise` tells the table that this node has it. A ChannelError CHANNEL_INVALID, or NET_DISCOVERY_*. */
  listen(service: string, handler: NetService, options?: { readonly advertise?: boolean }): Awaitable<Disposer>
  /** Rejects with NET_ADDRESS_INVALID, NET_SERVICE_MISSING, NET_ROUTE_NONE, or a ChannelError. */
  dial(address: string, options?: NetDialOptions): Promise<NetChannel>
  /** Opens a group by its name or its address. Rejects with NET_ADDRESS_INVALID, NET_GROUP_MEMBERS, or a ChannelError. */
  group(address: string, options: NetGroupOptions): Promise<NetGroup>
  /** One message to a peer's service. Resolves when its node has it, or for a sealed one when it is delivered or waits. */
  unicast(address: string, payload: Uint8Array, options?: UnicastOptions): Promise<Receipt | undefined>
  /** Opens a topic with its limits until the disposer runs. NET_TOPIC_INVALID, NET_TOPIC_DIFFERS, NET_TOPICS_TOO_MANY. */
  declare(topic: TopicLimits): Awaitable<Disposer>
  /** Messages of a topic, until the disposer runs: a service that takes them too slowly loses its own oldest. NET_TOPIC_UNKNOWN, NET_SERVICE_TAKEN. */
  subscribe(topic: string, service: string, handler: ServiceHandler): Awaitable<Disposer>
  /** A message on a topic: to all, to a list, or to all but a list. Rejects with NET_TOPIC_UNKNOWN, NET_MESSAGE_TOO_LONG, NET_TOPIC_BUSY. */
  broadcast(topic: string, payload: Uint8Array, options?: PublishOptions): Promise<Delivery>
  /** Sealed messages for a service, until the disposer runs. A message counts as delivered when the handler is done with it, whatever comes of that. NET_SEALED_SERVICE. */
  receive(service: string, handler: SealedHandler): Awaitable<Disposer>
  /** Who says that they offer a service, as they are found. NET_DISCOVERY_NAME, NET_DISCOVERY_BUSY. */
  find(service: string, options?: FindOptions): AsyncIterable<Provider>
  /** Files by the roots of their hash trees. */
  readonly resources: NetResources
  /**
   * What happens on the network from now on, until the disposer runs: one at a time, in order. Who is slow loses its own oldest events, and is told how many. A program
   * hears of channels and services alone whose service it may use.
   */
  events(handler: NetEventHandler): Awaitable<Disposer>
  metrics(): Awaitable<NetMetrics>
  /** Ends what was opened here. Idempotent; what is asked afterwards is answered with NET_CLOSED. */
  close(): Promise<void>
}
