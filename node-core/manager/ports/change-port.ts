/** Gives a network another port in place of one that somebody else has: free now, and no other network's here. */
import { NodeError } from '../../base/errors.ts'
import { profilesOf } from '../kinds/table.ts'
import type { PortPurpose } from '../kinds/trouble.ts'
import type { NetworkAdminView } from '../networks/admin-types.ts'
import { choosePorts, claimedPorts } from './free-ports.ts'

export type ChangePortErrorCode = 'PORT_BY_ADDRESS' | 'PORT_NONE_FREE'

/** The new port holds from the next start on. Throws a NodeError with a ChangePortErrorCode. */
export async function changePort(admin: Pick<NetworkAdminView, 'list' | 'update'>, network: string, purpose: PortPurpose, choose = choosePorts): Promise<void> {
  const profiles = admin.list().map(({ profile }) => profile)
  const profile = profiles.find(({ id }) => id === network)
  if (profile === undefined) return
  const kind = profilesOf(profile)
  // Its own are among them: the one that is taken must not be chosen again.
  const taken = new Set(profiles.flatMap((other) => claimedPorts(profilesOf(other).portsOf(other.settings))))
  const ports = await choose(taken)
  const changed = kind.withPort(profile.settings, purpose, ports)
  if (changed === undefined) {
    throw new NodeError<ChangePortErrorCode>('PORT_BY_ADDRESS', 'The listen addresses of this network were set manually.', { hint: 'Change them in Settings.' })
  }
  if ({ peers: ports.port, rpc: ports.rpc, metrics: ports.prometheus }[purpose] === 0) {
    throw new NodeError<ChangePortErrorCode>('PORT_NONE_FREE', 'No free port was found.', { hint: 'Choose one in Settings.' })
  }
  admin.update(network, changed)
}
