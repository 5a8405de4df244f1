/**
 * The download half: far behind, it finds where a peer's chain leaves ours (fork-finder.ts), then fetches upwards from
 * there, ranges of heights from all peers at once (range-plan.ts), never further ahead of the import than the window.
 *
 * Nobody is asked for the same range twice within a minute. Where a range was lost with its answer, its first half is asked for;
 * where everybody was asked, the download waits.
 */
import type { BlockRef } from '../../scale/block.ts'
import type { Branches } from '../forks/branches.ts'
import type { SyncContext } from '../context.ts'
import { SYNC_FAULTS } from '../faults.ts'
import { ForkFinder } from '../forks/fork-finder.ts'
import { DISBELIEVE_MS } from '../options.ts'
import type { SyncPeer } from '../peers/peer-table.ts'
import { RangePlan, type Range } from './range-plan.ts'
import type { FetchedBlock, Question } from '../types.ts'

export class BulkDownload {
  readonly #context: SyncContext
  /** They share the window. */
  readonly #branches: Pick<Branches, 'heldBlocks' | 'heldBytes'>
  /** How far there is anything to download, as far as most peers tell. */
  readonly #target: (now: number) => number
  readonly #finder: ForkFinder
  #plan: RangePlan | undefined
  /** Up to this height only the plan's witness is asked: other peers' blocks led astray before. */
  #witnessOnlyUpTo = 0
  #bytesPerBlock = 1000

  constructor(context: SyncContext, branches: Pick<Branches, 'heldBlocks' | 'heldBytes'>, target: (now: number) => number) {
    this.#context = context
    this.#branches = branches
    this.#target = target
    this.#finder = new ForkFinder(context, (anchor, witness) => (this.#plan = new RangePlan(anchor, witness, context.options.batch)))
  }

  /** It searches or downloads. */
  get isActive(): boolean {
    return this.#plan !== undefined || this.#finder.isActive
  }

  get plan(): RangePlan | undefined {
    return this.#plan
  }

  /** Blocks that are here and not imported, in all parts of the syncer. */
  get queuedBlocks(): number {
    return this.#context.line.blocks + (this.#plan?.heldBlocks ?? 0) + this.#branches.heldBlocks + this.#context.early.blocks
  }

  get queuedBytes(): number {
    return this.#context.line.bytes + (this.#plan?.heldBytes ?? 0) + this.#branches.heldBytes + this.#context.early.bytes
  }

  /** Begins to follow the chain of `peer`, which ends in `top`. */
  follow(peer: SyncPeer, top: BlockRef): void {
    this.#finder.follow(peer, top)
  }

  /** The peer went over to another chain. */
  peerMoved(peer: string): void {
    this.#finder.forget(peer)
  }

  advance(now: number): void {
    this.#finder.advance(now)
    this.#download(now)
  }

  /** Forgets what is downloaded and not on its way to the importer. */
  reset(): void {
    const plan = this.#plan
    this.letGo()
    if (plan !== undefined) this.#context.line.drop(plan)
  }

