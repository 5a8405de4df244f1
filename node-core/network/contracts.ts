/**
 * What the network service and the owners of its topics and requests know of each other.
 *
 * The service moves bytes and knows no blockchain. Whoever has something to say registers a *descriptor* with a handler:
 *
 * - A *topic* is a notification protocol that is open with many peers at once. Its {@link TopicSpec} names it and bounds it
 *   (length, rate, queue); its {@link TopicHandler} judges each message and, for people, describes it.
 * - A *request protocol* is a question and an answer on a stream of its own. Its {@link RequestSpec} bounds both (length,
 *   time, rate, and the bytes of answers over time, without which it does not compile); its {@link RequestHandler} answers.
 *
 * Handlers never touch a socket. What reaches them was checked for length and rate before a byte of it was decoded, and what they
 * return, a verdict or an answer, is carried out by the service: it counts, charges the peer, and sends.
 */

import type { Disposer } from '../base/disposers.ts'
import type { MessageContent } from './topics/message-types.ts'
import type { NamedProtocol } from './protocol-names.ts'
import type { Shares } from './peers/rate-limit.ts'
import type { Rate } from './token-bucket.ts'

/** What a peer did wrong, and what it costs: reputation points (negative). `ban` ends the connection for a while at once. */
export interface PeerFault {
  /** Bounded: doubles as a metric label. */
  readonly code: string
  readonly cost: number
  readonly ban?: boolean
}

/** What became of one message. Only what was accepted is worth telling others. */
export type Verdict =
  /** `light` is said of a handshake: the peer is a light client, which has slots of its own. */
  | { readonly kind: 'accept'; readonly reward?: number; readonly light?: boolean }
  | { readonly kind: 'ignore'; readonly reason: string }
  | { readonly kind: 'reject'; readonly fault: PeerFault }

/** Whoever registers a topic chooses its name, e.g. `block-announces`. It is a metric label, and what the dashboard asks by. */
export type TopicName = string

/** The fixed properties of a topic; `protocol` is e.g. `/block-announces/1`. */
export interface TopicSpec extends NamedProtocol {
  readonly name: TopicName
  readonly maxHandshakeBytes: number
  readonly maxMessageBytes: number
  /** Messages per second that one peer may send on average, and in a burst; a function where that changes. */
  readonly rate: Rate | (() => Rate)
  /** Messages of one peer that may be dealt with at the same time; a few where nothing is said. */
  readonly inHand?: number
  /** Messages that wait for a slow peer; the oldest of the same kind goes first. */
  readonly queueLength: number
}

export interface TopicHandler {
  readonly spec: TopicSpec
  /** What we say when a substream opens, as things are now. */
  handshake(): Uint8Array
  /** Judges the other side's handshake. A rejection refuses the substream. */
  onHandshake(peer: string, handshake: Uint8Array): Verdict
  /** The peer answered our handshake: messages may be sent from here on, and may arrive. */
  onOpen(peer: string): void
  onClosed(peer: string): void
  onMessage(peer: string, message: Uint8Array): Verdict | Promise<Verdict>
  /** What a message says, for people. Throws where the bytes are none. Changes nothing. */
  describe?(message: Uint8Array): MessageContent
}

/** To whom: everybody the topic is open with, some, or all but some. */
export type Recipients = { readonly only: readonly string[] } | { readonly except: readonly string[] }

export interface TopicSender {
  /**
   * Queues a message. `kind` groups messages of which a newer one replaces an older one that is still waiting.
   * Never blocks; a full queue drops its oldest and counts it.
   */
  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): void
  /** Peers with whom the topic is open. */
  openPeers(topic: TopicName): readonly string[]
}

/** How many bytes of answers others may take over time; see requests/serving/byte-budget.ts. */
export interface AnswerBudget {
  /** What a peer may take on average. */
  readonly bytesPerSecond: number
  /** What it may take at once, after a while in which it took nothing. */
  readonly burstBytes: number
  /** The same for a subscriber and a site, in multiples of a peer's. */
  readonly shares: Shares
}

/** The fixed properties of a request protocol; `protocol` is e.g. `/sync/2`. */
export interface RequestSpec extends NamedProtocol {
  readonly maxRequestBytes: number
  readonly maxResponseBytes: number
  readonly timeoutMs: number
  /** Requests per minute that one peer may make. */
  readonly perMinute: number
  /** Bytes of answers over time. Protocols that name the same object share it. */
  readonly budget: AnswerBudget
  /** Others hold it against us when we ask the same again within a minute: see requests/repeat-guard.ts. */
  readonly noRepeats?: boolean
  /** Answers that may be made at the same time: for all and for one peer. A further request waits. */
  readonly places?: { readonly total: number; readonly perPeer: number }
  /** What an answer takes at most, as a rule; so much room is kept while it is made. The maximum where nothing is said. */
  readonly usualResponseBytes?: number
}

export type RequestAnswer = { readonly kind: 'response'; readonly bytes: Uint8Array } | { readonly kind: 'refuse'; readonly fault?: PeerFault }

export interface RequestHandler {
  readonly spec: RequestSpec
  /**
   * `fitting`: how many bytes of answer this node's own limit of bandwidth lets out before whoever asks gives up. What can be answered in parts is
   * kept below it, but for the smallest part that leads on. Undefined where nothing limits it.
   */
  onRequest(peer: string, request: Uint8Array, signal: AbortSignal, fitting?: number): Promise<RequestAnswer>
}

export interface RequestSender {
  /** Resolves with the response's bytes. Rejects with a NodeError NETWORK_{TIMEOUT,DISCONNECTED,REFUSED,TOO_LARGE,ABORTED,REPEATED}. */
  request(peer: string, spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>
}

/**
 * Where topics or request protocols are registered, each once: before the service starts, or while it runs. The disposer takes one back: what
 * is open of it is closed, and its name is free. The gate topic, on which the others stand, stays.
 */
export interface Registry<Handler> {
  register(handler: Handler): Disposer
}

export interface TopicDoor extends TopicSender, Registry<TopicHandler> {
  /** Returns the peers for whom it was queued: not those with whom the topic is not open, and none where it is too long. */
  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): readonly string[]
}

export type RequestDoor = RequestSender & Registry<RequestHandler>

/** How the rest of the node tells on a peer. */
export interface PeerJudge {
  report(peer: string, fault: PeerFault): void
  reward(peer: string, points: number): void
}

/** What the kind of node knows of a peer: opaque to the service, which keeps it while the peer has a slot and shows it. */
export interface PeerBook<Status> {
  /** What the peer said of itself, as it changes. */
  setStatus(peer: string, status: Status): void
  /** Peers of one group may be one person's; see peers/registry.ts. */
  groupOf(peer: string): string
}
