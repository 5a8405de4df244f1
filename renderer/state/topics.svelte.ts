/** The topics of the network on screen, how their rates went lately, and the messages of the one that is looked into. */
import { whileVisible } from './visibility.ts'
import { messageMatches } from '../text/topic-messages.ts'
import type { InspectorBatch } from '../../node-core/api/network/inspector.ts'
import type { TopicEntry, TopicsBatch } from '../../node-core/api/network/network-state.ts'
import type { InspectedMessage } from '../../node-core/network/topics/message-types.ts'
import type { ApiClient } from '../trpc/client.ts'

/** Seconds that the sparklines cover. */
const TREND = 60
/** Messages that are kept. */
export const KEPT_MESSAGES = 500

export class Topics {
  #list = $state.raw<readonly TopicEntry[]>([])
  #trends = $state.raw<Readonly<Record<string, readonly number[]>>>({})

  get list(): readonly TopicEntry[] {
    return this.#list
  }

  /** Messages per second in both directions, a value for each second, oldest first. */
  trendOf(topic: string): readonly number[] {
    return this.#trends[topic] ?? []
  }

  follow(client: ApiClient, network: string, onError: (error: unknown) => void): () => void {
    const onData = ({ topics }: TopicsBatch): void => {
      this.#list = topics
    }
    const close = whileVisible(() => client.topics.watch.subscribe({ network }, { onData, onError }))
    // Nothing is told while nothing changes: the trend goes on all the same.
    const timer = setInterval(() => {
      if (!document.hidden) this.#sample()
    }, 1000)
    return () => {
      clearInterval(timer)
      close()
    }
  }

  #sample(): void {
    this.#trends = Object.fromEntries(
      this.#list.map(({ topic, perSecond }) => [topic, [...this.trendOf(topic), perSecond.messagesIn + perSecond.messagesOut].slice(-TREND)]),
    )
  }
}

export interface NumberedMessage extends InspectedMessage {
  /** Counts up; the key of its row. */
  readonly key: number
}

export class Inspector {
  #messages = $state.raw<readonly NumberedMessage[]>([])
  #skipped = $state(0)
  #isLooking = $state(false)
  #nextKey = 0
  paused = $state(false)
  filter = $state('')
  readonly #shown = $derived(this.#messages.filter((message) => messageMatches(message, this.filter)))

  /** Newest first, after the filter. */
  get shown(): readonly NumberedMessage[] {
    return this.#shown
  }

  get total(): number {
    return this.#messages.length
  }

  /** Messages that went by too fast. */
  get skipped(): number {
    return this.#skipped
  }

  /** The node runs, and its messages come. */
  get isLooking(): boolean {
    return this.#isLooking
  }

  clear(): void {
    this.#messages = []
    this.#skipped = 0
  }

  /** Looks into a topic while the window is visible; the returned function ends that. */
  follow(client: ApiClient, network: string, topic: string, onError: (error: unknown) => void): () => void {
    return whileVisible(() => client.topics.inspect.subscribe({ network, topic }, { onData: (batch) => this.apply(batch), onError }))
  }

  apply({ isLooking, messages, skipped }: InspectorBatch): void {
    this.#isLooking = isLooking
    this.#skipped += skipped
    if (messages.length === 0) return
    const numbered = messages.map((message) => ({ ...message, key: this.#nextKey++ }))
    this.#messages = [...numbered.reverse(), ...this.#messages].slice(0, KEPT_MESSAGES)
  }
}
