/**
 * The block-announces topic (Polkadot Host spec, section 4.8.1 "Announcing blocks"). It is the gate (network/topics/topics.ts).
 *
 * Its handshake is the *status*: who a peer is and how far its chain goes. A status that does not decode, or names another genesis
 * block, ends there: with another chain there is nothing to talk about.
 *
 * An announcement (announce-messages.ts) that arrives is a header and a word on whether it is the sender's best block:
 *
 *   1. without a status there is no peer to attribute it to: ignored
 *   2. it decodes, with nothing behind it, or the peer pays
 *   3. the peer knows the block from now on, and stands there if it says so
 *   4. the syncer hears of it, unverified: whether the header is good is the importer's to say once the block is fetched. A
 *      repetition is told as well, because it says where the peer is, and counted as a duplicate
 *
 * So a liar gains no more than being asked for the block.
 *
 * What this node imports as its best block, or built itself, goes to peers that have not heard of it: what it built to all of them at
 * once, since nobody else has it, what others built in waves (announce-waves.ts). Never before it was executed here: whoever announces
 * a block vouches for it, and who holds a block that does not execute is what sync/blocks/refused-blocks.ts judges by.
 *
 * Of announcements that wait for a slow peer only the newest is worth sending: from it the peer finds the others. So a newer block ends
 * the waves of an older one. And of blocks that are imported faster than one hears of news: where most peers begin as well, what is
 * caught up with is not told from news (isMajorSyncing goes by the median), and an announcement of each block would be held against an
 * honest node.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers, type Disposer } from '../../base/disposers.ts'
import { Lru } from '../../base/lru.ts'
import { headerHash, type Header } from '../scale/header.ts'
import { ScaleError } from '../../scale/reader.ts'
import type { Service } from '../../base/service.ts'
import type { BlockRef } from '../scale/block.ts'
import type { TopicHandler, TopicSender, TopicSpec, Verdict } from '../../network/contracts.ts'
import { TokenBucket, type Rate } from '../../network/token-bucket.ts'
import { STATUS_BYTES, decodeAnnounce, decodeStatus, encodeAnnounce, encodeStatus, type BlockAnnounce, type PeerStatus } from './announce-messages.ts'
import { AnnounceWaves } from './announce-waves.ts'
import type { AnnouncedChain } from './chain.ts'
import { FAULTS } from './faults.ts'
import type { BlockContent } from './message-content.ts'
import type { ChainPeerStatus, Role } from './roles.ts'

/** What the syncer hears of peers. */
export interface SyncTarget {
  peerConnected(peer: string, role: Role, best: BlockRef): void
  peerDisconnected(peer: string): void
  announced(peer: string, header: Header, hash: Hash, isBest: boolean): void
}

export interface BlockAnnouncesDependencies {
  readonly blocks: AnnouncedChain
  readonly clock: Clock
  readonly sender: TopicSender
  readonly sync: SyncTarget
  /** Hears what peers say of themselves, as it changes. */
  readonly onStatus: (peer: string, status: ChainPeerStatus) => void
  /** Blocks that are only caught up with are no news to anybody. */
  readonly isMajorSyncing: () => boolean
  /** This node's own id. */
  readonly self: () => string
  /** From 0 to 1: who is told first. */
  readonly random: () => number
}

const SPEC: TopicSpec = {
  name: 'block-announces',
  protocol: '/block-announces/1',
  maxHandshakeBytes: STATUS_BYTES,
  maxMessageBytes: 1024 * 1024,
  rate: { perSecond: 20, burst: 200 },
  queueLength: 32,
}

/** How fast blocks of others are announced: well below what a peer takes. */
const PACE: Rate = { perSecond: 5, burst: 40 }

/**
 * When the rest is told, after the first wave: a block is everywhere by then, as a rule. At different times, so that the two ends of a link
 * do not tell each other.
 */
const REST_MS = { least: 100, most: 300 } as const
/** When those are told who were left out, where no newer block has come. */
const LAST_MS = 10_000

/** Statuses of streams that are not open yet. */
const PENDING_STATUSES = 1024

interface Peer {
  readonly role: Role
  best: BlockRef
}

/** A block that is being told. */
interface News {
  readonly hash: Hash
  readonly message: Uint8Array
  readonly kind: 'best' | 'fork'
}

export class BlockAnnounces implements TopicHandler, Service {
  readonly spec = SPEC
  readonly #dependencies: BlockAnnouncesDependencies
  readonly #role: Role
  readonly #statuses = new Lru<string, PeerStatus>(PENDING_STATUSES)
  readonly #peers = new Map<string, Peer>()
  readonly #subscriptions = new Disposers()
  readonly #pace: TokenBucket
  readonly #waves: AnnounceWaves
  /** The best block is announced then. */
  #later: Disposer | undefined
  /** The next wave of the newest block goes out then. */
  #next: Disposer | undefined

  constructor(dependencies: BlockAnnouncesDependencies, options: { readonly role: Role }) {
    this.#dependencies = dependencies
    this.#role = options.role
    this.#pace = new TokenBucket(dependencies.clock, PACE)
    this.#waves = new AnnounceWaves(dependencies)
  }

