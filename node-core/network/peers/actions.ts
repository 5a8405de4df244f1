/** What a person may do to peers: ban and pardon, end a connection, keep a place for somebody and call them. */
import { NodeError } from '../../base/errors.ts'
import { dialError } from '../host/dial.ts'
import type { Connections } from '../host/connections.ts'
import type { NodeIdentity } from '../host/identity.ts'
import type { Topics } from '../topics/topics.ts'
import type { FixedTopology } from '../topology/fixed-topology.ts'
import type { TopologyErrorCode } from '../topology/topology-file.ts'
import type { PeerActions } from '../types.ts'
import { parsePeerAddress, requirePeerId } from './address.ts'
import type { Connector } from './connector.ts'
import type { Judge } from './judge.ts'
import type { PeerMemory } from './peer-memory.ts'
import type { PeerRegistry } from './registry.ts'
import type { Reputation } from './reputation.ts'

export interface ActionsDependencies {
  /** Undefined before the start. */
  readonly identity: () => NodeIdentity | undefined
  readonly registry: Pick<PeerRegistry, 'setReserved' | 'isReserved'>
  readonly reputation: Pick<Reputation, 'ban' | 'pardon' | 'isBanned'>
  readonly connector: Pick<Connector, 'know' | 'call' | 'setReserved'>
  readonly connections: Pick<Connections, 'disconnect'>
  readonly topics: Pick<Topics, 'openTopics'>
  readonly judge: Pick<Judge, 'expel'>
  readonly memory: Pick<PeerMemory, 'reserve' | 'unreserve' | 'forget'>
  /** Where the network's members are fixed. */
  readonly topology: FixedTopology | undefined
}

export class Actions implements PeerActions {
  readonly #deps: ActionsDependencies

  constructor(dependencies: ActionsDependencies) {
    this.#deps = dependencies
  }

  ban(peer: string, durationMs: number): void {
    this.#deps.reputation.ban(peer, 'by-hand', durationMs)
    this.#deps.judge.expel(peer, 'by-hand')
    if (!this.#deps.registry.isReserved(peer)) this.#deps.memory.forget(peer)
  }

  pardon(peer: string): void {
    this.#deps.reputation.pardon(peer)
  }

  disconnect(peer: string, reason: string): void {
    this.#deps.connections.disconnect(peer, reason)
  }

  addReserved(address: string): void {
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    this.#requireOpen()
    this.#deps.registry.setReserved(peerId, true)
    this.#deps.memory.reserve(peerId, address)
    this.#deps.connector.know(peerId, [address], { reserved: true, kept: true })
  }

  async call(address: string, signal?: AbortSignal): Promise<'connected' | 'already'> {
    const { identity, registry, reputation, connector, topics, memory } = this.#deps
    const { peerId } = parsePeerAddress('reserved-nodes', address)
    if (peerId === identity()?.peerId) throw dialError('NETWORK_DIAL_SELF')
    if (reputation.isBanned(peerId)) throw dialError('NETWORK_DIAL_BANNED')
    this.#requireOpen()
    registry.setReserved(peerId, true)
    memory.reserve(peerId, address)
    const isOpen = topics.openTopics(peerId).length > 0
    if (isOpen) connector.know(peerId, [address], { reserved: true, kept: true })
    else await connector.call(peerId, address, signal)
    return isOpen ? 'already' : 'connected'
  }

  removeReserved(peer: string): void {
    requirePeerId(peer)
    this.#requireOpen()
    this.#deps.registry.setReserved(peer, false)
    this.#deps.memory.unreserve(peer)
    this.#deps.connector.setReserved(peer, false)
  }

  /** Who is in the network is said by its file alone. */
  #requireOpen(): void {
    if (this.#deps.topology === undefined) return
    throw new NodeError<TopologyErrorCode>('NETWORK_TOPOLOGY_FIXED', 'The members of this network are those of its list of peers, and nobody else.', { hint: 'Add or remove the peer in the file of --topology-file; the node reads it again by itself.' })
  }
}
