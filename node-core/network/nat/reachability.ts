/** The ways between this node and others, when something around the computer changed: a sleep, another network, a new router. */
import type { EventSource } from '../../base/events.ts'
import type { Connections } from '../host/connections.ts'
import type { Connector } from '../peers/connector.ts'
import type { PeerRegistry } from '../peers/registry.ts'
import type { Nat, NatEvents } from './nat.ts'

export interface ReachabilityDependencies {
  readonly registry: Pick<PeerRegistry, 'all'>
  readonly connections: Pick<Connections, 'ping' | 'disconnect'>
  readonly connector: Pick<Connector, 'retry'>
  readonly nat: Pick<Nat, 'again' | 'events'>
}

export class Reachability {
  readonly #deps: ReachabilityDependencies

  constructor(dependencies: ReachabilityDependencies) {
    this.#deps = dependencies
  }

  /** How others reach this node, as it changes. */
  get natEvents(): EventSource<NatEvents> {
    return this.#deps.nat.events
  }

  /** Asks the router at once whether it passes the ports on. */
  askRouter(): void {
    this.#deps.nat.again()
  }

  /** The computer slept, or is in another network now: who does not answer is let go, and everybody is dialled anew. */
  reconnect(): void {
    const { registry, connections, connector, nat } = this.#deps
    for (const { peerId } of registry.all()) {
      connections.ping(peerId).catch(() => connections.disconnect(peerId, 'it does not answer after a pause'))
    }
    connector.retry()
    nat.again()
  }
}
