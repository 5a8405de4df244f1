/**
 * An IP link: programs of this computer and of the peers' talk to each other by addresses of a net that only they have, whatever protocol of IP they speak.
 *
 *   program ── 10.77.0.2 ── system ── TUN device ── IpLink ── stream of a peer ── IpLink ── TUN device ── system ── program
 *
 *   packets.ts               what is known of a packet
 *   native.ts device.ts      the device; device-thread.ts waits for its packets
 *   rule.ts                  who has which addresses
 *   lane.ts inlet.ts         to a peer; from a peer
 *
 * Both users open it, each on his side, and both have a device. The peer's key, not the address, says who it is: a packet from it that names another source is
 * dropped, and so is one for another computer than this.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { describeError, errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { FAULTS } from '../../../network/faults.ts'
import type { PeerStream } from '../../../network/streams.ts'
import { LinkError, type LinkErrorCode } from '../errors.ts'
import type { Opener } from '../opener.ts'
import type { IpDevice, OpenDevice } from './device.ts'
import { Inlet } from './inlet.ts'
import { Lane } from './lane.ts'
import { addressKey, eachPacket, packetEnds, type AddressKey } from './packets.ts'
import type { IpPeer, IpRule } from './rule.ts'

/** A device that is not there, or was lost, is looked for so often. */
const AGAIN_MS = 10_000
/** The addresses of the device are looked up anew after so long. */
const ADDRESSES_MS = 2_000

export interface IpPeerState extends IpPeer {
  readonly state: 'idle' | 'opening' | 'open' | 'refused'
  /** Why packets do not reach the peer. */
  readonly refusal: LinkErrorCode | undefined
  /** The peer sends: it has the link open for this node. */
  readonly isHeard: boolean
  readonly sentPackets: number
  readonly sentBytes: number
  readonly receivedPackets: number
  readonly receivedBytes: number
  /** Packets either way for which there was no way, or no room. */
  readonly dropped: number
  /** Packets from the peer with addresses that are not its own, or not this computer's. */
  readonly foreign: number
}

export interface IpLinkState {
  readonly device: string
  /** NET_LINK_TUN_*; undefined where the device is used. */
  readonly failure: LinkError | undefined
  readonly peers: readonly IpPeerState[]
  /** Packets of this computer for addresses that no peer has. */
  readonly unknown: number
}

export interface IpLinkDependencies {
  readonly opener: Pick<Opener, 'open'>
  readonly openDevice: OpenDevice
  readonly report: (peer: string, fault: PeerFault) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** One peer of the link. */
interface Member {
  readonly rule: IpPeer
  readonly lane: Lane
  readonly inlet: Inlet
}

export class IpLink {
  readonly #deps: IpLinkDependencies
  readonly #deviceName: string
  #members = new Map<string, Member>()
  #byAddress = new Map<AddressKey, Lane>()
  #device: IpDevice | undefined
  #failure: LinkError | undefined
  #cancelAgain: Disposer | undefined
  #isClosed = false
  #unknown = 0
  #addresses: { readonly until: number; readonly all: ReadonlySet<AddressKey> } = { until: 0, all: new Set() }

  constructor(dependencies: IpLinkDependencies, rule: IpRule) {
    this.#deps = dependencies
    this.#deviceName = rule.device
    this.setPeers(rule.peers)
  }

