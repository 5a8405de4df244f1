/**
 * Spreading: how one message of a topic reaches everybody who should have it.
 *
 * To hand a message to each peer in turn is right for small messages in small meshes and wrong for the rest: a source with n peers
 * uploads it n times. So there are several *spreaders*, each one way of doing it, behind one interface:
 *
 *   direct   to each peer                                                        direct.ts
 *   chunks   one erasure-coded shard to each peer, who relays it to the others   chunks/
 *   tree     along a broadcast tree over Kademlia distances                      tree/
 *   gossip   js-libp2p's gossipsub, which has streams of its own                 gossip.ts
 *
 * Which one takes a message is decided by rules.ts. What came is recognized in whichever way it came, because all of them name a message
 * alike (message-id.ts) and share one memory of what was seen (seen.ts). topic-spread.ts puts them together for one topic:
 *
 *   owner ── send ──> TopicSpread ── rules ──> a Spreader ── send ──> its Links ──> frames on the topic's streams
 *   owner <─ judge ── TopicSpread <─ deliver ─ a Spreader <─ onFrame ─ its Links <── frames on the topic's streams
 *
 * A spreader is handed its {@link Links} and a {@link Sink}. It listens from `start()` to `stop()`, calls `deliver` once a message is whole and
 * its source is certain, and returns for each frame what is to be thought of the *peer that handed it over*; what somebody else did wrong
 * (the source of a message that was relayed) it tells the judge. Frames were checked for the topic's length and rate and nothing else: each
 * spreader bounds what is in them before it decodes it, and throws a MalformedError where they are none.
 *
 * What a spreader may assume: the peer of a frame is authenticated by the secure channel, frames between two peers keep their order
 * or are lost. What it may not: that a frame which `send` took arrives, that all peers see the same peers, or that a source is honest.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { TopicName, Verdict } from '../contracts.ts'

/** The ways there are; doubles as a metric label. */
export type Way = 'direct' | 'chunks' | 'tree' | 'gossip'

/** Names a message, as message-id.ts makes it of topic, source, nonce and content: 32 bytes as `0x…`. */
export type MessageId = Hash

/** A message of this node on its way out. Nobody writes on its bytes after it was handed over. */
export interface OutgoingMessage {
  readonly id: MessageId
  /** Eight bytes (NONCE_SIZE of message-id.ts) that tell apart two messages of the same content. */
  readonly nonce: Uint8Array
  readonly content: Uint8Array
}

/** A message that is whole. */
export interface Arrival {
  readonly id: MessageId
  readonly content: Uint8Array
  /** Peer id of who sent it first; its signature or its own connection vouches for that. */
  readonly source: string
  /** Peer id of who handed over its last piece; the source itself, or who relayed it. */
  readonly from: string
  readonly way: Way
}

/** Where a spreader hands in what came: the memory of what was seen, and behind it the topic's owner. */
export interface Sink {
  /** Whether a message of this name was delivered or sent lately, in any way: nothing of it is worth keeping. */
  has(id: MessageId): boolean
  /**
   * The owner's verdict about the message. A message that came before is ignored as `duplicate` and does not reach the owner. Never throws
   * and never rejects. Only what was accepted may be passed on whole; a fault is the source's and, where that could judge it, the relay's.
   */
  deliver(arrival: Arrival): Verdict | Promise<Verdict>
}

/** What happens on the links. Each call returns soon; what it throws is a MalformedError, or an error of this node. */
export interface LinkListener {
  /** A frame of this spreader's came. The verdict is about `peer`. The bytes are the listener's to keep. */
  onFrame(peer: string, frame: Uint8Array): Verdict | Promise<Verdict>
  /** From here on frames can be sent to the peer. */
  onOpen(peer: string): void
  onClosed(peer: string): void
}

/** What a spreader needs of the network: the topic's peers, and frames to and from them. */
export interface Links {
  readonly topic: TopicName
  /** Peer id of this node. */
  readonly localPeer: string
  /** Bytes that a frame may have. */
  readonly maxFrameBytes: number
  /** Peers with whom the topic is open now. */
  peers(): readonly string[]
  /**
   * Queues one frame for each of these peers, never waits, and returns those for whom it did: not those with whom the topic is not open, and
   * none where the frame is too long. That promises no arrival. The bytes are the network's from here on.
   */
  send(peers: readonly string[], frame: Uint8Array): readonly string[]
  /** Tells what happens until the disposer is called. Peers that are open already are not told; `peers()` has them. */
  listen(listener: LinkListener): Disposer
}

/** What became of a message, as far as its source can know. */
export interface SpreadReport {
  /** Peers for whom the message, or their part of it, is on its way. Ways that reach more than the node's own peers name only these. */
  readonly sent: readonly string[]
  /** Peers that were asked for and could not be served. */
  readonly unsent: readonly string[]
}

export interface Spreader {
  readonly way: Way
  /** Longest content that it takes. */
  readonly maxContentBytes: number
  /** Whether it reaches exactly the peers that it is told. Those that do not (tree, gossip) reach everybody, whatever `to` says. */
  readonly selective: boolean
  start(): void | Promise<void>
  /**
   * Sends a message of this node. `to`: peer ids, each once, without this node's. Throws a SpreadError (errors.ts) where the content is too
   * long or the spreader is not running; a peer that cannot be reached is part of the report and no error.
   */
  spread(message: OutgoingMessage, to: readonly string[]): SpreadReport | Promise<SpreadReport>
  /** Idempotent. Gives up what is half done. */
  stop(): void | Promise<void>
}
