/**
 * The net of a node for a program of the same computer, in TypeScript: what services in the node's process have (surface.ts), over the node's socket.
 *
 *   connection.ts   the socket, a session, calls          channel.ts group.ts   a channel, a group
 *   reading.ts      who reads what comes on them          resources.ts          files, shared and fetched
 *   figures.ts      events and figures                    README.md             examples of ten lines
 *
 * A program has a token that the user gave it, with scopes that say what it may use; without one of them a call is answered with NET_SCOPE_MISSING. What it opened ends
 * with it. Errors have the codes that they have in the node.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { NodeError } from '../../../base/errors.ts'
import type { FindOptions, Provider } from '../../discovery/discovery.ts'
import type { NetEventHandler } from '../../events/event-queue.ts'
import { Channels, Discovery, Groups, Node, Sealed, Topics, type SealedReceipt } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { CLASSES, FULL_RULES, TOPOLOGIES, WAYS } from '../../ipc/words.ts'
import type { SealedHandler } from '../../sealed/inbox.ts'
import type { Receipt } from '../../sealed/mailbox.ts'
import type { NetChannel, NetConfiguration, NetDialOptions, NetGroup, NetGroupOptions, NetMetrics, NetService, NetSurface, TopicLimits, UnicastOptions } from '../../surface.ts'
import type { ServiceHandler } from '../../topics/service-queue.ts'
import type { Delivery } from '../../topics/service-topic.ts'
import type { PublishOptions } from '../../topics/topic-table.ts'
import { SocketChannel } from './channel.ts'
import { Connection, type ConnectOptions, type OpenCall } from './connection.ts'
import { eventOf, metricsOf } from './figures.ts'
import { SocketGroup } from './group.ts'
import { SocketResources } from './resources.ts'

export type { ConnectOptions } from './connection.ts'

/** Items on their way from the node. */
const CREDIT = 64

export class NetClient implements NetSurface {
  readonly resources: SocketResources
  readonly #connection: Connection
  #configuration: NetConfiguration = { relayed: true }
  #dropped = 0

  /** Rejects as {@link Connection.open} does. */
  static async connect(options: ConnectOptions): Promise<NetClient> {
    return new NetClient(await Connection.open(options))
  }

  private constructor(connection: Connection) {
    this.#connection = connection
    this.resources = new SocketResources(connection)
  }

  /** Of the node. */
  get peerId(): string {
    return this.#connection.welcome.peerId
  }

  /** What the program may use. */
  get scopes(): readonly string[] {
    return this.#connection.welcome.scopes
  }

  /** Messages of topics that this program took too slowly and lost. */
  get dropped(): number {
    return this.#dropped
  }

  configure(configuration: Partial<NetConfiguration>): void {
    this.#configuration = { ...this.#configuration, ...configuration }
  }

