/** An address without a network part, written as it is read. */
import type { NetAddress } from '../../node-core/net/routing/addresses.ts'

export function formatNetAddress(address: NetAddress): string {
  if (address.kind === 'group') return `/nodestead/group/${address.group}`
  const { peer, service, way = `/p2p/${address.peer}` } = address
  return service === undefined ? way : `${way.slice(0, -`/p2p/${peer}`.length)}/nodestead/${service}/p2p/${peer}`
}