  get state(): IpLinkState {
    return { device: this.#deviceName, failure: this.#failure, peers: [...this.#members.values()].map(stateOf), unknown: this.#unknown }
  }

  /** Rejects NET_LINK_TUN_*. */
  async open(): Promise<void> {
    const device = await this.#deps.openDevice(this.#deviceName, { onPackets: (packets) => this.#carry(packets), onLost: (error) => this.#onLost(error) })
    if (this.#isClosed) return device.close()
    this.#device = device
    this.#failure = undefined
  }

  /** The same, but a device that is not there is looked for until it is. Never rejects. */
  async openWhenThere(): Promise<void> {
    try {
      await this.open()
    } catch (error) {
      this.#fail(error instanceof LinkError ? error : new LinkError('NET_LINK_TUN_FAILED', `The TUN device ${this.#deviceName} cannot be used (${errorMessage(error)}).`, { cause: error, data: { device: this.#deviceName } }))
    }
  }

  /** Those whose rule is as it was keep their streams and figures. */
  setPeers(peers: readonly IpPeer[]): void {
    const before = this.#members
    this.#members = new Map(peers.map((rule) => [rule.peer, isSame(before.get(rule.peer)?.rule, rule) ? (before.get(rule.peer) as Member) : this.#member(rule)]))
    for (const [peer, member] of before) if (this.#members.get(peer) !== member) close(member)
    this.#byAddress = new Map([...this.#members.values()].flatMap(({ rule, lane }) => rule.addresses.map((address) => [addressKey(address) as AddressKey, lane] as const)))
  }

  /** Whether a peer may send here, by this way. */
  finds(peer: string, path: PeerStream['path']): 'open' | 'not-opened' | 'relayed' {
    const member = this.#members.get(peer)
    if (member === undefined || this.#isClosed) return 'not-opened'
    return path === 'direct' || member.rule.relayed ? 'open' : 'relayed'
  }

  /** Takes the packets of a peer that may send. Resolves when its stream has ended; never rejects. */
  async take({ stream, peer }: PeerStream): Promise<void> {
    const member = this.#members.get(peer)
    if (member === undefined || this.#isClosed) stream.abort(new Error('the IP link was closed'))
    else await member.inlet.take(stream)
  }

  /** Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelAgain?.()
    for (const member of this.#members.values()) close(member)
    const device = this.#device
    this.#device = undefined
    await device?.close()
  }

  #member(rule: IpPeer): Member {
    const { opener, clock, report } = this.#deps
    const inlet = new Inlet({
      sources: new Set(rule.addresses.flatMap((address) => addressKey(address) ?? [])),
      destinations: () => this.#ownAddresses(),
      write: (packet) => this.#device?.write(packet) ?? false,
      onMalformed: () => report(rule.peer, FAULTS.malformed),
    })
    return { rule, lane: new Lane({ opener, clock }, rule.peer, { relayed: rule.relayed }), inlet }
  }

  /** Packets that follow each other to one peer go in one piece. */
  #carry(packets: Buffer): void {
    let lane: Lane | undefined
    let start = 0
    let end = 0
    let count = 0
    const send = (): void => {
      if (count > 0) lane?.send(packets.subarray(start, end), count)
    }
    eachPacket(packets, (packet, from, to) => {
      const ends = packetEnds(packet)
      const next = ends === undefined ? undefined : this.#byAddress.get(ends.destination)
      if (next !== lane || lane === undefined) {
        send()
        lane = next
        start = from
        count = 0
      }
      end = to
      count++
      if (next === undefined) this.#unknown++
    })
    send()
  }

  #ownAddresses(): ReadonlySet<AddressKey> {
    const now = this.#deps.clock.now()
    if (now >= this.#addresses.until) this.#addresses = { until: now + ADDRESSES_MS, all: this.#device?.addresses() ?? new Set() }
    return this.#addresses.all
  }

  #onLost(error: LinkError): void {
    const device = this.#device
    this.#device = undefined
    void device?.close()
    this.#fail(error)
  }

  #fail(error: LinkError): void {
    if (this.#isClosed) return
    if (this.#failure?.code !== error.code) this.#deps.logger.warn('the IP link has no device', { device: this.#deviceName, reason: describeError(error) })
    this.#failure = error
    this.#cancelAgain = this.#deps.clock.schedule(AGAIN_MS, () => void this.openWhenThere())
  }
}

function stateOf({ rule, lane, inlet }: Member): IpPeerState {
  const out = lane.figures
  const { isOpen, packets, bytes, foreign, dropped } = inlet.figures
  return { ...rule, state: out.state, refusal: out.refusal, isHeard: isOpen, sentPackets: out.packets, sentBytes: out.bytes, receivedPackets: packets, receivedBytes: bytes, dropped: out.dropped + dropped, foreign }
}

function close({ lane, inlet }: Member): void {
  lane.close()
  inlet.close()
}

function isSame(one: IpPeer | undefined, other: IpPeer): boolean {
  return one !== undefined && one.relayed === other.relayed && one.addresses.join() === other.addresses.join()
}
