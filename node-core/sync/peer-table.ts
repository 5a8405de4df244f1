/**
 * The peers that blocks can come from: what they say they have, how they have been answering, and whether to believe them.
 *
 * A peer that failed rests for a while, longer each time; one that told of blocks it does not have is not believed for a
 * while. Both pass: the network is what punishes for good.
 */
import type { BlockRef } from '../state/types.ts'

export interface SyncPeer {
  readonly id: string
  best: BlockRef
  outstanding: number
  /** Failures in a row. */
  failures: number
  restsUntil: number
  disbelievedUntil: number
  /** Smoothed time for one block in milliseconds; 0 while nothing is known. */
  msPerBlock: number
  /** Since it came, for people: blocks, the heights of the last answer, and what went wrong. */
  delivered: number
  lastRange: { readonly from: number; readonly to: number } | undefined
  timeouts: number
  otherFailures: number
}

const FIRST_REST_MS = 1000
const LONGEST_REST_MS = 60_000
const SMOOTHING = 0.3

export class PeerTable {
  readonly #peers = new Map<string, SyncPeer>()
  readonly #maxOutstanding: number

  constructor(maxOutstanding: number) {
    this.#maxOutstanding = maxOutstanding
  }

  get size(): number {
    return this.#peers.size
  }

  add(id: string, best: BlockRef): void {
    const record = { delivered: 0, lastRange: undefined, timeouts: 0, otherFailures: 0 }
    this.#peers.set(id, { id, best, outstanding: 0, failures: 0, restsUntil: 0, disbelievedUntil: 0, msPerBlock: 0, ...record })
  }

  delete(id: string): boolean {
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

  /** The believed peer that goes highest. */
  highest(now: number): SyncPeer | undefined {
    return this.believed(now).reduce<SyncPeer | undefined>((top, peer) => (top === undefined || peer.best.number > top.best.number ? peer : top), undefined)
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

  measure(peer: SyncPeer, elapsedMs: number, blocks: number): void {
    const sample = Math.max(0.01, elapsedMs / Math.max(1, blocks))
    peer.msPerBlock = peer.msPerBlock === 0 ? sample : peer.msPerBlock * (1 - SMOOTHING) + sample * SMOOTHING
  }

  rest(peer: SyncPeer, now: number): void {
    peer.restsUntil = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** peer.failures)
    peer.failures++
  }

  disbelieve(peer: SyncPeer, now: number, ms: number): void {
    peer.disbelievedUntil = now + ms
  }
}

function cost(peer: SyncPeer): number {
  return peer.msPerBlock * (1 + peer.outstanding)
}
