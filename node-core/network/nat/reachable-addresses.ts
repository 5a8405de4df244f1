/** The addresses of a node that are worth telling others: from outside first, then those of its own network, this computer's own where there is no other. */
import type { NetworkStateReader } from '../types.ts'

export type ReachableNode = Pick<NetworkStateReader, 'localPeerId' | 'listenAddresses' | 'nat'>

/** Multiaddresses with the peer id; plain TCP before QUIC, which not every node speaks, and WebSocket last. */
export function reachableAddresses(node: ReachableNode): readonly string[] {
  const { localPeerId } = node
  const outside = node.nat().mappings.map((port) => `/ip4/${port.externalAddress}/${port.transport === 'udp' ? `udp/${port.externalPort}/quic-v1` : `tcp/${port.externalPort}`}/p2p/${localPeerId}`)
  const inside = node.listenAddresses()
  const reachable = [...new Set([...outside, ...inside.filter((address) => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address))])]
  const all = reachable.length > 0 ? reachable : [...inside]
  const rank = (address: string): number => (address.includes('/ws') ? 2 : address.includes('/quic') ? 1 : 0)
  return all.toSorted((a, b) => rank(a) - rank(b))
}
