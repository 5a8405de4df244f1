/**
 * A broadcast tree over Kademlia distances: how a large message reaches everybody in a large open topic at little more than one copy a node.
 *
 * The idea is Kadcast's. Seen from any node the others fall into buckets by the height of their distance (keys.ts), and each bucket is a
 * subtree. Who publishes sends the message to somebody in each bucket and hands over the whole subtree with it: the recipient covers it in the same way, from its own
 * buckets below that height, and so on down to the leaves. With n nodes that is log2 n hops at most and half as many on average,
 * each node is sent one copy, and nobody keeps state of who is whose child. Kadcast adds erasure codes because its datagrams are lost; streams lose nothing, so there
 * are none here. What is lost are whole nodes: one that is silent, or just left, takes its subtree along. Three things stand against that:
 *
 *   copies     one or more peers of each bucket are sent the message                                        lanes.ts
 *   spares     further ones, up to beta, are only *offered* it. Each of them belongs to the subtree, so where the first does its work they have the
 *              message before their patience ends; where it does not they ask for it and cover the subtree in its place    wanted.ts
 *   repair     everybody announces what came to a few peers at random, a few times; who missed it asks
 *
 * Order of calls: `opened` and `closed` as peers come and go; `publish` for a message of this node. Of what comes, `offered`, `pulled` and `gone` as
 * it is; a copy after its id and its source were checked by the caller: `arrived` when it is new, then `accepted` with the height that this returned, once
 * its owner accepted it (nothing where not), `duplicate` when it is not, and `spoiled` where it is not what it says. The machine has no clock,
 * no randomness and no socket but those that it is handed.
 *
 * Assumed: a peer's key follows from its peer id, which the secure channel vouches for; most peers of a bucket are honest.
 *
 * What an attacker can do. Say too great a height: a peer can hand over only the subtree in which it is not, so a greater one is a fault
 * ({@link mayCover}) and each node sends a message on once, whatever happens. Take a message and not pass it on: see above; it takes all beta of a bucket, and then repair comes
 * before anybody can prevent it. Offer what it does not have: costs whoever asks one time limit for each liar, eight at the most for a message. Ask for everything: each
 * held message once, in turn with the copies, within bounds. Crowd a bucket: who finds identities whose keys are near to one node's cuts only small subtrees off,
 * and repair goes to peers of all buckets. Not protected here: who published, which each relay sees, and its neighbours can guess.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { Buckets, sample } from './buckets.ts'
import { MAX_BETA, MAX_OFFERS, type Offer } from './frames.ts'
import { Handovers } from './handovers.ts'
import { Held } from './held.ts'
import { TREE_HEIGHT } from './keys.ts'
import { Lanes, type CopyJob } from './lanes.ts'
import { Line } from './line.ts'
import { BOUNDS, type TreeOptions } from './options.ts'
import { Standing } from './standing.ts'
import { Wanted } from './wanted.ts'

export interface TreeDependencies<Message> {
  readonly clock: Clock
  /** 0 to 1, without 1. */
  readonly random: () => number
  /** Round trip to the peer in ms, as last measured; undefined where it was not. */
  distance(peer: string): number | undefined
  /** Whether a message of this id was delivered, is being judged, or was refused. */
  isKnown(id: Hash): boolean
  /** Of the message, as offers say it; bytes. */
  lengthOf(message: Message): number
  /** As all that follow: false where it was not queued. */
  sendCopy(peer: string, height: number, message: Message): boolean
  sendOffer(peer: string, offers: readonly Offer[]): boolean
  sendIds(peer: string, kind: 'pull' | 'gone' | 'have', ids: readonly Hash[]): boolean
}

export interface TreeStatistics {
  readonly copies: number
  readonly answers: number
  readonly offers: number
  readonly pulls: number
  /** Asked for, and did not come in time. */
  readonly timeouts: number
  /** For want of room: copies and answers; offers that were not noted. */
  readonly dropped: number
}

export class Tree<Message> {
  readonly #deps: TreeDependencies<Message>
  readonly #options: TreeOptions
  readonly #buckets: Buckets
  readonly #held: Held<Message>
  readonly #wanted: Wanted
  readonly #lanes: Lanes
  readonly #standing: Standing
  readonly #handovers: Handovers
  readonly #line: Line
  /** What came lately, and how often it is still announced. */
  readonly #fresh = new Map<Hash, number>()
  #repair: Disposer | undefined
  readonly #counts = { copies: 0, answers: 0, offers: 0, pulls: 0 }

