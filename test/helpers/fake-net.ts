/** A network that is open to services and programs, as far as screens see it: what a test sets, and what was asked of it. Programs are real ones, in a folder of their own. */
import { basename } from 'node:path'
import type { Clock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'
import type { NetView } from '../../node-core/manager/kinds/net-view.ts'
import type { ChannelMetrics, ChannelState, PeerMetrics } from '../../node-core/net/channels/types.ts'
import { Clients } from '../../node-core/net/ipc/clients.ts'
import { IPC_LIMITS } from '../../node-core/net/ipc/limits.ts'
import { ProgramsFile } from '../../node-core/net/ipc/programs-file.ts'
import { Programs } from '../../node-core/net/ipc/programs.ts'
import { LinkError } from '../../node-core/net/link/errors.ts'
import type { IpPeerState } from '../../node-core/net/link/ip/ip-link.ts'
import type { IpPeer } from '../../node-core/net/link/ip/rule.ts'
import { NO_RULES, withForward, withIp, withOpening, withoutForward, withoutIp, withoutOpening, withoutPeer, withoutSocks, withPeer, withSocks, type LinkRules } from '../../node-core/net/link/rules.ts'
import type { TrafficFigures } from '../../node-core/net/link/traffic.ts'
import type { Adding, CatalogueEntry } from '../../node-core/net/resources/catalogue/catalogue.ts'
import type { FetchRequest, FetchStatus, ResourceEvents } from '../../node-core/net/resources/resources.ts'
import { checkDescriptor, type TopicMessage } from '../../node-core/net/topics/descriptor.ts'
import type { ServiceHandler } from '../../node-core/net/topics/service-queue.ts'
import type { Delivery, TopicFigures } from '../../node-core/net/topics/service-topic.ts'
import type { PublishOptions } from '../../node-core/net/topics/topic-table.ts'

const ROOM = '/run/user/1000/nodestead-0f3a'

export const NO_TRAFFIC: ChannelMetrics = { sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 }, queued: { messages: 0, bytes: 0 }, unread: { messages: 0, bytes: 0 }, credit: 262_144, dropped: 0, rttMs: 12 }

export const NO_CONNECTIONS: TrafficFigures = { connections: 0, opened: 0, refused: 0, lastRefusal: undefined, sentBytes: 0, receivedBytes: 0 }

function unknownTopic(topic: string): NodeError {
  return new NodeError('NET_TOPIC_UNKNOWN', `No topic "${topic}" is declared here.`, { hint: 'Declare it first, with its limits.', data: { name: topic } })
}

interface Subscriber {
  readonly topic: string
  readonly service: string
  readonly handler: ServiceHandler
  readonly onClosed: (() => void) | undefined
}

export class FakeNet implements NetView {
  topicFigures: TopicFigures[] = []
  readonly published: { readonly topic: string; readonly payload: string; readonly options: PublishOptions }[] = []
  readonly subscribers = new Set<Subscriber>()
  /** What becomes of the next message. */
  delivery: Delivery | NodeError = { id: `0x${'5a'.repeat(32)}`, way: 'direct', sent: [], taken: [], undelivered: [] }
  openChannels: { state: ChannelState; metrics: ChannelMetrics }[] = []
  peerLines: PeerMetrics[] = []
  shared: CatalogueEntry[] = []
  adding: Adding | undefined
  fetched: FetchStatus[] = []
  readonly fetchEvents = new Emitter<ResourceEvents>()
  /** What is opened, by the real rules. */
  links: LinkRules = NO_RULES
  /** Of the device of an IP link. */
  ipFailure: LinkError | undefined
  /** Of each peer of an IP link. */
  ipFigures: Omit<IpPeerState, keyof IpPeer> = { state: 'open', refusal: undefined, isHeard: true, sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0, dropped: 0, foreign: 0 }
  /** By what is opened, or by local port. */
  readonly linkFigures = new Map<number, TrafficFigures>()
  /** Local ports that another program has. */
  readonly takenPorts = new Set<number>()
  /** `<what> <path>` of each call. */
  readonly asked: string[] = []
  readonly programs: Programs
  readonly clients = new Clients(IPC_LIMITS)
  readonly #clock: Clock

