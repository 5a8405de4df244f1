/**
 * The peers that blocks can come from: what they say they have, how they have been answering, and whether to believe them.
 *
 * A peer that failed rests for a while, longer each time; one that told of blocks it does not have is not believed for a
 * while, longer each time. Both pass: the network is what punishes for good. Neither ends by going away and coming back.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import type { BlockRef } from '../../scale/block.ts'

export interface SyncPeer {
  readonly id: string
  best: BlockRef
  outstanding: number
  /** Failures in a row. */
  failures: number
  restsUntil: number
  disbelievedUntil: number
  /** How often it was not believed lately. */
  strikes: number
  /** When a block that it sent was imported last. */
  provenAt: number
  /** A block that cannot be imported now and that its chain leads through, as far as that is known. */
  behind: Hash | undefined
  /** Nothing can be asked of it before that would show where its chain leaves ours. */
  notFollowedBefore: number
  /** Smoothed time for one block in milliseconds; 0 while nothing is known. */
  msPerBlock: number
  /** Since it came, for people: blocks, the heights of the last answer, and what went wrong. */
  delivered: number
  lastRange: { readonly from: number; readonly to: number } | undefined
  timeouts: number
  otherFailures: number
}

/** What outlives a connection. */
type Standing = Pick<SyncPeer, 'failures' | 'restsUntil' | 'disbelievedUntil' | 'strikes'>

const FIRST_REST_MS = 1000
const LONGEST_REST_MS = 60_000
const LONGEST_DISBELIEF_MS = 3_600_000
/** Whose blocks are imported so long after it was believed again is as good as new. */
const FORGIVEN_MS = 10 * 60_000
const SMOOTHING = 0.3
const REMEMBERED = 1024
const NOTHING_KNOWN: Standing = { failures: 0, restsUntil: 0, disbelievedUntil: 0, strikes: 0 }

export class PeerTable {
  readonly #peers = new Map<string, SyncPeer>()
  readonly #left = new Lru<string, Standing>(REMEMBERED)
  readonly #maxOutstanding: number

  constructor(maxOutstanding: number) {
    this.#maxOutstanding = maxOutstanding
  }

  get size(): number {
    return this.#peers.size
  }

  add(id: string, best: BlockRef): void {
    const record = { delivered: 0, lastRange: undefined, timeouts: 0, otherFailures: 0 }
    const fresh = { outstanding: 0, provenAt: Number.NEGATIVE_INFINITY, behind: undefined, notFollowedBefore: 0, msPerBlock: 0 }
    this.#peers.set(id, { id, best, ...fresh, ...record, ...(this.#left.get(id) ?? NOTHING_KNOWN) })
    this.#left.delete(id)
  }

  delete(id: string): boolean {
    const peer = this.#peers.get(id)
    if (peer === undefined) return false
    const { failures, restsUntil, disbelievedUntil, strikes } = peer
    if (failures + strikes > 0) this.#left.set(id, { failures, restsUntil, disbelievedUntil, strikes })
    return this.#peers.delete(id)
  }

  get(id: string): SyncPeer | undefined {
    return this.#peers.get(id)
  }

  all(): SyncPeer[] {
    return [...this.#peers.values()]
  }

  /** Those whose word counts. */
  believed(now: number): SyncPeer[] {
    return [...this.#peers.values()].filter((peer) => peer.disbelievedUntil <= now)
  }

  /** May be asked now. Who has not answered yet is asked one thing at a time. */
  isFree(peer: SyncPeer, now: number): boolean {
    const limit = peer.msPerBlock === 0 ? 1 : this.#maxOutstanding
    return peer.restsUntil <= now && peer.disbelievedUntil <= now && peer.outstanding < limit
  }

  /** The free peer among `candidates` that answers fastest; those that are not known yet get their chance. */
  fastestFree(candidates: Iterable<SyncPeer>, now: number): SyncPeer | undefined {
    let best: SyncPeer | undefined
    for (const peer of candidates) {
      if (!this.isFree(peer, now)) continue
      if (best === undefined || cost(peer) < cost(best)) best = peer
    }
    return best
  }

  answered(peer: SyncPeer, elapsedMs: number, blocks: number): void {
    peer.failures = 0
    this.measure(peer, elapsedMs, blocks)
  }

  /** It sent these blocks, with their bodies. */
  delivered(peer: SyncPeer, heights: readonly number[]): void {
    peer.delivered += heights.length
    peer.lastRange = { from: Math.min(...heights), to: Math.max(...heights) }
  }

  /** A block that it sent was imported. */
  proved(peer: SyncPeer, now: number): void {
    peer.provenAt = now
    if (now >= peer.disbelievedUntil + FORGIVEN_MS) peer.strikes = 0
  }

  measure(peer: SyncPeer, elapsedMs: number, blocks: number): void {
    const sample = Math.max(0.01, elapsedMs / Math.max(1, blocks))
    peer.msPerBlock = peer.msPerBlock === 0 ? sample : peer.msPerBlock * (1 - SMOOTHING) + sample * SMOOTHING
  }

  rest(peer: SyncPeer, now: number): void {
    peer.restsUntil = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** peer.failures)
    peer.failures++
  }

  disbelieve(peer: SyncPeer, now: number, ms: number): void {
    peer.disbelievedUntil = Math.max(peer.disbelievedUntil, now + Math.min(LONGEST_DISBELIEF_MS, ms * 2 ** peer.strikes))
    peer.strikes++
  }
}

function cost(peer: SyncPeer): number {
  return peer.msPerBlock * (1 + peer.outstanding)
}
