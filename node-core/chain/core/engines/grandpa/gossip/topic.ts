/**
 * The grandpa topic (Polkadot Host spec, section 4.8.7 "GRANDPA Messages").
 *
 * Nodes tell each other where they are by neighbor packets, and send each other only what helps there (view.ts). What is sent, to
 * whom and when, is decided in outgoing.ts; here is what comes in. The voter lives in core; its codec and its door are handed in.
 * A vote travels on once the voter found it good; light clients follow commits alone.
 *
 * What a peer may send grows with the number of voters, and what it sends is taken as fast as signatures can be checked: until then its
 * stream waits. Bytes that came before are known by their hash and not even decoded.
 */
import type { Clock } from '../../../../../base/clock.ts'
import { Disposers } from '../../../../../base/disposers.ts'
import { isNodeError } from '../../../../../base/errors.ts'
import type { Service } from '../../../../../base/service.ts'
import type { BlockStateReader } from '../../../../state/types.ts'
import type { PeerJudge, TopicHandler, TopicSender, TopicSpec, Verdict } from '../../../../../network/contracts.ts'
import type { Rate } from '../../../../../network/token-bucket.ts'
import { FAULTS } from './faults.ts'
import { KnownVotes, LiveVotes } from './live-votes.ts'
import { Outgoing, keyOf, type GrandpaPeer } from './outgoing.ts'
import type { GrandpaCodec, GrandpaPort, GrandpaTraffic, NeighborPacket } from './traffic.ts'
import { PeerView } from './view.ts'
import type { FinalityContent } from '../../../../protocols/message-content.ts'
import { RolePeers } from '../../../../protocols/role-peers.ts'
import type { Role } from '../../../../protocols/roles.ts'

export type { GrandpaCodec, GrandpaGossipEvents, GrandpaPort, GrandpaTraffic, NeighborPacket } from './traffic.ts'

export interface GrandpaTopicDependencies<Message extends GrandpaTraffic> {
  readonly port: GrandpaPort<Message>
  readonly codec: GrandpaCodec<Message>
  readonly blocks: Pick<BlockStateReader, 'finalized' | 'events'>
  readonly sender: TopicSender
  readonly judge: PeerJudge
  readonly clock: Clock
  /** The role that a peer told in its status, for peers that tell none here. */
  readonly roleOf: (peer: string) => Role | undefined
  /** Hears how far a peer has finalized, each time that it moved. */
  readonly onFinalized: (peer: string, height: number) => void
}

export interface GrandpaTopicOptions {
  readonly role: Role
  /** Answers like Math.random, which it is where nothing is said. */
  readonly random?: () => number
}

const SPEC = {
  name: 'grandpa',
  protocol: '/grandpa/1',
  olderName: '/paritytech/grandpa/1',
  maxHandshakeBytes: 16,
  maxMessageBytes: 1024 * 1024,
  queueLength: 8192,
  inHand: 128,
} as const

/**
 * What an honest peer may send: both votes of every voter, in rounds of two seconds and again after a silence, and at once all that it kept of
 * three rounds when it connects; twice over.
 */
const RATE = { perSecond: 200, burst: 4000, perSecondAndVoter: 2, burstPerVoter: 12 }

/** Who has not said where it is by then will not, or not soon. */
const SILENT_AFTER_MS = 1_000
/** One peer is caught up once in this time: the answer is a hundred thousand times as long as the request. */
const CATCH_UP_PAUSE_MS = 5_000

/** A commit of a large set takes a megabyte once it is decoded, and a thousand signature checks; an honest peer sends one a round. */
const MAX_COMMITS_IN_HAND = 4

const ACCEPT: Verdict = { kind: 'accept' }
const DUPLICATE: Verdict = { kind: 'ignore', reason: 'duplicate' }

export class GrandpaTopic<Message extends GrandpaTraffic> implements TopicHandler, Service {
  readonly spec: TopicSpec
  readonly #dependencies: GrandpaTopicDependencies<Message>
  readonly #peers: RolePeers<GrandpaPeer>
  readonly #votes: LiveVotes
  readonly #outgoing: Outgoing<Message>
  /** Commits whose signatures are being checked, by the hash of their bytes. */
  readonly #commitsInHand = new Set<string>()
  readonly #subscriptions = new Disposers()