  /** `folder` is there, and this test's own. */
  constructor(clock: Clock, folder: string) {
    this.#clock = clock
    this.programs = new Programs({ clock, file: new ProgramsFile(folder) })
  }

  readonly topics: NetView['topics'] = {
    figures: () => this.topicFigures,
    publish: async (topic, payload, options = {}) => {
      if (this.topicFigures.every(({ name }) => name !== topic)) throw unknownTopic(topic)
      this.published.push({ topic, payload: Buffer.from(payload).toString('hex'), options })
      if (this.delivery instanceof NodeError) throw this.delivery
      return this.delivery
    },
    declare: (descriptor) => {
      const { name } = checkDescriptor(descriptor)
      if (this.topicFigures.every((topic) => topic.name !== name)) this.topicFigures.push({ name, peers: [], services: [], senders: [], ways: [] })
      this.asked.push(`declare ${name}`)
      return () => {
        this.asked.push(`undeclare ${name}`)
        this.closeTopic(name)
      }
    },
    subscribe: (topic, service, handler, { onClosed } = {}) => {
      if (this.topicFigures.every(({ name }) => name !== topic)) throw unknownTopic(topic)
      const subscriber = { topic, service, handler, onClosed }
      this.subscribers.add(subscriber)
      return () => void this.subscribers.delete(subscriber)
    },
  }

  /** A message comes to whoever subscribed. */
  receive(message: TopicMessage): void {
    for (const { topic, handler } of this.subscribers) if (topic === message.topic) void handler(message)
  }

  /** Its last owner takes it back. */
  closeTopic(name: string): void {
    this.topicFigures = this.topicFigures.filter((topic) => topic.name !== name)
    for (const subscriber of [...this.subscribers]) {
      if (subscriber.topic !== name) continue
      this.subscribers.delete(subscriber)
      subscriber.onClosed?.()
    }
  }

  readonly channels: NetView['channels'] = {
    channels: () =>
      this.openChannels.map((channel) => ({
        ...channel,
        close: async () => this.#endChannel('close', channel.state.id),
        reset: () => this.#endChannel('reset', channel.state.id),
      })),
    peers: () => this.peerLines,
  }

  readonly resources: NetView['resources'] = {
    catalogue: this.#catalogue(),
    fetches: () => this.fetched,
    fetch: async (request: FetchRequest) => {
      this.asked.push(`fetch ${request.path}`)
      this.fetched.push({ request, isPaused: false, progress: undefined, outcome: undefined })
    },
    pause: async (path) => this.#set('pause', path, { isPaused: true }),
    resume: async (path) => this.#set('resume', path, { isPaused: false, outcome: undefined }),
    discard: async (path) => {
      this.asked.push(`discard ${path}`)
      const gone = this.fetched.filter(({ request }) => request.path === path)
      this.fetched = this.fetched.filter(({ request }) => request.path !== path)
      for (const status of gone) this.fetchEvents.emit('fetch', status)
    },
    events: this.fetchEvents,
  }

