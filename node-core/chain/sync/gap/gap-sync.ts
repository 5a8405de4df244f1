/**
 * Gap sync as a pure state machine: it is told of answers, of what was stored and of the time, and answers with actions.
 *
 * A node that began with a recent state has no blocks below it. They are fetched afterwards, as far as they are kept: from the upper edge
 * downwards, each request beginning with the hash that the lowest block so far names as its parent. So every header is proven by the one
 * above, up to a block that finality has proven, and nobody can make one up. A body is checked against its header before it is stored.
 * Justifications are asked for as well, for whoever asks this node for them: nothing here rests on them, and who sends wrong ones gains
 * nothing.
 *
 * This has the least priority of all. It asks while the syncer rests, those peers that it leaves free, one at a time, and no more in a
 * second than {@link GapOptions} say.
 *
 * What peers can do is answer late, not at all, or wrongly: who is silent rests, longer each time; who sends what does not follow, or a
 * body that is not the header's, is charged and not asked for a while (a second peer with the same wrong body is not charged: this node may
 * be wrong); who has none of these blocks keeps fewer, which is no fault. A
 * response that ends early is taken as far as it goes. Where the blocks lead to another genesis than ours, it is not a peer that lied but
 * the block on which this node began that is of another chain: then this stops, and says so.
 *
 * What is stored and what is missing is one mark in the database (state/fill-gap.ts), so a stop at any moment loses what was not stored, and
 * the next start goes on there.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { BlockRef } from '../../scale/block.ts'
import { checkResponse } from '../blocks/check-response.ts'
import { Pace } from '../blocks/pace.ts'
import { SYNC_FAULTS, timeoutFault } from '../faults.ts'
import { DISBELIEVE_MS } from '../options.ts'
import { Asked } from '../peers/asked.ts'
import type { BlockData, BlockRequest, FetchedBlock, GapStatus, RequestFailure } from '../types.ts'
import type { GapAction, GapBlocks, GapOptions, GapResult } from './types.ts'

/** Answers that wait to be stored, the one under way included. */
const MAX_WAITING = 2
/** A peer that has none of these blocks is asked again after so long. */
const LACKS_MS = 10 * 60_000
const FIRST_REST_MS = 2_000
const LONGEST_REST_MS = 120_000
/** After something could not be stored. */
const STORE_AGAIN_MS = 5_000
const REMEMBERED_PEERS = 1024
/** Over which the speed is told: requests are seconds apart where blocks are large. */
const PACE_MS = 60_000

interface Batch {
  readonly peer: string
  readonly blocks: readonly FetchedBlock[]
}

interface Standing {
  restsUntil: number
  /** Silences in a row. */
  silences: number
  askedAt: number
}

interface Pending {
  readonly id: number
  readonly peer: string
  readonly request: BlockRequest
  readonly sentAt: number
}

export class GapSync {
  readonly #blocks: GapBlocks
  readonly #options: GapOptions
  readonly #peers = new Lru<string, Standing>(REMEMBERED_PEERS)
  readonly #asked = new Asked()
  readonly #pace: Pace
  /** Downwards; the first is being stored. */
  #waiting: Batch[] = []
  #pending: Pending | undefined
  /** The block that the next request begins with; undefined where that is to be looked up. */
  #next: BlockRef | undefined
  /** What was stored since the start did not give the block above the gap its body yet. */
  #isEdgeDue = true
  #notBefore = 0
  #nextId = 1
  #foreign: string | undefined
  /** The block of which a wrong body came last, and from whom. */
  #disputed: { readonly hash: Hash; readonly peers: Set<string> } | undefined

  constructor(blocks: GapBlocks, now: number, options: GapOptions) {
    this.#blocks = blocks
    this.#options = options
    this.#pace = new Pace(now, PACE_MS)
  }

