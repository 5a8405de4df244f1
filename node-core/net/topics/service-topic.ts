/**
 * One topic of services: between the network's streams and the services of this computer.
 *
 *   publish ── envelope ──> TopicSpread ── the way that the rules choose ──> peers
 *   services <── their queues <── the owner's verdict <── envelope <── TopicSpread <── frames of peers
 *
 * A message is judged once by the topic's owner, then each service gets it in a queue of its own; the verdict is there as soon as it lies in
 * the queues, so that a slow service delays neither the others nor what comes next. A message to a list asks each peer for a receipt.
 */
import { toHex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { TopicDoor, TopicHandler, TopicSpec, Verdict } from '../../network/contracts.ts'
import { messageId, NONCE_SIZE, sha256 } from '../../network/spread/message-id.ts'
import type { Seen } from '../../network/spread/seen.ts'
import type { Arrival, Links, Sink, Spreader, Way } from '../../network/spread/spread.ts'
import { TAGS, TopicSpread, type Audience } from '../../network/spread/topic-spread.ts'
import type { MessageContent } from '../../network/topics/message-types.ts'
import { messageOf, type DeclaredTopic, type TopicErrorCode, type TopicMessage } from './descriptor.ts'
import { decodeEnvelope, decodeReceipt, encodeEnvelope, encodeReceipt, ENVELOPE_BYTES, RECEIPT_TAG } from './envelope.ts'
import { Receipts, TICKET_BYTES, type Outcome } from './receipts.ts'
import { Senders, type SenderFigures } from './senders.ts'
import { ServiceQueue, type QueueLimits, type ServiceHandler } from './service-queue.ts'

/** What a frame has beside a message: its envelope, and what a way of spreading adds: at most a shard's header and proof. */
const FRAME_OVERHEAD = ENVELOPE_BYTES + 16 * 1024
/** Of this protocol. */
const VERSION = 1
const PATIENCE_MS = 10_000

/** The ways of spreading that a topic has; `direct` among them. */
export type Ways = (links: (way: keyof typeof TAGS) => Links, sink: Sink, topic: DeclaredTopic) => readonly Spreader[]

export interface ServiceTopicDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly door: Pick<TopicDoor, 'send' | 'openPeers'>
  /** Peer id of this node. */
  readonly localPeer: string
  readonly seen: Seen
  /** So many bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array
  readonly ways: Ways
}

/** What became of a message. */
export interface Delivery {
  readonly id: string
  /** Undefined where it went to services of this computer alone. */
  readonly way: Way | undefined
  /** Peers to whom it, or their part of it, is on its way. */
  readonly sent: readonly string[]
  /** Of a message to a list: peers whose services have it. Empty for others, which ask for no receipts. */
  readonly taken: readonly string[]
  /** Of a message to a list: who does not have it, and why. */
  readonly undelivered: readonly { readonly peer: string; readonly reason: Exclude<Outcome, 'taken'> }[]
}

export interface ServiceFigures {
  readonly service: string
  readonly received: number
  readonly dropped: number
  readonly waiting: number
  readonly waitingBytes: number
}

export interface TopicFigures {
  readonly name: string
  readonly peers: readonly string[]
  readonly services: readonly ServiceFigures[]
  readonly senders: readonly SenderFigures[]
  /** Messages by way of spreading: handed to the owner, and come again. */
  readonly ways: readonly { readonly way: Way; readonly delivered: number; readonly duplicates: number }[]
}

export class ServiceTopic implements TopicHandler {
  readonly spec: TopicSpec
  readonly declared: DeclaredTopic
  readonly #deps: ServiceTopicDependencies
  readonly #spread: TopicSpread
  readonly #receipts: Receipts
  readonly #services = new Map<string, ServiceQueue>()
  /** Told when the topic closes under its services. */
  readonly #onClosed = new Map<ServiceQueue, () => void>()
  readonly #senders: Senders

  constructor(dependencies: ServiceTopicDependencies, declared: DeclaredTopic) {
    const { clock, logger, door, localPeer, seen, random, ways } = dependencies
    const { name, maxMessageBytes, rate, queueLength } = declared
    const maxFrameBytes = maxMessageBytes + FRAME_OVERHEAD
    this.#deps = dependencies
    this.declared = declared
    this.spec = { name: `net/${name}`, protocol: `/net/topic/${name}/1`, maxHandshakeBytes: 16, maxMessageBytes: maxFrameBytes, rate, queueLength }
    this.#receipts = new Receipts({ clock }, { patienceMs: PATIENCE_MS })
    this.#senders = new Senders(clock)
    this.#spread = new TopicSpread(
      {
        links: {
          topic: name,
          localPeer,
          maxFrameBytes,
          peers: () => door.openPeers(this.spec.name),
          send: (peers, frame) => door.send(this.spec.name, frame, { only: peers }),
        },
        seen,
        logger,
        nonce: () => random(8),
        owner: (arrival) => this.#onArrival(arrival),
        spreaders: (links, sink) => ways(links, sink, declared),
      },
      { topology: declared.topology, large: declared.large, way: declared.way },
    )
  }

  start(): Promise<void> {
    return this.#spread.start()
  }

  async stop(): Promise<void> {
    this.#receipts.stop()
    const told = [...this.#onClosed.values()]
    for (const service of [...this.#services.keys()]) this.#end(service)
    for (const tell of told) tell()
    await this.#spread.stop()
  }

  get isUsed(): boolean {
    return this.#services.size > 0
  }

  /** Throws a NodeError NET_SERVICE_TAKEN where a service of that name subscribed already. */
  subscribe(service: string, handler: ServiceHandler, limits: QueueLimits, onClosed?: () => void): Disposer {
    if (this.#services.has(service)) throw new NodeError<TopicErrorCode>('NET_SERVICE_TAKEN', `The service ${service} is subscribed to the topic ${this.declared.name} already.`, { hint: 'Unsubscribe first, or use another name.' })
    const queue = new ServiceQueue({ handler, onError: (error) => this.#deps.logger.warn('a service failed with a message', { topic: this.declared.name, service, reason: errorMessage(error) }) }, limits)
    this.#services.set(service, queue)
    if (onClosed !== undefined) this.#onClosed.set(queue, onClosed)
    return () => {
      if (this.#services.get(service) === queue) this.#end(service)
    }
  }

  /**
   * Sends a message to peers, and to the other services of this computer where it is meant for this node too. Resolves for a list when each peer has
   * answered or will not; otherwise when it is on its way. Rejects with a NodeError NET_MESSAGE_TOO_LONG, NET_TOPIC_BUSY, or a SpreadError.
   */
  async publish(payload: Uint8Array, audience: Audience, from: { readonly service?: string | undefined; readonly way?: Way | undefined } = {}): Promise<Delivery> {
    const { name, maxMessageBytes } = this.declared
    const { localPeer, random } = this.#deps
    if (payload.length > maxMessageBytes) {
      throw new NodeError<TopicErrorCode>('NET_MESSAGE_TOO_LONG', `The message has ${payload.length} bytes; the topic ${name} carries at most ${maxMessageBytes}.`, {
        data: { bytes: payload.length, maxBytes: maxMessageBytes },
        hint: 'Send it in parts, or share it as a resource and send its root.',
      })
    }
    const listed = audience === 'everybody' || 'except' in audience ? undefined : [...new Set(audience.only)].filter((peer) => peer !== localPeer)
    const ticket = listed === undefined || listed.length === 0 ? undefined : random(TICKET_BYTES)
    const receipts = ticket === undefined ? undefined : this.#receipts.expect(ticket, listed ?? [])
    if (listed?.length === 0) return { id: this.#handHere(this.#nameHere(payload), payload, audience, from.service), way: undefined, sent: [], taken: [], undelivered: [] }
    try {
      const report = await this.#spread.send(encodeEnvelope({ ticket, payload }), audience, from.way)
      this.#handHere(report.id, payload, audience, from.service)
      if (ticket !== undefined) this.#receipts.onUnsent(ticket, report.unsent)
      const outcomes = [...((await receipts) ?? [])]
      return {
        id: report.id,
        way: report.way,
        sent: report.sent,
        taken: outcomes.flatMap(([peer, outcome]) => (outcome === 'taken' ? [peer] : [])),
        undelivered: outcomes.flatMap(([peer, outcome]) => (outcome === 'taken' ? [] : [{ peer, reason: outcome }])),
      }
    } catch (error) {
      if (ticket !== undefined) this.#receipts.onUnsent(ticket, listed ?? [])
      throw error
    }
  }

  figures(): TopicFigures {
    return {
      name: this.declared.name,
      peers: this.#deps.door.openPeers(this.spec.name),
      services: [...this.#services].map(([service, queue]) => ({ service, ...queue.figures })),
      senders: this.#senders.figures(),
      ways: [...this.#spread.statistics()].map(([way, counters]) => ({ way, ...counters })),
    }
  }

  handshake(): Uint8Array {
    return Uint8Array.of(VERSION)
  }

  onHandshake(_peer: string, handshake: Uint8Array): Verdict {
    return handshake[0] === VERSION ? { kind: 'accept' } : { kind: 'ignore', reason: 'version' }
  }

  onOpen(peer: string): void {
    this.#spread.onOpen(peer)
  }

  onClosed(peer: string): void {
    this.#receipts.onClosed(peer)
    this.#spread.onClosed(peer)
  }

  onMessage(peer: string, frame: Uint8Array): Verdict | Promise<Verdict> {
    if (frame[0] !== RECEIPT_TAG) return this.#spread.onFrame(peer, frame)
    const { ticket, outcome } = decodeReceipt(frame)
    return this.#receipts.onReceipt(peer, ticket, outcome) ? { kind: 'accept' } : { kind: 'ignore', reason: 'receipt-not-asked' }
  }

  describe(frame: Uint8Array): MessageContent {
    return describeFrame(frame, this.declared)
  }

  #onArrival(arrival: Arrival): Verdict | Promise<Verdict> {
    const { ticket, payload } = decodeEnvelope(arrival.content)
    const message = messageOf(this.declared.name, arrival, payload)
    const verdict = this.#judge(message)
    if (verdict instanceof Promise) return verdict.then((known) => this.#settle(message, ticket, known))
    return this.#settle(message, ticket, verdict)
  }

  #judge(message: TopicMessage): Verdict | Promise<Verdict> {
    if (message.payload.length > this.declared.maxMessageBytes) return { kind: 'ignore', reason: 'too-long' }
    return this.declared.validate?.(message) ?? { kind: 'accept' }
  }

  #settle(message: TopicMessage, ticket: Uint8Array | undefined, verdict: Verdict): Verdict {
    if (verdict.kind === 'accept') {
      this.#senders.note(message)
      for (const queue of this.#services.values()) queue.push(message)
    }
    if (ticket !== undefined) {
      const outcome = verdict.kind !== 'accept' ? 'refused' : this.#services.size > 0 ? 'taken' : 'no-service'
      this.#deps.door.send(this.spec.name, encodeReceipt(ticket, outcome), { only: [message.source] })
    }
    return verdict
  }

  /** Services of this computer are meant where this node is: all but the one that sends. They get it under the name that it has elsewhere, which is returned. */
  #handHere(id: string, payload: Uint8Array, audience: Audience, sender: string | undefined): string {
    const { localPeer } = this.#deps
    const isMeant = audience === 'everybody' || ('only' in audience ? audience.only.includes(localPeer) : !audience.except.includes(localPeer))
    if (isMeant) for (const [service, queue] of this.#services) if (service !== sender) queue.push(messageOf(this.declared.name, { id, source: localPeer, way: undefined }, payload))
    return id
  }

  #nameHere(payload: Uint8Array): string {
    const { localPeer, random } = this.#deps
    return messageId(this.declared.name, localPeer, random(NONCE_SIZE), sha256(payload))
  }

  #end(service: string): void {
    const queue = this.#services.get(service)
    this.#services.delete(service)
    if (queue === undefined) return
    this.#onClosed.delete(queue)
    queue.close()
  }
}

/** A frame of the topic, for people: the owner's words where it carries a whole message. */
function describeFrame(frame: Uint8Array, declared: DeclaredTopic): MessageContent {
  if (frame[0] === RECEIPT_TAG) return describedReceipt(frame)
  if (frame[0] !== TAGS.direct) return { kind: 'part' }
  const { payload } = decodeEnvelope(frame.subarray(1 + 8))
  return declared.describe?.(payload) ?? describedMessage(payload.length)
}

function describedMessage(bytes: number): MessageContent & { readonly bytes: number } {
  return { kind: 'message', bytes }
}

function describedReceipt(frame: Uint8Array): MessageContent & { readonly ticket: string; readonly outcome: number } {
  const { ticket, outcome } = decodeReceipt(frame)
  return { kind: 'receipt', ticket: toHex(ticket), outcome }
}