  listen(service: string, handler: NetService, { advertise = false }: { readonly advertise?: boolean } = {}): Promise<Disposer> {
    return lasting((onReady, isOver) =>
      this.#connection.open(Channels.method.listen, { service, advertise, maxMessageBytes: handler.maxMessageBytes ?? 0 }, {
        credit: CREDIT,
        onItem: ({ event }) => {
          if (event.case !== 'channel') return onReady()
          const channel = new SocketChannel(this.#connection, event.value)
          if (isOver()) channel.reset()
          else take(handler, channel)
        },
      }),
    )
  }

  async dial(address: string, { service = '', class: urgency, metadata, maxMessageBytes = 0, relayed = this.#configuration.relayed, signal }: NetDialOptions = {}): Promise<NetChannel> {
    const request = { address, service, class: CLASSES.number(urgency), maxMessageBytes, relayed, ...(metadata === undefined ? {} : { metadata }) }
    return new SocketChannel(this.#connection, await this.#connection.call(Channels.method.dial, request, { signal, onLate: (late) => new SocketChannel(this.#connection, late).reset() }))
  }

  async group(address: string, { members, class: urgency, maxMessageBytes = 0, queueMessages = 0, queueBytes = 0, whenFull }: NetGroupOptions): Promise<NetGroup> {
    const request = { address, members: [...members], class: CLASSES.number(urgency), maxMessageBytes, queueMessages, queueBytes, whenFull: FULL_RULES.number(whenFull) }
    return new SocketGroup(this.#connection, await this.#connection.call(Groups.method.open, request))
  }

  async unicast(address: string, payload: Uint8Array, { sealed = false, service = '', signal }: UnicastOptions = {}): Promise<Receipt | undefined> {
    const { receipt } = await this.#connection.call(Channels.method.unicast, { address, service, data: payload, sealed, relayed: this.#configuration.relayed }, { signal })
    return receipt === undefined ? undefined : receiptOf(receipt)
  }

  declare({ name, maxMessageBytes, rate, queueLength = 0, topology, large, way }: TopicLimits): Promise<Disposer> {
    const request = { name, maxMessageBytes, perSecond: rate.perSecond, burst: rate.burst, queueLength, topology: TOPOLOGIES.number(topology), large: WAYS.number(large), way: WAYS.number(way) }
    return lasting((onReady) => this.#connection.open(Topics.method.declare, request, { credit: 1, onItem: onReady }))
  }

  subscribe(topic: string, service: string, handler: ServiceHandler): Promise<Disposer> {
    return lasting((onReady, isOver) =>
      this.#connection.open(Topics.method.subscribe, { topic, service }, {
        credit: CREDIT,
        onItem: async ({ event }, dropped) => {
          this.#dropped += dropped
          if (event.case !== 'message') return onReady()
          const { id, source, data, way } = event.value
          if (!isOver()) await quietly(() => handler({ topic: event.value.topic, id, source, payload: data, way: WAYS.word(way) }))
        },
      }),
    )
  }

  async broadcast(topic: string, payload: Uint8Array, { to = 'everybody', service = '', way }: PublishOptions = {}): Promise<Delivery> {
    const answer = await this.#connection.call(Topics.method.publish, { topic, data: payload, service, way: WAYS.number(way), recipients: recipientsOf(to) })
    return {
      id: answer.id,
      way: WAYS.word(answer.way),
      sent: answer.sent,
      taken: answer.taken,
      undelivered: answer.undelivered.map(({ peer, reason }) => ({ peer, reason: reason as Delivery['undelivered'][number]['reason'] })),
    }
  }

  receive(service: string, handler: SealedHandler): Promise<Disposer> {
    return lasting((onReady, isOver) =>
      this.#connection.open(Sealed.method.serve, { service }, {
        credit: 1,
        onItem: async ({ event }) => {
          if (event.case !== 'message') return onReady()
          const { sender, service: name, data, time, kept, number } = event.value
          // What is not acknowledged comes again, to who takes it then.
          if (isOver()) return
          await quietly(() => handler({ sender, service: name, payload: data, time: Number(time), kept }))
          await quietly(async () => void (await this.#connection.call(Sealed.method.acknowledge, { number })))
        },
      }),
    )
  }

  async *find(service: string, { limit = 0, signal }: FindOptions = {}): AsyncGenerator<Provider, void, undefined> {
    const found: Provider[] = []
    let wake: () => void = () => undefined
    let end: { readonly error: Error | undefined } | undefined
    const call = this.#connection.open(Discovery.method.find, { service, limit }, {
      credit: CREDIT,
      onItem: ({ peer, addresses }) => {
        found.push({ peer, addresses })
        wake()
      },
    })
    const onEnd = (error?: Error): void => {
      end = { error }
      wake()
    }
    call.done.then(() => onEnd(), onEnd)
    const stop = (): void => call.cancel()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    try {
      for (;;) {
        const next = found.shift()
        if (next !== undefined) yield next
        else if (end === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (end.error === undefined || signal?.aborted === true) return
        else throw end.error
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      stop()
    }
  }

  events(handler: NetEventHandler): Promise<Disposer> {
    return lasting((onReady, isOver) => {
      let lost = 0
      return this.#connection.open(Node.method.events, {}, {
        credit: CREDIT,
        onItem: async (message, dropped) => {
          lost += dropped
          if (message.event.case === 'ready') return onReady()
          const event = eventOf(message)
          if (event === undefined || isOver()) return
          const before = lost
          lost = 0
          await quietly(() => handler(event, before))
        },
      })
    })
  }

  async metrics(): Promise<NetMetrics> {
    return metricsOf(await this.#connection.call(Node.method.netMetrics, {}))
  }

  async close(): Promise<void> {
    this.#connection.close()
  }
}

/** Resolves when the node says that it stands, with what ends it; rejects where it does not come to that. */
function lasting(open: (onReady: () => void, isOver: () => boolean) => OpenCall): Promise<Disposer> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const onReady = (): void =>
      resolve(() => {
        isOver = true
        call.cancel()
      })
    const call = open(onReady, () => isOver)
    call.done.then(() => reject(new NodeError('NET_CLOSED', 'The node ended it.')), reject)
  })
}

/** A service that fails with a channel breaks it off. */
function take(handler: NetService, channel: SocketChannel): void {
  try {
    handler.onChannel(channel)
  } catch {
    channel.reset()
  }
}

/** A handler that fails has had its message; the next one comes all the same. */
async function quietly(handle: () => void | Promise<void>): Promise<void> {
  try {
    await handle()
  } catch {
    // As in the node's process.
  }
}

function receiptOf({ id, state, relays }: SealedReceipt): Receipt {
  return { id, state: state as Receipt['state'], relays }
}

function recipientsOf(to: NonNullable<PublishOptions['to']>): { readonly case: 'everybody'; readonly value: object } | { readonly case: 'only' | 'except'; readonly value: { readonly peers: string[] } } {
  if (to === 'everybody') return { case: 'everybody', value: {} }
  return 'only' in to ? { case: 'only', value: { peers: [...to.only] } } : { case: 'except', value: { peers: [...to.except] } }
}
