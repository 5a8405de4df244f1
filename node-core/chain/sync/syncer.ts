/**
 * The syncer as a pure state machine: it is told of peers, announcements, answers, imports and the time, and answers with
 * actions (what to request, import, report), to be done in their order.
 *
 * Far behind, it downloads in bulk (bulk-download.ts). Near the top, it fetches announced blocks and their unknown ancestors
 * backwards (branches.ts). Finality that lags is asked for by itself (finality-chase.ts).
 *
 * What it stands against: peers that claim what they do not have (claims.ts), that stay silent, that send what contradicts itself
 * (check-response.ts) or does not follow (range-plan.ts), and its own mistakes, which must not cost honest peers anything
 * (refused-blocks.ts). Nothing that a peer claims is believed longer than the peer delivers. Nobody is asked the same thing twice
 * within a minute (asked.ts): honest peers would take that for an attack.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Header } from '../scale/header.ts'
import type { BlockRef } from '../scale/block.ts'
import { Branches } from './forks/branches.ts'
import { BulkDownload } from './blocks/bulk-download.ts'
import { checkResponse } from './blocks/check-response.ts'
import { claimedHeight } from './peers/claims.ts'
import type { SyncBlocks } from './chain.ts'
import { SyncContext } from './context.ts'
import { SYNC_FAULTS, timeoutFault } from './faults.ts'
import { FinalityChase } from './finality-chase.ts'
import { ImportResults } from './blocks/import-results.ts'
import { NO_KNOWLEDGE, type SyncKnowledge } from './peers/knowledge.ts'
import { BULK_DISTANCE, DEFAULT_SYNC_OPTIONS, DISBELIEVE_MS, MAJOR_DISTANCE, type SyncOptions } from './options.ts'
import { Pace } from './blocks/pace.ts'
import type { SyncPeer } from './peers/peer-table.ts'
import type { Pending } from './peers/requests.ts'
import { servingPeers } from './peers/serving-peers.ts'
import type { BlockData, ImportResult, RequestFailure, StallReason, SyncAction, SyncPeerDetails, SyncStatus } from './types.ts'

export class Syncer {
  readonly #context: SyncContext
  readonly #branches: Branches
  readonly #bulk: BulkDownload
  readonly #finality: FinalityChase
  readonly #results: ImportResults
  readonly #pace: Pace
  #startingBlock: number | undefined

  constructor(blocks: SyncBlocks, now: number, options: SyncOptions = DEFAULT_SYNC_OPTIONS, knowledge: SyncKnowledge = NO_KNOWLEDGE) {
    this.#context = new SyncContext(blocks, options, knowledge)
    // A long fork is downloaded upwards, like everything that is long.
    this.#branches = new Branches(this.#context, (tip, peer) => {
      if (!this.#bulk.isActive) this.#bulk.follow(peer, tip)
    })
    this.#bulk = new BulkDownload(this.#context, this.#branches, (at) => this.#target(at))
    this.#finality = new FinalityChase(this.#context, now)
    this.#pace = new Pace(now)
    this.#results = new ImportResults(this.#context, this.#bulk, this.#pace)
  }

  peerConnected(id: string, best: BlockRef, now: number): SyncAction[] {
    this.#context.peers.add(id, best)
    const root = this.#context.refused.through(best.hash)
    if (root !== undefined) this.#context.refused.heldBy(id, best.hash, root)
    return this.#advance(now)
  }

  peerDisconnected(id: string, now: number): SyncAction[] {
    this.#context.requests.cancel(({ peer }) => peer === id)
    this.#context.peers.delete(id)
    this.#branches.forgetPeer(id)
    return this.#advance(now)
  }

  announced(id: string, header: Header, hash: Hash, isBest: boolean, now: number): SyncAction[] {
    const peer = this.#context.peers.get(id)
    if (peer === undefined) return []
    const tip: BlockRef = { hash, number: header.number }
    if (isBest && peer.best.hash !== hash) this.#moved(peer, tip, header.parentHash)
    const root = this.#context.refused.through(hash) ?? this.#context.refused.through(header.parentHash)
    if (root !== undefined) {
      this.#context.refused.heldBy(id, hash, root)
      return this.#advance(now)
    }
    const distance = header.number - this.#context.blocks.best().number
    if (distance <= BULK_DISTANCE && peer.disbelievedUntil <= now) this.#branches.want(peer, tip, header.parentHash, now)
    return this.#advance(now)
  }

  /** An answer to the request `id`. */
  answered(id: number, response: readonly BlockData[], now: number): SyncAction[] {
    const { requests, peers } = this.#context
    const pending = requests.take(id)
    if (pending === undefined) return []
    const { purpose, request, sentAt } = pending
    const peer = peers.get(pending.peer)
    if (peer === undefined) return this.#advance(now)
    const blocks = checkResponse(request, response, peer.id)
    if (blocks === undefined) {
      purpose.drop(peer.id)
      peer.otherFailures++
      this.#context.punish(peer, SYNC_FAULTS.broken, DISBELIEVE_MS.broken, now)
    } else if (blocks.length === 0 && purpose.mayBeEmpty !== true) {
      purpose.drop(peer.id)
      peer.otherFailures++
      this.#context.punish(peer, SYNC_FAULTS.empty, DISBELIEVE_MS.empty, now)
    } else {
      peers.answered(peer, now - sentAt, blocks.length)
      if (request.body) peers.delivered(peer, blocks.map(({ ref }) => ref.number))
      purpose.use(blocks, peer, now)
    }
    return this.#advance(now)
  }

  failed(id: number, failure: RequestFailure, now: number): SyncAction[] {
    const pending = this.#context.requests.take(id)
    if (pending !== undefined) this.#fail(pending, failure, now)
    return this.#advance(now)
  }

  imported(ticket: number, result: ImportResult, now: number): SyncAction[] {
    const entry = this.#context.line.done(ticket)
    if (entry === undefined) return []
    this.#results.take(entry, result, now)
    return this.#advance(now)
  }

  /** A justification that was asked for by itself was refused. */
  justificationRefused(peer: string, block: Hash, now: number): SyncAction[] {
    this.#context.accuse(peer, block, now)
    this.#finality.disproved()
    return this.#advance(now)
  }

  /** One was taken: what comes after it may be had now. */
  justified(now: number): SyncAction[] {
    this.#finality.tick(now, this.#bulk.isActive)
    return this.#advance(now)
  }

  tick(now: number): SyncAction[] {
    const { requests, options } = this.#context
    for (const pending of requests.expire(now - options.requestTimeoutMs)) this.#fail(pending, { kind: 'timeout' }, now)
    this.#finality.tick(now, this.#bulk.isActive)
    this.#context.refused.tick(now)
    return this.#advance(now)
  }

  status(now: number): SyncStatus {
    const { blocks, peers, requests } = this.#context
    const currentBlock = blocks.best().number
    const highestBlock = Math.max(currentBlock, this.#target(now))
    const state = this.#state(now)
    const blocksPerSecond = this.#pace.blocksPerSecond(now)
    const behind = highestBlock - currentBlock
    return {
      state,
      startingBlock: this.#startingBlock ?? currentBlock,
      currentBlock,
      highestBlock,
      blocksPerSecond,
      secondsLeft: state === 'idle' ? 0 : blocksPerSecond > 0 ? behind / blocksPerSecond : undefined,
      peers: peers.size,
      queuedBlocks: this.#bulk.queuedBlocks,
      queuedBytes: this.#bulk.queuedBytes,
      pendingRequests: requests.size,
      stalled: this.#stall(state, now),
      refused: this.#context.refused.shown(now),
    }
  }

  /** Who serves what, and how well. */
  peers(now: number): SyncPeerDetails[] {
    const { peers, requests } = this.#context
    return servingPeers(peers.all(), requests, now)
  }

  /** Peers of which nothing is wanted now, while there is nothing to sync; none otherwise. */
  idlePeers(now: number): string[] {
    if (this.#state(now) !== 'idle' || this.#context.requests.size > 0) return []
    const { peers } = this.#context
    return peers.all().filter((peer) => peers.isFree(peer, now)).map(({ id }) => id)
  }

  /** Blocks that a peer delivered; undefined for one that is not here. */
  deliveredBy(peer: string): number | undefined {
    return this.#context.peers.get(peer)?.delivered
  }

  /** Far behind what most peers have. */
  isMajorSyncing(now: number): boolean {
    return this.#target(now) - this.#context.blocks.best().number > MAJOR_DISTANCE
  }

  /** The height of most peers, as far as it can be believed. */
  #target(now: number): number {
    const { peers, knowledge } = this.#context
    return claimedHeight(peers.believed(now), knowledge.ceiling(now), now) ?? 0
  }

  /** Where its chain goes on from what it had before, it leads through the same blocks. */
  #moved(peer: SyncPeer, tip: BlockRef, parent: Hash): void {
    if (parent !== peer.best.hash) {
      peer.behind = undefined
      this.#bulk.peerMoved(peer.id)
    }
    peer.best = tip
  }

  #state(now: number): SyncStatus['state'] {
    if (this.isMajorSyncing(now)) return 'major-sync'
    return this.#bulk.isActive || this.#branches.size > 0 || this.#context.line.blocks > 0 ? 'syncing' : 'idle'
  }

  #stall(state: SyncStatus['state'], now: number): SyncStatus['stalled'] {
    const { line, peers, requests, options } = this.#context
    const forMs = this.#pace.idleFor(now)
    if (state === 'idle' || forMs < options.stallMs) return undefined
    let reason: StallReason = 'no-usable-peers'
    if (line.importing > 0) reason = 'import-is-slow'
    else if (now < this.#context.pausedUntil || this.#context.refused.shown(now) !== undefined) reason = 'blocks-do-not-execute'
    else if (requests.size > 0 || peers.believed(now).some(({ failures }) => failures > 0)) reason = 'peers-do-not-answer'
    return { reason, forMs }
  }

  #advance(now: number): SyncAction[] {
    const { blocks, line, early } = this.#context
    for (const { block, origin } of early.takeDue(now)) line.add([block], origin)
    if (now >= this.#context.pausedUntil) {
      this.#chooseTarget(now)
      this.#bulk.advance(now)
      this.#branches.fetch(now)
      for (const [ticket, { block, origin }] of line.take()) this.#context.act({ kind: 'import', ticket, block, origin })
    }
    if (this.#state(now) === 'idle') {
      this.#startingBlock = undefined
      this.#pace.rested(now)
    } else if (this.#startingBlock === undefined) {
      this.#startingBlock = blocks.best().number
      this.#pace.rested(now)
    }
    return this.#context.takeActions()
  }

  /** What the peers have and we do not: in bulk where it is much, block by block where it is little. */
  #chooseTarget(now: number): void {
    const { blocks, peers, line } = this.#context
    // Blocks on their way to the importer may be all that is missing.
    if (this.#bulk.isActive || line.blocks > 0) return
    const best = blocks.best().number
    const target = this.#target(now)
    let top: SyncPeer | undefined
    for (const peer of peers.believed(now)) {
      if (peer.best.number <= blocks.finalized().number || this.#context.isHere(peer.best.hash) || this.#context.isBehindObstacle(peer, now)) continue
      if (peer.best.number - best <= BULK_DISTANCE) this.#branches.want(peer, peer.best, undefined, now)
      else if (peers.isFree(peer, now) && peer.notFollowedBefore <= now && (top === undefined || isMoreLikely(peer, top, target))) top = peer
    }
    if (top !== undefined) this.#bulk.follow(top, top.best)
  }

  #fail({ peer: id, purpose }: Pending, failure: RequestFailure, now: number): void {
    const { peers } = this.#context
    purpose.drop(id, failure.kind)
    const peer = peers.get(id)
    if (peer === undefined || failure.kind === 'repeated') return
    if (failure.kind === 'timeout') peer.timeouts++
    else if (failure.kind !== 'disconnected') peer.otherFailures++
    if (failure.kind === 'bad-response') return this.#context.punish(peer, failure.fault, DISBELIEVE_MS.broken, now)
    // Several requests that time out together are one silence.
    if (failure.kind === 'timeout' && now < peer.restsUntil) return
    if (failure.kind === 'timeout') this.#context.report(id, timeoutFault(peer.failures))
    peers.rest(peer, now)
  }
}

/** Who answers, and claims no more than most do, is followed first; among those the highest. */
function isMoreLikely(a: SyncPeer, b: SyncPeer, target: number): boolean {
  if (a.failures > 0 !== b.failures > 0) return a.failures === 0
  const [isHighA, isHighB] = [a.best.number > target, b.best.number > target]
  if (isHighA !== isHighB) return isHighB
  return isHighA ? a.best.number < b.best.number : a.best.number > b.best.number
}
