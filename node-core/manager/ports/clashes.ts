/** Ports that two would want: of one network for two purposes, or of two networks here. Two nodes of this app would find each other's port taken. */
import { NodeError } from '../../base/errors.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'
import type { PortPurpose } from '../kinds/trouble.ts'
import type { NetworkSummary } from '../types.ts'

export type PortClashErrorCode = 'PORT_CLASH'

export interface PortClaim {
  readonly purpose: PortPurpose
  readonly port: number
}

export interface PortClash extends PortClaim {
  /** Who wants it, too. */
  readonly other: { readonly network: string; readonly purpose: PortPurpose }
}

/** Every port that the node of this network listens on; none that the system chooses. */
export function claimsOf(profile: NetworkProfile): readonly PortClaim[] {
  return profilesOf(profile).claims(profile.settings).filter(({ port }) => port !== 0)
}

/** What this network would want that it, or one of the others, wants already. */
export function clashesOf(profile: NetworkProfile, others: readonly NetworkProfile[]): readonly PortClash[] {
  const own = claimsOf(profile)
  const theirs = others.filter(({ id }) => id !== profile.id).flatMap((other) => claimsOf(other).map((claim) => ({ ...claim, network: other.settings.name })))
  return own.flatMap(({ purpose, port }, index) => {
    const within = own.find((claim, at) => at < index && claim.port === port && claim.purpose !== purpose)
    const other = within === undefined ? theirs.find((claim) => claim.port === port) : { ...within, network: profile.settings.name }
    return other === undefined ? [] : [{ purpose, port, other: { network: other.network, purpose: other.purpose } }]
  })
}

/** Throws PORT_CLASH for a clash that a change of settings brings; those of before are left alone. */
export function requireNoNewClash(before: NetworkProfile, after: NetworkProfile, others: readonly NetworkProfile[]): void {
  const known = new Set(clashesOf(before, others).map(keyOf))
  const clash = clashesOf(after, others).find((found) => !known.has(keyOf(found)))
  if (clash === undefined) return
  const { port, purpose, other } = clash
  throw new NodeError<PortClashErrorCode>('PORT_CLASH', `Port ${port} for ${NAMES[purpose]} is the port for ${NAMES[other.purpose]} of ${other.network}.`, {
    data: { port, purpose, other },
    hint: 'Choose another port.',
  })
}

/** Which network of this app listens on a port now, or is the one that asks and wants it for two things. */
export function portHolder(profiles: readonly NetworkProfile[], running: readonly NetworkSummary[], asking: string, port: number): string | undefined {
  const claims = (profile: NetworkProfile): number => claimsOf(profile).filter((claim) => claim.port === port).length
  const isAlive = (id: string): boolean => running.some((network) => network.id === id && network.status.state !== 'stopped' && network.status.state !== 'failed')
  return profiles.find((profile) => (profile.id === asking ? claims(profile) > 1 : claims(profile) > 0 && isAlive(profile.id)))?.settings.name
}

const NAMES: Readonly<Record<PortPurpose, string>> = { peers: 'peers', rpc: 'wallets and apps', metrics: 'metrics' }

function keyOf({ purpose, port, other }: PortClash): string {
  return JSON.stringify([purpose, port, other])
}
