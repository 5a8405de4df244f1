/**
 * The connected peers, and who of them holds a slot.
 *
 * A connection alone is cheap: peers that only ask the routing table or make a request need no more. A *slot* is the
 * right to exchange topics with us, and slots are few: so many for peers who came to us, so many for peers whom we
 * chose, and no limit for reserved ones. Of one address and of one subnet only so many may come: identities are free,
 * addresses are not. This computer's own address is exempt.
 */
import type { Clock } from '../../base/clock.ts'
import type { BlockRef } from '../../state/types.ts'
import type { PeerRoles } from '../types.ts'
import { isLoopback, subnetOf } from './address.ts'

export type SlotKind = 'inbound' | 'outbound' | 'reserved'

export interface SlotLimits {
  readonly inPeers: number
  readonly outPeers: number
  readonly reservedOnly: boolean
  /** Inbound slots for one IP address. */
  readonly perAddress: number
  /** Inbound slots for one /24 (IPv4) or /48 (IPv6). */
  readonly perSubnet: number
}

export interface PeerStatus {
  readonly roles: PeerRoles
  readonly best: BlockRef
}

export interface PeerRecord {
  readonly peerId: string
  readonly direction: 'inbound' | 'outbound'
  readonly address: string
  /** The address's IP, where it has one. */
  readonly ip: string | undefined
  readonly connectedSince: number
  slot: SlotKind | undefined
  agent: string | undefined
  latencyMs: number | undefined
  status: PeerStatus | undefined
  /** Of all its connections while it was here, encryption and multiplexing included; see traffic.ts. */
  bytesIn: number
  bytesOut: number
}

export class PeerRegistry {
  readonly #clock: Clock
  readonly #limits: SlotLimits
  readonly #peers = new Map<string, PeerRecord>()
  readonly #reserved = new Set<string>()

  constructor(clock: Clock, limits: SlotLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  add(peerId: string, direction: PeerRecord['direction'], address: string, ip: string | undefined): PeerRecord {
    const record: PeerRecord = {
      peerId,
      direction,
      address,
      ip,
      connectedSince: this.#clock.now(),
      slot: undefined,
      agent: undefined,
      latencyMs: undefined,
      status: undefined,
      bytesIn: 0,
      bytesOut: 0,
    }
    this.#peers.set(peerId, record)
    return record
  }

  remove(peerId: string): void {
    this.#peers.delete(peerId)
  }

  get(peerId: string): PeerRecord | undefined {
    return this.#peers.get(peerId)
  }

  all(): readonly PeerRecord[] {
    return [...this.#peers.values()]
  }

  setReserved(peerId: string, reserved: boolean): void {
    if (reserved) this.#reserved.add(peerId)
    else this.#reserved.delete(peerId)
  }

  isReserved(peerId: string): boolean {
    return this.#reserved.has(peerId)
  }

  reserved(): readonly string[] {
    return [...this.#reserved]
  }

  slotsTaken(kind: SlotKind): number {
    let count = 0
    for (const { slot } of this.#peers.values()) if (slot === kind) count++
    return count
  }

  /** Gives the connected peer a slot; false where there is none for it. */
  claimSlot(peerId: string): boolean {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return false
    if (peer.slot !== undefined) return true
    if (this.#reserved.has(peerId)) {
      peer.slot = 'reserved'
      return true
    }
    if (this.#limits.reservedOnly) return false
    const kind = peer.direction
    if (this.slotsTaken(kind) >= (kind === 'inbound' ? this.#limits.inPeers : this.#limits.outPeers)) return false
    if (kind === 'inbound' && peer.ip !== undefined && !this.#addressAdmits(peer.ip)) return false
    peer.slot = kind
    return true
  }

  freeSlot(peerId: string): void {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return
    peer.slot = undefined
    peer.status = undefined
  }

  #addressAdmits(ip: string): boolean {
    if (isLoopback(ip)) return true
    const subnet = subnetOf(ip)
    let sameAddress = 0
    let sameSubnet = 0
    for (const peer of this.#peers.values()) {
      if (peer.slot !== 'inbound' || peer.ip === undefined) continue
      if (peer.ip === ip) sameAddress++
      if (subnetOf(peer.ip) === subnet) sameSubnet++
    }
    return sameAddress < this.#limits.perAddress && sameSubnet < this.#limits.perSubnet
  }
}
