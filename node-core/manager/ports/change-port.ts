/** Gives a network another port in place of one that somebody else has: free now, and no other network's here. */
import { NodeError } from '../../base/errors.ts'
import type { NetworkAdminView } from '../networks/admin-types.ts'
import { choosePorts } from './free-ports.ts'
import type { PortPurpose } from '../watch/troubles.ts'

export type ChangePortErrorCode = 'PORT_BY_ADDRESS' | 'PORT_NONE_FREE'

/** The new port holds from the next start on. Throws a NodeError with a ChangePortErrorCode. */
export async function changePort(admin: Pick<NetworkAdminView, 'list' | 'update'>, network: string, purpose: PortPurpose, choose = choosePorts): Promise<void> {
  const profiles = admin.list().map(({ profile }) => profile)
  const settings = profiles.find(({ id }) => id === network)?.settings
  if (settings === undefined) return
  if (purpose === 'peers' && settings.network.listenAddrs.length > 0) {
    throw new NodeError<ChangePortErrorCode>('PORT_BY_ADDRESS', 'The addresses at which this network listens were set by hand.', { hint: 'Change them in Settings.' })
  }
  // Its own are among them: the one that is taken must not be chosen again.
  const taken = new Set(profiles.flatMap(({ settings: { network: peers, rpc, prometheus } }) => [peers.port, peers.port + 1, rpc.port, prometheus.port]))
  const ports = await choose(taken)
  const port = { peers: ports.port, rpc: ports.rpc, metrics: ports.prometheus }[purpose]
  if (port === 0) throw new NodeError<ChangePortErrorCode>('PORT_NONE_FREE', 'No free port was found.', { hint: 'Choose one in Settings.' })
  switch (purpose) {
    case 'peers':
      return void admin.update(network, { ...settings, network: { ...settings.network, port } })
    case 'rpc':
      return void admin.update(network, { ...settings, rpc: { ...settings.rpc, port } })
    case 'metrics':
      return void admin.update(network, { ...settings, prometheus: { ...settings.prometheus, port } })
  }
}
