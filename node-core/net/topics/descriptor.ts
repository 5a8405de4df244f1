/**
 * What an owner says of a topic when it declares it: its name, its limits, how it spreads, and how a message is judged and shown. A topic
 * without limits cannot be declared. Nodes that declare the same name find each other on it; each keeps its own limits.
 */
import { NodeError } from '../../base/errors.ts'
import type { Verdict } from '../../network/contracts.ts'
import type { Way } from '../../network/spread/spread.ts'
import type { SpreadPolicy } from '../../network/spread/rules.ts'
import type { Rate } from '../../network/token-bucket.ts'
import type { MessageContent } from '../../network/topics/message-types.ts'

export type TopicErrorCode =
  | 'NET_TOPIC_INVALID'
  | 'NET_TOPIC_UNKNOWN'
  | 'NET_TOPIC_DIFFERS'
  | 'NET_TOPICS_TOO_MANY'
  | 'NET_NO_PLAIN_LINKS'
  | 'NET_SERVICE_TAKEN'
  | 'NET_MESSAGE_TOO_LONG'
  | 'NET_TOPIC_BUSY'

/** A message as a service gets it. */
export interface TopicMessage {
  readonly topic: string
  /** The same for everybody who gets it. */
  readonly id: string
  /** Peer id of who sent it first; this node's own where another service of this computer did. */
  readonly source: string
  readonly payload: Uint8Array
  /** Undefined for what another service of this computer sent. */
  readonly way: Way | undefined
}

export interface TopicDescriptor {
  /** Small letters, digits, `.`, `_`, `-` and `/`, 64 at most; a metric label, and part of the protocol's name. */
  readonly name: string
  /** Of one message: at most {@link LONGEST_MESSAGE}. */
  readonly maxMessageBytes: number
  /** Messages that one peer may send. */
  readonly rate: Rate
  /** Messages that wait for a slow peer. */
  readonly queueLength?: number
  /** `mesh`: all nodes of the topic are connected with each other. `open`, where nothing is said: each has some of the others. */
  readonly topology?: SpreadPolicy['topology']
  /** What takes large messages in an open topic. */
  readonly large?: SpreadPolicy['large']
  /** The one way of every message, instead of what the rules choose (network/spread/rules.ts): `chunks` in a mesh, `tree` and `gossip` in an open topic. */
  readonly way?: Way | undefined
  /** `plain`: over the plain links of this node instead of its network; peers are then the names of the links. */
  readonly over?: 'network' | 'plain'
  /** Judges a message before services get it and before it is passed on; accepted where there is none. */
  validate?(message: TopicMessage): Verdict | Promise<Verdict>
  /** What a message says, for people. Throws where the bytes are none. */
  describe?(payload: Uint8Array): MessageContent
}

export const LONGEST_MESSAGE = 32 * 1024 * 1024
const DEFAULT_QUEUE = 256
const NAME = /^[a-z0-9](?:[a-z0-9._/-]{0,62}[a-z0-9])?$/

export type DeclaredTopic = TopicDescriptor & Required<Pick<TopicDescriptor, 'queueLength' | 'topology' | 'large' | 'over'>>

/** The descriptor, whole. Throws a NodeError NET_TOPIC_INVALID that says what is wrong with it. */
export function checkDescriptor(given: TopicDescriptor): DeclaredTopic {
  const { name, maxMessageBytes, rate, queueLength = DEFAULT_QUEUE, over = 'network', topology = over === 'plain' ? 'mesh' : 'open', large = 'gossip', way } = given
  if (!NAME.test(name)) throw invalid(`"${name.slice(0, 64)}" is no name of a topic.`, 'Use 1 to 64 small letters, digits, and . _ - / between them.')
  if (!isCount(maxMessageBytes, LONGEST_MESSAGE)) throw invalid(`Messages of ${maxMessageBytes} bytes cannot be declared.`, `Choose 1 to ${LONGEST_MESSAGE} bytes; share what is longer as a resource.`)
  if (!(rate.perSecond > 0 && rate.perSecond <= 100_000 && rate.burst >= 1 && rate.burst <= 100_000)) throw invalid('The rate of a topic is outside of its limits.', 'Choose more than 0 and at most 100,000 messages a second.')
  if (!isCount(queueLength, 65_536)) throw invalid(`A queue of ${queueLength} messages cannot be declared.`, 'Choose 1 to 65,536.')
  if (way !== undefined && way !== 'direct' && (over === 'plain' || (way === 'chunks') !== (topology === 'mesh'))) throw invalid(`A topic of this kind does not spread by ${way}.`, 'Over plain links there is direct sending alone; chunks are for a mesh, tree and gossip for an open topic.')
  return { ...given, queueLength, topology, large, over }
}

/** Whether two owners mean the same topic. */
export function isSame(a: DeclaredTopic, b: DeclaredTopic): boolean {
  const figures = ({ maxMessageBytes, rate, queueLength, topology, large, way, over }: DeclaredTopic): string => [maxMessageBytes, rate.perSecond, rate.burst, queueLength, topology, large, way, over].join()
  return figures(a) === figures(b)
}

/** As an owner and its services see it. */
export function messageOf(topic: string, { id, source, way }: Pick<TopicMessage, 'id' | 'source' | 'way'>, payload: Uint8Array): TopicMessage {
  return { topic, id, source, payload, way }
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

function invalid(message: string, hint: string): NodeError<TopicErrorCode> {
  return new NodeError<TopicErrorCode>('NET_TOPIC_INVALID', message, { hint })
}
