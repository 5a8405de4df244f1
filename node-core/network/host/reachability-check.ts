/**
 * autonat, with a way of dialling of its own.
 *
 * Who is asked whether an address can be reached dials it and hangs up. libp2p would take a connection that is there
 * already for the answer, prove nothing by it, and hang up on that one: the peers would lose each other. So the check
 * always dials anew.
 */
import { autoNAT, type AutoNATComponents } from '@libp2p/autonat'

export function reachabilityCheck(): (components: AutoNATComponents) => unknown {
  return ({ registrar, addressManager, transportManager, peerId, connectionManager, logger, randomWalk, events, peerStore }) => {
    const dialling: AutoNATComponents['connectionManager'] = Object.assign(Object.create(connectionManager) as typeof connectionManager, {
      // One address is a check; several are a stranger's whose opinion is wanted.
      openConnection: ((target, options) => connectionManager.openConnection(target, { ...options, force: !Array.isArray(target) })) satisfies typeof connectionManager.openConnection,
      getConnections: connectionManager.getConnections.bind(connectionManager),
      getMaxConnections: connectionManager.getMaxConnections.bind(connectionManager),
      isDialable: connectionManager.isDialable.bind(connectionManager),
    })
    return autoNAT()({ registrar, addressManager, transportManager, peerId, connectionManager: dialling, logger, randomWalk, events, peerStore })
  }
}