  async start(): Promise<void> {
    const { blocks } = this.#dependencies
    this.#subscriptions.add(
      blocks.events.on('imported', ({ block, header, isBest, isOwn = false }) => {
        if (isBest || isOwn) this.#announce(block, header, isOwn)
      }),
    )
  }

  async stop(): Promise<void> {
    this.#subscriptions.dispose()
    this.#later?.()
    this.#later = undefined
    this.#next?.()
    this.#next = undefined
  }

  /** Peers whose status is known, with the best block that they told of last. */
  peers(): readonly (ChainPeerStatus & { readonly peerId: string })[] {
    return [...this.#peers].map(([peerId, { role, best }]) => ({ peerId, roles: role, best }))
  }

  roleOf(peer: string): Role | undefined {
    return this.#peers.get(peer)?.role
  }

  /**
   * The peer has finalized this height, so its best block is no lower. Peers whom we told of a block first never announce
   * it to us: without this they would seem to stand where they stood when they connected.
   */
  reached(id: string, height: number): void {
    const peer = this.#peers.get(id)
    const { blocks, onStatus } = this.#dependencies
    // Above our own finalized block the heights are not yet everybody's.
    const hash = height > blocks.finalized().number ? undefined : blocks.hashByNumber(height)
    if (peer === undefined || hash === undefined || height <= peer.best.number) return
    peer.best = { hash, number: height }
    onStatus(id, { roles: peer.role, best: peer.best })
  }

  /** The peer asked for a block. */
  asked(id: string, hash: Hash): void {
    this.#waves.asked(id, hash)
  }

  handshake(): Uint8Array {
    const { blocks } = this.#dependencies
    return encodeStatus({ role: this.#role, best: blocks.best(), genesisHash: blocks.genesisHash })
  }

  onHandshake(peer: string, handshake: Uint8Array): Verdict {
    let status: PeerStatus
    try {
      status = decodeStatus(handshake)
    } catch (error) {
      if (error instanceof ScaleError) return { kind: 'reject', fault: FAULTS.badHandshake }
      throw error
    }
    if (status.genesisHash !== this.#dependencies.blocks.genesisHash) return { kind: 'reject', fault: FAULTS.wrongGenesis }
    this.#statuses.set(peer, status)
    return status.role === 'LIGHT' ? { kind: 'accept', light: true } : { kind: 'accept' }
  }

  onOpen(peer: string): void {
    const status = this.#statuses.get(peer)
    if (status === undefined) return
    this.#statuses.delete(peer)
    this.#waves.connected(peer, status.best.hash, status.role === 'LIGHT')
    this.#peers.set(peer, { role: status.role, best: status.best })
    this.#dependencies.onStatus(peer, { roles: status.role, best: status.best })
    this.#dependencies.sync.peerConnected(peer, status.role, status.best)
  }

  onClosed(peer: string): void {
    this.#statuses.delete(peer)
    this.#waves.disconnected(peer)
    if (this.#peers.delete(peer)) this.#dependencies.sync.peerDisconnected(peer)
  }

  onMessage(id: string, message: Uint8Array): Verdict {
    const peer = this.#peers.get(id)
    if (peer === undefined) return { kind: 'ignore', reason: 'no status' }
    let announce: BlockAnnounce
    try {
      announce = decodeAnnounce(message)
    } catch (error) {
      if (error instanceof ScaleError) return { kind: 'reject', fault: FAULTS.badMessage }
      throw error
    }
    const { header, isBest } = announce
    const hash = headerHash(header)
    const isNew = this.#waves.heard(id, hash, header.parentHash)
    if (isBest && peer.best.hash !== hash) {
      peer.best = { hash, number: header.number }
      this.#dependencies.onStatus(id, { roles: peer.role, best: peer.best })
    }
    this.#dependencies.sync.announced(id, header, hash, isBest)
    return isNew ? { kind: 'accept' } : { kind: 'ignore', reason: 'duplicate' }
  }

  describe(message: Uint8Array): BlockContent {
    const { header, isBest } = decodeAnnounce(message)
    return { kind: 'block', block: { hash: headerHash(header), number: header.number }, parentHash: header.parentHash, isBest }
  }

  /** An own block is news to everybody whatever this node makes of the others' chains; nobody else has it. */
  #announce(block: BlockRef, header: Header, isOwn: boolean): void {
    const { blocks, isMajorSyncing, random } = this.#dependencies
    const isBest = blocks.best().hash === block.hash
    if (!isOwn && (isMajorSyncing() || !isBest)) return
    if (!this.#waves.hasUnaware(block.hash)) return
    if (!isOwn && !this.#pace.take()) return this.#announceLater()
    const news: News = { hash: block.hash, message: encodeAnnounce({ header, isBest, data: new Uint8Array(0) }), kind: isBest ? 'best' : 'fork' }
    if (isOwn) return this.#send(news, this.#waves.everybody(block.hash))
    this.#send(news, this.#waves.first(block.hash))
    const restMs = REST_MS.least + random() * (REST_MS.most - REST_MS.least)
    this.#wave(news, restMs, (hash) => {
      const rest = this.#waves.rest(hash)
      this.#wave(news, LAST_MS - restMs, (last) => this.#waves.everybody(last))
      return rest
    })
  }

  /** Takes the place of an older block's next wave. */
  #wave(news: News, inMs: number, peers: (hash: Hash) => readonly string[]): void {
    this.#next?.()
    this.#next = undefined
    if (!this.#waves.hasUnaware(news.hash)) return
    this.#next = this.#dependencies.clock.schedule(inMs, () => {
      this.#next = undefined
      // Another one is best by now, or there is nothing to be told of.
      if (this.#dependencies.blocks.best().hash === news.hash) this.#send(news, peers(news.hash))
    })
  }

  #send({ message, kind }: News, only: readonly string[]): void {
    if (only.length > 0) this.#dependencies.sender.send('block-announces', message, { only }, kind)
  }

  /** Whatever is best by then. */
  #announceLater(): void {
    const { blocks, clock } = this.#dependencies
    this.#later ??= clock.schedule(1000 / PACE.perSecond, () => {
      this.#later = undefined
      const best = blocks.best()
      const header = blocks.header(best.hash)
      if (header !== undefined) this.#announce(best, header, false)
    })
  }
}
