/** What a fixed topology asks of the network's peers: its members are reserved peers with the addresses of the file, and nobody else is sought. */
import type { Connector } from '../peers/connector.ts'
import type { PeerRegistry } from '../peers/registry.ts'
import type { TopologyHost } from './fixed-topology.ts'

export interface TopologyHostDependencies {
  readonly registry: Pick<PeerRegistry<unknown>, 'setReserved' | 'get'>
  readonly connector: Pick<Connector, 'fix' | 'forget' | 'setLongestReservedRetry' | 'lastAttempt'>
  readonly disconnect: (peer: string, reason: string) => void
}

export function topologyHost({ registry, connector, disconnect }: TopologyHostDependencies): TopologyHost {
  return {
    admit: (peer, addresses) => {
      registry.setReserved(peer, true)
      connector.fix(peer, addresses)
    },
    dismiss: (peer) => {
      registry.setReserved(peer, false)
      connector.forget(peer)
      disconnect(peer, 'it is no member of this network any more')
    },
    setLongestRetry: (ms) => connector.setLongestReservedRetry(ms),
    isConnected: (peer) => registry.get(peer)?.slot !== undefined,
    lastAttempt: (peer) => connector.lastAttempt(peer),
  }
}