  /** `free` are the peers that may be asked now: none while there is better to do. */
  advance(free: readonly string[], now: number): GapAction[] {
    const actions: GapAction[] = []
    const pending = this.#pending
    if (pending !== undefined && now >= pending.sentAt + this.#options.timeoutMs) {
      actions.push({ kind: 'cancel', id: pending.id }, ...this.failed(pending.id, { kind: 'timeout' }, now))
    }
    const floor = this.#floor()
    if (floor === undefined || this.#foreign !== undefined || this.#pending !== undefined || this.#waiting.length >= MAX_WAITING || now < this.#notBefore) return actions
    this.#next ??= this.#edge(floor)
    if (this.#next === undefined || this.#next.number < floor) return actions
    const { hash: from, number } = this.#next
    const maxBlocks = Math.min(this.#options.batch, number - floor + 1)
    const request = { header: true, body: true, justifications: true, from, direction: 'descending', maxBlocks, multipleJustifications: true } as const
    const peer = this.#choose(free, request, now)
    if (peer === undefined) return actions
    this.#asked.add(peer, request, now)
    this.#standing(peer).askedAt = now
    this.#pending = { id: this.#nextId++, peer, request, sentAt: now }
    actions.push({ kind: 'request', id: this.#pending.id, peer, request })
    return actions
  }

  /** When the next request may go out, where it only waits for its time. */
  dueAt(now: number): number | undefined {
    return this.#pending === undefined && this.#notBefore > now && this.#floor() !== undefined ? this.#notBefore : undefined
  }

  answered(id: number, response: readonly BlockData[], now: number): GapAction[] {
    const pending = this.#take(id)
    if (pending === undefined) return []
    const { peer, request, sentAt } = pending
    const blocks = checkResponse(request, response, peer)
    if (blocks === undefined) return this.#charge(peer, SYNC_FAULTS.broken, DISBELIEVE_MS.broken, now)
    const standing = this.#standing(peer)
    standing.silences = 0
    const last = blocks.at(-1)
    if (last === undefined) {
      standing.restsUntil = now + LACKS_MS
      return []
    }
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0)
    const proofBytes = blocks.reduce((sum, { justifications }) => sum + justifications.reduce((all, { data }) => all + data.length, 0), 0)
    const { blocksPerSecond, bytesPerSecond, proofBytesPerSecond } = this.#options
    const costMs = 1000 * Math.max(blocks.length / blocksPerSecond, bytes / bytesPerSecond, proofBytes / proofBytesPerSecond)
    this.#notBefore = Math.max(this.#notBefore, sentAt) + costMs
    this.#next = { hash: last.block.header.parentHash, number: last.ref.number - 1 }
    this.#waiting.push({ peer, blocks })
    return this.#waiting.length === 1 ? [{ kind: 'fill', blocks }] : []
  }

  failed(id: number, failure: RequestFailure, now: number): GapAction[] {
    const pending = this.#take(id)
    if (pending === undefined) return []
    const { peer } = pending
    const standing = this.#standing(peer)
    switch (failure.kind) {
      case 'bad-response':
        return this.#charge(peer, failure.fault, DISBELIEVE_MS.broken, now)
      case 'disconnected':
      case 'repeated':
        return []
      default:
        standing.restsUntil = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** standing.silences)
        standing.silences++
        return failure.kind === 'timeout' ? [{ kind: 'report', peer, fault: timeoutFault(standing.silences - 1) }] : []
    }
  }

  /** What became of the blocks of the last `fill`. */
  filled(result: GapResult, now: number): GapAction[] {
    const [batch, next] = this.#waiting
    if (batch === undefined) return []
    if (result.kind === 'filled') {
      this.#waiting.shift()
      this.#isEdgeDue = false
      for (let i = 0; i < batch.blocks.length; i++) this.#pace.imported(now)
      return next === undefined ? [] : [{ kind: 'fill', blocks: next.blocks }]
    }
    // What follows builds on it: all of it is fetched again.
    this.#waiting = []
    this.#next = undefined
    const cancelled = this.#cancel()
    if (result.kind === 'wrong-body') return [...cancelled, ...this.#onWrongBody(batch.peer, result.block.hash, now)]
    if (result.kind === 'foreign') this.#foreign = result.message
    else this.#notBefore = now + STORE_AGAIN_MS
    return cancelled
  }

  /** Undefined where nothing that is kept is missing. */
  status(now: number): GapStatus | undefined {
    const gap = this.#blocks.gap()
    const floor = this.#floor()
    if (gap === undefined || floor === undefined || gap.to < floor) return undefined
    const perSecond = this.#pace.blocksPerSecond(now)
    return {
      from: floor, to: gap.to, perSecond,
      msLeft: perSecond > 0 ? Math.round(((gap.to - floor + 1) / perSecond) * 1000) : undefined,
      foreign: this.#foreign,
    }
  }

  /** The lowest block that is wanted; undefined where none is missing. */
  #floor(): number | undefined {
    const gap = this.#blocks.gap()
    if (gap === undefined) return undefined
    const { keep } = this.#options
    const floor = keep === undefined ? gap.from : Math.max(gap.from, this.#blocks.finalized().number - keep + 1)
    return gap.to < floor ? undefined : floor
  }

  /** Where the gap begins: the block above it once, because joining may have found nobody who had its body; from then on the highest missing one. */
  #edge(floor: number): BlockRef | undefined {
    const gap = this.#blocks.gap()
    const hash = gap === undefined ? undefined : this.#blocks.hashByNumber(gap.to + 1)
    const header = hash === undefined ? undefined : this.#blocks.header(hash)
    if (gap === undefined || hash === undefined || header === undefined) return undefined
    return this.#isEdgeDue && gap.to + 1 >= floor ? { hash, number: gap.to + 1 } : { hash: header.parentHash, number: gap.to }
  }

  /** Of those that may be asked, the one that was not for the longest time. */
  #choose(free: readonly string[], request: BlockRequest, now: number): string | undefined {
    let chosen: { readonly peer: string; readonly askedAt: number } | undefined
    for (const peer of free) {
      const { restsUntil, askedAt } = this.#standing(peer)
      if (restsUntil > now || this.#asked.has(peer, request, now)) continue
      if (chosen === undefined || askedAt < chosen.askedAt) chosen = { peer, askedAt }
    }
    return chosen?.peer
  }

  /** Where a second peer sends what is wrong as well, it may be this node that reckons wrongly: nobody is charged, and it waits. */
  #onWrongBody(peer: string, hash: Hash, now: number): GapAction[] {
    if (this.#disputed?.hash !== hash) this.#disputed = { hash, peers: new Set() }
    this.#disputed.peers.add(peer)
    if (this.#disputed.peers.size === 1) return this.#charge(peer, SYNC_FAULTS.broken, DISBELIEVE_MS.invalid, now)
    this.#standing(peer).restsUntil = now + DISBELIEVE_MS.invalid
    return []
  }

  #charge(peer: string, fault: PeerFault, restMs: number, now: number): GapAction[] {
    this.#standing(peer).restsUntil = now + restMs
    return [{ kind: 'report', peer, fault }]
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending
    if (pending?.id !== id) return undefined
    this.#pending = undefined
    return pending
  }

  #cancel(): GapAction[] {
    const pending = this.#pending
    this.#pending = undefined
    return pending === undefined ? [] : [{ kind: 'cancel', id: pending.id }]
  }

  #standing(peer: string): Standing {
    const known = this.#peers.get(peer)
    if (known !== undefined) return known
    const standing = { restsUntil: 0, silences: 0, askedAt: 0 }
    this.#peers.set(peer, standing)
    return standing
  }
}
