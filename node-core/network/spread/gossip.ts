/**
 * Gossip as a spreader: js-libp2p's gossipsub 1.2 (libp2p specs, pubsub/gossipsub), for large open topics.
 *
 * Each node of a topic has a mesh of about six peers with whom it exchanges every message; to some of the others it tells once a second
 * which messages it has, and they ask for what they miss. Gossipsub keeps streams of its own beside the topic's, and speaks with every implementation of it.
 * It is a part of the libp2p host, made where the host is ({@link gossipService}) if a topic may want it; a {@link GossipSpreader} is one topic of it.
 *
 * Signed and unsigned messages do not mix: gossipsub takes the one or the other. Signed is the rule, under gossipsub's own protocol names: number and
 * signature of the source are a part of the message, and name it as message-id.ts does, with the number as the nonce. Unsigned messages go under a
 * name of their own between nodes of this kind; nobody vouches for their source, which is empty, their nonce is zero, and the same content twice is one message.
 *
 * The owner's verdict comes before a message is passed on: accepted is passed on, ignored is not, rejected costs whoever handed it over and
 * its source. What is longer than the topic takes is rejected before it is hashed; a frame that is longer than all topics take ends the stream before it is read.
 */
import { StrictNoSign, StrictSign, TopicValidatorResult, gossipsub, type GossipSub, type Message } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { concatBytes } from '../../base/bytes.ts'
import type { PeerFault, PeerJudge, TopicName, Verdict } from '../contracts.ts'
import { assertSpreadable, stoppedError } from './errors.ts'
import { NONCE_SIZE, messageId, sha256 } from './message-id.ts'
import type { MessageId, OutgoingMessage, Sink, SpreadReport, Spreader } from './spread.ts'

/** Whether sources sign. */
export type GossipKind = 'signed' | 'unsigned'

/** Of one message, whatever its topic: content, in bytes. */
export const GOSSIP_MAX_BYTES = 1024 * 1024
/** Topic, source, number, signature, and what control messages come along. */
const FRAME_ROOM = 64 * 1024
/** What waits for a peer that does not read; beyond that its stream ends. */
const MAX_WAITING_BYTES = 4 * (GOSSIP_MAX_BYTES + FRAME_ROOM)
/** Ids of messages are remembered for so long, in ms. */
const SEEN_MS = 120_000
const DECODE_LIMITS = {
  maxSubscriptions: 512,
  maxMessages: 512,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 512,
  maxPeerInfos: 16,
} as const
/** Topics that one peer may subscribe to, at about a kibibyte each. */
const MAX_TOPIC_BYTES = 256 * 1024
const UNSIGNED_PROTOCOL = '/nodestead/gossip-unsigned/1'

const TOO_LONG: PeerFault = { code: 'gossip-too-long', cost: -100 }

/** The host's service of one kind. It starts and stops with the host. */
export function gossipService(kind: GossipKind): ReturnType<typeof gossipsub> {
  const create = gossipsub({
    globalSignaturePolicy: kind === 'signed' ? StrictSign : StrictNoSign,
    msgIdFn: kind === 'signed' ? signedId : ({ data }) => sha256(data),
    // The source sends to its mesh as everybody does: to all its peers at once would be seven times as much.
    floodPublish: false,
    fallbackToFloodsub: false,
    // Who is alone on a topic says so in the report.
    allowPublishToZeroTopicPeers: true,
    emitSelf: false,
    doPX: false,
    seenTTL: SEEN_MS,
    maxInboundDataLength: GOSSIP_MAX_BYTES + FRAME_ROOM,
    maxOutboundBufferSize: MAX_WAITING_BYTES,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES,
    decodeRpcLimits: DECODE_LIMITS,
  })
  if (kind === 'signed') return create
  return (components) => {
    const service = create(components)
    // Its option of this name is not looked at; it registers what stands here when it starts.
    service.protocols = [UNSIGNED_PROTOCOL]
    return service
  }
}

/** Gossipsub's own name of a message, as its specification has it: source, then number. It is said on the wire. */
function signedId(message: Message): Uint8Array {
  if (message.type !== 'signed') throw new TypeError('the message is not signed')
  return concatBytes(message.from.toMultihash().bytes, nonceOf(message.sequenceNumber))
}