  /** Downloads no more; what is in the line goes its way. */
  letGo(): void {
    if (this.#plan === undefined) return
    this.#plan = undefined
    this.#context.requests.cancel(({ purpose }) => purpose.kind === 'range')
  }

  #download(now: number): void {
    const plan = this.#plan
    if (plan === undefined) return
    plan.trim()
    const { peers: table } = this.#context
    const peers = table.believed(now).filter((peer) => !plan.excluded.has(peer.id) && !this.#context.isBehindObstacle(peer, now))
    const end = this.#end(plan, peers, now)
    if (plan.first === undefined && plan.frontier.number >= end) {
      this.#plan = undefined
      return
    }
    for (const range of plan.open(end)) {
      const candidates = this.#candidates(plan, range, peers)
      if (candidates.length === 0 && range === plan.first) {
        this.#fail(plan, now)
        return
      }
      if (!this.#hasRoom(range, plan)) break
      // All that may have it were asked for it a moment ago, in vain or for a chain that was given up: another question, not a minute's wait.
      if (range.count > 1 && candidates.length > 0 && !candidates.some(({ id }) => this.#mayAsk(id, range, now))) plan.halve(range)
      const askable = candidates.filter(({ id }) => this.#mayAsk(id, range, now))
      // What all wait for is not what a peer that never answered is tried with.
      const proven = range === plan.first ? askable.filter(({ msPerBlock }) => msPerBlock > 0) : []
      const peer = table.fastestFree(proven, now) ?? table.fastestFree(askable, now)
      if (peer === undefined) break
      this.#ask(peer, plan, range, now)
    }
    plan.trim()
    this.#askAgain(plan, peers, now)
  }

  /** Higher than most peers are, only what the peer that is followed says of its own chain counts, and what it has. */
  #end(plan: RangePlan, peers: readonly SyncPeer[], now: number): number {
    const witness = peers.find(({ id }) => id === plan.witness)
    const highest = Math.max(0, ...peers.map(({ best }) => best.number))
    return Math.min(highest, Math.max(this.#target(now), witness?.best.number ?? 0))
  }

  /** What everything waits for is asked for a second time, of somebody else. */
  #askAgain(plan: RangePlan, peers: readonly SyncPeer[], now: number): void {
    const { options, peers: table } = this.#context
    const { first } = plan
    const [since] = first?.asked.values() ?? []
    if (first?.blocks !== undefined || first?.asked.size !== 1 || since === undefined || now < since + options.secondAskMs) return
    const others = this.#candidates(plan, first, peers).filter(({ id }) => !first.asked.has(id) && this.#mayAsk(id, first, now))
    const second = table.fastestFree(others, now)
    if (second !== undefined) this.#ask(second, plan, first, now)
  }

  #candidates(plan: RangePlan, range: Range, peers: readonly SyncPeer[]): SyncPeer[] {
    const anybody = range.start > this.#witnessOnlyUpTo
    return peers.filter(({ id, best }) => best.number >= range.start && !range.unlinked.has(id) && (anybody || id === plan.witness))
  }

  #mayAsk(peer: string, range: Range, now: number): boolean {
    return this.#context.requests.mayAsk(peer, questionOf(range), now)
  }

  #ask(peer: SyncPeer, plan: RangePlan, range: Range, now: number): void {
    range.asked.set(peer.id, now)
    const use = (blocks: readonly FetchedBlock[], by: SyncPeer, at: number): void => this.#onRange(plan, range, blocks, by, at)
    const drop = (id: string): void => void range.asked.delete(id)
    this.#context.requests.send(peer, questionOf(range), { kind: 'range', subject: range, use, drop }, now)
  }

  /** The window. What everything waits for is fetched in any case, once nothing else is there. */
  #hasRoom(range: Range, plan: RangePlan): boolean {
    const { line, options } = this.#context
    const requested = plan.requestedBlocks + range.count
    if (range === plan.first && line.blocks === 0) return true
    return this.queuedBlocks + requested <= options.windowBlocks && this.queuedBytes + requested * this.#bytesPerBlock <= options.windowBytes
  }

  #onRange(plan: RangePlan, range: Range, blocks: readonly FetchedBlock[], peer: SyncPeer, now: number): void {
    const { peers, requests, line } = this.#context
    range.asked.delete(peer.id)
    if (this.#leadsNowhere(range, blocks, peer, now)) return
    // Whoever else was asked for it was slower.
    for (const [other, since] of range.asked) {
      const slow = peers.get(other)
      if (slow !== undefined) peers.measure(slow, now - since, range.count)
    }
    requests.cancel(({ purpose }) => purpose.subject === range)
    plan.deliver(range, blocks)
    this.#bytesPerBlock += (range.bytes / blocks.length - this.#bytesPerBlock) / 8
    for (let linked = plan.takeLinked(); linked !== undefined; linked = plan.takeLinked()) {
      if (linked.kind === 'unlinked') break
      for (const id of linked.unlinked) this.#context.report(id, SYNC_FAULTS.unlinked)
      line.add(linked.blocks, 'sync', plan)
    }
  }

  /** Blocks that cannot be imported are not taken: known to be bad, or not to be executed here, or kept already. */
  #leadsNowhere(range: Range, blocks: readonly FetchedBlock[], peer: SyncPeer, now: number): boolean {
    const { refused, peers } = this.#context
    for (const [i, { ref }] of blocks.entries()) {
      const obstacle = this.#context.obstacle(ref.hash, now)
      if (obstacle === undefined && !this.#context.isBad(ref.hash, peer.id)) continue
      range.unlinked.add(peer.id)
      if (obstacle === undefined) peers.disbelieve(peer, now, DISBELIEVE_MS.invalid)
      else {
        peer.behind = obstacle
        if (refused.through(obstacle) !== undefined) for (const above of blocks.slice(i)) refused.heldBy(peer.id, above.ref.hash, obstacle)
      }
      return true
    }
    return false
  }

  /** Nobody has blocks that follow from the last ones: somebody reorganized, or the witness made its chain up. */
  #fail(plan: RangePlan, now: number): void {
    const witness = this.#context.peers.get(plan.witness)
    const { first } = plan
    if (first !== undefined && first.unlinked.size > 0) this.#witnessOnlyUpTo = first.start + first.count
    for (const id of first?.unlinked ?? []) this.#finder.forget(id)
    const isWitnessAstray = witness !== undefined && first?.unlinked.has(witness.id) === true && !this.#context.isBehindObstacle(witness, now)
    if (plan.frontier === plan.anchor && isWitnessAstray) this.#context.punish(witness, SYNC_FAULTS.unlinked, DISBELIEVE_MS.unlinked, now)
    this.reset()
  }
}

function questionOf({ start, count }: Range): Question {
  return { from: start, direction: 'ascending', maxBlocks: count, body: true, justifications: true }
}
