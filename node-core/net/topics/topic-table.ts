/**
 * The topics of services: declared by their owners, subscribed to by services of this process and by programs, each by its name.
 *
 * Several owners may declare one topic with the same limits; it is open with peers from the first declaration until the last owner takes
 * it back. Who subscribes or sends names a topic that is declared: there are no limits to guess.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { TopicDoor } from '../../network/contracts.ts'
import { Seen } from '../../network/spread/seen.ts'
import type { Way } from '../../network/spread/spread.ts'
import type { Audience } from '../../network/spread/topic-spread.ts'
import { checkDescriptor, isSame, type DeclaredTopic, type TopicDescriptor, type TopicErrorCode } from './descriptor.ts'
import { ServiceTopic, type Delivery, type TopicFigures, type Ways } from './service-topic.ts'
import { DEFAULT_LIMITS, type QueueLimits, type ServiceHandler } from './service-queue.ts'

/** Each is a pair of streams with every peer. */
const MOST_TOPICS = 64
/** Names of messages that are remembered, over all topics: longer than the clock of a source may be off, twice. */
const SEEN = { entries: 65_536, spanMs: 300_000 } as const

export interface TopicTableDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly door: TopicDoor
  /** Peer id of this node; asked when a topic is declared. */
  readonly localPeer: () => string
  /** Plain links to fixed peers, where the node has them, and its name among these. */
  readonly plain?: () => { readonly door: TopicDoor; readonly name: string } | undefined
  readonly random: (bytes: number) => Uint8Array
  readonly ways: Ways
}

export interface PublishOptions {
  /** To everybody, where nothing is said. */
  readonly to?: Audience
  /** The service that sends: it does not get its own message. */
  readonly service?: string | undefined
  /** Instead of the way that the rules choose. */
  readonly way?: Way | undefined
}

interface Entry {
  readonly topic: ServiceTopic
  readonly unregister: Disposer
  readonly started: Promise<void>
  owners: number
}

export class TopicTable {
  readonly #deps: TopicTableDependencies
  readonly #seen: Seen
  readonly #topics = new Map<string, Entry>()

  constructor(dependencies: TopicTableDependencies) {
    this.#deps = dependencies
    this.#seen = new Seen({ clock: dependencies.clock }, SEEN)
  }

  /** Throws a NodeError NET_TOPIC_INVALID, NET_TOPIC_DIFFERS, NET_TOPICS_TOO_MANY, NET_NO_PLAIN_LINKS. */
  declare(descriptor: TopicDescriptor): Disposer {
    const declared = checkDescriptor(descriptor)
    const { name } = declared
    const there = this.#topics.get(name)
    if (there !== undefined && !isSame(there.topic.declared, declared)) {
      throw new NodeError<TopicErrorCode>('NET_TOPIC_DIFFERS', `The topic ${name} is declared already, with other limits.`, { hint: 'Declare it with the same ones, or use another name.', data: { name } })
    }
    const entry = there ?? this.#open(declared)
    entry.owners++
    let isOwner = true
    return () => {
      if (!isOwner) return
      isOwner = false
      if (--entry.owners === 0) this.#close(name, entry)
    }
  }

  /**
   * Throws a NodeError NET_TOPIC_UNKNOWN, NET_SERVICE_TAKEN. The disposer unsubscribes; `onClosed` is called where the last owner takes the topic back before that, and the
   * subscription with it.
   */
  subscribe(topic: string, service: string, handler: ServiceHandler, { limits = DEFAULT_LIMITS, onClosed }: { readonly limits?: QueueLimits; readonly onClosed?: () => void } = {}): Disposer {
    return this.#entry(topic).topic.subscribe(service, handler, limits, onClosed)
  }

  /** Rejects with a NodeError NET_TOPIC_UNKNOWN, and what {@link ServiceTopic.publish} rejects with. */
  async publish(topic: string, payload: Uint8Array, { to = 'everybody', service, way }: PublishOptions = {}): Promise<Delivery> {
    const entry = this.#entry(topic)
    await entry.started
    return entry.topic.publish(payload, to, { service, way })
  }

  /** As its first owner declared it; undefined where nobody does. */
  declared(topic: string): DeclaredTopic | undefined {
    return this.#topics.get(topic)?.topic.declared
  }

  figures(): readonly TopicFigures[] {
    return [...this.#topics.values()].map(({ topic }) => topic.figures())
  }

  async stop(): Promise<void> {
    const entries = [...this.#topics]
    for (const [name, entry] of entries) this.#close(name, entry)
    await Promise.all(entries.map(([, { topic }]) => topic.stop()))
  }

  #open(declared: DeclaredTopic): Entry {
    if (this.#topics.size >= MOST_TOPICS) throw new NodeError<TopicErrorCode>('NET_TOPICS_TOO_MANY', `${MOST_TOPICS} topics are declared already.`, { hint: 'Take one back first, or send several kinds of messages on one topic.' })
    const { clock, logger, random, ways } = this.#deps
    const { door, localPeer } = this.#linksOf(declared)
    const topic = new ServiceTopic({ clock, logger, door, localPeer, seen: this.#seen, random, ways }, declared)
    const started = topic.start()
    started.catch((error: unknown) => logger.warn('a topic did not start', { topic: declared.name, reason: errorMessage(error) }))
    const entry: Entry = { topic, unregister: door.register(topic), started, owners: 0 }
    this.#topics.set(declared.name, entry)
    return entry
  }

  #linksOf({ over }: DeclaredTopic): { readonly door: TopicDoor; readonly localPeer: string } {
    const { door, localPeer } = this.#deps
    if (over === 'network') return { door, localPeer: localPeer() }
    const plain = this.#deps.plain?.()
    if (plain === undefined) throw new NodeError<TopicErrorCode>('NET_NO_PLAIN_LINKS', 'This node has no plain links.', { hint: 'Start it with --net-plain-file, or declare the topic over the network.' })
    return { door: plain.door, localPeer: plain.name }
  }

  #close(name: string, entry: Entry): void {
    if (this.#topics.get(name) !== entry) return
    this.#topics.delete(name)
    entry.unregister()
    void entry.topic.stop().catch((error: unknown) => this.#deps.logger.warn('a topic did not stop cleanly', { topic: name, reason: errorMessage(error) }))
  }

  #entry(topic: string): Entry {
    const entry = this.#topics.get(topic)
    if (entry === undefined) throw new NodeError<TopicErrorCode>('NET_TOPIC_UNKNOWN', `No topic "${topic.slice(0, 64)}" is declared here.`, { hint: 'Declare it first, with its limits.', data: { name: topic.slice(0, 64) } })
    return entry
  }
}
