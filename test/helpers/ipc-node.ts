/** The local socket upon a bare libp2p host with a Kademlia table and gossipsub, for tests of what programs do with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { gossipsub, type GossipSub, type Message } from '@libp2p/gossipsub'
import { identify, type Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping, type Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { systemClock, type Clock } from '../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import { NetEvents } from '../../node-core/net/events/net-events.ts'
import { IpcService } from '../../node-core/net/ipc/ipc-service.ts'
import type { IpcLimits } from '../../node-core/net/ipc/limits.ts'
import type { PeerKeeping, PubSub, PubSubMessage } from '../../node-core/net/ipc/ports.ts'
import { Programs } from '../../node-core/net/ipc/programs.ts'
import { ProgramsFile } from '../../node-core/net/ipc/programs-file.ts'
import { calmMuxer, type Host } from '../../node-core/network/host/host.ts'
import { routingOf } from '../../node-core/network/host/open-table.ts'
import { Streams } from '../../node-core/network/host/streams.ts'
import { MetricRegistry } from '../../node-core/metrics/registry.ts'

interface Services extends Record<string, unknown> {
  readonly identify: Identify
  readonly dht: KadDHT
  readonly ping: Ping
  readonly pubsub: GossipSub
}

/** A host that other hosts, and programs, know by its id. */
export class NetHost {
  readonly host: Libp2p<Services>
  readonly streams: Streams
  readonly logs: LogRecord[]

  static async start(clock: Clock = systemClock): Promise<NetHost> {
    const host = await createLibp2p<Services>({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [() => calmMuxer()],
      connectionMonitor: { enabled: false },
      services: {
        identify: identify(),
        ping: ping(),
        dht: kadDHT({
          protocol: '/test/kad/1.0.0',
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          allowQueryWithZeroPeers: true,
          validators: { v: async () => undefined },
          selectors: { v: () => 0 },
        }),
        pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, emitSelf: true }),
      },
    })
    const logs: LogRecord[] = []
    const streams = new Streams({
      clock,
      logger: createLogger([(record) => logs.push(record)], { default: 'debug' }, 'streams'),
      peerId: () => host.peerId.toString(),
      listenAddresses: () => host.getMultiaddrs().map((address) => address.toString()),
      reach: (peer, addresses, { signal }) =>
        host.dial(addresses.length > 0 ? addresses.map((address) => multiaddr(address.includes('/p2p/') ? address : `${address}/p2p/${peer}`)) : peerIdFromString(peer), signal === undefined ? {} : { signal }),
      disconnect: (peer) => void host.hangUp(peerIdFromString(peer)),
      routing: routingOf(() => host.services.dht),
    })
    await streams.attach(host as unknown as Host)
    return new NetHost(host, streams, logs)
  }

  private constructor(host: Libp2p<Services>, streams: Streams, logs: LogRecord[]) {
    this.host = host
    this.streams = streams
    this.logs = logs
  }

  get id(): string {
    return this.host.peerId.toString()
  }

  get address(): string {
    return this.host.getMultiaddrs()[0]?.toString() ?? ''
  }

  pubsub(): PubSub {
    const { pubsub } = this.host.services
    const listeners = new Map<string, Set<(message: PubSubMessage) => void>>()
    pubsub.addEventListener('message', ({ detail }) => {
      for (const listener of listeners.get(detail.topic) ?? []) listener(messageOf(detail))
    })
    return {
      topics: () => pubsub.getTopics(),
      peers: (topic) => pubsub.getSubscribers(topic).map(String),
      publish: async (topic, data) => void (await pubsub.publish(topic, data)),
      subscribe(topic, listener) {
        const all = listeners.get(topic) ?? new Set()
        listeners.set(topic, all.add(listener))
        pubsub.subscribe(topic)
        return () => {
          all.delete(listener)
          if (all.size > 0) return
          listeners.delete(topic)
          pubsub.unsubscribe(topic)
        }
      },
    }
  }

  peers(): PeerKeeping {
    const { peerStore } = this.host
    return {
      tag: async (peer, name, value) => void (await peerStore.merge(peerIdFromString(peer), { tags: { [name]: { value } } })),
      untag: async (peer, name) => void (await peerStore.merge(peerIdFromString(peer), { tags: { [name]: undefined } })),
      trim: async () => undefined,
      known: async (peer) => {
        const known = await peerStore.get(peerIdFromString(peer)).catch(() => undefined)
        return known === undefined ? undefined : { addresses: known.addresses.map(({ multiaddr: address }) => address.toString()), protocols: known.protocols }
      },
    }
  }

  async stop(): Promise<void> {
    this.streams.detach()
    await this.host.stop()
  }
}

function messageOf(message: Message): PubSubMessage {
  if (message.type === 'unsigned') return { from: undefined, data: message.data, topic: message.topic }
  const sequenceNumber = Buffer.alloc(8)
  sequenceNumber.writeBigUInt64BE(message.sequenceNumber)
  return { from: message.from.toString(), data: message.data, topic: message.topic, sequenceNumber, signature: message.signature }
}

export interface IpcNodeOptions {
  readonly clock?: Clock
  readonly limits?: Partial<IpcLimits>
  readonly isReserved?: (protocol: string) => boolean
}

/** A host, with the socket upon it in a folder of its own. */
export class IpcNode {
  readonly net: NetHost
  readonly folder: string
  readonly programs: Programs
  readonly service: IpcService

  static async start({ clock = systemClock, limits = {}, isReserved = () => false }: IpcNodeOptions = {}): Promise<IpcNode> {
    const net = await NetHost.start(clock)
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-ipc-'))
    const programs = new Programs({ clock, file: new ProgramsFile(folder) })
    await programs.load()
    const logger = createLogger([(record) => net.logs.push(record)], { default: 'debug' }, 'ipc')
    const metrics = new MetricRegistry(logger)
    metrics.declare({ name: 'nodestead_test_answer', help: 'A figure.', type: 'gauge', labels: ['of'], read: () => [{ labels: { of: 'everything' }, value: 42 }] })
    const service = new IpcService({ clock, logger, programs, metrics, ports: { streams: net.streams, pubsub: net.pubsub(), peers: net.peers(), isReserved, events: new NetEvents({ streams: net.streams.events }) } }, { dataFolder: folder, limits })
    await service.start()
    return new IpcNode(net, folder, programs, service)
  }

  private constructor(net: NetHost, folder: string, programs: Programs, service: IpcService) {
    this.net = net
    this.folder = folder
    this.programs = programs
    this.service = service
  }

  /** Adds a program with a socket of its own; the socket's path. */
  async ownSocket(name: string, scopes: readonly string[]): Promise<string> {
    await this.programs.add(name, scopes, { ownSocket: true })
    while (this.service.pathOf(name) === undefined) await new Promise((resolve) => setImmediate(resolve))
    return this.service.pathOf(name) as string
  }

  async stop(): Promise<void> {
    await this.service.stop()
    await this.net.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Everything but what tests of scopes are about. */
export const ALL_SCOPES = ['streams', 'peers', 'dht', 'topics', 'metrics', 'events'] as const
