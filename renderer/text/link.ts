/** Private links between programs, in words: the sentence, why a connection was not opened, and what a person types. Pure. */
import { m } from '../i18n/language.ts'
import type { Sentence } from './status-sentence.ts'
import type { LinkBatch } from '../../node-core/api/net/link.ts'
import type { IpPeer } from '../../node-core/net/link/ip/rule.ts'
import type { Opening } from '../../node-core/net/link/rules.ts'
import type { TrafficFigures } from '../../node-core/net/link/traffic.ts'
import type { Wanted } from '../../node-core/net/link/wire.ts'

/** The name that the examples have. */
export const DEFAULT_DEVICE = 'nodestead0'

export function linkSentence({ openings, forwards, socks, ip }: LinkBatch): Sentence {
  const doors = [...forwards, ...(socks === undefined ? [] : [socks])]
  if (openings.length === 0 && doors.length === 0 && ip === undefined) return { text: m.link.nothing, tone: 'off' }
  const connections = [...openings, ...doors].reduce((sum, { figures }) => sum + figures.connections, 0)
  return { text: m.link.sentence(openings.length, forwards.length, connections), tone: [...doors, ...(ip === undefined ? [] : [ip])].some(({ problem }) => problem !== undefined) ? 'attention' : 'well' }
}

/** Undefined where nothing was refused. `side`: that of a peer's program, or of one here. */
export function refusalText({ refused, lastRefusal }: TrafficFigures, side: 'there' | 'here'): string | undefined {
  if (refused === 0 || lastRefusal === undefined) return undefined
  const words: Readonly<Record<string, string>> & { readonly other: string } = side === 'there' ? m.link.refusals : m.link.refusalsHere
  return m.link.refused(refused, Object.hasOwn(words, lastRefusal) ? (words[lastRefusal] as string) : words.other)
}

export function wantedText(wanted: Wanted): string {
  return 'port' in wanted ? String(wanted.port) : wanted.name
}

/** Digits are a port, anything else a name. */
export function wantedIn(text: string): Wanted {
  return /^\d+$/.test(text) ? { port: Number(text) } : { name: text }
}

export function isPortText(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

/** Where its connections end. */
export function targetText({ target: { host, port } }: Pick<Opening, 'target'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What an administrator runs for the device of an IP link. */
export function deviceCommands(device: string): string {
  const name = device.trim() === '' ? DEFAULT_DEVICE : device.trim()
  return [`sudo ip tuntap add dev ${name} mode tun user "$USER"`, `sudo ip address add 10.77.0.1/24 dev ${name}`, `sudo ip link set ${name} up`].join('\n')
}

/** Peers of an IP link as a person writes them: `<peer id> <address> …`, a line each; or the first line that is none. */
export function ipPeersIn(text: string): { readonly peers: readonly Omit<IpPeer, 'relayed'>[] } | { readonly badLine: string } {
  const peers: Omit<IpPeer, 'relayed'>[] = []
  for (const line of text.split('\n').map((one) => one.trim()).filter((one) => one !== '')) {
    const [peer = '', ...addresses] = line.split(/[\s,]+/).filter((word) => word !== '')
    if (addresses.length === 0) return { badLine: line }
    peers.push({ peer, addresses })
  }
  return { peers }
}

export function ipPeersText(peers: readonly IpPeer[]): string {
  return peers.map(({ peer, addresses }) => [peer, ...addresses].join(' ')).join('\n')
}

/** Why packets do not reach a peer of the IP link; undefined where they do. */
export function ipRefusalText(refusal: string | undefined): string | undefined {
  if (refusal === undefined) return undefined
  const words: Readonly<Record<string, string>> & { readonly other: string } = m.link.refusals
  return Object.hasOwn(words, refusal) ? words[refusal] : words.other
}

/** Why there is no IP link on the system of the node. */
export function tunText(system: string): string {
  const words: Readonly<Record<string, string>> & { readonly other: string } = m.link.tunText
  return Object.hasOwn(words, system) ? (words[system] as string) : words.other
}