function nonceOf(sequenceNumber: bigint): Uint8Array {
  const nonce = new Uint8Array(NONCE_SIZE)
  new DataView(nonce.buffer).setBigUint64(0, sequenceNumber)
  return nonce
}

/** As much of gossipsub as a spreader needs. */
export type GossipTopics = Pick<GossipSub, 'topicValidators' | 'subscribe' | 'unsubscribe' | 'publish' | 'getSubscribers' | 'addEventListener' | 'removeEventListener'>

export interface GossipSpreaderDependencies {
  /** The running host's service of the kind that the topic has; undefined where the host does not run, or has none. */
  readonly gossip: () => GossipTopics | undefined
  readonly sink: Sink
  readonly judge: PeerJudge
  readonly topic: TopicName
}

export interface GossipSpreaderOptions {
  /** Longest content in bytes, up to {@link GOSSIP_MAX_BYTES}. */
  readonly maxContentBytes: number
}

export class GossipSpreader implements Spreader {
  readonly way = 'gossip'
  readonly selective = false
  readonly maxContentBytes: number
  readonly #deps: GossipSpreaderDependencies
  /** While it runs. */
  #gossip: GossipTopics | undefined

  constructor(dependencies: GossipSpreaderDependencies, options: GossipSpreaderOptions) {
    this.#deps = dependencies
    this.maxContentBytes = Math.min(options.maxContentBytes, GOSSIP_MAX_BYTES)
  }

  /** Throws a SpreadError SPREAD_STOPPED where the host does not run, or has no gossip. */
  start(): void {
    if (this.#gossip !== undefined) return
    const gossip = this.#deps.gossip()
    if (gossip === undefined) throw stoppedError()
    gossip.subscribe(this.#deps.topic)
    gossip.topicValidators.set(this.#deps.topic, (from, message) => this.#onMessage(from, message))
    this.#gossip = gossip
  }

  /** `sent` are the peers of the mesh; the others have it from them. Gossipsub numbers messages itself, so others know it by another id than the message's. */
  async spread({ content }: OutgoingMessage): Promise<SpreadReport> {
    if (this.#gossip === undefined) throw stoppedError()
    assertSpreadable(content.length, this.maxContentBytes)
    const { recipients } = await this.#gossip.publish(this.#deps.topic, content)
    return { sent: recipients.map((peer) => peer.toString()), unsent: [] }
  }

  stop(): void {
    const gossip = this.#gossip
    this.#gossip = undefined
    gossip?.topicValidators.delete(this.#deps.topic)
    // Where the host stopped before, there is nobody left to tell.
    if (this.#deps.gossip() === gossip) gossip?.unsubscribe(this.#deps.topic)
  }

  async #onMessage(peer: PeerId, message: Message): Promise<TopicValidatorResult> {
    const { sink, judge, topic } = this.#deps
    const from = peer.toString()
    // A plain view: a Buffer behaves differently when it is sliced.
    const content = new Uint8Array(message.data.buffer, message.data.byteOffset, message.data.byteLength)
    if (content.length > this.maxContentBytes) {
      judge.report(from, TOO_LONG)
      return TopicValidatorResult.Reject
    }
    const source = message.type === 'signed' ? message.from.toString() : ''
    const verdict = await sink.deliver({ id: idOf(topic, source, message), content, source, from, way: 'gossip' })
    if (verdict.kind === 'reject') for (const who of new Set([from, source])) if (who !== '') judge.report(who, verdict.fault)
    if (verdict.kind === 'accept' && verdict.reward !== undefined) judge.reward(from, verdict.reward)
    return RESULTS[verdict.kind]
  }
}

function idOf(topic: TopicName, source: string, message: Message): MessageId {
  const nonce = message.type === 'signed' ? nonceOf(message.sequenceNumber) : new Uint8Array(NONCE_SIZE)
  return messageId(topic, source, nonce, sha256(message.data))
}

const RESULTS: Readonly<Record<Verdict['kind'], TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}
