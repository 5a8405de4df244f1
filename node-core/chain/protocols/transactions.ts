/**
 * The transactions topic (Polkadot Host spec, section 4.8.5 "Transactions").
 *
 * What peers send goes to the pool, once; what becomes ready there goes to full nodes that are not known to have it:
 * soon after it became ready, and again now and then for those who came later.
 *
 * A message that arrives is checked in this order, the cheap before the dear:
 *
 *   1. while the node is far behind nothing is taken: it could not tell a good transaction from a bad one
 *   2. the whole message decodes, with a bounded number of transactions, or the peer pays
 *   3. what was seen within five minutes, from anybody, is passed over: no second call of the runtime
 *   4. the pool asks the runtime
 *
 * Each new transaction is a call of the runtime, whatever comes of it, and making one up costs nothing. So the pool's answer
 * decides what its sender pays: one that fails costs a little, one that could be valid nowhere costs more, and one that is
 * taken makes up for another. A message that has cost too much is read no further. An honest peer relays what its own pool took, of
 * which little fails here. Where the runtime traps on the transactions of several peers in a row, the fault is this node's and
 * nobody pays.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { isNodeError } from '../../base/errors.ts'
import type { EventSource } from '../../base/events.ts'
import { Lru } from '../../base/lru.ts'
import { extrinsicHash, readExtrinsic, type Extrinsic } from '../scale/block.ts'
import { ScaleError, decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { Service } from '../../base/service.ts'
import type { PeerFault, TopicHandler, TopicSender, TopicSpec, Verdict } from '../../network/contracts.ts'
import { FAULTS } from './faults.ts'
import type { TransactionsContent } from './message-content.ts'
import { RolePeers } from './role-peers.ts'
import type { Role } from './roles.ts'
import { SeenCache } from './seen-cache.ts'

interface Ready {
  readonly hash: Hash
  readonly extrinsic: Extrinsic
}

/** The transaction pool, as far as it is filled and emptied by peers. */
export interface GossipedPool {
  /** `ready`: a transaction could be in the next block. */
  readonly events: EventSource<{ readonly ready: Ready }>
  /** Throws a NodeError, whose code says whether the runtime was asked, and what it found. */
  submit(extrinsic: Extrinsic, source: 'external'): Promise<unknown>
  /** Where `propagate` is false, the transaction is not to be told to others. */
  ready(): readonly (Ready & { readonly propagate?: boolean })[]
  /** These peers were sent the transaction. */
  onBroadcast(hash: Hash, peers: readonly string[]): void
}

export interface TransactionsDependencies {
  readonly pool: GossipedPool
  readonly sender: TopicSender
  readonly clock: Clock
  readonly isMajorSyncing: () => boolean
  /** The role that a peer told in its status, for peers that tell none here. */
  readonly roleOf: (peer: string) => Role | undefined
}

const SPEC: TopicSpec = {
  name: 'transactions',
  protocol: '/transactions/1',
  maxHandshakeBytes: 16,
  maxMessageBytes: 6 * 1024 * 1024,
  rate: { perSecond: 50, burst: 500 },
  queueLength: 256,
}

/** Transactions in one message that are still looked at. */
const MAX_PER_MESSAGE = 4096
/** What we send at once: count and bytes. */
const BATCH = { count: 256, bytes: 1024 * 1024 }
/** Ready transactions that wait to be sent. The periodic round brings what did not fit. */
const MAX_PENDING = 1024
const FLUSH_DELAY_MS = 100
const ROUND_MS = 10_000
const KNOWN_PER_PEER = 10_240
const SEEN = { maxEntries: 16_384, lifetimeMs: 5 * 60_000 }
/** Hashes that a description of a message names. */
const SHOWN_HASHES = 16

/** What a transaction that the pool takes makes up for in its message, and what a message gains that brought some. */
const GOOD = 1
const REWARD = 1
/** A message that has cost so much is read no further. */
const MAX_COST = 100
/** So many peers in a row whose transactions the runtime trapped on. */
const SUSPECT_OURSELVES = 3

