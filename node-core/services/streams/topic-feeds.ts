/**
 * Messages of topics for clients of the service API: a feed for each topic that somebody watches, which is one subscriber of the topic, however many clients there are.
 *
 * A feed is bounded by the bytes of its messages, and is kept for a while after its last client left, so that one whose connection broke off misses nothing. Topics that were
 * declared here are held here too, until they are taken back or the node stops.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'
import type { TopicDescriptor, TopicMessage } from '../../net/topics/descriptor.ts'
import { Feed, type FeedLimits } from './feed.ts'

export type ReceivedMessage = TopicMessage & {
  readonly kind: 'message'
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/** `closed`: nothing comes any more, because nobody declares the topic, or the node stops. */
export type TopicEvent = ReceivedMessage | { readonly kind: 'closed' }

export interface TopicFeedLimits extends FeedLimits {
  /** Of payloads, in one feed. */
  readonly keptBytes: number
  /** After the last client left. */
  readonly keptMs: number
}

/** The name under which topics know the service API. */
const SUBSCRIBER = 'service-api'

interface Watched {
  readonly feed: Feed<TopicEvent>
  readonly unsubscribe: Disposer
  clients: number
  cancel: Disposer | undefined
}

export class TopicFeeds {
  readonly #clock: Clock
  readonly #limits: TopicFeedLimits
  /** By the node's net, which is another one after each start. */
  readonly #watched = new Map<NetView, Map<string, Watched>>()
  readonly #declared = new Map<string, Map<string, { readonly net: NetView; readonly takeBack: Disposer }>>()

  constructor(clock: Clock, limits: TopicFeedLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** The feed of a topic; `leave` when its client has gone. Throws NET_TOPIC_UNKNOWN, NET_SERVICE_TAKEN. */
  watch(net: NetView, topic: string): { readonly feed: Feed<TopicEvent>; readonly leave: Disposer } {
    const watched = this.#watched.get(net)?.get(topic) ?? this.#begin(net, topic)
    watched.cancel?.()
    watched.cancel = undefined
    watched.clients++
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      const isKept = this.#watched.get(net)?.get(topic) === watched
      if (--watched.clients === 0 && isKept) watched.cancel = this.#clock.schedule(this.#limits.keptMs, () => this.#end(net, topic, watched))
    }
    return { feed: watched.feed, leave }
  }

  isDeclared(network: string, net: NetView, topic: string): boolean {
    return this.#declared.get(network)?.get(topic)?.net === net
  }

  /** Nothing changes where it was declared here with the same limits. Throws NET_TOPIC_INVALID, NET_TOPIC_DIFFERS, NET_TOPICS_TOO_MANY. */
  declare(network: string, net: NetView, descriptor: TopicDescriptor): void {
    const takeBack = net.topics.declare(descriptor)
    const ofNetwork = this.#declared.get(network) ?? new Map<string, { readonly net: NetView; readonly takeBack: Disposer }>()
    this.#declared.set(network, ofNetwork)
    // What an earlier start of the node had went with it.
    for (const [name, declared] of ofNetwork) if (declared.net !== net) ofNetwork.delete(name)
    if (ofNetwork.has(descriptor.name)) takeBack()
    else ofNetwork.set(descriptor.name, { net, takeBack })
  }

  /** Whether it was declared here. */
  undeclare(network: string, net: NetView, topic: string): boolean {
    const declared = this.#declared.get(network)?.get(topic)
    if (declared?.net !== net) return false
    this.#declared.get(network)?.delete(topic)
    declared.takeBack()
    return true
  }

  dispose(): void {
    for (const [net, topics] of this.#watched) for (const [topic, watched] of topics) this.#end(net, topic, watched)
    for (const topics of this.#declared.values()) for (const { takeBack } of topics.values()) takeBack()
    this.#declared.clear()
  }

  #begin(net: NetView, topic: string): Watched {
    const feed = new Feed<TopicEvent>(this.#limits, { keptBytes: this.#limits.keptBytes, sizeOf: (event) => (event.kind === 'message' ? event.payload.length : 0) })
    const receive = (message: TopicMessage): void => feed.push({ kind: 'message', ...message, at: this.#clock.now() })
    const unsubscribe = net.topics.subscribe(topic, SUBSCRIBER, receive, {
      onClosed: () => {
        feed.push({ kind: 'closed' })
        this.#end(net, topic, watched)
      },
    })
    const watched: Watched = { feed, unsubscribe, clients: 0, cancel: undefined }
    const topics = this.#watched.get(net) ?? new Map<string, Watched>()
    this.#watched.set(net, topics.set(topic, watched))
    return watched
  }

  #end(net: NetView, topic: string, watched: Watched): void {
    watched.cancel?.()
    watched.unsubscribe()
    const topics = this.#watched.get(net)
    if (topics?.get(topic) !== watched) return
    topics.delete(topic)
    if (topics.size === 0) this.#watched.delete(net)
  }
}
