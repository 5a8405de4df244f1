/** The gateway in words, and what is typed into its fields. Pure. */
import { m } from '../i18n/language.ts'
import { formatNumber } from './format.ts'
import { inOneLine, translated } from './problem.ts'
import type { Tone } from './status-sentence.ts'
import type { GatewayChoice, GatewayKey, GatewayState } from '../../node-core/api/app/gateway-types.ts'

/** As they are typed. */
export interface GatewayFields {
  readonly network: string
  readonly host: string
  readonly port: string
  readonly cert: string
  readonly key: string
  readonly publicUrl: string
  /** One in each line. */
  readonly origins: string
  readonly service: boolean
}

export type GatewayFaults = Readonly<Partial<Record<Exclude<keyof GatewayFields, 'network' | 'service'>, string>>>

/** `network`: the one that is proposed where none is chosen, or the chosen one is gone. */
export function fieldsOf({ network, host, port, cert, key, publicUrl, origins, service }: GatewayChoice, networks: readonly string[], proposed: string | undefined): GatewayFields {
  return { network: networks.includes(network) ? network : (proposed ?? ''), host, port: String(port), cert, key, publicUrl, origins: origins.join('\n'), service }
}

export function choiceOf({ network, host, port, cert, key, publicUrl, origins, service }: GatewayFields): Omit<GatewayChoice, 'isOn'> {
  return { network, host: host.trim(), port: Number(port.trim()), cert: cert.trim(), key: key.trim(), publicUrl: publicUrl.trim(), origins: linesOf(origins), service }
}

/** What keeps these from being taken. */
export function faultsOf(fields: GatewayFields): GatewayFaults {
  const { host, port, cert, key, publicUrl, origins } = choiceOf(fields)
  const site = origins.find((origin) => !/^(\*|https?:\/\/[^/\s]+)$/i.test(origin))
  const isAddress = /^(\d{1,3}\.){3}\d{1,3}$/.test(host) || (host.includes(':') && /^[\da-f:.]+$/i.test(host))
  const isHalf = (cert === '') !== (key === '')
  const host_ = !isAddress ? m.gateway.hostFault : cert === '' && key === '' && !isLoopback(host) ? m.gateway.tlsFault : undefined
  const all = {
    host: host_,
    port: /^\d{1,5}$/.test(fields.port.trim()) && port >= 1 && port <= 65_535 ? undefined : m.gateway.portFault,
    cert: isHalf && cert === '' ? m.gateway.pairFault : undefined,
    key: isHalf && key === '' ? m.gateway.pairFault : undefined,
    publicUrl: publicUrl === '' || (/^https?:\/\//i.test(publicUrl) && URL.canParse(publicUrl)) ? undefined : m.gateway.publicUrlFault,
    origins: site === undefined ? undefined : m.gateway.originsFault(site.slice(0, 80)),
  }
  return Object.fromEntries(Object.entries(all).filter(([, fault]) => fault !== undefined))
}

/** Where clients are going to find it: the reverse proxy's address, or its own. */
export function placeOf(fields: GatewayFields): string {
  const { host, port, cert, publicUrl } = choiceOf(fields)
  if (publicUrl !== '') return publicUrl
  return `${cert === '' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}/`
}

export function stateOf(state: Pick<GatewayState, 'phase' | 'node' | 'problem' | 'keys'>, network: string): { readonly tone: Tone; readonly sentence: string } {
  const { states, nodes, noKey } = m.gateway
  const why = state.problem === undefined ? '' : ` ${inOneLine(translated(state.problem))}`
  switch (state.phase) {
    case 'off':
      return why === '' ? { tone: 'off', sentence: states.off } : { tone: 'attention', sentence: `${states.off}${why}` }
    case 'starting':
    case 'draining':
      return { tone: 'busy', sentence: states[state.phase] }
    case 'failed':
      return { tone: 'trouble', sentence: `${states.failed}${why}` }
    case 'serving': {
      const node = state.node === 'unreachable' || state.node === 'syncing' || state.node === 'lonely' ? ` ${nodes[state.node]}` : ''
      const key = why === '' && state.keys.length === 0 ? ` ${noKey}` : ''
      return { tone: node === '' && key === '' && why === '' ? 'well' : 'attention', sentence: `${states.serving(network)}${node}${key}${why}` }
    }
  }
}

export function limitText({ perMinute, perDay }: Pick<GatewayKey, 'perMinute' | 'perDay'>): string {
  const { perMinuteShown, perDayShown, noLimit } = m.gateway
  const limits = [...(perMinute === undefined ? [] : [perMinuteShown(formatNumber(perMinute))]), ...(perDay === undefined ? [] : [perDayShown(formatNumber(perDay))])]
  return limits.length === 0 ? noLimit : limits.join(', ')
}

/** Undefined where nothing is typed, `fault` where it is no number of requests. */
export function limitOf(text: string): { readonly limit: number | undefined; readonly fault: string | undefined } {
  const trimmed = text.trim()
  if (trimmed === '') return { limit: undefined, fault: undefined }
  const isLimit = /^\d{1,8}$/.test(trimmed) && Number(trimmed) >= 1 && Number(trimmed) <= 10_000_000
  return isLimit ? { limit: Number(trimmed), fault: undefined } : { limit: undefined, fault: m.gateway.limitFault }
}

function isLoopback(host: string): boolean {
  return host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
}
