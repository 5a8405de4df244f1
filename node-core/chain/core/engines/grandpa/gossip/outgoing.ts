/**
 * What the grandpa topic sends, and to whom: what our voter says, good votes of others, commits, and where we are.
 *
 * Three things decide. What is polite to send a peer (view.ts), whose turn it is (spread.ts), and what it knows already (live-votes.ts).
 * Where a peer comes to another round, or its turn comes, it is served with what it missed. Votes of our own are said again when the
 * voter says so, whoever knows them, because messages get lost; the last commit, when no newer one comes for a long while.
 */
import { toBinaryString } from '../../../../../base/bytes.ts'
import type { Clock } from '../../../../../base/clock.ts'
import type { Disposer } from '../../../../../base/disposers.ts'
import { blake2b256 } from '../../../../../crypto/hashes/hashing.ts'
import type { BlockStateReader } from '../../../../state/types.ts'
import type { TopicSender } from '../../../../../network/contracts.ts'
import type { RolePeers } from '../../../../protocols/role-peers.ts'
import type { KnownVotes, LiveVote, LiveVotes } from './live-votes.ts'
import { Spread } from './spread.ts'
import type { CommitTraffic, GrandpaCodec, GrandpaPort, GrandpaTraffic, NeighborPacket } from './traffic.ts'
import type { PeerView } from './view.ts'

/** The same neighbor packet is said again no sooner. */
const REPEAT_NEIGHBOR_MS = 120_000
/** A newer commit is waited for so long; then the last one is said again to whom it still helps. */
const REPEAT_COMMIT_MS = 300_000

/** Votes whose bytes are kept while the voter looks at them; of more, those that are good are encoded again. */
const MAX_GIVEN = 16_384

export interface GrandpaPeer {
  readonly view: PeerView
  readonly known: KnownVotes
  /** What we told it of ourselves last, and when. */
  told: { readonly packet: NeighborPacket; readonly at: number } | undefined
  caughtUpAt: number
  /** Commits of it that are being checked. */
  commitsInHand: number
  /** Forgets the wait for its neighbor packet. */
  stopWaiting: Disposer
}

export interface OutgoingDependencies<Message extends GrandpaTraffic> {
  readonly port: Pick<GrandpaPort<Message>, 'position'>
  readonly codec: GrandpaCodec<Message>
  readonly blocks: Pick<BlockStateReader, 'finalized'>
  readonly sender: TopicSender
  readonly clock: Clock
}

interface Commit {
  readonly message: CommitTraffic
  readonly bytes: Uint8Array
}

export class Outgoing<Message extends GrandpaTraffic> {
  readonly #dependencies: OutgoingDependencies<Message>
  readonly #peers: RolePeers<GrandpaPeer>
  readonly #votes: LiveVotes
  readonly #spread: Spread
  /** Votes on their way through the voter in this round, by the message that it was given. */
  readonly #given = new Map<Message, { readonly vote: LiveVote; readonly bytes: Uint8Array }>()
  /** The last of the present set and of the one before: who is behind the change needs that one. */
  #commits: readonly Commit[] = []
  #cancelTurn: Disposer = () => undefined
  #cancelRepeat: Disposer = () => undefined

  /** `random` answers like Math.random. */
  constructor(dependencies: OutgoingDependencies<Message>, peers: RolePeers<GrandpaPeer>, votes: LiveVotes, random: () => number) {
    this.#dependencies = dependencies
    this.#peers = peers
    this.#votes = votes
    this.#spread = new Spread(random)
  }

  stop(): void {
    this.#cancelTurn()
    this.#cancelRepeat()
  }

  join(id: string): void {
    this.#spread.join(id, this.#peers.isLight(id))
    this.follow()
    this.#awaitTurn()
    this.tellPosition(id)
  }

  leave(id: string): void {
    this.#spread.leave(id)
  }