  /** `self` and all peers: peer ids as text. */
  constructor(self: string, dependencies: TreeDependencies<Message>, options: TreeOptions) {
    if (!(options.copies >= 1 && options.copies <= options.beta && options.beta <= MAX_BETA)) throw new RangeError(`a bucket has 1 to ${MAX_BETA} peers who hear of a message, and copies for some of them`)
    const { clock } = dependencies
    this.#deps = dependencies
    this.#options = options
    this.#buckets = new Buckets(self)
    this.#held = new Held(clock, options)
    this.#standing = new Standing(dependencies, options.blur)
    this.#line = new Line(options.lineBytesPerSecond)
    this.#handovers = new Handovers(clock, (job) => this.#onSilence(job))
    this.#wanted = new Wanted({ clock, pull: (peer, id) => this.#pull(peer, id), levels: (height) => this.#buckets.upTo(height).length }, options)
    this.#lanes = new Lanes({ clock, copy: (job) => this.#copy(job), answer: ({ peer, id }) => this.#answer(peer, id) }, options)
  }

  get statistics(): TreeStatistics {
    return { ...this.#counts, timeouts: this.#wanted.timeouts, dropped: this.#lanes.dropped + this.#wanted.unnoted }
  }

  opened(peer: string): void {
    this.#buckets.add(peer)
  }

  closed(peer: string): void {
    this.#buckets.remove(peer)
    this.#held.closed(peer)
    this.#wanted.closed(peer)
    this.#standing.closed(peer)
    this.#handovers.closed(peer)
  }

  /** Whether a peer may have us cover this height: no more than the subtree of its own bucket in which we are. */
  mayCover(peer: string, height: number): boolean {
    return height === 0 || height < this.#buckets.heightOf(peer)
  }

  /** A message of this node. Returns the peers to whom it goes, as copy or as offer. */
  publish(id: Hash, message: Message): string[] {
    return this.#hold(id, message, TREE_HEIGHT, undefined)
  }

  /** A copy that is new and whose source is certain: it is being judged from here on. Returns the height to cover. */
  arrived(peer: string, id: Hash, height: number): number {
    if (height > 0) this.#deps.sendIds(peer, 'have', [id])
    return Math.max(height, this.#wanted.came(peer, id))
  }

  /** `peer`: who sent it. */
  accepted(peer: string, id: Hash, message: Message, height: number): void {
    this.#hold(id, message, height, peer)
  }

  duplicate(peer: string, id: Hash, height: number): void {
    if (height > 0) this.#deps.sendIds(peer, 'have', [id])
    this.#wanted.forget(id)
    this.#held.noteHolder(id, peer)
  }

  /** What came under this id from the peer is not what it should be. */
  spoiled(peer: string, id: Hash): void {
    this.#wanted.failed(peer, id)
  }

  offered(peer: string, offers: readonly Offer[]): void {
    for (const offer of offers) {
      if (this.#held.noteHolder(offer.id, peer) || this.#deps.isKnown(offer.id)) continue
      if (this.#buckets.has(peer)) this.#wanted.offered(peer, offer)
    }
  }

  pulled(peer: string, ids: readonly Hash[]): void {
    const gone = ids.filter((id) => {
      // Once to each: who asks again has it, or will ask another.
      const isServed = this.#held.serve(id, peer)
      return isServed === undefined || (isServed && !this.#lanes.addAnswer({ peer, id }))
    })
    if (gone.length > 0) this.#deps.sendIds(peer, 'gone', gone)
  }

  gone(peer: string, ids: readonly Hash[]): void {
    for (const id of ids) this.#wanted.failed(peer, id)
  }

  have(peer: string, ids: readonly Hash[]): void {
    for (const id of ids) {
      const ms = this.#handovers.answered(id, peer)
      if (ms === undefined) continue
      this.#measure(id, peer, ms)
      this.#held.noteHolder(id, peer)
      this.#standing.answered(peer)
    }
  }

  /** Idempotent. */
  stop(): void {
    this.#repair?.()
    this.#repair = undefined
    this.#fresh.clear()
    this.#lanes.stop()
    this.#handovers.stop()
    this.#wanted.stop()
    this.#held.clear()
  }

  #hold(id: Hash, message: Message, height: number, from: string | undefined): string[] {
    this.#wanted.forget(id)
    if (!this.#held.add(id, message, this.#deps.lengthOf(message))) return []
    if (from !== undefined) this.#held.noteHolder(id, from)
    const told: string[] = []
    const jobs: CopyJob[] = []
    for (const bucket of this.#buckets.upTo(height)) {
      for (const part of this.#buckets.parts(bucket, this.#withoutHolders(bucket, id), this.#options.split)) {
        const chosen = this.#standing.best(part.peers, this.#options.beta)
        told.push(...chosen)
        const spares = chosen.slice(this.#options.copies)
        for (const [i, peer] of chosen.slice(0, this.#options.copies).entries()) jobs.push({ id, height: part.height, peer, spares: i === 0 ? spares : [] })
      }
    }
    this.#lanes.addCopies(jobs)
    this.#announce(id)
    return told
  }

  #withoutHolders(bucket: number, id: Hash): string[] {
    return [...this.#buckets.at(bucket)].filter((peer) => !this.#held.isHolder(id, peer))
  }

  /** Returns how long the copy takes, in ms. */
  #copy(job: CopyJob): number {
    const { id, height, spares, isSecond } = job
    const message = this.#held.get(id)
    if (message === undefined) return 0
    const length = this.#deps.lengthOf(message)
    const lineMs = this.#line.msFor(length)
    const peer = this.#buckets.has(job.peer) ? job.peer : spares.find((spare) => this.#buckets.has(spare))
    const isSent = peer !== undefined && !this.#held.isHolder(id, peer) && this.#deps.sendCopy(peer, height, message)
    if (isSent) {
      this.#counts.copies++
      this.#handovers.sent({ ...job, peer, spares: spares.filter((spare) => spare !== peer) }, lineMs + this.#standing.distance(peer) + this.#options.answerMs)
    }
    for (const [i, spare] of isSecond === true ? [] : spares.entries()) {
      if (spare === peer || this.#held.isHolder(id, spare)) continue
      if (this.#deps.sendOffer(spare, [{ id, length, height, rank: i + 1 }])) this.#counts.offers++
    }
    return isSent ? lineMs : 0
  }

  /** The next one gets a copy, unless the spares have it or there is none. */
  #onSilence({ id, height, peer, spares }: CopyJob): void {
    this.#standing.failed(peer)
    if (spares.some((spare) => this.#held.isHolder(id, spare))) return
    const [next, ...others] = spares.filter((spare) => this.#buckets.has(spare))
    if (next !== undefined) this.#lanes.addCopies([{ id, height, peer: next, spares: others, isSecond: true }])
  }

  #answer(peer: string, id: Hash): number {
    const message = this.#held.get(id)
    if (message === undefined || !this.#deps.sendCopy(peer, 0, message)) return 0
    this.#counts.answers++
    return this.#line.msFor(this.#deps.lengthOf(message))
  }

  #measure(id: Hash, peer: string, answerMs: number): void {
    const message = this.#held.get(id)
    const roundTripMs = this.#deps.distance(peer)
    if (message !== undefined && roundTripMs !== undefined) this.#line.measured(this.#deps.lengthOf(message), answerMs - roundTripMs)
  }

  #pull(peer: string, id: Hash): boolean {
    const isSent = this.#deps.sendIds(peer, 'pull', [id])
    if (isSent) this.#counts.pulls++
    return isSent
  }

  #announce(id: Hash): void {
    if (this.#options.repairRounds === 0 || this.#fresh.size >= BOUNDS.fresh) return
    this.#fresh.set(id, this.#options.repairRounds)
    this.#repair ??= this.#deps.clock.schedule(this.#options.repairMs, () => this.#announceAll())
  }

  #announceAll(): void {
    this.#repair = undefined
    const offers: Offer[] = []
    for (const [id, left] of [...this.#fresh].slice(0, MAX_OFFERS)) {
      // Whoever did not fit takes its turn behind the others.
      this.#fresh.delete(id)
      if (left > 1) this.#fresh.set(id, left - 1)
      const message = this.#held.get(id)
      if (message !== undefined) offers.push({ id, length: this.#deps.lengthOf(message), height: 0, rank: 0 })
    }
    for (const peer of sample(this.#buckets.peers(), this.#options.repairPeers, this.#deps.random)) {
      const news = offers.filter(({ id }) => !this.#held.isHolder(id, peer))
      if (news.length > 0 && this.#deps.sendOffer(peer, news)) this.#counts.offers++
    }
    if (this.#fresh.size > 0) this.#repair = this.#deps.clock.schedule(this.#options.repairMs, () => this.#announceAll())
  }
}
