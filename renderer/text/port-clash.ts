/** Ports that two would want, told beside the field: of one network for two purposes, or of two networks here. Pure. */
import { m } from '../i18n/language.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { PortPurpose } from '../../node-core/manager/kinds/trouble.ts'

interface PortSettings {
  readonly name: string
  readonly network: { readonly port: number; readonly listenAddrs: readonly string[] }
  readonly rpc: { readonly port: number }
  readonly prometheus: { readonly enabled: boolean; readonly port: number }
}

interface Claim {
  readonly purpose: PortPurpose
  readonly port: number
}

const PURPOSES: Readonly<Record<string, PortPurpose>> = { 'network.port': 'peers', 'rpc.port': 'rpc', 'prometheus.port': 'metrics' }

/** Why the setting at `path` cannot have this value; undefined where nothing is in the way. `id` is the network's own. */
export function portClash(path: string, value: unknown, id: string, settings: PortSettings, others: readonly NetworkDetails[]): string | undefined {
  const purpose = PURPOSES[path]
  if (purpose === undefined || typeof value !== 'number' || value === 0) return undefined
  // For peers the next one is taken, too: those over WebSocket come there.
  const wanted = purpose === 'peers' ? [value, value + 1] : [value]
  const own = claimsOf(settings).filter((claim) => claim.purpose !== purpose)
  const within = own.find(({ port }) => wanted.includes(port))
  if (within !== undefined) return m.dataFolder.portOwn(String(within.port), m.trouble.ports[within.purpose])
  for (const { profile } of others) {
    if (profile.id === id) continue
    const claim = claimsOf(profile.settings).find(({ port }) => wanted.includes(port))
    if (claim !== undefined) return m.dataFolder.portOther(String(claim.port), profile.settings.name, m.trouble.ports[claim.purpose])
  }
  return undefined
}

function claimsOf({ network, rpc, prometheus }: PortSettings): readonly Claim[] {
  const peers: readonly Claim[] = network.port === 0 || network.listenAddrs.length > 0 ? [] : [{ purpose: 'peers', port: network.port }, { purpose: 'peers', port: network.port + 1 }]
  return [...peers, { purpose: 'rpc' as const, port: rpc.port }, ...(prometheus.enabled ? [{ purpose: 'metrics' as const, port: prometheus.port }] : [])].filter(({ port }) => port !== 0)
}
