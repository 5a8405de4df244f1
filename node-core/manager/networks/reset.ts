/**
 * The chain of a development or private network starts again from its genesis, on every network of this computer that is of this chain: one
 * that went on would bring the old blocks back. Blocks are deleted; keys, identities and settings stay.
 *
 * What development keys have signed is forgotten with them, because authorities that have voted up to some round would otherwise wait for
 * each other for ever. Keys of one's own keep their record: whether other computers start again as well is not known here.
 */
import { NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'
import type { NetworkAdminErrorCode, NetworkHost } from './admin-types.ts'
import { requireName } from './data-recovery.ts'

export interface ResetDependencies {
  readonly host: Pick<NetworkHost, 'beginAnew' | 'start'>
  readonly logger: Logger
  readonly isAlive: (network: string) => boolean
  /** Throws where its data are on their way. */
  readonly requireSettled: (profile: NetworkProfile) => void
}

/** `all` are the networks of this computer. Those that ran start again, and the one that was asked for. Throws NETWORK_NAME_DIFFERS or NETWORK_PUBLIC. */
export async function resetChain(profile: NetworkProfile, name: string, all: readonly NetworkProfile[], { host, logger, isAlive, requireSettled }: ResetDependencies): Promise<void> {
  const kind = profilesOf(profile)
  requireName(profile, name)
  if (!kind.isDevelopment(profile)) {
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_PUBLIC', `${name} is a public network, whose chain cannot be reset.`)
  }
  const nodes = all.filter((other) => other.kind === profile.kind && kind.isSameNetwork(profile, other))
  nodes.forEach(requireSettled)
  const ran = nodes.filter(({ id }) => id === profile.id || isAlive(id))
  for (const { id } of nodes) await host.beginAnew(id, { discard: true, forgetPublicKeys: true, start: false })
  logger.info('a chain was reset to its genesis', { networks: nodes.map(({ id }) => id) })
  for (const { id } of ran) await host.start(id)
}
