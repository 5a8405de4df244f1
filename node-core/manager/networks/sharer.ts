/**
 * Who shares a network: the identity of its node, and where others find it. A node that runs knows its addresses; for one that does not, they are
 * what it would listen on: its port on each address of this computer.
 */
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { loadIdentity } from '../../network/host/identity.ts'
import { reachableAddresses, type ReachableNode } from '../../network/nat/reachable-addresses.ts'
import type { ProfileKind, Sharer } from '../kinds/profiles.ts'
import type { NetworkProfile } from '../kinds/table.ts'

/** More would not fit into an invitation, and nobody tries them. */
const MAX_OWN = 4

export async function sharerOf(profile: NetworkProfile, kind: Pick<ProfileKind<NetworkProfile>, 'dataPathOf' | 'portsOf'>, node: ReachableNode | undefined): Promise<Sharer> {
  // A folder that is gone must not begin anew with an identity alone.
  const identity = existsSync(profile.folder) ? await loadIdentity(kind.dataPathOf(profile), undefined) : undefined
  if (identity === undefined) return { identity, addresses: [] }
  const own = node === undefined ? [] : reachableAddresses(node)
  const addresses = own.length > 0 ? own : expected(profile, kind.portsOf(profile.settings).port, identity.peerId)
  return { identity, addresses: addresses.slice(0, MAX_OWN) }
}

function expected({ settings: { network } }: NetworkProfile, port: number, peerId: string): readonly string[] {
  const named = (address: string): string => (address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`)
  const listening = network.listenAddrs.filter((address) => !/\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(address) && !/\/tcp\/0(\/|$)/.test(address))
  const all = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter(({ family }) => family === 'IPv4'))
  // A computer without a network has nodes that are all its own.
  const outside = all.filter(({ internal }) => !internal)
  const here = (outside.length > 0 ? outside : all).map(({ address }) => address)
  const usual = network.listenAddrs.length > 0 || port === 0 ? [] : here.map((address) => `/ip4/${address}/tcp/${port}`)
  return [...network.publicAddrs, ...listening, ...usual].map(named)
}