  readonly link: NetView['link'] = {
    openings: () => this.links.openings.map((opening) => ({ ...opening, figures: this.#linkFigures(opening.port) })),
    forwards: () => this.links.forwards.map((forward) => ({ ...forward, failure: this.#linkFailure(forward.localPort), figures: this.#linkFigures(forward.localPort) })),
    socks: () => {
      const { socks } = this.links
      if (socks === undefined) return undefined
      const { localPort, relayed, passwordHash } = socks
      return { localPort, relayed, wantsPassword: passwordHash !== undefined, failure: this.#linkFailure(localPort), figures: this.#linkFigures(localPort) }
    },
    open: async (opening) => void (this.links = withOpening(this.links, opening)),
    close: async (port) => void (this.links = withoutOpening(this.links, port)),
    allow: async (port, peer) => void (this.links = withPeer(this.links, port, peer)),
    forbid: async (port, peer) => void (this.links = withoutPeer(this.links, port, peer)),
    forward: async (forward) => {
      const failure = this.#linkFailure(forward.localPort)
      if (failure !== undefined) throw failure
      this.links = withForward(this.links, forward)
    },
    removeForward: async (localPort) => void (this.links = withoutForward(this.links, localPort)),
    openSocks: async ({ localPort, relayed = false, password = false }) => {
      this.links = withSocks(this.links, { localPort, relayed, ...(password ? { passwordHash: '5a'.repeat(32) } : {}) })
      return password ? { user: 'nodestead', password: 'a-secret-of-the-door' } : undefined
    },
    ip: () => (this.links.ip === undefined ? undefined : { device: this.links.ip.device, failure: this.ipFailure, peers: this.links.ip.peers.map((peer) => ({ ...peer, ...this.ipFigures })), unknown: 0 }),
    openIp: async (rule) => {
      if (this.ipFailure !== undefined) throw this.ipFailure
      this.links = withIp(this.links, rule)
    },
    closeIp: async () => void (this.links = withoutIp(this.links)),
    closeSocks: async () => void (this.links = withoutSocks(this.links)),
  }

  readonly ipc: NetView['ipc'] = {
    path: `${ROOM}/net.sock`,
    pathOf: (program) => (this.programs.list().find(({ name }) => name === program)?.ownSocket === true ? `${ROOM}/${program}.sock` : undefined),
    heldBy: (program) => (this.clients.list().some((client) => client.program === program) ? { streams: 2, protocols: ['/weather/1'] } : { streams: 0, protocols: [] }),
    end: (program) => this.clients.end({ program }),
    clients: this.clients,
  }

  /** A program connects. */
  connect(program: string, software: string): void {
    const client = this.clients.add(program, this.#clock.now(), () => this.clients.remove(client))
    this.clients.identify(client, program, software)
    this.clients.become(client, 'session')
  }

  #linkFigures(port: number): TrafficFigures {
    return this.linkFigures.get(port) ?? NO_CONNECTIONS
  }

  #linkFailure(port: number): LinkError | undefined {
    if (!this.takenPorts.has(port)) return undefined
    return new LinkError('NET_LINK_PORT_TAKEN', `Another program listens at port ${port} of this computer.`, { hint: 'End that program, or choose another port.', data: { port } })
  }

  #catalogue(): NetView['resources']['catalogue'] {
    const adding = (): Adding | undefined => this.adding
    return {
      get adding() {
        return adding()
      },
      list: () => this.shared,
      add: async (path) => {
        if (!basename(path).includes('.')) throw new NodeError('NET_RESOURCE_UNREADABLE', `This is no file: ${path}.`, { hint: 'Choose a file; a folder can be shared as an archive.' })
        const entry: CatalogueEntry = { root: 'c4'.repeat(32), path, length: 48_000_000, modified: 1, added: this.#clock.now() }
        this.shared.push(entry)
        return entry
      },
      remove: async (root) => {
        const before = this.shared.length
        this.shared = this.shared.filter((entry) => entry.root !== root)
        return this.shared.length < before
      },
    }
  }

  async #set(what: string, path: string, change: Partial<FetchStatus>): Promise<void> {
    this.asked.push(`${what} ${path}`)
    this.change(path, change)
  }

  /** A fetch gets on. */
  change(path: string, change: Partial<FetchStatus>): void {
    this.fetched = this.fetched.map((fetch) => (fetch.request.path === path ? { ...fetch, ...change } : fetch))
    for (const status of this.fetched) if (status.request.path === path) this.fetchEvents.emit('fetch', status)
  }

  #endChannel(what: 'close' | 'reset', id: string): void {
    this.asked.push(`${what} ${id}`)
    this.openChannels = this.openChannels.filter(({ state }) => state.id !== id)
  }
}
