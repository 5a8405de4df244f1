/**
 * The judge: what peers did, charged to them and to the address that they come from, until one of the two is banned.
 *
 * A reserved peer was chosen by a person: its faults are counted, and never end in a ban. Who is banned already is charged
 * nothing more. Everybody else pays twice: as an identity (reputation.ts), which ends in a ban of the peer, and as an address
 * (address-bans.ts), which ends in nobody new being let in from there for a while.
 */
import type { Logger } from '../../base/logger.ts'
import type { PeerFault, PeerJudge } from '../contracts.ts'
import type { AddressBans } from './address-bans.ts'
import type { PeerRegistry } from './registry.ts'
import type { Reputation } from './reputation.ts'

export interface JudgeDependencies {
  readonly logger: Logger
  readonly registry: Pick<PeerRegistry, 'isReserved' | 'get'>
  readonly reputation: Pick<Reputation, 'add' | 'charge' | 'isBanned'>
  readonly addressBans: Pick<AddressBans, 'charge'>
  /** Ends all connections with the peer. */
  readonly disconnect: (peer: string, reason: string) => void
}

export class Judge implements PeerJudge {
  readonly #deps: JudgeDependencies

  constructor(dependencies: JudgeDependencies) {
    this.#deps = dependencies
  }

  report(peer: string, fault: PeerFault): void {
    const { logger, registry, reputation, addressBans } = this.#deps
    logger.debug('a peer is charged', { peer, fault: fault.code, cost: fault.cost })
    if (registry.isReserved(peer)) return void reputation.add(peer, -Math.abs(fault.cost))
    if (reputation.isBanned(peer)) return
    const ip = registry.get(peer)?.ip
    if (ip !== undefined && addressBans.charge(ip, fault)) logger.info('new connections from an address are refused for a while', { ip, reason: fault.code })
    if (reputation.charge(peer, fault) !== undefined) this.expel(peer, fault.code)
  }

  reward(peer: string, points: number): void {
    this.#deps.reputation.add(peer, Math.abs(points))
  }

  /** Ends the connections of a peer that is banned by now. */
  expel(peer: string, reason: string): void {
    this.#deps.logger.info('a peer is banned', { peer, reason })
    this.#deps.disconnect(peer, `banned: ${reason}`)
  }
}
