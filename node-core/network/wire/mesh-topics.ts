/**
 * Topics on the links of a plain mesh. Each side numbers its topics and tells the other their names; a topic is open between two that both have it. What
 * handlers say of messages is counted; a peer that sends too much that is rejected loses its link, as it is not what the list of peers promised.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, MalformedError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Recipients, TopicHandler, TopicName, Verdict } from '../contracts.ts'
import { TokenBucket } from '../token-bucket.ts'
import { decodeTopics, encodeTopics } from './greeting.ts'
import type { PlainLink } from './plain-link.ts'

/** Rejected messages that a peer may send. */
const REJECTED = { perSecond: 1, burst: 20 } as const
/** Topics that were taken back, and are remembered. */
const MOST_GONE = 256

interface Peer {
  readonly link: PlainLink
  /** The other side's numbers. */
  theirs: ReadonlyMap<number, TopicName>
  readonly open: Set<TopicName>
  readonly rates: Map<TopicName, TokenBucket>
  readonly rejected: TokenBucket
}

interface Registered {
  readonly number: number
  readonly handler: TopicHandler
}

export interface MeshTopicsDependencies {
  readonly clock: Clock
  readonly logger: Logger
  /** The peer broke the rules: its link is to end. */
  onFault(peer: string, reason: string): void
}

export class MeshTopics {
  readonly #deps: MeshTopicsDependencies
  readonly #peers = new Map<string, Peer>()
  readonly #topics = new Map<TopicName, Registered>()
  /** Limits of topics that were taken back: what is on its way still has them. */
  readonly #gone = new Map<TopicName, number>()
  /** The one that was given out last. */
  #nextNumber = 0

  constructor(dependencies: MeshTopicsDependencies) {
    this.#deps = dependencies
  }

  register(handler: TopicHandler): Disposer {
    const { name } = handler.spec
    if (this.#topics.has(name)) throw new Error(`the topic ${name} has a handler already`)
    const registered = { number: this.#freeNumber(), handler }
    this.#topics.set(name, registered)
    this.#gone.delete(name)
    this.#tellAll()
    return () => {
      if (this.#topics.get(name) !== registered) return
      for (const peer of this.#peers.keys()) this.#close(peer, name)
      this.#topics.delete(name)
      this.#gone.set(name, handler.spec.maxMessageBytes)
      if (this.#gone.size > MOST_GONE) this.#gone.delete(this.#gone.keys().next().value as TopicName)
      this.#tellAll()
    }
  }

  onLink(name: string, link: PlainLink): void {
    this.#peers.set(name, { link, theirs: new Map(), open: new Set(), rates: new Map(), rejected: new TokenBucket(this.#deps.clock, REJECTED) })
    link.sendTopics(this.#ours())
  }

  onLinkEnd(name: string): void {
    for (const topic of [...(this.#peers.get(name)?.open ?? [])]) this.#close(name, topic)
    this.#peers.delete(name)
  }

  onTopics(name: string, bytes: Uint8Array): void {
    const peer = this.#peers.get(name)
    if (peer === undefined) return
    peer.theirs = decodeTopics(bytes)
    this.#compare(name, peer)
  }

  /** Of a payload with the peer's number; undefined where it told of no such topic. */
  longest(name: string, number: number): number | undefined {
    const topic = this.#peers.get(name)?.theirs.get(number)
    if (topic === undefined) return undefined
    return this.#topics.get(topic)?.handler.spec.maxMessageBytes ?? this.#gone.get(topic) ?? 0
  }

  onMessage(name: string, number: number, payload: Uint8Array): void | Promise<void> {
    const peer = this.#peers.get(name)
    const topic = peer?.theirs.get(number)
    const registered = topic === undefined ? undefined : this.#topics.get(topic)
    if (peer === undefined || topic === undefined || registered === undefined || !peer.open.has(topic)) return
    const { rate } = registered.handler.spec
    const bucket = peer.rates.get(topic) ?? new TokenBucket(this.#deps.clock, rate)
    peer.rates.set(topic, bucket)
    if (!bucket.take()) return
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = registered.handler.onMessage(name, payload)
    } catch (error) {
      return this.#onError(name, peer, topic, error)
    }
    if (!(verdict instanceof Promise)) return this.#settle(name, peer, verdict)
    return verdict.then(
      (judged) => this.#settle(name, peer, judged),
      (error: unknown) => this.#onError(name, peer, topic, error),
    )
  }

  send(topic: TopicName, message: Uint8Array, to: Recipients): readonly string[] {
    const registered = this.#topics.get(topic)
    if (registered === undefined || message.length > registered.handler.spec.maxMessageBytes) return []
    const peers = 'only' in to ? [...new Set(to.only)] : this.openPeers(topic).filter((peer) => !to.except.includes(peer))
    return peers.filter((name) => {
      const peer = this.#peers.get(name)
      if (peer?.open.has(topic) !== true || !peer.link.isOpen) return false
      // Where the same waits already it is on its way.
      peer.link.send(registered.number, message)
      return true
    })
  }

  openPeers(topic: TopicName): readonly string[] {
    return [...this.#peers].flatMap(([name, { open }]) => (open.has(topic) ? [name] : []))
  }

  #freeNumber(): number {
    const taken = new Set([...this.#topics.values()].map(({ number }) => number))
    do this.#nextNumber = (this.#nextNumber + 1) & 0xffff
    while (taken.has(this.#nextNumber))
    return this.#nextNumber
  }

  #ours(): Uint8Array {
    return encodeTopics(new Map([...this.#topics].map(([name, { number }]) => [number, name])))
  }

  #tellAll(): void {
    for (const [name, peer] of this.#peers) {
      peer.link.sendTopics(this.#ours())
      this.#compare(name, peer)
    }
  }

  #compare(name: string, peer: Peer): void {
    const theirs = new Set(peer.theirs.values())
    for (const topic of [...peer.open]) if (!theirs.has(topic)) this.#close(name, topic)
    for (const [topic, { handler }] of this.#topics) {
      if (!theirs.has(topic) || peer.open.has(topic)) continue
      peer.open.add(topic)
      this.#tell(topic, () => handler.onOpen(name))
    }
  }

  #close(name: string, topic: TopicName): void {
    if (this.#peers.get(name)?.open.delete(topic) !== true) return
    const handler = this.#topics.get(topic)?.handler
    if (handler !== undefined) this.#tell(topic, () => handler.onClosed(name))
  }

  #tell(topic: TopicName, event: () => void): void {
    try {
      event()
    } catch (error) {
      this.#deps.logger.warn(`the handler of ${topic} failed`, { reason: errorMessage(error) })
    }
  }

  #settle(name: string, peer: Peer, verdict: Verdict): void {
    if (verdict.kind === 'reject' && (verdict.fault.ban === true || !peer.rejected.take())) this.#deps.onFault(name, `what it sends is rejected: ${verdict.fault.code}`)
  }

  #onError(name: string, peer: Peer, topic: TopicName, error: unknown): void {
    if (error instanceof MalformedError) return this.#settle(name, peer, { kind: 'reject', fault: { code: 'malformed', cost: 0 } })
    this.#deps.logger.warn(`the handler of ${topic} failed`, { reason: errorMessage(error) })
  }
}
