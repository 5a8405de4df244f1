/**
 * The network opened to services of this node and to programs of this computer. Here its rooms are built and wired, started and stopped:
 *
 *   topics/      pub/sub: to all, to a list, to all but a list          channels/   messages both ways with one peer, and groups
 *   sealed/      messages for peers who may be offline                  resources/  files by the root of their hash tree
 *   discovery/   who offers a service or has a resource                 routing/    from a peer id to a way that leads there
 *   ipc/         the local socket, for programs                         link/       a peer's local port, as if it were this computer's
 *   events/      what happens on the network, for who wants to know
 *   net-api.ts   configure, listen, dial, unicast, broadcast, close
 *
 * It stands on the network service and knows no kind of node: beside a chain, the peers of its network are those of the chain, and the streams are its own.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { concatBytes } from '../base/bytes.ts'
import { preciseClock, type Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { MetricDefinition } from '../base/metric.ts'
import { ServiceGroup, type Service } from '../base/service.ts'
import type { MetricsReader } from '../metrics/registry.ts'
import type { PeerJudge, TopicDoor } from '../network/contracts.ts'
import type { NodeKey } from '../network/node-key.ts'
import type { GossipKind, GossipTopics } from '../network/spread/gossip.ts'
import type { StreamDoor } from '../network/streams.ts'
import type { NetworkStateReader } from '../network/types.ts'
import { PlainLinks } from '../network/wire/plain-links.ts'
import { Channels } from './channels/channels.ts'
import { channelMetrics } from './channels/metrics.ts'
import { Discovery } from './discovery/discovery.ts'
import { NetEvents } from './events/net-events.ts'
import { IpcService } from './ipc/ipc-service.ts'
import type { PeerKeeping } from './ipc/ports.ts'
import { ProgramFolders } from './ipc/methods/program-folders.ts'
import { registerRooms } from './ipc/methods/rooms.ts'
import { Programs } from './ipc/programs.ts'
import { ProgramsFile } from './ipc/programs-file.ts'
import { programWithFile } from './ipc/token-file.ts'
import { PrivateLink } from './link/link.ts'
import { linkMetrics } from './link/metrics.ts'
import { NetApi } from './net-api.ts'
import { GossipPubSub } from './pubsub.ts'
import { Resources, type ResourceRates } from './resources/resources.ts'
import { AddressBook } from './routing/address-book.ts'
import { RouteFinder } from './routing/finder.ts'
import { addressBookRouter, connectedRouter, kademliaRouter, relayRouter } from './routing/routers.ts'
import { Mailbox } from './sealed/mailbox.ts'
import { topicMetrics } from './topics/metrics.ts'
import { TopicTable } from './topics/topic-table.ts'
import { waysOf } from './ways.ts'

/** As much of the network service as the net stands on. */
export interface NetNetwork {
  readonly topics: TopicDoor
  readonly streams: StreamDoor
  readonly judge: PeerJudge
  readonly keeping: PeerKeeping
  readonly state: Pick<NetworkStateReader, 'peerDetails' | 'reservedPeers'>
  /** Throws before the start. */
  readonly key: NodeKey
  gossip(kind: GossipKind): GossipTopics | undefined
  isOwnProtocol(protocol: string): boolean
  latencyTo(peer: string): number | undefined
  isMember(peer: string): boolean
}

export interface NetDependencies {
  readonly network: NetNetwork
  readonly metrics: Pick<MetricsReader, 'read'>
  readonly clock: Clock
  readonly logger: Logger
  /** Names this network among all that there are; asked when the network runs. */
  readonly name: () => string
}

export interface NetOptions {
  readonly dataPath: string
  /** Whether this node keeps sealed messages of others for peers who are away. */
  readonly keepsForOthers: boolean
  /** What resources may take, asked each time. */
  readonly rates: () => ResourceRates
  /** Where the token of a program that may use everything is kept, for whoever starts the node on a command line. */
  readonly tokenFile?: string | undefined
  /** A file with plain links to machines of one's own, beside the network. */
  readonly plainFile?: string | undefined
  /** The script of the thread behind an IP link's device; the source beside where nothing is said. */
  readonly ipWorkerUrl?: URL | undefined
}

