/**
 * Finds the block above which a peer's chain is to be downloaded: one question after the other to that peer, where its chain
 * leaves ours (ancestor-search.ts). What a peer said of a height is remembered for as long as it must not be asked again, so
 * that a second search soon after the first needs no question that was answered.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import { REPEAT_MS } from '../../../network/requests/repeat-guard.ts'
import type { BlockRef } from '../../scale/block.ts'
import { AncestorSearch } from './ancestor-search.ts'
import type { SyncContext } from '../context.ts'
import { SYNC_FAULTS } from '../faults.ts'
import { DISBELIEVE_MS } from '../options.ts'
import type { SyncPeer } from '../peers/peer-table.ts'
import type { Question } from '../types.ts'

/** Peers, and heights of each, that are remembered. */
const MEMORY = { peers: 256, heights: 64 }
/** A peer of whom no height can be asked now is not looked at again before. */
const LATER_MS = 5_000

interface Told {
  readonly hash: Hash
  readonly at: number
}

export class ForkFinder {
  readonly #context: SyncContext
  readonly #onFound: (anchor: BlockRef, witness: string) => void
  readonly #told = new Lru<string, Lru<number, Told>>(MEMORY.peers)
  #search: AncestorSearch | undefined

  constructor(context: SyncContext, onFound: (anchor: BlockRef, witness: string) => void) {
    this.#context = context
    this.#onFound = onFound
  }

  get isActive(): boolean {
    return this.#search !== undefined
  }

  follow(peer: SyncPeer, top: BlockRef): void {
    const { blocks } = this.#context
    this.#search = new AncestorSearch(peer.id, blocks.finalized().number, Math.min(blocks.best().number, top.number))
  }

  /** The peer moved to another chain: what it said of heights holds no more. */
  forget(peer: string): void {
    this.#told.delete(peer)
  }

  advance(now: number): void {
    const { requests, peers } = this.#context
    while (this.#search !== undefined && !requests.isOut('search')) {
      const search = this.#search
      const peer = peers.get(search.peer)
      if (peer === undefined) this.#search = undefined
      else if (!this.#step(search, peer, now)) return
    }
  }

  /** One step of the search. False where it waits for an answer. */
  #step(search: AncestorSearch, peer: SyncPeer, now: number): boolean {
    const { requests } = this.#context
    for (const height of search.probes()) {
      const known = this.#known(peer.id, height, now)
      if (known !== undefined) {
        this.#answer(search, height, known, peer, now)
        return true
      }
      const sent = requests.send(
        peer,
        questionOf(height),
        {
          kind: 'search',
          subject: search,
          use: ([block], by, at) => {
            if (block === undefined) return
            this.#remember(by.id, height, block.ref.hash, at)
            if (search === this.#search) this.#answer(search, height, block.ref.hash, by, at)
          },
          drop: () => {
            if (this.#search === search) this.#search = undefined
          },
        },
        now,
      )
      if (sent) return false
    }
    this.#search = undefined
    peer.notFollowedBefore = now + LATER_MS
    return true
  }

  #answer(search: AncestorSearch, height: number, hash: Hash, peer: SyncPeer, now: number): void {
    const { blocks } = this.#context
    const result = search.answer(height, hash === blocks.hashByNumber(height))
    if (result.kind === 'probe') return
    this.#search = undefined
    if (result.kind === 'foreign') return this.#context.punish(peer, SYNC_FAULTS.foreign, DISBELIEVE_MS.foreign, now)
    const anchor = blocks.hashByNumber(result.number)
    if (anchor !== undefined) this.#onFound({ hash: anchor, number: result.number }, peer.id)
  }

  /** The peer's block at a height, where it said so lately, or could say nothing else: genesis was compared when it connected. */
  #known(peer: string, height: number, now: number): Hash | undefined {
    const { blocks, requests } = this.#context
    if (height === 0 && !requests.mayAsk(peer, questionOf(0), now)) return blocks.hashByNumber(0)
    const told = this.#told.get(peer)?.get(height)
    return told !== undefined && now < told.at + REPEAT_MS ? told.hash : undefined
  }

  #remember(peer: string, height: number, hash: Hash, at: number): void {
    const heights = this.#told.get(peer) ?? new Lru<number, Told>(MEMORY.heights)
    heights.set(height, { hash, at })
    this.#told.set(peer, heights)
  }
}

function questionOf(height: number): Question {
  return { from: height, direction: 'ascending', maxBlocks: 1, body: false, justifications: false }
}