/** Refusals for which the runtime was asked. The others took no work, or were for want of room, which is not the sender's doing. */
const ASKED = new Set(['TX_INVALID', 'TX_UNKNOWN', 'TX_TOO_LOW_PRIORITY', 'TX_CYCLE_DETECTED', 'TX_NO_TAGS', 'TX_UNACTIONABLE'])
/** The runtime gave no answer. */
const TRAPS = new Set(['RUNTIME_TRAP', 'RUNTIME_TIMEOUT', 'RUNTIME_OUT_OF_MEMORY'])
/** Reasons of the runtime that another block may change. */
const PASSING = new Set(['Stale', 'Future', 'Payment', 'ExhaustsResources', 'AncientBirthBlock'])
const REFUSED_FOR_GOOD = new Set(['TX_INVALID', 'TX_MALFORMED'])

interface Peer {
  readonly known: Lru<Hash, true>
}

export class Transactions implements TopicHandler, Service {
  readonly spec = SPEC
  readonly #dependencies: TransactionsDependencies
  readonly #seen: SeenCache
  readonly #peers: RolePeers<Peer>
  readonly #subscriptions = new Disposers()
  /** Peers whose transactions the runtime trapped on, since it last answered. */
  readonly #trapped = new Set<string>()
  #pending: Ready[] = []
  #cancelFlush: (() => void) | undefined
  #cancelRound: (() => void) | undefined

  constructor(dependencies: TransactionsDependencies, options: { readonly role: Role }) {
    this.#dependencies = dependencies
    this.#peers = new RolePeers({ role: options.role, roleOf: dependencies.roleOf }, () => ({ known: new Lru(KNOWN_PER_PEER) }))
    this.#seen = new SeenCache(dependencies.clock, SEEN)
  }

  async start(): Promise<void> {
    this.#subscriptions.add(this.#dependencies.pool.events.on('ready', (ready) => this.#onReady(ready)))
    this.#scheduleRound()
  }

  async stop(): Promise<void> {
    this.#subscriptions.dispose()
    this.#cancelFlush?.()
    this.#cancelRound?.()
    this.#cancelFlush = this.#cancelRound = undefined
    this.#pending = []
  }

  handshake(): Uint8Array {
    return this.#peers.handshake()
  }

  onHandshake(peer: string, handshake: Uint8Array): Verdict {
    return this.#peers.onHandshake(peer, handshake)
  }

  onOpen(peer: string): void {
    this.#peers.open(peer)
  }

  onClosed(peer: string): void {
    this.#peers.close(peer)
  }

