/**
 * The net API: configure, listen, dial, unicast, broadcast, close. One small surface (surface.ts) over the rooms, the same for services in this process and (by the
 * local socket, bindings/typescript) for programs.
 *
 * An address is text (routing/addresses.ts): a peer id, `/p2p/<id>`, a multiaddress that ends with one, `/nodestead/<service>/p2p/<id>`, or
 * `/nodestead/group/<name>`. To dial a peer finds the way to it by the routers, in order, and says which of them knew.
 */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { Disposers } from '../base/disposers.ts'
import { errorMessage, isNodeError, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Channels, ChannelService } from './channels/channels.ts'
import { MulticastChannel } from './channels/multicast.ts'
import type { Channel } from './channels/types.ts'
import type { Discovery, FindOptions, Provider } from './discovery/discovery.ts'
import { EventQueue, type NetEventHandler } from './events/event-queue.ts'
import type { NetEventSource } from './events/net-events.ts'
import { NodeResources, type NetResources } from './resources/net-resources.ts'
import type { Resources } from './resources/resources.ts'
import { parseNetAddress } from './routing/addresses.ts'
import type { RouteFinder } from './routing/finder.ts'
import type { SealedHandler } from './sealed/inbox.ts'
import type { Mailbox, Receipt } from './sealed/mailbox.ts'
import type { NetConfiguration, NetDialOptions, NetGroupOptions, NetMetrics, NetSurface, UnicastOptions } from './surface.ts'
import type { TopicDescriptor } from './topics/descriptor.ts'
import type { ServiceHandler } from './topics/service-queue.ts'
import type { Delivery } from './topics/service-topic.ts'
import type { PublishOptions, TopicTable } from './topics/topic-table.ts'

export type NetApiErrorCode = 'NET_SERVICE_MISSING' | 'NET_GROUP_MEMBERS' | 'NET_CLOSED'

export interface NetApiDependencies {
  readonly topics: TopicTable
  readonly channels: Channels
  readonly routes: RouteFinder
  readonly discovery: Discovery
  readonly mailbox: Mailbox
  readonly resources: Resources
  readonly events: NetEventSource
  readonly clock: Clock
  readonly logger: Logger
}

export class NetApi implements NetSurface {
  readonly resources: NetResources
  readonly #deps: NetApiDependencies
  /** What lasts until it is ended, or this is closed. */
  readonly #lasting = new Set<Disposer>()
  readonly #groups = new Set<MulticastChannel>()
  #configuration: NetConfiguration = { relayed: true }
  #closed = false

  constructor(dependencies: NetApiDependencies) {
    this.#deps = dependencies
    this.resources = new NodeResources(dependencies.resources)
  }

  configure(configuration: Partial<NetConfiguration>): void {
    this.#configuration = { ...this.#configuration, ...configuration }
  }