  constructor(dependencies: GrandpaTopicDependencies<Message>, { role, random = Math.random }: GrandpaTopicOptions) {
    this.#dependencies = dependencies
    const { roleOf, port } = dependencies
    this.#peers = new RolePeers({ role, roleOf }, () => (
      { view: new PeerView(), known: new KnownVotes(), told: undefined, caughtUpAt: Number.NEGATIVE_INFINITY, commitsInHand: 0, stopWaiting: () => undefined }
    ))
    this.#votes = new LiveVotes(() => port.voters)
    this.#outgoing = new Outgoing(dependencies, this.#peers, this.#votes, random)
    this.spec = { ...SPEC, rate: () => rateFor(port.voters) }
  }

  async start(): Promise<void> {
    const { port, blocks, judge } = this.#dependencies
    this.#subscriptions.add(port.gossip.on('message', ({ message, peer }) => this.#outgoing.send(message, peer)))
    this.#subscriptions.add(port.gossip.on('accepted', ({ message, peer }) => this.#outgoing.passOn(message, peer)))
    this.#subscriptions.add(
      port.gossip.on('misbehaviour', ({ peer, reason }) => judge.report(peer, reason === 'bad-catch-up' ? FAULTS.badCatchUp : FAULTS.badVote)),
    )
    this.#subscriptions.add(
      blocks.events.on('finalized', () => {
        for (const id of this.#peers.ids()) this.#outgoing.tellPosition(id)
      }),
    )
    this.#outgoing.follow()
  }

  async stop(): Promise<void> {
    this.#subscriptions.dispose()
    this.#outgoing.stop()
    for (const [, peer] of this.#peers.entries()) peer.stopWaiting()
  }

  handshake(): Uint8Array {
    return this.#peers.handshake()
  }

  onHandshake(peer: string, handshake: Uint8Array): Verdict {
    return this.#peers.onHandshake(peer, handshake)
  }

  onOpen(id: string): void {
    this.#peers.open(id)
    this.#outgoing.join(id)
    const peer = this.#peers.get(id)
    // A light client is told of the next commit in any case.
    if (peer === undefined || this.#peers.isLight(id)) return
    peer.stopWaiting = this.#dependencies.clock.schedule(SILENT_AFTER_MS, () => this.#outgoing.serve(id, peer, true))
  }

  onClosed(id: string): void {
    this.#peers.get(id)?.stopWaiting()
    this.#peers.close(id)
    this.#outgoing.leave(id)
  }

  onMessage(id: string, bytes: Uint8Array): Verdict | Promise<Verdict> {
    const peer = this.#peers.get(id)
    if (peer === undefined) return { kind: 'ignore', reason: 'not open' }
    this.#outgoing.follow()
    const key = keyOf(bytes)
    const vote = this.#votes.find(key)
    if (vote !== undefined) {
      peer.known.add(vote)
      if (vote.isInHand || vote.bytes !== undefined) return DUPLICATE
    }
    if (this.#commitsInHand.has(key)) return DUPLICATE
    let message: Message
    try {
      message = this.#dependencies.codec.decode(bytes)
    } catch (error) {
      if (isNodeError(error)) return { kind: 'reject', fault: FAULTS.badMessage }
      throw error
    }
    return this.#hear(id, peer, message, bytes, key)
  }

  describe(bytes: Uint8Array): FinalityContent {
    const { codec } = this.#dependencies
    return codec.describe(codec.decode(bytes))
  }

  #hear(id: string, peer: GrandpaPeer, message: Message, bytes: Uint8Array, key: string): Verdict | Promise<Verdict> {
    const { port, blocks, clock } = this.#dependencies
    const traffic: GrandpaTraffic = message
    if (traffic.type === 'neighbor') return this.#onNeighbor(id, peer, message, traffic)
    if (traffic.type === 'commit') peer.view.exchange(traffic.target.number)
    if (traffic.setId !== port.position.setId) return { kind: 'ignore', reason: 'another set' }
    if (peer.view.show(traffic)) this.#outgoing.serve(id, peer)
    switch (traffic.type) {
      case 'vote':
        return this.#onVote(id, peer, message, bytes, key)
      case 'commit':
        if (traffic.target.number <= blocks.finalized().number) return { kind: 'ignore', reason: 'final already' }
        if (peer.commitsInHand >= MAX_COMMITS_IN_HAND) return { kind: 'ignore', reason: 'too many commits' }
        return this.#onCommit(id, peer, message, key)
      case 'catchUpRequest':
        if (!peer.view.isBelow(traffic)) return { kind: 'ignore', reason: 'needless' }
        if (clock.now() < peer.caughtUpAt + CATCH_UP_PAUSE_MS) return { kind: 'ignore', reason: 'too often' }
        peer.caughtUpAt = clock.now()
        return whenDone(port.receive(message, id))
      case 'catchUp':
        return whenDone(port.receive(message, id))
    }
  }

  #onVote(id: string, peer: GrandpaPeer, message: Message, bytes: Uint8Array, key: string): Verdict | Promise<Verdict> {
    if (!this.#votes.isLive(message)) return { kind: 'ignore', reason: 'another round' }
    const vote = this.#votes.find(key) ?? this.#votes.note(key, message)
    if (vote !== undefined) {
      peer.known.add(vote)
      vote.isInHand = true
      // A copy: the bytes may be a small part of what came off the socket.
      this.#outgoing.give(message, vote, bytes.slice())
    }
    return whenDone(this.#dependencies.port.receive(message, id), () => {
      if (vote !== undefined) vote.isInHand = false
    })
  }

  #onCommit(id: string, peer: GrandpaPeer, message: Message, key: string): Verdict | Promise<Verdict> {
    this.#commitsInHand.add(key)
    peer.commitsInHand++
    return whenDone(this.#dependencies.port.receive(message, id), () => {
      this.#commitsInHand.delete(key)
      peer.commitsInHand--
    })
  }

  #onNeighbor(id: string, peer: GrandpaPeer, message: Message, packet: NeighborPacket): Verdict | Promise<Verdict> {
    const { isTold, finalized: before } = peer.view
    if (!peer.view.tell(packet)) return { kind: 'reject', fault: FAULTS.viewWentBack }
    peer.stopWaiting()
    if (packet.finalized !== before) this.#dependencies.onFinalized(id, packet.finalized)
    this.#outgoing.serve(id, peer, !isTold)
    // Nobody can be caught up by a light client.
    return this.#peers.isLight(id) ? ACCEPT : whenDone(this.#dependencies.port.receive(message, id))
  }
}

function rateFor(voters: number): Rate {
  return { perSecond: RATE.perSecond + RATE.perSecondAndVoter * voters, burst: RATE.burst + RATE.burstPerVoter * voters }
}

/** Accepted, once what is under way is done. */
function whenDone(handled: void | Promise<void>, then: () => void = () => undefined): Verdict | Promise<Verdict> {
  if (handled instanceof Promise) {
    return handled.then(() => {
      then()
      return ACCEPT
    })
  }
  then()
  return ACCEPT
}
