/** The addresses of a node that are worth telling others: from outside first, then those of its own network, this computer's own where there is no other. */
import type { NetworkStateReader } from '../types.ts'

export type ReachableNode = Pick<NetworkStateReader, 'localPeerId' | 'listenAddresses' | 'nat'>

/** Multiaddresses with the peer id; plain TCP before WebSocket. */
export function reachableAddresses(node: ReachableNode): readonly string[] {
  const { localPeerId } = node
  const outside = node.nat().mappings.map((port) => `/ip4/${port.externalAddress}/tcp/${port.externalPort}/p2p/${localPeerId}`)
  const inside = node.listenAddresses()
  const reachable = [...new Set([...outside, ...inside.filter((address) => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address))])]
  const all = reachable.length > 0 ? reachable : [...inside]
  return all.toSorted((a, b) => Number(a.includes('/ws')) - Number(b.includes('/ws')))
}