  async onMessage(id: string, message: Uint8Array): Promise<Verdict> {
    const peer = this.#peers.get(id)
    if (peer === undefined) return { kind: 'ignore', reason: 'not open' }
    if (this.#dependencies.isMajorSyncing()) return { kind: 'ignore', reason: 'syncing' }
    let extrinsics: readonly Extrinsic[]
    try {
      extrinsics = decodeTransactions(message)
    } catch (error) {
      if (error instanceof ScaleError) return { kind: 'reject', fault: FAULTS.badMessage }
      throw error
    }
    let points = 0
    let fault: PeerFault | undefined
    for (const extrinsic of extrinsics) {
      const outcome = await this.#submit(id, peer, extrinsic)
      if (outcome === 'good') points += GOOD
      else if (outcome !== 'free') points += (fault = FAULTS[outcome]).cost
      // What follows a bad one, or many that failed, is not worth the work; and who is gone by now, or banned, is not heard.
      if (outcome === 'badTransaction' || points <= -MAX_COST || this.#peers.get(id) !== peer) break
    }
    if (fault !== undefined && points < 0) return { kind: 'reject', fault: { ...fault, cost: points } }
    return points > 0 ? { kind: 'accept', reward: REWARD } : { kind: 'ignore', reason: 'nothing new' }
  }

  describe(message: Uint8Array): TransactionsContent {
    const extrinsics = decodeTransactions(message)
    return { kind: 'transactions', count: extrinsics.length, hashes: extrinsics.slice(0, SHOWN_HASHES).map(extrinsicHash) }
  }

  async #submit(id: string, peer: Peer, extrinsic: Extrinsic): Promise<'good' | 'free' | 'failedTransaction' | 'badTransaction'> {
    const hash = extrinsicHash(extrinsic)
    peer.known.set(hash, true)
    if (!this.#seen.add(hash)) return 'free'
    try {
      await this.#dependencies.pool.submit(extrinsic, 'external')
      this.#trapped.clear()
      return 'good'
    } catch (error) {
      if (!isNodeError(error)) throw error
      const { code, data } = error
      if (TRAPS.has(code)) return this.#onTrap(id)
      if (ASKED.has(code)) this.#trapped.clear()
      else if (code !== 'TX_MALFORMED') return 'free'
      return REFUSED_FOR_GOOD.has(code) && !PASSING.has(String(data['detail'])) ? 'badTransaction' : 'failedTransaction'
    }
  }

  /** Rubbish makes the runtime trap. Where it traps on everybody's transactions, and answers none, the fault is this node's. */
  #onTrap(id: string): 'free' | 'failedTransaction' {
    if (this.#trapped.size < SUSPECT_OURSELVES) this.#trapped.add(id)
    return this.#trapped.size < SUSPECT_OURSELVES ? 'failedTransaction' : 'free'
  }

  #onReady({ hash, extrinsic }: Ready): void {
    // What is ready here need not come in from outside again.
    this.#seen.add(hash)
    if (this.#peers.size === 0 || this.#pending.length >= MAX_PENDING) return
    this.#pending.push({ hash, extrinsic })
    this.#cancelFlush ??= this.#dependencies.clock.schedule(FLUSH_DELAY_MS, () => {
      this.#cancelFlush = undefined
      const ready = this.#pending
      this.#pending = []
      this.#propagate(ready)
    })
  }

  #scheduleRound(): void {
    this.#cancelRound = this.#dependencies.clock.schedule(ROUND_MS, () => {
      if (this.#peers.size > 0) this.#propagate(this.#dependencies.pool.ready().filter(({ propagate }) => propagate !== false))
      this.#scheduleRound()
    })
  }

  #propagate(ready: readonly Ready[]): void {
    if (this.#dependencies.isMajorSyncing()) return
    const told = new Map<Hash, string[]>()
    for (const [id, peer] of this.#peers.entries()) {
      if (this.#peers.isLight(id)) continue
      const unknown = ready.filter(({ hash }) => peer.known.get(hash) === undefined)
      for (const batch of batches(unknown)) {
        for (const { hash } of batch) {
          peer.known.set(hash, true)
          told.set(hash, [...(told.get(hash) ?? []), id])
        }
        this.#dependencies.sender.send('transactions', encodeTransactions(batch.map(({ extrinsic }) => extrinsic)), { only: [id] })
      }
    }
    for (const [hash, peers] of told) this.#dependencies.pool.onBroadcast(hash, peers)
  }
}

export function encodeTransactions(extrinsics: readonly Extrinsic[]): Uint8Array {
  return new ScaleWriter(1024).vec(extrinsics, (writer, extrinsic) => writer.raw(extrinsic)).finish()
}

/** Throws a ScaleError. */
export function decodeTransactions(message: Uint8Array): Extrinsic[] {
  return decodeAll(message, 'the transactions', (reader) => reader.vec(readExtrinsic, 1, MAX_PER_MESSAGE))
}

function* batches(ready: readonly Ready[]): Generator<readonly Ready[]> {
  let batch: Ready[] = []
  let bytes = 0
  for (const one of ready) {
    if (batch.length > 0 && (batch.length >= BATCH.count || bytes + one.extrinsic.length > BATCH.bytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(one)
    bytes += one.extrinsic.length
  }
  if (batch.length > 0) yield batch
}
