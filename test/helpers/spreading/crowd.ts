/**
 * A crowd of nodes on a simulated internet: who is linked with whom, who is silent, who comes and goes.
 *
 * Links. Each node looks for `outPerBucket` peers in each bucket of its own (see node-core/network/spread/tree/keys.ts), at random, and links go both ways,
 * so most nodes have about twice as many, as nodes have that accept as many as they look for. Whoever loses a peer that it looked for takes another of the bucket.
 *
 * Silent nodes take what they are sent and say nothing of their own: no copies, no answers, no announcements.
 *
 * Churn. Nodes leave at random at the given rate, and as many come. Half of those who leave close their connections, which their
 * peers notice one delay later; the other half vanish, and their peers notice after 15 s. A newcomer is linked at once.
 */
import { keyOf } from '../../../node-core/network/spread/tree/keys.ts'
import type { Random } from '../../fuzz/random.ts'
import type { EventClock } from './event-clock.ts'
import { Internet, Station, unit } from './internet.ts'

const NOTICE_MS = 15_000
/** Buckets are told apart by so many bits: enough for nodes of this number. */
const KEY_BITS = 32

/** What a node does with messages. `Frame` is what its kind says to others. */
export interface Conduct<Frame> {
  linked(peer: Member<Frame>): void
  unlinked(peer: Member<Frame>): void
  receive(from: Member<Frame>, frame: Frame): void
  publish(message: number): void
  stop(): void
}

export class Member<Frame> {
  readonly name: string
  readonly station: Station
  readonly isSilent: boolean
  readonly key: number
  readonly joinedAt: number
  leftAt = Infinity
  readonly links = new Set<Member<Frame>>()
  /** Whom it looked for, by bucket. */
  readonly chosen = new Map<number, Set<Member<Frame>>>()
  readonly heardAt = new Map<number, number>()
  conduct!: Conduct<Frame>

  constructor(name: string, station: Station, isSilent: boolean, joinedAt: number) {
    this.name = name
    this.station = station
    this.isSilent = isSilent
    this.joinedAt = joinedAt
    this.key = new DataView(keyOf(name).buffer).getUint32(0)
  }
}

export interface CrowdOptions {
  readonly nodes: number
  readonly silentShare: number
  /** Share of the nodes that leave, and come, per minute. */
  readonly churnPerMinute: number
  readonly outPerBucket: number
}

export class Crowd<Frame> {
  readonly clock: EventClock
  readonly random: Random
  readonly internet: Internet
  readonly #options: CrowdOptions
  readonly #conductOf: (member: Member<Frame>, crowd: Crowd<Frame>) => Conduct<Frame>
  /** Present, by key. */
  readonly #members: Member<Frame>[] = []
  readonly everybody: Member<Frame>[] = []

  constructor(clock: EventClock, random: Random, options: CrowdOptions, conductOf: (member: Member<Frame>, crowd: Crowd<Frame>) => Conduct<Frame>) {
    this.clock = clock
    this.random = random
    this.internet = new Internet(clock, random)
    this.#options = options
    this.#conductOf = conductOf
    for (let i = 0; i < options.nodes; i++) this.#add()
    for (const member of this.#members) this.#lookForPeers(member)
    this.#scheduleChurn()
  }

  get present(): readonly Member<Frame>[] {
    return this.#members
  }

  send(from: Member<Frame>, to: Member<Frame>, frame: Frame, payload: number, more: { readonly isWanted?: () => boolean } = {}): boolean {
    if (!from.links.has(to)) return false
    this.internet.send(from.station, { to: to.station, payload, ...more, arrive: () => to.conduct.receive(from, frame) })
    return true
  }

  /** One who is not silent. */
  pickHonest(): Member<Frame> {
    for (;;) {
      const member = this.random.pick(this.#members)
      if (!member.isSilent) return member
    }
  }

  stop(): void {
    for (const member of this.everybody) member.conduct.stop()
  }

  #add(): Member<Frame> {
    const member = new Member<Frame>(`node ${this.everybody.length}`, new Station(this.random), unit(this.random) < this.#options.silentShare, this.clock.now())
    this.everybody.push(member)
    this.#members.splice(this.#lowerBound(member.key), 0, member)
    member.conduct = this.#conductOf(member, this)
    return member
  }

  #lookForPeers(member: Member<Frame>): void {
    for (let bit = 0; bit < KEY_BITS; bit++) this.#fill(member, bit)
  }

  /** Looks for peers among those whose keys have `bit` bits in common with the member's, and no more. */
  #fill(member: Member<Frame>, bit: number): void {
    const size = 2 ** (KEY_BITS - 1 - bit)
    const first = Math.floor(member.key / size)
    const begin = (first % 2 === 0 ? first + 1 : first - 1) * size
    const [from, to] = [this.#lowerBound(begin), this.#lowerBound(begin + size)]
    let chosen = member.chosen.get(bit)
    if (chosen === undefined) member.chosen.set(bit, (chosen = new Set()))
    for (let tries = 0; tries < 20 && chosen.size < Math.min(this.#options.outPerBucket, to - from); tries++) {
      const peer = this.#members[from + this.random.below(to - from)] as Member<Frame>
      if (chosen.has(peer)) continue
      chosen.add(peer)
      if (member.links.has(peer)) continue
      member.links.add(peer)
      peer.links.add(member)
      member.conduct.linked(peer)
      peer.conduct.linked(member)
    }
  }

  #scheduleChurn(): void {
    const perMs = (this.#options.nodes * this.#options.churnPerMinute) / 60_000
    if (perMs === 0) return
    this.clock.schedule(-Math.log(1 - unit(this.random)) / perMs, () => {
      this.#leave(this.random.pick(this.#members))
      this.#lookForPeers(this.#add())
      this.#scheduleChurn()
    })
  }

  #leave(member: Member<Frame>): void {
    this.#members.splice(this.#members.indexOf(member), 1)
    member.leftAt = this.clock.now()
    member.station.isUp = false
    member.conduct.stop()
    const isClean = this.random.once(2)
    for (const peer of member.links) {
      this.clock.schedule(isClean ? this.internet.delay(member.station, peer.station) : NOTICE_MS, () => {
        if (!peer.links.delete(member) || !peer.station.isUp) return
        peer.conduct.unlinked(member)
        for (const [bit, chosen] of peer.chosen) if (chosen.delete(member)) this.#fill(peer, bit)
      })
    }
  }

  #lowerBound(key: number): number {
    let [low, high] = [0, this.#members.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#members[middle] as Member<Frame>).key < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
