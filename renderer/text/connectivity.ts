/** The four facts about how others reach this node, and what to do. Never `well` for what nobody outside has confirmed. Pure. */
import { formatDuration } from './format.ts'
import { m } from '../i18n/language.ts'
import type { TrafficBatch } from '../../node-core/api/network/network-state.ts'
import type { NatState } from '../../node-core/network/types.ts'
import type { Tone } from './status-sentence.ts'

export interface ConnectivityFact {
  readonly id: 'mapped' | 'external' | 'verified' | 'relayed' | 'quic'
  readonly name: string
  /** Explains the term. */
  readonly hint: string
  readonly value: string
  readonly tone: Tone
}

export interface Connectivity {
  readonly facts: readonly ConnectivityFact[]
  readonly advice: string
  /** What else is so: why there is no QUIC, what is given as a relay. */
  readonly notes: readonly string[]
}

const DEFAULT_PORT = '30333'

export function connectivity(traffic: (Pick<TrafficBatch, 'nat' | 'addresses'> & Partial<Pick<TrafficBatch, 'quic' | 'relay'>>) | undefined): Connectivity {
  const { trouble: t } = m
  const nat = traffic?.nat
  const addresses = traffic?.addresses ?? []
  const quic = traffic?.quic
  const fact = (id: Exclude<ConnectivityFact['id'], 'quic'>, value: string, tone: Tone): ConnectivityFact => ({ id, name: t.facts[id], hint: t.factHints[id], value, tone })
  if (nat === undefined) {
    return { facts: (['mapped', 'external', 'verified', 'relayed'] as const).map((id) => fact(id, '–', 'off')), advice: t.advice.stopped, notes: [] }
  }
  const external = nat.mappings[0]?.externalAddress
  const relayed = addresses.some((address) => address.includes('/p2p-circuit'))
  return {
    facts: [
      fact('mapped', ...mapped(nat)),
      fact('external', external ?? (nat.reachable ? t.known : t.unknown), external !== undefined && nat.status !== 'double-nat' ? 'busy' : nat.reachable ? 'well' : 'off'),
      fact('verified', nat.reachable ? t.yes : t.notYet, nat.reachable ? 'well' : nat.status === 'failed' || nat.status === 'double-nat' ? 'attention' : 'off'),
      fact('relayed', relayed ? t.yes : t.no, relayed ? 'attention' : 'off'),
      ...(quic === undefined || quic.state === 'off' ? [] : [{ id: 'quic' as const, name: t.quic, hint: t.quicHint, value: t.quicStates[quic.state], tone: quic.state === 'available' ? ('well' as const) : ('off' as const) }]),
    ],
    advice: adviceFor(nat, portIn(addresses)),
    notes: [...quicNotes(traffic?.quic), ...relayNotes(traffic?.relay)],
  }
}

/** Undefined where it was not asked for. */
export function quicNote(quic: TrafficBatch['quic']): string | undefined {
  if (quic?.state === 'unavailable') return m.trouble.quicWhy[quic.why]
  return quic?.state === 'available' ? m.settings.quicInUse : undefined
}

function quicNotes(quic: TrafficBatch['quic']): readonly string[] {
  return quic === undefined || quic.state !== 'unavailable' ? [] : [m.trouble.quicWhy[quic.why]]
}

function relayNotes(relay: TrafficBatch['relay']): readonly string[] {
  if (relay === undefined) return []
  const { reservations, maxReservations, relayedBytes, budget, trustedBudget } = relay
  return [
    m.trouble.relayGives(reservations.length, maxReservations, relayedBytes),
    m.trouble.relayBudget(formatDuration(budget.connectionMs), budget.connectionBytes, formatDuration(trustedBudget.connectionMs), trustedBudget.connectionBytes),
  ]
}

function mapped(nat: NatState): [string, Tone] {
  const { trouble: t } = m
  switch (nat.status) {
    case 'off':
      return [t.off, 'off']
    case 'searching':
      return [t.searching, 'busy']
    case 'mapped':
    case 'verified':
      return [t.yes, nat.status === 'verified' ? 'well' : 'busy']
    case 'double-nat':
      return [t.twoRouters, 'attention']
    case 'failed':
      return [t.refused, 'attention']
  }
}

function adviceFor(nat: NatState, port: string): string {
  const { advice } = m.trouble
  if (nat.reachable) return advice.verified
  switch (nat.status) {
    case 'off':
      return advice.off(port)
    case 'searching':
      return advice.searching
    case 'mapped':
    case 'verified':
      return advice.mapped
    case 'double-nat':
      return advice.doubleNat
    case 'failed':
      return advice.failed(port)
  }
}

/** The port for peers, from the addresses at which the node listens. */
function portIn(addresses: readonly string[]): string {
  for (const address of addresses) {
    const port = /^\/ip[46]\/[^/]+\/tcp\/(\d+)(?!.*\/ws)/.exec(address)?.[1]
    if (port !== undefined) return port
  }
  return DEFAULT_PORT
}
