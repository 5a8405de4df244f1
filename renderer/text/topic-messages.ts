/** Topics and their messages in words: the screen's sentence, and what a decoded message says. Pure. */
import { formatHeight, formatNumber, formatPercent, shortId } from './format.ts'
import { serviceTopicName } from './net.ts'
import type { Sentence } from './status-sentence.ts'
import { m } from '../i18n/language.ts'
import type { TopicEntry } from '../../node-core/api/network/network-state.ts'
import type { ChainContent } from '../../node-core/chain/protocols/message-content.ts'
import type { InspectedMessage, MessageContent } from '../../node-core/network/topics/message-types.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'

/** Messages per second, with a decimal where there are few. */
export function rateText(perSecond: number): string {
  return formatNumber(perSecond, perSecond > 0 && perSecond < 9.95 ? 1 : 0)
}

/** Bytes of a message on average; undefined where there was none. */
export function meanSize(bytes: number, messages: number): number | undefined {
  return messages === 0 ? undefined : bytes / messages
}

/** Share of what was heard that was known already; undefined where nothing was heard. */
export function duplicateShare({ duplicates, messagesIn }: Pick<TopicEntry, 'duplicates' | 'messagesIn'>): number | undefined {
  return messagesIn === 0 ? undefined : duplicates / messagesIn
}

export function topicsSentence(list: readonly TopicEntry[]): Sentence {
  const { topics } = m
  const peers = Math.max(0, ...list.map(({ subscribers }) => subscribers))
  if (peers === 0) return { text: topics.nobody(list.length), tone: 'attention' }
  const sum = (take: (topic: TopicEntry) => number): number => list.reduce((total, topic) => total + take(topic), 0)
  const rateIn = sum(({ perSecond }) => perSecond.messagesIn)
  const rateOut = sum(({ perSecond }) => perSecond.messagesOut)
  const dropped = sum(({ perSecond }) => perSecond.dropped)
  const rejected = sum(({ perSecond }) => perSecond.rejected)
  const company = topics.peers(peers)
  const share = formatPercent(rateIn === 0 ? 0 : sum(({ perSecond }) => perSecond.duplicates) / rateIn)
  const text = rateIn + rateOut === 0 ? topics.silent(list.length, company) : topics.sentence(list.length, company, rateText(rateIn), rateText(rateOut), share)
  if (dropped + rejected > 0) return { text: topics.troubled(text, rateText(dropped), rateText(rejected)), tone: 'attention' }
  return { text, tone: rateIn + rateOut === 0 ? 'busy' : 'well' }
}

function ref({ number, hash }: BlockRef): string {
  return `${formatHeight(number)} ${shortId(hash)}`
}

/** What the topic is called; by its own name where its owner is newer than these words. */
export function topicName(topic: string): string {
  return textOf(m.topics.names, topic) ?? serviceTopicName(topic) ?? topic
}

/** What the topic is for, where it is known. */
export function topicMeaning(topic: string): string | undefined {
  return textOf(m.topics.meanings, topic) ?? (serviceTopicName(topic) === undefined ? undefined : m.net.serviceTopic)
}

function textOf(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined
}

/** Each topic's owner has kinds of its own: those that have words here are a chain's. */
function isWorded(content: MessageContent): content is ChainContent {
  return Object.hasOwn(m.topics.kinds, content.kind)
}

export function kindText(content: MessageContent): string {
  return isWorded(content) ? m.topics.kinds[content.kind] : content.kind
}

/** A sentence; of a kind that has no words here, its fields as they are. */
export function contentText(content: MessageContent): string {
  const { topics } = m
  if (!isWorded(content)) {
    const { kind: _, ...fields } = content
    return JSON.stringify(fields)
  }
  switch (content.kind) {
    case 'block':
      return topics.block(formatHeight(content.block.number), shortId(content.block.hash), content.isBest)
    case 'vote':
      return topics.vote(topics.votes[content.vote], ref(content.target), content.round, content.setId)
    case 'commit':
      return topics.commit(ref(content.target), content.precommits, content.round, content.setId)
    case 'neighbor':
      return topics.neighbor(content.round, content.setId, formatHeight(content.finalized))
    case 'catch-up-request':
      return topics.catchUpRequest(content.round, content.setId)
    case 'catch-up':
      return topics.catchUp(content.round, content.setId, content.prevotes + content.precommits, ref(content.base))
    case 'transactions': {
      const first = content.hashes.slice(0, 2).map((hash) => shortId(hash)).join(', ')
      return topics.transactions(content.count, content.count > 2 ? topics.more(first) : first)
    }
    case 'unreadable':
      return content.reason
    case 'unread':
      return topics.unread
  }
}

export function fateText({ fate, reason }: Pick<InspectedMessage, 'fate' | 'reason'>): string {
  const { topics } = m
  // A duplicate's reason is that it is one.
  return reason === undefined || fate === 'duplicate' ? topics.fates[fate] : topics.fateReason(topics.fates[fate], reason)
}

/** True where the peer's id, the kind, the way, the fate or the content holds the text, in any case. */
export function messageMatches(message: InspectedMessage, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const { topics } = m
  const { peer, content, direction } = message
  const words = [peer, kindText(content), topics.directions[direction], fateText(message), contentText(content), JSON.stringify(content)]
  return words.some((word) => word.toLowerCase().includes(wanted))
}

/** The message as JSON, for whoever copies it. */
export function messageJson(message: InspectedMessage): string {
  return JSON.stringify({ ...message, at: new Date(message.at).toISOString() }, undefined, 2)
}