  /** Takes channels for a service; `advertise` tells the table that this node has it. Throws a ChannelError CHANNEL_INVALID, or NET_DISCOVERY_*. */
  listen(service: string, handler: ChannelService, { advertise = false } = {}): Disposer {
    this.#requireOpen()
    const parts = new Disposers()
    parts.add(this.#deps.channels.listen(service, handler))
    try {
      if (advertise) parts.add(this.#deps.discovery.advertise(service))
    } catch (error) {
      parts.dispose()
      throw error
    }
    return this.#until(() => parts.dispose())
  }

  /** Rejects with NET_ADDRESS_INVALID, NET_SERVICE_MISSING, NET_ROUTE_NONE, or a ChannelError. */
  async dial(address: string, options: NetDialOptions = {}): Promise<Channel> {
    this.#requireOpen()
    const { peer, service, way } = this.#peerOf(address, options.service)
    const { signal, relayed = this.#configuration.relayed } = options
    const { router } = await this.#deps.routes.reach(peer, { signal, relayed, way })
    try {
      return await this.#deps.channels.dial(peer, service, { ...options, found: router })
    } catch (error) {
      if (isNodeError(error) && error.code === 'CHANNEL_REFUSED' && error.data.reason === 'unknown-service') this.#deps.discovery.refused(service, peer)
      throw error
    }
  }

  /** Opens a group by its name or its address. Rejects with NET_ADDRESS_INVALID, NET_GROUP_MEMBERS, or a ChannelError. */
  async group(address: string, { members, ...options }: NetGroupOptions): Promise<MulticastChannel> {
    this.#requireOpen()
    const parsed = address.startsWith('/') ? parseNetAddress(address) : { kind: 'group' as const, group: address }
    if (parsed.kind !== 'group' || members.length === 0) throw new NodeError<NetApiErrorCode>('NET_GROUP_MEMBERS', 'A group has a name and one member at least.', { hint: 'Dial /nodestead/group/<name> with the peer ids of its members.' })
    const group = new MulticastChannel(parsed.group, { channels: this.#deps.channels, clock: this.#deps.clock }, options)
    group.open()
    for (const member of members) group.add(member)
    for (const former of this.#groups) if (!former.state.open) this.#groups.delete(former)
    this.#groups.add(group)
    return group
  }

  /** One message to a peer's service. Resolves when its node has it, or for a sealed one when it is delivered or waits. */
  async unicast(address: string, payload: Uint8Array, { sealed = false, ...options }: UnicastOptions = {}): Promise<Receipt | undefined> {
    this.#requireOpen()
    const { peer, service } = this.#peerOf(address, options.service)
    if (sealed) return this.#deps.mailbox.send(peer, service, payload)
    const channel = await this.dial(address, { ...options, maxMessageBytes: Math.max(1, payload.length) })
    try {
      await channel.send(payload, { confirm: true })
    } finally {
      void channel.close().catch(() => undefined)
    }
    return undefined
  }

  /** A message on a topic: to all, to a list, or to all but a list. Rejects as {@link TopicTable.publish} does. */
  async broadcast(topic: string, payload: Uint8Array, options: PublishOptions = {}): Promise<Delivery> {
    this.#requireOpen()
    return this.#deps.topics.publish(topic, payload, options)
  }

  /** As {@link TopicTable.declare}: in the process an owner may judge messages, too. */
  declare(topic: TopicDescriptor): Disposer {
    this.#requireOpen()
    return this.#until(this.#deps.topics.declare(topic))
  }

  subscribe(topic: string, service: string, handler: ServiceHandler): Disposer {
    this.#requireOpen()
    return this.#until(this.#deps.topics.subscribe(topic, service, handler))
  }

  receive(service: string, handler: SealedHandler): Disposer {
    this.#requireOpen()
    return this.#until(this.#deps.mailbox.serve(service, handler))
  }

  find(service: string, options: FindOptions = {}): AsyncGenerator<Provider, void, undefined> {
    this.#requireOpen()
    return this.#deps.discovery.find(service, options)
  }

  events(handler: NetEventHandler): Disposer {
    this.#requireOpen()
    const queue = new EventQueue({ handler, onError: (error) => this.#deps.logger.warn('a service failed on an event', { reason: errorMessage(error) }) })
    const stop = this.#deps.events.listen((event) => queue.push(event))
    return this.#until(() => {
      stop()
      queue.close()
    })
  }

  metrics(): NetMetrics {
    this.#requireOpen()
    const { channels, topics, resources } = this.#deps
    const { servedBytes, peers, streams } = resources.serving
    return {
      peers: channels.peers(),
      topics: topics.figures().map(({ name, peers: open, services, ways }) => ({ topic: name, peers: open.length, services, ways })),
      serving: { bytes: servedBytes, peers, streams },
    }
  }

  /** Ends what was listened for and the groups that were opened here. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const end of [...this.#lasting]) end()
    await Promise.all([...this.#groups].map((group) => group.close()))
    this.#groups.clear()
  }

  #peerOf(address: string, fallback: string | undefined): { readonly peer: string; readonly service: string; readonly way: string | undefined } {
    const parsed = parseNetAddress(address)
    const service = parsed.kind === 'peer' ? (parsed.service ?? fallback) : undefined
    if (parsed.kind !== 'peer' || service === undefined) {
      throw new NodeError<NetApiErrorCode>('NET_SERVICE_MISSING', 'The address names no service of a peer.', { hint: 'Use /nodestead/<service>/p2p/<peer id>, or say the service beside it. A group is opened, and not dialled.' })
    }
    return { peer: parsed.peer, service, way: parsed.way }
  }

  #until(dispose: Disposer): Disposer {
    const end = (): void => {
      this.#lasting.delete(end)
      dispose()
    }
    this.#lasting.add(end)
    return end
  }

  #requireOpen(): void {
    if (this.#closed) throw new NodeError<NetApiErrorCode>('NET_CLOSED', 'The net API is closed: the node stops.')
  }
}