  /** `message` goes to the voter: these are its bytes, for when it turns out to be good. */
  give(message: Message, vote: LiveVote, bytes: Uint8Array): void {
    if (this.#given.size >= MAX_GIVEN) this.#given.clear()
    this.#given.set(message, { vote, bytes })
  }

  /** What the voter wants others to hear. */
  send(message: Message, to: string | undefined): void {
    const { codec, sender, clock } = this.#dependencies
    this.follow()
    switch (message.type) {
      case 'neighbor':
        for (const id of to === undefined ? this.#peers.ids() : [to]) this.tellPosition(id)
        return
      case 'commit':
        return this.#announce({ message, bytes: codec.encode(message) })
      case 'vote': {
        const bytes = codec.encode(message)
        const key = keyOf(bytes)
        const vote = this.#votes.isLive(message) ? this.#votes.find(key) ?? this.#votes.note(key, message) : undefined
        if (vote !== undefined) this.#votes.keep(vote, bytes)
        // Own votes are repeated on purpose, in case they got lost.
        return this.#sendVote(message, bytes, vote, this.#spread.voters(clock.now()))
      }
      default:
        if (to !== undefined && this.#peers.get(to) !== undefined) sender.send('grandpa', codec.encode(message), { only: [to] })
    }
  }

  /** A vote of another is good: those whose turn it is hear of it, once. */
  passOn(message: Message, from: string): void {
    const { codec, clock } = this.#dependencies
    this.follow()
    if (!this.#votes.isLive(message)) return
    let given = this.#given.get(message)
    this.#given.delete(message)
    if (given === undefined) {
      const bytes = codec.encode(message)
      const key = keyOf(bytes)
      const vote = this.#votes.find(key) ?? this.#votes.note(key, message)
      if (vote === undefined) return
      given = { vote, bytes }
    }
    const { vote, bytes } = given
    this.#votes.keep(vote, bytes)
    const others = this.#spread.voters(clock.now()).filter((id) => id !== from && this.#peers.get(id)?.known.has(vote) === false)
    this.#sendVote(message, bytes, vote, others)
  }

  #sendVote(message: Message, bytes: Uint8Array, vote: LiveVote | undefined, candidates: readonly string[]): void {
    const only = candidates.filter((id) => this.#peers.get(id)?.view.wantsVote(message) === true)
    if (vote !== undefined) for (const id of only) this.#peers.get(id)?.known.add(vote)
    if (only.length > 0) this.#dependencies.sender.send('grandpa', bytes, { only })
  }

  #announce(commit: Commit): void {
    const { clock } = this.#dependencies
    const { message } = commit
    const others = this.#commits.filter(({ message: { setId } }) => setId !== message.setId)
    this.#commits = [...others, commit].slice(-2)
    this.#sendCommit(commit, this.#peers.ids().filter((id) => this.#spread.hasCommits(id, clock.now())))
    this.#cancelRepeat()
    this.#cancelRepeat = clock.schedule(REPEAT_COMMIT_MS, () => this.#repeatCommits())
  }

  #repeatCommits(): void {
    for (const commit of this.#commits) this.#sendCommit(commit, this.#peers.ids().filter((id) => !this.#peers.isLight(id)), true)
    this.#cancelRepeat = this.#dependencies.clock.schedule(REPEAT_COMMIT_MS, () => this.#repeatCommits())
  }

  /** To peers that it may help. */
  #sendCommit({ message, bytes }: Commit, candidates: readonly string[], again = false): void {
    const only = candidates.filter((id) => this.#peers.get(id)?.view.wantsCommit(message, this.#peers.isLight(id), again) === true)
    for (const id of only) this.#peers.get(id)?.view.exchange(message.target.number)
    if (only.length > 0) this.#dependencies.sender.send('grandpa', bytes, { only }, 'commit')
  }

  /** A peer came to where it is, or its turn came: what it missed there. A new one has its turn at once. */
  serve(id: string, peer: GrandpaPeer, isNew = false): void {
    const { sender, clock } = this.#dependencies
    if (isNew || this.#spread.hasCommits(id, clock.now())) for (const commit of this.#commits) this.#sendCommit(commit, [id])
    if (this.#peers.isLight(id) || !(isNew || this.#spread.hasVotes(id, clock.now()))) return
    for (const [vote, bytes] of this.#votes.good((at) => peer.view.wantsVote(at))) {
      if (peer.known.has(vote)) continue
      peer.known.add(vote)
      sender.send('grandpa', bytes, { only: [id] })
    }
  }

  /** Goes with the voter into another round or set. */
  follow(): void {
    const { port, clock } = this.#dependencies
    if (!this.#votes.moveTo(port.position)) return
    this.#given.clear()
    this.#spread.begin((id) => this.#peers.roleOf(id), clock.now())
    this.#awaitTurn()
  }

  /** While a round lasts, more peers have their turn. */
  #awaitTurn(): void {
    const { clock } = this.#dependencies
    this.#cancelTurn()
    const wait = this.#spread.untilMore(clock.now())
    if (wait === undefined) return
    this.#cancelTurn = clock.schedule(wait, () => {
      for (const [id, peer] of this.#peers.entries()) if (!this.#peers.isLight(id)) this.serve(id, peer)
      this.#awaitTurn()
    })
  }

  tellPosition(id: string): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    const { port, blocks, codec, sender, clock } = this.#dependencies
    const { round, setId } = port.position
    const packet: NeighborPacket = { type: 'neighbor', round, setId, finalized: blocks.finalized().number }
    const told = peer.told?.packet
    const same = told !== undefined && told.round === round && told.setId === setId && told.finalized === packet.finalized
    if (same && clock.now() < (peer.told?.at ?? 0) + REPEAT_NEIGHBOR_MS) return
    peer.told = { packet, at: clock.now() }
    sender.send('grandpa', codec.encode(packet), { only: [id] }, 'neighbor')
  }
}

export function keyOf(bytes: Uint8Array): string {
  return toBinaryString(blake2b256(bytes))
}