/** Of a SHA-256 multihash: its code and its length. */
const SHA256 = Uint8Array.of(0x12, 32)

export class Net implements Service {
  readonly topics: TopicTable
  readonly channels: Channels
  readonly mailbox: Mailbox
  readonly resources: Resources
  readonly discovery: Discovery
  readonly routes: RouteFinder
  readonly programs: Programs
  readonly ipc: IpcService
  readonly link: PrivateLink
  readonly api: NetApi
  readonly #logger: Logger
  readonly #services: ServiceGroup
  /** Told to others that this node has them, by root. */
  readonly #offered = new Map<string, Disposer>()
  #listening: Disposer[] = []

  constructor({ network, metrics, clock, logger, name }: NetDependencies, options: NetOptions) {
    const { streams, judge, state } = network
    const key: NodeKey = { get peerId() { return network.key.peerId }, sign: (bytes) => network.key.sign(bytes), agree: (publicKey) => network.key.agree(publicKey) }
    const book = new AddressBook(clock)
    const discovery = new Discovery({ table: streams.routing, clock, peerId: () => key.peerId, learn: (peer, addresses, ttlMs) => book.learn(peer, addresses, ttlMs) })
    const relays = (): readonly string[] => state.peerDetails().flatMap(({ peerId, address, direction }) => (direction === 'outbound' ? [`${address.replace(/\/p2p\/[^/]+$/, '')}/p2p/${peerId}`] : []))
    const routes = new RouteFinder({ door: streams, clock }, [connectedRouter(streams), addressBookRouter(book), kademliaRouter(streams.routing), relayRouter(relays)])
    const plain = new PlainLinks({ clock, logger: logger.child('plain') }, { path: options.plainFile })
    const topics = new TopicTable({
      clock,
      plain: () => plain.links,
      logger: logger.child('topics'),
      door: network.topics,
      localPeer: () => key.peerId,
      random: (bytes) => new Uint8Array(randomBytes(bytes)),
      ways: waysOf({
        clock, judge, key: () => key, random: Math.random, network: name,
        distance: (peer) => network.latencyTo(peer),
        isMember: (peer) => network.isMember(peer),
        onLie: (source) => logger.warn('a peer sent a message whose pieces do not fit together, and its signature proves it', { peer: source }),
        gossip: () => network.gossip('signed'),
      }),
    })
    const channels = new Channels({ door: streams, clock: preciseClock, judge, logger: logger.child('channels') })
    const mailbox = new Mailbox(
      { door: streams, key, judge, clock, logger: logger.child('sealed'), relays: (recipient) => state.reservedPeers().filter((peer) => peer !== recipient && streams.connections(peer).length > 0) },
      { dataPath: options.dataPath, keepsForOthers: options.keepsForOthers },
    )
    const resources = new Resources(
      { door: streams, judge, self: () => key.peerId, clock, logger: logger.child('resources'), finder: { find: (root, { signal }) => allOf(discovery.findKey(concatBytes(SHA256, root), { signal })) } },
      { folder: join(options.dataPath, 'resources'), rates: options.rates },
    )
    const link = new PrivateLink({ door: streams, reach: (peer, reaching) => routes.reach(peer, reaching), judge, clock, logger: logger.child('link') }, { folder: join(options.dataPath, 'link'), workerUrl: options.ipWorkerUrl })
    const events = new NetEvents({ streams: streams.events, channels: channels.events, services: discovery.events })
    const programs = new Programs({ clock, file: new ProgramsFile(options.dataPath) })
    const ipc = new IpcService(
      {
        clock,
        logger: logger.child('ipc'),
        programs,
        metrics,
        ports: { streams, pubsub: new GossipPubSub({ gossip: () => network.gossip('signed'), peerId: () => key.peerId }), peers: network.keeping, events, isReserved: (protocol) => network.isOwnProtocol(protocol) },
      },
      { dataFolder: options.dataPath },
    )
    this.topics = topics
    this.channels = channels
    this.mailbox = mailbox
    this.resources = resources
    this.discovery = discovery
    this.routes = routes
    this.programs = programs
    this.ipc = ipc
    this.link = link
    this.api = new NetApi({ topics, channels, routes, discovery, mailbox, resources, events, clock, logger: logger.child('api') })
    registerRooms(ipc.methods, { api: this.api, topics, mailbox, resources, discovery, folders: new ProgramFolders(options.dataPath) })
    this.#logger = logger
    this.#services = new ServiceGroup(
      [
        { name: 'plain links', service: plain },
        { name: 'channels', service: { start: async () => channels.start(), stop: async () => channels.stop() } },
        { name: 'sealed messages', service: mailbox },
        { name: 'resources', service: { start: () => this.#startResources(), stop: () => this.#stopResources() } },
        { name: 'private links', service: link },
        { name: 'topics of services', service: { start: async () => undefined, stop: () => topics.stop() } },
        { name: 'discovery', service: { start: async () => undefined, stop: () => discovery.stop() } },
        { name: 'local socket', service: { start: () => this.#startSocket(options.tokenFile), stop: () => ipc.stop() } },
        { name: 'net API', service: { start: async () => undefined, stop: () => this.api.close() } },
      ],
      logger,
    )
  }

  /** Throws what a room throws that cannot start; those before it are stopped again. */
  start(): Promise<void> {
    return this.#services.start()
  }

  stop(): Promise<void> {
    return this.#services.stop()
  }

  /** To be declared where the node's figures are. */
  metrics(): readonly MetricDefinition[] {
    return [...topicMetrics(this.topics), ...channelMetrics(this.channels), ...linkMetrics(this.link), ...this.ipc.metrics()]
  }

  async #startSocket(tokenFile: string | undefined): Promise<void> {
    await this.programs.load()
    if (tokenFile !== undefined) await programWithFile(this.programs, tokenFile)
    await this.ipc.start()
    this.#logger.info('programs of this computer are served', { socket: this.ipc.path })
  }

  /** What is shared is told in the table, as long as it is. */
  async #startResources(): Promise<void> {
    const { catalogue } = this.resources
    this.#listening = [
      catalogue.events.on('added', ({ root }) => this.#offer(root)),
      catalogue.events.on('gone', ({ root }) => this.#withdraw(root)),
      // What is here of a file is served while the rest is fetched.
      this.resources.events.on('fetch', ({ request: { root }, progress, outcome }) => {
        const shared = catalogue.get(root)
        if (outcome === undefined) return (progress?.hadBytes ?? 0) > 0 ? this.#offer(root) : undefined
        if (shared === undefined || shared.withdrawn !== undefined) this.#withdraw(root)
      }),
    ]
    await this.resources.start()
    for (const { root, withdrawn } of catalogue.list()) if (withdrawn === undefined) this.#offer(root)
  }

  async #stopResources(): Promise<void> {
    for (const stop of this.#listening.splice(0)) stop()
    for (const root of [...this.#offered.keys()]) this.#withdraw(root)
    await this.resources.stop()
  }

  #offer(root: string): void {
    if (this.#offered.has(root)) return
    try {
      this.#offered.set(root, this.discovery.offer(concatBytes(SHA256, Buffer.from(root, 'hex'))))
    } catch (error) {
      this.#logger.warn('a shared file is found by those only who know its owner', { root, reason: errorMessage(error) })
    }
  }

  #withdraw(root: string): void {
    this.#offered.get(root)?.()
    this.#offered.delete(root)
  }
}

async function allOf<T>(found: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const one of found) all.push(one)
  return all
}
