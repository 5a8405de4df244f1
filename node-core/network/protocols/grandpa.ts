/**
 * The grandpa topic (Polkadot Host spec, section 4.8.7 "GRANDPA Messages").
 *
 * Peers tell each other where they are by neighbor packets; from then on each gets only what helps it there: votes of its
 * own set and of rounds next to its own, commits above what it finalized. Light clients follow commits alone. The voter
 * lives in core; its codec and its door (`GrandpaPort`) are handed in. A vote travels on once the voter found it good.
 */
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { isNodeError } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import { Lru } from '../../base/lru.ts'
import { blake2b256 } from '../../crypto/hashing.ts'
import { toBinaryString } from '../../base/bytes.ts'
import type { Service } from '../../service.ts'
import type { BlockRef, BlockStateReader } from '../../state/types.ts'
import type { PeerJudge, TopicHandler, TopicSender, TopicSpec, Verdict } from '../contracts.ts'
import type { MessageContent } from '../message-types.ts'
import { FAULTS } from './faults.ts'
import { RolePeers } from './role-peers.ts'
import type { Role } from './roles.ts'
import { SeenCache } from './seen-cache.ts'

interface At {
  readonly round: number
  readonly setId: number
}

/** Where a node is: its round, its authority set, and the height of its finalized block. */
export interface NeighborPacket extends At {
  readonly type: 'neighbor'
  readonly finalized: number
}

/** As much of a message as must be known to send it to the right peers. */
export type GrandpaTraffic =
  | (At & { readonly type: 'vote' | 'catchUpRequest' | 'catchUp' })
  | (At & { readonly type: 'commit'; readonly target: BlockRef })
  | NeighborPacket

export interface GrandpaGossipEvents<Message> {
  /** To one peer, or to everybody where `peer` is undefined. */
  message: { readonly message: Message; readonly peer: string | undefined }
  /** A vote of another that is good, and came from `peer`. */
  accepted: { readonly message: Message; readonly peer: string }
  misbehaviour: { readonly peer: string; readonly reason: string }
}

/** The voter's door. */
export interface GrandpaPort<Message> {
  readonly gossip: EventSource<GrandpaGossipEvents<Message>>
  readonly position: At
  receive(message: Message, peer: string): void
}

export interface GrandpaCodec<Message> {
  encode(message: Message | NeighborPacket): Uint8Array
  /** Throws a NodeError where the bytes are no message. */
  decode(bytes: Uint8Array): Message
  describe(message: Message): MessageContent
}

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

const SPEC: TopicSpec = {
  name: 'grandpa',
  protocol: '/grandpa/1',
  olderName: '/paritytech/grandpa/1',
  maxHandshakeBytes: 16,
  maxMessageBytes: 1024 * 1024,
  rate: { perSecond: 200, burst: 4000 },
  queueLength: 1024,
}

/** The same neighbor packet is said again no sooner. */
const REPEAT_NEIGHBOR_MS = 120_000
const KNOWN_PER_PEER = 4096
const SEEN = { maxEntries: 16_384, lifetimeMs: 60_000 }

interface Peer {
  readonly known: Lru<string, true>
  view: NeighborPacket | undefined
  /** What we told it of ourselves last, and when. */
  told: { readonly view: NeighborPacket; readonly at: number } | undefined
}

export class GrandpaTopic<Message extends GrandpaTraffic> implements TopicHandler, Service {
  readonly spec = SPEC
  readonly #dependencies: GrandpaTopicDependencies<Message>
  /** Votes that the voter found good. */
  readonly #accepted: SeenCache
  readonly #peers: RolePeers<Peer>
  readonly #subscriptions = new Disposers()
  #lastCommit: { readonly message: GrandpaTraffic & { readonly type: 'commit' }; readonly bytes: Uint8Array } | undefined

  constructor(dependencies: GrandpaTopicDependencies<Message>, options: { readonly role: Role }) {
    this.#dependencies = dependencies
    this.#peers = new RolePeers({ role: options.role, roleOf: dependencies.roleOf }, () => ({ known: new Lru(KNOWN_PER_PEER), view: undefined, told: undefined }))
    this.#accepted = new SeenCache(dependencies.clock, SEEN)
  }

