/** Private links between programs, in words: the sentence, why a connection was not opened, and what a person types. Pure. */
import { m } from '../i18n/language.ts'
import type { Sentence } from './status-sentence.ts'
import type { LinkBatch } from '../../node-core/api/net/link.ts'
import type { Opening } from '../../node-core/net/link/rules.ts'
import type { TrafficFigures } from '../../node-core/net/link/traffic.ts'
import type { Wanted } from '../../node-core/net/link/wire.ts'

export function linkSentence({ openings, forwards, socks }: LinkBatch): Sentence {
  const doors = [...forwards, ...(socks === undefined ? [] : [socks])]
  if (openings.length === 0 && doors.length === 0) return { text: m.link.nothing, tone: 'off' }
  const connections = [...openings, ...doors].reduce((sum, { figures }) => sum + figures.connections, 0)
  return { text: m.link.sentence(openings.length, forwards.length, connections), tone: doors.some(({ problem }) => problem !== undefined) ? 'attention' : 'well' }
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

/** Why there is no IP link on the system of the node. */
export function tunText(system: string): string {
  const words: Readonly<Record<string, string>> & { readonly other: string } = m.link.tunText
  return Object.hasOwn(words, system) ? (words[system] as string) : words.other
}
