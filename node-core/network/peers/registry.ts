/**
 * The connected peers, and who of them holds a slot.
 *
 * A connection alone is cheap: peers that only ask the routing table or make a request need no more. A *slot* is the
 * right to exchange topics with us, and slots are few: so many for peers who came to us, so many for peers whom we
 * chose, and no limit for reserved ones. Light clients have slots of their own, more and cheaper ones: they take none from
 * the full nodes that carry the network, and a household may have many behind one router.
 *
 * Of one subscriber and of one site only so many may come: identities are free, addresses are not (address-block.ts). This
 * computer and private networks are exempt.
 */
import type { Clock } from '../../base/clock.ts'
import type { PeerBook } from '../contracts.ts'
import { isNearby, subnetOf, subscriberOf } from './address-block.ts'

export type SlotKind = 'inbound' | 'outbound' | 'reserved' | 'light'

export interface SlotLimits {
  readonly inPeers: number
  readonly outPeers: number
  readonly reservedOnly: boolean
  /** Inbound slots for one IPv4 address or IPv6 /64. */
  readonly perAddress: number
  /** Inbound slots for one /24 (IPv4) or /48 (IPv6). */
  readonly perSubnet: number
  readonly light?: LightSlotLimits
}

/** The same for light clients. */
export interface LightSlotLimits {
  readonly peers: number
  readonly perAddress: number
  readonly perSubnet: number
}

const NO_LIGHT_CLIENTS: LightSlotLimits = { peers: 0, perAddress: 0, perSubnet: 0 }

export interface PeerRecord<Status = unknown> {
  readonly peerId: string
  readonly direction: 'inbound' | 'outbound'
  readonly address: string
  /** The address's IP, where it has one. */
  readonly ip: string | undefined
  readonly connectedSince: number
  slot: SlotKind | undefined
  agent: string | undefined
  latencyMs: number | undefined
  /** What the kind of node knows of it, while it has a slot. */
  status: Status | undefined
  /** Of all its connections while it was here, encryption and multiplexing included; see traffic.ts. */
  bytesIn: number
  bytesOut: number
}

export class PeerRegistry<Status = unknown> implements PeerBook<Status> {
  readonly #clock: Clock
  readonly #limits: SlotLimits
  readonly #peers = new Map<string, PeerRecord<Status>>()
  readonly #reserved = new Set<string>()

  constructor(clock: Clock, limits: SlotLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  add(peerId: string, direction: PeerRecord['direction'], address: string, ip: string | undefined): PeerRecord<Status> {
    const record: PeerRecord<Status> = {
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

  get(peerId: string): PeerRecord<Status> | undefined {
    return this.#peers.get(peerId)
  }

  all(): readonly PeerRecord<Status>[] {
    return [...this.#peers.values()]
  }

  setStatus(peerId: string, status: Status): void {
    const peer = this.#peers.get(peerId)
    if (peer !== undefined) peer.status = status
  }

  setLatency(peerId: string, ms: number): void {
    const peer = this.#peers.get(peerId)
    if (peer !== undefined) peer.latencyMs = ms
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

  /** Whether a slot could be for this peer, before it says what it is. */
  mayClaim(peerId: string): boolean {
    return this.#peers.has(peerId) && (this.#reserved.has(peerId) || !this.#limits.reservedOnly)
  }

  /**
   * Gives the connected peer a slot; false where there is none for it. A peer that turns out to be a light client, or to be
   * none, changes its slot for one of the other kind.
   */
  claimSlot(peerId: string, { light = false }: { readonly light?: boolean } = {}): boolean {
    const peer = this.#peers.get(peerId)
    if (peer === undefined || !this.mayClaim(peerId)) return false
    if (peer.slot === 'reserved') return true
    const kind = this.#reserved.has(peerId) ? 'reserved' : light ? 'light' : peer.direction
    if (peer.slot === kind) return true
    if (kind !== 'reserved' && !this.#isFree(kind, peer)) return false
    peer.slot = kind
    return true
  }

  freeSlot(peerId: string): void {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return
    peer.slot = undefined
    peer.status = undefined
  }

  /**
   * What a peer's word is worth together with others': identities are free, so that all peers of one subnet of the internet are
   * one group. A peer nearby, and one that a person chose, is a group of its own.
   */
  groupOf(peerId: string): string {
    const ip = this.#peers.get(peerId)?.ip
    return ip === undefined || this.#reserved.has(peerId) || isNearby(ip) ? peerId : subnetOf(ip)
  }

  #isFree(kind: 'inbound' | 'outbound' | 'light', peer: PeerRecord<Status>): boolean {
    const { inPeers, outPeers, perAddress, perSubnet, light = NO_LIGHT_CLIENTS } = this.#limits
    const limits = kind === 'light' ? light : { peers: kind === 'inbound' ? inPeers : outPeers, perAddress, perSubnet }
    if (this.slotsTaken(kind) >= limits.peers) return false
    // Whom we called is where we wanted to go.
    if (kind === 'outbound' || peer.direction === 'outbound' || peer.ip === undefined || isNearby(peer.ip)) return true
    const [subscriber, subnet] = [subscriberOf(peer.ip), subnetOf(peer.ip)]
    const others = [...this.#peers.values()].flatMap(({ slot, ip }) => (slot === kind && ip !== undefined ? [ip] : []))
    const count = (same: (ip: string) => boolean): number => others.filter(same).length
    return count((ip) => subscriberOf(ip) === subscriber) < limits.perAddress && count((ip) => subnetOf(ip) === subnet) < limits.perSubnet
  }
}
