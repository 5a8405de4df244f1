/**
 * The transactions topic (Polkadot Host spec, section 4.8.5 "Transactions").
 *
 * What peers send goes to the pool, once; what becomes ready there goes to full nodes that are not known to have it:
 * soon after it became ready, and again now and then for those who came later. While the node is far behind, nothing is
 * taken: it could not tell a good transaction from a bad one.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { isNodeError } from '../../base/errors.ts'
import { Lru } from '../../base/lru.ts'
import type { TransactionPool } from '../../core/types.ts'
import { blake2Hash } from '../../crypto/hashing.ts'
import { readExtrinsic, type Extrinsic } from '../../scale/block.ts'
import { ScaleError, decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { Service } from '../../service.ts'
import type { TopicHandler, TopicSender, TopicSpec, Verdict } from '../contracts.ts'
import type { MessageContent } from '../message-types.ts'
import { FAULTS } from './faults.ts'
import { RolePeers } from './role-peers.ts'
import type { Role } from './roles.ts'
import { SeenCache } from './seen-cache.ts'

export interface TransactionsDependencies {
  readonly pool: Pick<TransactionPool, 'events' | 'submit' | 'ready' | 'onBroadcast'>
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
const REWARD = 1
/** Hashes that a description of a message names. */
const SHOWN_HASHES = 16

/** Reasons of the runtime that the next block may change, or the last one has: nobody's fault. */
const PASSING = new Set(['Stale', 'Future', 'Payment', 'ExhaustsResources', 'AncientBirthBlock'])
const REFUSED_FOR_GOOD = new Set(['TX_INVALID', 'TX_MALFORMED'])

interface Peer {
  readonly known: Lru<Hash, true>
}

interface Ready {
  readonly hash: Hash
  readonly extrinsic: Extrinsic
}

export class Transactions implements TopicHandler, Service {
  readonly spec = SPEC
  readonly #dependencies: TransactionsDependencies
  readonly #seen: SeenCache
  readonly #peers: RolePeers<Peer>
  readonly #subscriptions = new Disposers()
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
    let good = 0
    for (const extrinsic of extrinsics) {
      const outcome = await this.#submit(peer, extrinsic)
      // What follows a bad one is not worth the work.
      if (outcome === 'bad') return { kind: 'reject', fault: FAULTS.badTransaction }
      if (outcome === 'good') good++
    }
    return good > 0 ? { kind: 'accept', reward: REWARD } : { kind: 'ignore', reason: 'nothing new' }
  }

  describe(message: Uint8Array): MessageContent {
    const extrinsics = decodeTransactions(message)
    return { kind: 'transactions', count: extrinsics.length, hashes: extrinsics.slice(0, SHOWN_HASHES).map(blake2Hash) }
  }

  async #submit(peer: Peer, extrinsic: Extrinsic): Promise<'good' | 'bad' | 'nothing'> {
    const hash = blake2Hash(extrinsic)
    peer.known.set(hash, true)
    if (!this.#seen.add(hash)) return 'nothing'
    try {
      await this.#dependencies.pool.submit(extrinsic, 'external')
      return 'good'
    } catch (error) {
      if (!isNodeError(error)) throw error
      return REFUSED_FOR_GOOD.has(error.code) && !PASSING.has(String(error.data['detail'])) ? 'bad' : 'nothing'
    }
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
