/** What the screen of peers says and shows of them. Pure. */
import { shortId } from './format.ts'
import { locale } from '../i18n/locale.ts'
import { m } from '../i18n/language.ts'
import type { Sentence } from './status-sentence.ts'
import type { PeerEntry } from '../../node-core/api/network/peer-changes.ts'
import type { CallOutcome } from '../../node-core/api/network/peers.ts'
import type { NodeStatus } from '../../node-core/manager/types.ts'

/** A node may take a while to find others; then it is worth a word. */
export const LONELY_AFTER_MS = 60_000

export interface PeerCounts {
  readonly inbound: number
  readonly outbound: number
  /** Connected without a slot: nothing is exchanged with them. */
  readonly bare: number
  readonly banned: number
}

export function countPeers(peers: readonly PeerEntry[], banned: number): PeerCounts {
  let inbound = 0
  let bare = 0
  for (const { direction, slot } of peers) {
    if (direction === 'inbound') inbound++
    if (slot === undefined) bare++
  }
  return { inbound, outbound: peers.length - inbound, bare, banned }
}

/** For a node that runs. `counts` are undefined until the first batch came. */
export function peersSentence(counts: PeerCounts | undefined, { producing, details, startedAt }: Pick<NodeStatus, 'producing' | 'details' | 'startedAt'>, now: number): Sentence {
  if (counts === undefined) return { text: m.peers.asking, tone: 'busy' }
  const { inbound, outbound, bare, banned } = counts
  const total = inbound + outbound
  const bans = banned === 0 ? '' : m.peers.andBanned(banned)
  if (total === 0) {
    if (producing && details?.hold === undefined) return { text: m.peers.aloneButAuthoring(bans), tone: 'off' }
    if (producing) return { text: m.peers.aloneAndHeld(bans), tone: 'attention' }
    const lonely = now - (startedAt ?? now) > LONELY_AFTER_MS
    const still = details?.isPublic === false ? m.standing.nobodyOwn : m.peers.stillNobody
    return { text: lonely ? still(bans) : m.peers.nobodyYet(bans), tone: lonely ? 'attention' : 'busy' }
  }
  const text = m.peers.company(total, inbound, outbound, bare, bans)
  return { text, tone: bare === total ? 'attention' : 'well' }
}

/** True where each word is somewhere in what the table shows of the peer. */
export function peerMatches(peer: PeerEntry, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { peerId, address, agent, roles, direction, reserved, place, topics } = peer
  const text = [
    peerId,
    address,
    agent ?? '',
    roles === undefined ? '' : m.peers.roles[roles],
    m.peers.directions[direction],
    reserved ? m.peers.reserved : '',
    placeName(place),
    topics.join(' '),
  ].join('\n')
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word))
}

export function wordsOf(filter: string): readonly string[] {
  return filter.toLowerCase().split(/\s+/).filter((word) => word !== '')
}

/** More of a host would push the port out of its column. */
const LONGEST_HOST = 16

/**
 * `88.198.1.1:30333` from `/ip4/88.198.1.1/tcp/30333`; other forms stay as they are, without the peer's id. A long host is
 * shortened in its middle, so that the port is seen whole.
 */
export function shortAddress(address: string): string {
  const [, family, host, , port, ...rest] = address.split('/')
  const base = address.replace(/(?!^)\/p2p\/[^/]+$/, '')
  if (host === undefined || port === undefined || rest.includes('p2p-circuit') || !/^(ip4|ip6|dns|dns4|dns6)$/.test(family ?? '')) return base
  const short = host.length <= LONGEST_HOST ? host : `${host.slice(0, LONGEST_HOST / 2)}…${host.slice(1 - LONGEST_HOST / 2)}`
  return family === 'ip6' ? `[${short}]:${port}` : `${short}:${port}`
}

const names = new Map<string, Intl.DisplayNames>()

/** The country in the language in use; what `local` and no place are called. */
export function placeName(place: string | undefined): string {
  if (place === undefined) return m.peers.unknownPlace
  if (place === 'local') return m.peers.localPlace
  let list = names.get(locale)
  if (list === undefined) {
    list = new Intl.DisplayNames(locale, { type: 'region' })
    names.set(locale, list)
  }
  return list.of(place) ?? place
}

export type AddressFault = 'empty' | 'form' | 'peer'

/** What is plainly wrong with the address of a peer that somebody typed. The node judges the rest. */
export function addressFault(text: string): AddressFault | undefined {
  const address = text.trim()
  if (address === '') return 'empty'
  if (!/^\/(ip4|ip6|dns|dns4|dns6|p2p)\/[^/\s]+(\/[^/\s]+)*$/.test(address)) return 'form'
  return peerIdIn(address) === undefined ? 'peer' : undefined
}

/** The last peer id in an address. */
export function peerIdIn(address: string): string | undefined {
  return /\/p2p\/([1-9A-HJ-NP-Za-km-z]{40,64})$/.exec(address.trim())?.[1]
}

/** What came of calling a peer: what happened, why, what to do, and whether it is called again. */
export function callSentence(peer: string, outcome: CallOutcome): Sentence {
  const name = shortId(peer)
  switch (outcome.kind) {
    case 'connected':
      return { text: m.peers.connected(name), tone: 'well' }
    case 'already':
      return { text: m.peers.alreadyConnected(name), tone: 'well' }
    case 'failed': {
      const why = m.peers.callFaults[outcome.code](name, outcome.found ?? m.peers.unknownPeer)
      return { text: `${why} ${outcome.reserved ? m.peers.staysReserved : m.peers.notReserved}`, tone: outcome.code === 'NETWORK_DIAL_CANCELLED' ? 'off' : 'attention' }
    }
  }
}

/** Why a peer was banned, in words where it was a person. */
export function banReason(reason: string): string {
  return reason === 'by-hand' ? m.peers.bannedByHand : reason
}

/** Minutes of the bans that are offered. */
export const BAN_MINUTES = [10, 60, 1440, 43_200] as const

export type BanMinutes = (typeof BAN_MINUTES)[number]
