/**
 * The message processor: from a peer's reader to the handler of its topic, and from what the handler says, or throws, to
 * consequences.
 *
 * What comes here has the topic's length and is within the peer's rate (topics.ts has the whole way); not a byte of it was decoded.
 * Each message ends as exactly one of these, whatever the handler does:
 *
 *   accept    counted; the reward, where there is one, is the peer's
 *   ignore    counted under its reason; costs nothing, because honest peers do it too
 *   reject    counted under the fault's code, and charged to the peer by the judge
 *   throws    a MalformedError is a message that does not decode: rejected. Anything else is this node's own error: logged, ignored
 *
 * Reasons and codes are metric labels, so their number is bounded: those above it are counted together. A handler's promise is
 * waited for by the reader, so that a slow handler slows the peer that caused it and no one else.
 */
import type { Disposer } from '../../base/disposers.ts'
import { MalformedError, errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { PeerJudge, TopicHandler, TopicName, Verdict } from '../contracts.ts'
import { FAULTS } from '../faults.ts'
import type { Passing } from './inspector.ts'
import type { MessageFate } from './message-types.ts'
import type { Excess } from '../peers/rate-limit.ts'

/** Reasons that one topic counts separately; further ones are counted as `other`. */
const MAX_LABELS = 24

export interface TopicStatistics {
  readonly topic: TopicName
  readonly messagesIn: number
  readonly messagesOut: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly accepted: number
  /** Ignored because they were known already (reason `duplicate`). */
  readonly duplicates: number
  readonly ignored: number
  readonly rejected: number
  /** Arrived above the rate and went unread. */
  readonly limited: number
  /** Waited for a slow peer until there was no room. */
  readonly dropped: number
  /** By reason of an ignored message and fault of a rejected one. */
  readonly reasons: Readonly<Record<string, number>>
}

type Counters = { -readonly [Name in Exclude<keyof TopicStatistics, 'topic' | 'reasons'>]: number }

interface Route {
  readonly handler: TopicHandler
  readonly counters: Counters
  readonly reasons: Map<string, number>
  /** Who looks at each message: nobody, mostly. */
  readonly observers: Set<Observer>
}

export interface HandshakeRules {
  /** Whether a refused one costs the peer what the handler says; it does. */
  readonly charge?: boolean
  /** Asked for a place where the handler accepts; false where there is none. */
  readonly claim?: (light: boolean) => boolean
}

export type Observer = (message: Passing) => void

export class MessageProcessor {
  readonly #logger: Logger
  readonly #judge: PeerJudge
  readonly #routes = new Map<TopicName, Route>()

  constructor(dependencies: { readonly logger: Logger; readonly judge: PeerJudge }) {
    this.#logger = dependencies.logger
    this.#judge = dependencies.judge
  }

  register(handler: TopicHandler): void {
    const { name } = handler.spec
    if (this.#routes.has(name)) throw new Error(`the topic ${name} has a handler already`)
    const counters = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, accepted: 0, duplicates: 0, ignored: 0, rejected: 0, limited: 0, dropped: 0 }
    this.#routes.set(name, { handler, counters, reasons: new Map(), observers: new Set() })
  }

  /** Nothing of the topic comes any more, and its figures are gone. */
  unregister(topic: TopicName): void {
    this.#routes.delete(topic)
  }

  /** Shows every message of a topic to `observer`, which must not throw, until the disposer is called. */
  observe(topic: TopicName, observer: Observer): Disposer {
    const { observers } = this.#route(topic)
    // Another function each time, so that one observer may look twice.
    const own: Observer = (message) => observer(message)
    observers.add(own)
    return () => observers.delete(own)
  }

  handlers(): readonly TopicHandler[] {
    return [...this.#routes.values()].map(({ handler }) => handler)
  }

  /** Judges a handshake; true where the substream may open. */
  admits(topic: TopicName, peer: string, handshake: Uint8Array, { charge = true, claim = () => true }: HandshakeRules = {}): boolean {
    const route = this.#route(topic)
    let verdict: Verdict
    try {
      verdict = route.handler.onHandshake(peer, handshake)
    } catch (error) {
      verdict = this.#verdictOf(error, topic)
    }
    if (verdict.kind === 'reject' && !charge) {
      increment(route.reasons, verdict.fault.code)
      return false
    }
    return this.#settle(route, peer, verdict) && claim(verdict.kind === 'accept' && verdict.light === true)
  }

  /** Hands a message to its handler. A promise never rejects: it resolves when the verdict was carried out. */
  process(topic: TopicName, peer: string, message: Uint8Array): void | Promise<void> {
    const route = this.#route(topic)
    route.counters.messagesIn++
    route.counters.bytesIn += message.length
    let outcome: Verdict | Promise<Verdict>
    try {
      outcome = route.handler.onMessage(peer, message)
    } catch (error) {
      outcome = this.#verdictOf(error, topic)
    }
    if (!(outcome instanceof Promise)) {
      this.#count(route, peer, outcome, message)
      return
    }
    return outcome.then(
      (verdict) => this.#count(route, peer, verdict, message),
      (error: unknown) => this.#count(route, peer, this.#verdictOf(error, topic), message),
    )
  }

  /** Tells the handler that a topic opened or closed; what it throws stays here. */
  notify(topic: TopicName, peer: string, event: 'open' | 'closed'): void {
    const { handler } = this.#route(topic)
    try {
      if (event === 'open') handler.onOpen(peer)
      else handler.onClosed(peer)
    } catch (error) {
      this.#logger.warn(`the handler of ${topic} failed when a peer's topic was ${event}`, { peer, reason: errorMessage(error) })
    }
  }

  /** `frame` carries its length. */
  onSent(topic: TopicName, peer: string, frame: Uint8Array): void {
    const { counters, observers } = this.#route(topic)
    counters.messagesOut++
    counters.bytesOut += frame.length
    if (observers.size > 0) show(observers, { direction: 'out', peer, bytes: frame, size: frame.length, fate: 'sent' })
  }

  onDropped(topic: TopicName, count: number): void {
    this.#route(topic).counters.dropped += count
  }

  /** What all peers of an address had too much together is no fault of this one. */
  onLimited(topic: TopicName, peer: string, bytes: number, excess: Excess = 'peer'): void {
    const { counters, observers } = this.#route(topic)
    counters.messagesIn++
    counters.bytesIn += bytes
    counters.limited++
    if (observers.size > 0) show(observers, { direction: 'in', peer, bytes: undefined, size: bytes, fate: 'limited' })
    if (excess === 'peer') this.#judge.report(peer, FAULTS.rate)
  }

  statistics(): readonly TopicStatistics[] {
    return [...this.#routes.entries()].map(([topic, { counters, reasons }]) => ({ topic, ...counters, reasons: Object.fromEntries(reasons) }))
  }

  #route(topic: TopicName): Route {
    const route = this.#routes.get(topic)
    if (route === undefined) throw new Error(`no handler for the topic ${topic}`)
    return route
  }

  #count(route: Route, peer: string, verdict: Verdict, message: Uint8Array): void {
    const { counters, observers } = route
    if (observers.size > 0) show(observers, { direction: 'in', peer, bytes: message, size: message.length, ...fateOf(verdict) })
    if (verdict.kind === 'accept') counters.accepted++
    else if (verdict.kind === 'reject') counters.rejected++
    else if (verdict.reason === 'duplicate') counters.duplicates++
    else counters.ignored++
    this.#settle(route, peer, verdict)
  }

  /** Carries a verdict out; true for acceptance. */
  #settle({ reasons }: Route, peer: string, verdict: Verdict): boolean {
    switch (verdict.kind) {
      case 'accept':
        if (verdict.reward !== undefined) this.#judge.reward(peer, verdict.reward)
        return true
      case 'ignore':
        increment(reasons, verdict.reason)
        return false
      case 'reject':
        increment(reasons, verdict.fault.code)
        this.#judge.report(peer, verdict.fault)
        return false
    }
  }

  /** What cannot be decoded is the peer's fault; any other error is ours, and costs the peer nothing. */
  #verdictOf(error: unknown, topic: TopicName): Verdict {
    if (error instanceof MalformedError) return { kind: 'reject', fault: FAULTS.malformed }
    this.#logger.warn(`the handler of ${topic} failed`, { reason: errorMessage(error) })
    return { kind: 'ignore', reason: 'handler-error' }
  }
}

function show(observers: ReadonlySet<Observer>, message: Passing): void {
  for (const observer of observers) observer(message)
}

function fateOf(verdict: Verdict): { readonly fate: MessageFate; readonly reason?: string } {
  if (verdict.kind === 'accept') return { fate: 'accepted' }
  if (verdict.kind === 'reject') return { fate: 'rejected', reason: verdict.fault.code }
  return { fate: verdict.reason === 'duplicate' ? 'duplicate' : 'ignored', reason: verdict.reason }
}

function increment(reasons: Map<string, number>, reason: string): void {
  const label = reasons.has(reason) || reasons.size < MAX_LABELS ? reason : 'other'
  reasons.set(label, (reasons.get(label) ?? 0) + 1)
}
