/** The network opened to services and programs, in words: its sentences, how a message or a file fares, and what a person types. Pure. */
import { m } from '../i18n/language.ts'
import { formatByteRate, formatBytes, roughSpan } from './format.ts'
import type { Sentence } from './status-sentence.ts'
import type { ChannelsBatch } from '../../node-core/api/net/channels.ts'
import type { FetchEntry, ResourcesBatch } from '../../node-core/api/net/resources.ts'
import type { Delivery } from '../../node-core/net/topics/service-topic.ts'

const SERVICE_TOPIC = 'net/'

/** The name that services know a topic of theirs by; undefined for the node's own topics. */
export function serviceTopicName(topic: string): string | undefined {
  return topic.startsWith(SERVICE_TOPIC) ? topic.slice(SERVICE_TOPIC.length) : undefined
}

export function channelsSentence({ channels }: ChannelsBatch): Sentence {
  if (channels.length === 0) return { text: m.net.noChannels, tone: 'off' }
  const sum = (take: (rates: ChannelsBatch['channels'][number]['perSecond']) => number): number => channels.reduce((total, { perSecond }) => total + take(perSecond), 0)
  const peers = new Set(channels.map(({ peer }) => peer)).size
  return { text: m.net.channelsSentence(channels.length, peers, sum(({ bytesIn }) => bytesIn), sum(({ bytesOut }) => bytesOut)), tone: 'well' }
}

export function filesSentence({ shared, fetches }: ResourcesBatch): Sentence {
  const offered = shared.filter(({ withdrawn }) => withdrawn === undefined).length
  const running = fetches.filter(isRunning)
  const rate = running.reduce((total, { progress }) => total + (progress?.bytesPerSecond ?? 0), 0)
  const tone = fetches.some(({ state }) => state === 'failed') || offered < shared.length ? 'attention' : running.length > 0 ? 'busy' : offered > 0 ? 'well' : 'off'
  return { text: m.net.filesSentence(offered, running.length, rate), tone }
}

export function isRunning({ state }: Pick<FetchEntry, 'state'>): boolean {
  return state === 'fetching' || state === 'finishing'
}

/** 0 to 1; undefined while the length is not known. */
export function shareOf({ state, progress }: FetchEntry): number | undefined {
  if (state === 'done') return 1
  if (progress?.wantedBytes === undefined) return undefined
  return progress.wantedBytes === 0 ? 1 : progress.hadBytes / progress.wantedBytes
}

/** State, bytes, speed, time left and peers, as far as they are known. */
export function fetchText(fetch: FetchEntry): string {
  const { net } = m
  const { state, progress } = fetch
  const parts: string[] = [net.fetchStates[state]]
  if (progress?.wantedBytes !== undefined) parts.push(state === 'done' ? formatBytes(progress.wantedBytes) : net.had(progress.hadBytes, progress.wantedBytes))
  if (isRunning(fetch) && progress !== undefined) {
    if (progress.peers.length === 0 && state === 'fetching') return [...parts, net.searching].join(' · ')
    parts.push(formatByteRate(progress.bytesPerSecond))
    if (progress.secondsLeft !== undefined) parts.push(net.left(roughSpan(progress.secondsLeft * 1000)))
    parts.push(net.fromPeers(progress.peers.length))
  }
  return parts.join(' · ')
}

/** The last part of a path, of whatever system. */
export function nameIn(path: string): string {
  return path.split(/[/\\]/).filter((part) => part !== '').at(-1) ?? path
}

/** `listed`: how many peers a list named; undefined where the message was for all, or all but some. */
export function deliverySentence({ way, sent, taken }: Delivery, listed: number | undefined): Sentence {
  const { net } = m
  if (listed !== undefined && way !== undefined) return { text: net.taken(taken.length, listed), tone: taken.length === listed ? 'well' : 'attention' }
  if (way === undefined) return { text: net.sentHere, tone: 'well' }
  if (sent.length === 0) return { text: net.sentNobody, tone: 'attention' }
  return { text: net.sent(sent.length, net.ways[way]), tone: 'well' }
}

/** What stands in a field for several, one a line or parted by commas. */
export function linesIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((line) => line !== ''))]
}

export function isHexText(text: string): boolean {
  return /^(0x)?[0-9a-fA-F]*$/.test(text) && text.length % 2 === 0
}

export function isRoot(text: string): boolean {
  return /^(0x)?[0-9a-f]{64}$/i.test(text)
}

/** How the router that found a peer is called; by its own name where there are no words for it. */
export function foundText(found: string): string {
  const words: Readonly<Record<string, string>> = m.net.found
  return Object.hasOwn(words, found) ? (words[found] as string) : found
}

/** What the permissions that give much really give. */
export function scopeWarnings(scopes: readonly string[]): readonly string[] {
  const { resources, folders, allFiles, streams } = m.net.scopeWarnings
  const isFolder = (scope: string): boolean => scope.startsWith('resources:') && scope !== 'resources:*'
  return [
    ...(scopes.includes('resources') ? [resources] : []),
    ...(scopes.some(isFolder) ? [folders] : []),
    ...(scopes.includes('resources:*') ? [allFiles] : []),
    ...(scopes.includes('streams') ? [streams] : []),
  ]
}

/** The whole kinds that a program may use, and what is narrowed by a pattern. */
export function splitScopes(scopes: readonly string[]): { readonly kinds: readonly string[]; readonly patterns: readonly string[] } {
  return { kinds: scopes.filter((scope) => !scope.includes(':')), patterns: scopes.filter((scope) => scope.includes(':')) }
}
