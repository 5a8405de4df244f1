/**
 * Several spreaders behind one topic, and its owner in front of them.
 *
 * On the topic's streams the first byte of a frame says whose it is (`TAGS`); each spreader sees its own frames without it. A frame of
 * a way that the topic does not have is malformed. Gossip has streams of its own and no tag.
 *
 * What a spreader delivers is looked up by its name in one memory for all of them, noted, and only then handed to the owner: once, even while
 * the owner still thinks about it, and whatever it answers. This node's own messages are noted when they are sent, so they do not come back to it.
 */
import { concatBytes } from '../../base/bytes.ts'
import { MalformedError, errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { TopicName, Verdict } from '../contracts.ts'
import { FAULTS } from '../faults.ts'
import { assertSpreadable, unfitError } from './errors.ts'
import { messageId, sha256 } from './message-id.ts'
import { chooseWay, type SpreadPolicy } from './rules.ts'
import type { Seen } from './seen.ts'
import type { Arrival, LinkListener, Links, MessageId, OutgoingMessage, Sink, SpreadReport, Spreader, Way } from './spread.ts'

/** The first byte of a frame. Numbers are never used again. */
export const TAGS = { direct: 1, chunks: 2, tree: 3 } as const
type Tagged = keyof typeof TAGS
const BY_TAG = new Map<number, Tagged>(Object.entries(TAGS).map(([way, tag]) => [tag, way as Tagged]))

/** The topic's streams, whoever's the frames are: a topic handler's side of them. */
export interface TopicLinks {
  readonly topic: TopicName
  readonly localPeer: string
  readonly maxFrameBytes: number
  peers(): readonly string[]
  /** As {@link Links.send}. */
  send(peers: readonly string[], frame: Uint8Array): readonly string[]
}

/** Who owns the topic: judges each message once. */
export type Owner = (arrival: Arrival) => Verdict | Promise<Verdict>

export interface TopicSpreadDependencies {
  readonly links: TopicLinks
  readonly seen: Seen
  readonly logger: Logger
  /** Eight bytes, other ones each time. */
  nonce(): Uint8Array
  readonly owner: Owner
  /** The spreaders of the topic, one for each way; `direct` must be among them. Called once. */
  spreaders(links: (way: Tagged) => Links, sink: Sink): readonly Spreader[]
}

/** To whom a message goes: everybody of the topic, the peers of a list, or everybody but those. */
export type Audience = 'everybody' | { readonly only: readonly string[] } | { readonly except: readonly string[] }

export interface SendReport extends SpreadReport {
  readonly id: MessageId
  readonly way: Way
}

export class TopicSpread {
  readonly #deps: TopicSpreadDependencies
  readonly #policy: SpreadPolicy
  readonly #spreaders = new Map<Way, Spreader>()
  readonly #listeners = new Map<Tagged, LinkListener>()
  readonly #counters = new Map<Way, { delivered: number; duplicates: number }>()

  constructor(dependencies: TopicSpreadDependencies, options: Omit<SpreadPolicy, 'ways'>) {
    this.#deps = dependencies
    const sink: Sink = { has: (id) => dependencies.seen.has(id), deliver: (arrival) => this.#deliver(arrival) }
    for (const spreader of dependencies.spreaders((way) => this.#linksOf(way), sink)) this.#spreaders.set(spreader.way, spreader)
    this.#policy = { ...options, ways: this.#spreaders }
  }

  /** Where one spreader does not start, those before it are stopped again and the error is thrown. */
  async start(): Promise<void> {
    try {
      for (const spreader of this.#spreaders.values()) await spreader.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /**
   * Sends a message in the way that the rules choose, or in `way`. Peers of a list with whom the topic is not open are `unsent`.
   * Rejects with a SpreadError where the content is longer than the way takes, the topic is closed, or a way was asked for that it
   * does not have or that cannot leave anybody out.
   */
  async send(content: Uint8Array, audience: Audience, way?: Way): Promise<SendReport> {
    const { links, seen } = this.#deps
    const nonce = this.#deps.nonce()
    const message: OutgoingMessage = { id: messageId(links.topic, links.localPeer, nonce, sha256(content)), nonce, content }
    const to = this.#recipients(audience)
    const everybody = audience === 'everybody'
    const chosen = way ?? chooseWay({ nodes: to.length + 1, bytes: content.length, everybody }, this.#policy)
    const spreader = this.#spreaders.get(chosen)
    if (spreader === undefined || (!everybody && !spreader.selective)) throw unfitError(chosen)
    assertSpreadable(content.length, spreader.maxContentBytes)
    seen.add(message.id)
    return { id: message.id, way: chosen, ...(await spreader.spread(message, to)) }
  }

  /** A frame that came on the topic's stream from `peer`. Throws a MalformedError where it is none. */
  onFrame(peer: string, frame: Uint8Array): Verdict | Promise<Verdict> {
    const way = BY_TAG.get(frame[0] ?? 0)
    const listener = way === undefined ? undefined : this.#listeners.get(way)
    if (listener === undefined) throw new MalformedError('SPREAD_WAY_UNKNOWN', 'The frame is of a way of spreading that this topic does not have.')
    return listener.onFrame(peer, frame.subarray(1))
  }

  onOpen(peer: string): void {
    for (const listener of this.#listeners.values()) listener.onOpen(peer)
  }

  onClosed(peer: string): void {
    for (const listener of this.#listeners.values()) listener.onClosed(peer)
  }

  /** Messages by way: handed to the owner, and come again. */
  statistics(): ReadonlyMap<Way, { readonly delivered: number; readonly duplicates: number }> {
    return this.#counters
  }

  async stop(): Promise<void> {
    for (const spreader of [...this.#spreaders.values()].reverse()) await spreader.stop()
  }

  #recipients(audience: Audience): readonly string[] {
    const { links } = this.#deps
    if (audience === 'everybody') return links.peers()
    if ('except' in audience) return links.peers().filter((peer) => !audience.except.includes(peer))
    return [...new Set(audience.only)].filter((peer) => peer !== links.localPeer)
  }

  /** A verdict that is there at once stays one: its reader takes the next message in the same turn and holds nobody back. */
  #deliver(arrival: Arrival): Verdict | Promise<Verdict> {
    const { seen, owner } = this.#deps
    let counters = this.#counters.get(arrival.way)
    if (counters === undefined) this.#counters.set(arrival.way, (counters = { delivered: 0, duplicates: 0 }))
    if (!seen.add(arrival.id)) {
      counters.duplicates++
      return { kind: 'ignore', reason: 'duplicate' }
    }
    counters.delivered++
    try {
      const verdict = owner(arrival)
      return verdict instanceof Promise ? verdict.catch((error: unknown) => this.#verdictOf(error)) : verdict
    } catch (error) {
      return this.#verdictOf(error)
    }
  }

  /** What its owner's error says of a message. */
  #verdictOf(error: unknown): Verdict {
    if (error instanceof MalformedError) return { kind: 'reject', fault: FAULTS.malformed }
    this.#deps.logger.warn(`the owner of ${this.#deps.links.topic} failed`, { reason: errorMessage(error) })
    return { kind: 'ignore', reason: 'handler-error' }
  }

  #linksOf(way: Tagged): Links {
    const { links } = this.#deps
    const tag = Uint8Array.of(TAGS[way])
    return {
      topic: links.topic,
      localPeer: links.localPeer,
      maxFrameBytes: links.maxFrameBytes - tag.length,
      peers: () => links.peers(),
      send: (peers, frame) => links.send(peers, concatBytes(tag, frame)),
      listen: (listener) => {
        this.#listeners.set(way, listener)
        return () => {
          if (this.#listeners.get(way) === listener) this.#listeners.delete(way)
        }
      },
    }
  }
}
