/** The four facts about how others reach this node, and what to do. Never `well` for what nobody outside has confirmed. Pure. */
import { m } from '../i18n/language.ts'
import type { TrafficBatch } from '../../node-core/api/network/network-state.ts'
import type { NatState } from '../../node-core/network/types.ts'
import type { Tone } from './status-sentence.ts'

export interface ConnectivityFact {
  readonly id: 'mapped' | 'external' | 'verified' | 'relayed'
  readonly name: string
  /** Explains the term. */
  readonly hint: string
  readonly value: string
  readonly tone: Tone
}

export interface Connectivity {
  readonly facts: readonly ConnectivityFact[]
  readonly advice: string
}

const DEFAULT_PORT = '30333'

export function connectivity(traffic: Pick<TrafficBatch, 'nat' | 'addresses'> | undefined): Connectivity {
  const { trouble: t } = m
  const nat = traffic?.nat
  const addresses = traffic?.addresses ?? []
  const fact = (id: ConnectivityFact['id'], value: string, tone: Tone): ConnectivityFact => ({ id, name: t.facts[id], hint: t.factHints[id], value, tone })
  if (nat === undefined) {
    return { facts: (['mapped', 'external', 'verified', 'relayed'] as const).map((id) => fact(id, '–', 'off')), advice: t.advice.stopped }
  }
  const external = nat.mappings[0]?.externalAddress
  const relayed = addresses.some((address) => address.includes('/p2p-circuit'))
  return {
    facts: [
      fact('mapped', ...mapped(nat)),
      fact('external', external ?? (nat.reachable ? t.known : t.unknown), external !== undefined && nat.status !== 'double-nat' ? 'busy' : nat.reachable ? 'well' : 'off'),
      fact('verified', nat.reachable ? t.yes : t.notYet, nat.reachable ? 'well' : nat.status === 'failed' || nat.status === 'double-nat' ? 'attention' : 'off'),
      fact('relayed', relayed ? t.yes : t.no, relayed ? 'attention' : 'off'),
    ],
    advice: adviceFor(nat, portIn(addresses)),
  }
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
