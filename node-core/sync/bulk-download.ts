/**
 * The download half: far behind, it finds where a peer's chain leaves ours (ancestor-search.ts), then fetches upwards from
 * there, ranges of heights from all peers at once (range-plan.ts), never further ahead of the import than the window.
 */
import type { BlockRef } from '../state/types.ts'
import { AncestorSearch } from './ancestor-search.ts'
import type { Branches } from './branches.ts'
import type { SyncContext } from './context.ts'
import { SYNC_FAULTS } from './faults.ts'
import { DISBELIEVE_MS } from './options.ts'
import type { SyncPeer } from './peer-table.ts'
import { RangePlan, type Range } from './range-plan.ts'
import type { FetchedBlock } from './types.ts'

export class BulkDownload {
  readonly #context: SyncContext
  /** They share the window. */
  readonly #branches: Pick<Branches, 'heldBlocks' | 'heldBytes'>
  #search: AncestorSearch | undefined
  #plan: RangePlan | undefined
  /** Up to this height only the plan's witness is asked: other peers' blocks led astray before. */
  #witnessOnlyUpTo = 0
  #bytesPerBlock = 1000

  constructor(context: SyncContext, branches: Pick<Branches, 'heldBlocks' | 'heldBytes'>) {
    this.#context = context
    this.#branches = branches
  }

  /** It searches or downloads. */
  get isActive(): boolean {
    return this.#plan !== undefined || this.#search !== undefined
  }

  get plan(): RangePlan | undefined {
    return this.#plan
  }

  /** Blocks that are here and not imported, in all parts of the syncer. */
  get queuedBlocks(): number {
    return this.#context.line.blocks + (this.#plan?.heldBlocks ?? 0) + this.#branches.heldBlocks
  }

  get queuedBytes(): number {
    return this.#context.line.bytes + (this.#plan?.heldBytes ?? 0) + this.#branches.heldBytes
  }

  /** Begins to follow the chain of `peer`, which ends in `top`. */
  follow(peer: SyncPeer, top: BlockRef): void {
    const { blocks } = this.#context
    this.#search = new AncestorSearch(peer.id, blocks.finalized().number, Math.min(blocks.best().number, top.number))
  }

  advance(now: number): void {
    this.#probe(now)
    this.#download(now)
  }

  /** Forgets what is downloaded and not on its way to the importer. */
  reset(): void {
    const plan = this.#plan
    this.#plan = undefined
    if (plan === undefined) return
    this.#context.line.drop(plan)
    this.#context.requests.cancel(({ purpose }) => purpose.kind === 'range')
  }

  #probe(now: number): void {
    const search = this.#search
    const { requests, peers } = this.#context
    if (search === undefined || requests.isOut('search')) return
    const peer = peers.get(search.peer)
    if (peer === undefined) {
      this.#search = undefined
      return
    }
    const request = { from: search.probe, direction: 'ascending', maxBlocks: 1, body: false, justifications: false } as const
    const drop = (): void => {
      if (this.#search === search) this.#search = undefined
    }
    requests.send(peer, request, { kind: 'search', subject: search, use: ([block], by, at) => this.#onProbe(search, block, by, at), drop }, now)
  }

  #onProbe(search: AncestorSearch, block: FetchedBlock | undefined, peer: SyncPeer, now: number): void {
    if (search !== this.#search) return
    const { blocks, options } = this.#context
    const ours = blocks.hashByNumber(search.probe)
    const result = search.answer(block !== undefined && block.ref.hash === ours)
    if (result.kind === 'probe') return
    this.#search = undefined
    if (result.kind === 'foreign') return this.#context.punish(peer, SYNC_FAULTS.foreign, DISBELIEVE_MS.foreign, now)
    const hash = blocks.hashByNumber(result.number)
    if (hash !== undefined) this.#plan = new RangePlan({ hash, number: result.number }, peer.id, options.batch)
  }

  #download(now: number): void {
    const plan = this.#plan
    if (plan === undefined) return
    plan.trim()
    const { peers: table } = this.#context
    const peers = table.believed(now).filter(({ id }) => !plan.excluded.has(id))
    const end = Math.max(0, ...peers.map(({ best }) => best.number))
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
      // What all wait for is not what a peer that never answered is tried with.
      const proven = range === plan.first ? candidates.filter(({ msPerBlock }) => msPerBlock > 0) : []
      const peer = table.fastestFree(proven, now) ?? table.fastestFree(candidates, now)
      if (peer === undefined) break
      this.#ask(peer, plan, range, now)
    }
    plan.trim()
    this.#askAgain(plan, peers, now)
  }

  /** What everything waits for is asked for a second time, of somebody else. */
  #askAgain(plan: RangePlan, peers: readonly SyncPeer[], now: number): void {
    const { options, peers: table } = this.#context
    const { first } = plan
    const [since] = first?.asked.values() ?? []
    if (first?.blocks !== undefined || first?.asked.size !== 1 || since === undefined || now < since + options.secondAskMs) return
    const others = this.#candidates(plan, first, peers).filter(({ id }) => !first.asked.has(id))
    const second = table.fastestFree(others, now)
    if (second !== undefined) this.#ask(second, plan, first, now)
  }

  #candidates(plan: RangePlan, range: Range, peers: readonly SyncPeer[]): SyncPeer[] {
    const anybody = range.start > this.#witnessOnlyUpTo
    return peers.filter(({ id, best }) => best.number >= range.start && !range.unlinked.has(id) && (anybody || id === plan.witness))
  }

  #ask(peer: SyncPeer, plan: RangePlan, range: Range, now: number): void {
    range.asked.set(peer.id, now)
    const request = { from: range.start, direction: 'ascending', maxBlocks: range.count, body: true, justifications: true } as const
    const use = (blocks: readonly FetchedBlock[], by: SyncPeer, at: number): void => this.#onRange(plan, range, blocks, by, at)
    this.#context.requests.send(peer, request, { kind: 'range', subject: range, use, drop: (id) => range.asked.delete(id) }, now)
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

  /** Nobody has blocks that follow from the last ones: somebody reorganized, or the witness made its chain up. */
  #fail(plan: RangePlan, now: number): void {
    const witness = this.#context.peers.get(plan.witness)
    const { first } = plan
    if (first !== undefined && first.unlinked.size > 0) this.#witnessOnlyUpTo = first.start + first.count
    if (plan.frontier === plan.anchor && witness !== undefined && first?.unlinked.has(witness.id) === true) {
      this.#context.punish(witness, SYNC_FAULTS.unlinked, DISBELIEVE_MS.unlinked, now)
    }
    this.reset()
  }
}