  async start(): Promise<void> {
    const { port, blocks, judge } = this.#dependencies
    this.#subscriptions.add(port.gossip.on('message', ({ message, peer }) => this.#send(message, peer, undefined)))
    this.#subscriptions.add(port.gossip.on('accepted', ({ message, peer }) => this.#send(message, undefined, peer)))
    this.#subscriptions.add(
      port.gossip.on('misbehaviour', ({ peer, reason }) => judge.report(peer, reason === 'bad-catch-up' ? FAULTS.badCatchUp : FAULTS.badVote)),
    )
    this.#subscriptions.add(
      blocks.events.on('finalized', () => {
        for (const id of this.#peers.ids()) this.#tellPosition(id)
      }),
    )
  }

  async stop(): Promise<void> {
    this.#subscriptions.dispose()
  }

  handshake(): Uint8Array {
    return this.#peers.handshake()
  }

  onHandshake(peer: string, handshake: Uint8Array): Verdict {
    return this.#peers.onHandshake(peer, handshake)
  }

  onOpen(peer: string): void {
    this.#peers.open(peer)
    this.#tellPosition(peer)
  }

  onClosed(peer: string): void {
    this.#peers.close(peer)
  }

  onMessage(id: string, bytes: Uint8Array): Verdict {
    const peer = this.#peers.get(id)
    if (peer === undefined) return { kind: 'ignore', reason: 'not open' }
    const { codec, port, blocks } = this.#dependencies
    let message: Message
    try {
      message = codec.decode(bytes)
    } catch (error) {
      if (isNodeError(error)) return { kind: 'reject', fault: FAULTS.badMessage }
      throw error
    }
    const traffic: GrandpaTraffic = message
    if (traffic.type === 'neighbor') {
      if (!this.#moveView(id, peer, traffic)) return { kind: 'reject', fault: FAULTS.viewWentBack }
      port.receive(message, id)
      return { kind: 'accept' }
    }
    const key = keyOf(bytes)
    if (traffic.type === 'vote' || traffic.type === 'commit') peer.known.set(key, true)
    if (traffic.setId !== port.position.setId) return { kind: 'ignore', reason: 'another set' }
    if (traffic.type === 'vote' && this.#accepted.has(key)) return { kind: 'ignore', reason: 'duplicate' }
    if (traffic.type === 'commit' && traffic.target.number <= blocks.finalized().number) return { kind: 'ignore', reason: 'final already' }
    port.receive(message, id)
    return { kind: 'accept' }
  }

  describe(bytes: Uint8Array): MessageContent {
    const { codec } = this.#dependencies
    return codec.describe(codec.decode(bytes))
  }

  /** False where the peer says to be further back than it said before. */
  #moveView(id: string, peer: Peer, { type, round, setId, finalized }: NeighborPacket): boolean {
    const before = peer.view
    if (before !== undefined && (setId < before.setId || (setId === before.setId && round < before.round) || finalized < before.finalized)) return false
    peer.view = { type, round, setId, finalized }
    if (finalized !== before?.finalized) this.#dependencies.onFinalized(id, finalized)
    if (this.#lastCommit !== undefined) this.#sendCommit(this.#lastCommit.message, this.#lastCommit.bytes, [id])
    return true
  }

  #send(message: Message, to: string | undefined, from: string | undefined): void {
    const { codec, sender } = this.#dependencies
    if (message.type === 'neighbor') {
      for (const id of to === undefined ? this.#peers.ids() : [to]) this.#tellPosition(id)
      return
    }
    const bytes = codec.encode(message)
    if (message.type === 'commit') {
      this.#lastCommit = { message, bytes }
      this.#sendCommit(message, bytes, to === undefined ? this.#peers.ids() : [to])
      return
    }
    if (to !== undefined) {
      if (this.#peers.get(to) !== undefined) sender.send('grandpa', bytes, { only: [to] })
      return
    }
    const key = keyOf(bytes)
    if (message.type === 'vote') this.#accepted.add(key)
    // Own votes are repeated on purpose, in case they got lost; those of others travel on once.
    const only = this.#peers
      .entries()
      .filter(([id, peer]) => id !== from && (from === undefined || peer.known.get(key) === undefined) && wantsVote(peer.view, message))
      .filter(([id]) => !this.#peers.isLight(id))
      .map(([id]) => id)
    for (const id of only) this.#peers.get(id)?.known.set(key, true)
    if (only.length > 0) sender.send('grandpa', bytes, { only })
  }

  /** To peers behind it. A light client that did not say where it is gets it too. */
  #sendCommit(message: GrandpaTraffic & { readonly type: 'commit' }, bytes: Uint8Array, candidates: readonly string[]): void {
    const key = keyOf(bytes)
    const only = candidates.filter((id) => {
      const peer = this.#peers.get(id)
      if (peer === undefined || peer.known.get(key) !== undefined) return false
      if (peer.view === undefined) return this.#peers.isLight(id)
      return peer.view.setId === message.setId && peer.view.finalized < message.target.number
    })
    for (const id of only) this.#peers.get(id)?.known.set(key, true)
    if (only.length > 0) this.#dependencies.sender.send('grandpa', bytes, { only }, 'commit')
  }

  #tellPosition(id: string): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    const { port, blocks, codec, sender, clock } = this.#dependencies
    const { round, setId } = port.position
    const view: NeighborPacket = { type: 'neighbor', round, setId, finalized: blocks.finalized().number }
    const told = peer.told
    const same = told !== undefined && told.view.round === round && told.view.setId === setId && told.view.finalized === view.finalized
    if (same && clock.now() < told.at + REPEAT_NEIGHBOR_MS) return
    peer.told = { view, at: clock.now() }
    sender.send('grandpa', codec.encode(view), { only: [id] }, 'neighbor')
  }
}

/** Its own round, the one before and the one after. */
function wantsVote(view: NeighborPacket | undefined, { round, setId }: At): boolean {
  return view !== undefined && view.setId === setId && Math.abs(view.round - round) <= 1
}

function keyOf(bytes: Uint8Array): string {
  return toBinaryString(blake2b256(bytes))
}
