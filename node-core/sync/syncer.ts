/**
 * The syncer as a pure state machine: it is told of peers, announcements, answers, imports and the time, and answers with
 * actions (what to request, import, report), to be done in their order.
 *
 * Far behind, it finds where the highest believable peer's chain leaves ours (ancestor-search.ts) and downloads upwards from
 * there from all peers at once (range-plan.ts), never further ahead of the import than a window of blocks and bytes. Near
 * the top, it fetches announced blocks and their unknown ancestors backwards (branch.ts). Nothing a peer claims is believed
 * longer than the peer delivers: who stays silent rests, who has nothing is not believed, who sends garbage is reported.
 */
import type { Hash } from '../base/bytes.ts'
import { Lru } from '../base/lru.ts'
import type { PeerFault } from '../network/contracts.ts'
import type { Header } from '../scale/header.ts'
import type { BlockRef, BlockStateReader } from '../state/types.ts'
import { AncestorSearch } from './ancestor-search.ts'
import { Branch } from './branch.ts'
import { checkResponse } from './check-response.ts'
import { SYNC_FAULTS, isPeersFault } from './faults.ts'
import { ImportLine } from './import-line.ts'
import { Pace } from './pace.ts'
import { PeerTable, type SyncPeer } from './peer-table.ts'
import { RangePlan, type Range } from './range-plan.ts'
import type { BlockData, BlockRequest, FetchedBlock, ImportResult, RequestFailure, StallReason, SyncAction, SyncStatus } from './types.ts'

export interface SyncOptions {
  /** How far the download may be ahead of the import. */
  readonly windowBlocks: number
  readonly windowBytes: number
  /** Blocks per request. */
  readonly batch: number
  /** Blocks that are handed to the importer at once. */
  readonly maxImporting: number
  /** Requests that one peer answers at once. */
  readonly perPeer: number
  readonly requestTimeoutMs: number
  /** The range that all wait for is asked for a second time after so long. */
  readonly secondAskMs: number
  readonly stallMs: number
}

export const DEFAULT_SYNC_OPTIONS: SyncOptions = {
  windowBlocks: 2048,
  windowBytes: 64 * 1024 * 1024,
  batch: 128,
  maxImporting: 128,
  perPeer: 2,
  requestTimeoutMs: 15_000,
  secondAskMs: 2000,
  stallMs: 30_000,
}

/** Closer than this, blocks are fetched one by one, backwards from the announced one. */
const BULK_DISTANCE = 64
/** Further behind than this counts as major sync, as elsewhere in this family of networks. */
const MAJOR_DISTANCE = 5
const MAX_BRANCHES = 16
const BRANCH_LIMITS = { blocks: 1024, bytes: 32 * 1024 * 1024 }
const BAD_BLOCKS = 512
const PAUSE_MS = 5000
const DISBELIEVE_MS = { empty: 60_000, broken: 300_000, foreign: 600_000, invalid: 600_000, unlinked: 30_000 }
/** Finality that lags by more blocks than this, for longer than that, is asked for. */
const FINALITY = { lag: 16, patienceMs: 30_000 }
/** A peer is told on for a bad justification once in a while, not once per block. */
const ACCUSE_EVERY_MS = 10_000

type Purpose =
  | { readonly kind: 'search'; readonly search: AncestorSearch }
  | { readonly kind: 'range'; readonly plan: RangePlan; readonly range: Range }
  | { readonly kind: 'branch'; readonly branch: Branch }
  | { readonly kind: 'finality' }

interface Pending {
  readonly peer: string
  readonly request: BlockRequest
  readonly purpose: Purpose
  readonly sentAt: number
}

export class Syncer {
  readonly #blocks: Pick<BlockStateReader, 'best' | 'finalized' | 'hasBlock' | 'hashByNumber'>
  readonly #options: SyncOptions
  readonly #peers: PeerTable
  readonly #line: ImportLine
  readonly #pace: Pace
  readonly #pending = new Map<number, Pending>()
  readonly #branches = new Map<Hash, Branch>()
  readonly #bad = new Lru<Hash, true>(BAD_BLOCKS)
  readonly #accused = new Lru<string, number>(256)
  #search: AncestorSearch | undefined
  #plan: RangePlan | undefined
  /** Up to this height only the plan's witness is asked: other peers' blocks led astray before. */
  #witnessOnlyUpTo = 0
  #nextId = 1
  #bytesPerBlock = 1000
  #pausedUntil = 0
  #startingBlock: number | undefined
  #finality: { number: number; since: number }
  #actions: SyncAction[] = []

  constructor(blocks: Pick<BlockStateReader, 'best' | 'finalized' | 'hasBlock' | 'hashByNumber'>, now: number, options: SyncOptions = DEFAULT_SYNC_OPTIONS) {
    this.#blocks = blocks
    this.#options = options
    this.#peers = new PeerTable(options.perPeer)
    this.#line = new ImportLine(options.maxImporting)
    this.#pace = new Pace(now)
    this.#finality = { number: -1, since: now }
  }

  peerConnected(id: string, best: BlockRef, now: number): SyncAction[] {
    this.#peers.add(id, best)
    return this.#advance(now)
  }

  peerDisconnected(id: string, now: number): SyncAction[] {
    this.#cancel(({ peer }) => peer === id)
    this.#peers.delete(id)
    for (const branch of this.#branches.values()) branch.peers.delete(id)
    return this.#advance(now)
  }

  announced(id: string, header: Header, hash: Hash, isBest: boolean, now: number): SyncAction[] {
    const peer = this.#peers.get(id)
    if (peer === undefined) return []
    const tip: BlockRef = { hash, number: header.number }
    if (isBest) peer.best = tip
    const distance = header.number - this.#blocks.best().number
    if (distance <= BULK_DISTANCE && peer.disbelievedUntil <= now) this.#wantBranch(peer, tip, header.parentHash)
    return this.#advance(now)
  }

  /** An answer to the request `id`. */
  answered(id: number, response: readonly BlockData[], now: number): SyncAction[] {
    const pending = this.#take(id)
    if (pending === undefined) return []
    const peer = this.#peers.get(pending.peer)
    if (peer === undefined) return this.#advance(now)
    const blocks = checkResponse(pending.request, response, peer.id)
    if (blocks === undefined) {
      this.#failPurpose(pending)
      this.#punish(peer, SYNC_FAULTS.broken, DISBELIEVE_MS.broken, now)
    } else if (blocks.length === 0 && pending.purpose.kind !== 'finality') {
      this.#failPurpose(pending)
      this.#punish(peer, SYNC_FAULTS.empty, DISBELIEVE_MS.empty, now)
    } else {
      this.#peers.answered(peer, now - pending.sentAt, blocks.length)
      this.#use(pending.purpose, blocks, peer, now)
    }
    return this.#advance(now)
  }

  failed(id: number, failure: RequestFailure, now: number): SyncAction[] {
    const pending = this.#take(id)
    if (pending !== undefined) this.#fail(pending, failure, now)
    return this.#advance(now)
  }

  imported(ticket: number, result: ImportResult, now: number): SyncAction[] {
    const entry = this.#line.done(ticket)
    if (entry === undefined) return []
    const { block, plan } = entry
    const isCurrent = plan !== undefined && plan === this.#plan
    switch (result.kind) {
      case 'imported':
        this.#pace.imported(now)
        break
      case 'known':
        this.#pace.rested(now)
        break
      case 'unknown-parent':
        if (isCurrent) this.#resetPlan()
        break
      case 'failed':
        if (isCurrent) this.#resetPlan()
        this.#pausedUntil = now + PAUSE_MS
        break
      case 'invalid':
        this.#onInvalid(block, result.code, now)
        break
    }
    return this.#advance(now)
  }

  /** A justification that was asked for by itself was refused. */
  justificationRefused(peer: string, now: number): SyncAction[] {
    this.#accuse(peer, now)
    return this.#advance(now)
  }

  tick(now: number): SyncAction[] {
    for (const [id, pending] of [...this.#pending]) {
      if (now < pending.sentAt + this.#options.requestTimeoutMs) continue
      this.#take(id)
      this.#actions.push({ kind: 'cancel', id })
      this.#fail(pending, { kind: 'timeout' }, now)
    }
    this.#askForFinality(now)
    return this.#advance(now)
  }

  status(now: number): SyncStatus {
    const currentBlock = this.#blocks.best().number
    const highestBlock = Math.max(currentBlock, this.#peers.highest(now)?.best.number ?? 0)
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
      peers: this.#peers.size,
      queuedBlocks: this.#queuedBlocks(),
      queuedBytes: this.#queuedBytes(),
      pendingRequests: this.#pending.size,
      stalled: this.#stall(state, now),
    }
  }

  /** Far behind the highest believable peer. */
  isMajorSyncing(now: number): boolean {
    return (this.#peers.highest(now)?.best.number ?? 0) - this.#blocks.best().number > MAJOR_DISTANCE
  }

  #state(now: number): SyncStatus['state'] {
    if (this.isMajorSyncing(now)) return 'major-sync'
    const isActive = this.#plan !== undefined || this.#search !== undefined || this.#branches.size > 0 || this.#line.blocks > 0
    return isActive ? 'syncing' : 'idle'
  }

  #stall(state: SyncStatus['state'], now: number): SyncStatus['stalled'] {
    const forMs = this.#pace.idleFor(now)
    if (state === 'idle' || forMs < this.#options.stallMs) return undefined
    let reason: StallReason = 'no-usable-peers'
    if (this.#line.importing > 0) reason = 'import-is-slow'
    else if (now < this.#pausedUntil) reason = 'blocks-do-not-execute'
    else if (this.#pending.size > 0 || this.#peers.believed(now).some(({ failures }) => failures > 0)) reason = 'peers-do-not-answer'
    return { reason, forMs }
  }

  #advance(now: number): SyncAction[] {
    if (now >= this.#pausedUntil) {
      this.#chooseTarget(now)
      this.#probe(now)
      this.#download(now)
      this.#fetchBranches(now)
    }
    for (const [ticket, { block, origin }] of this.#line.take()) this.#actions.push({ kind: 'import', ticket, block, origin })
    if (this.#state(now) === 'idle') {
      this.#startingBlock = undefined
      this.#pace.rested(now)
    } else if (this.#startingBlock === undefined) {
      this.#startingBlock = this.#blocks.best().number
      this.#pace.rested(now)
    }
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** What the peers have and we do not: in bulk where it is much, block by block where it is little. */
  #chooseTarget(now: number): void {
    if (this.#plan !== undefined || this.#search !== undefined) return
    const best = this.#blocks.best()
    const finalized = this.#blocks.finalized()
    // Blocks on their way to the importer may be all that is missing.
    if (this.#line.blocks > 0) return
    let top: SyncPeer | undefined
    for (const peer of this.#peers.believed(now)) {
      if (peer.best.number <= finalized.number || this.#isHere(peer.best.hash)) continue
      if (peer.best.number - best.number <= BULK_DISTANCE) this.#wantBranch(peer, peer.best, undefined)
      else if (this.#peers.isFree(peer, now) && (top === undefined || peer.best.number > top.best.number)) top = peer
    }
    if (top !== undefined) this.#search = new AncestorSearch(top.id, finalized.number, Math.min(best.number, top.best.number))
  }

  #probe(now: number): void {
    const search = this.#search
    if (search === undefined || [...this.#pending.values()].some(({ purpose }) => purpose.kind === 'search')) return
    const peer = this.#peers.get(search.peer)
    if (peer === undefined) this.#search = undefined
    else this.#ask(peer, { from: search.probe, direction: 'ascending', maxBlocks: 1, body: false, justifications: false }, { kind: 'search', search }, now)
  }

  #download(now: number): void {
    const plan = this.#plan
    if (plan === undefined) return
    plan.trim()
    const peers = this.#peers.believed(now).filter(({ id }) => !plan.excluded.has(id))
    const end = Math.max(0, ...peers.map(({ best }) => best.number))
    if (plan.first === undefined && plan.frontier.number >= end) {
      this.#plan = undefined
      return
    }
    for (const range of plan.open(end)) {
      const candidates = this.#candidates(plan, range, peers)
      if (candidates.length === 0 && range === plan.first) {
        this.#failPlan(plan, now)
        return
      }
      if (!this.#hasRoom(range, plan)) break
      // What all wait for is not what a peer that never answered is tried with.
      const proven = range === plan.first ? candidates.filter(({ msPerBlock }) => msPerBlock > 0) : []
      const peer = this.#peers.fastestFree(proven, now) ?? this.#peers.fastestFree(candidates, now)
      if (peer === undefined) break
      this.#askRange(peer, plan, range, now)
    }
    plan.trim()
    const first = plan.first
    const [since] = first?.asked.values() ?? []
    if (first?.blocks !== undefined || first?.asked.size !== 1 || since === undefined || now < since + this.#options.secondAskMs) return
    const others = this.#candidates(plan, first, peers).filter(({ id }) => !first.asked.has(id))
    const second = this.#peers.fastestFree(others, now)
    if (second !== undefined) this.#askRange(second, plan, first, now)
  }

  #candidates(plan: RangePlan, range: Range, peers: readonly SyncPeer[]): SyncPeer[] {
    const anybody = range.start > this.#witnessOnlyUpTo
    return peers.filter(({ id, best }) => best.number >= range.start && !range.unlinked.has(id) && (anybody || id === plan.witness))
  }

  #askRange(peer: SyncPeer, plan: RangePlan, range: Range, now: number): void {
    range.asked.set(peer.id, now)
    const request = { from: range.start, direction: 'ascending', maxBlocks: range.count, body: true, justifications: true } as const
    this.#ask(peer, request, { kind: 'range', plan, range }, now)
  }

  /** The window. What everything waits for is fetched in any case, once nothing else is there. */
  #hasRoom(range: Range, plan: RangePlan): boolean {
    const requested = plan.requestedBlocks + range.count
    if (range === plan.first && this.#line.blocks === 0) return true
    return (
      this.#queuedBlocks() + requested <= this.#options.windowBlocks &&
      this.#queuedBytes() + requested * this.#bytesPerBlock <= this.#options.windowBytes
    )
  }

  #fetchBranches(now: number): void {
    const best = this.#blocks.best().number
    const finalized = this.#blocks.finalized().number
    for (const branch of [...this.#branches.values()]) {
      if (branch.isAsked) continue
      const { next, nextParent } = branch
      if (branch.peers.size === 0 || this.#isHere(branch.tip.hash) || branch.tip.number <= finalized) {
        this.#branches.delete(branch.tip.hash)
        continue
      }
      if (this.#isHere(next.hash)) {
        this.#completeBranch(branch)
        continue
      }
      // Another branch is about to bring it.
      if (nextParent !== undefined && this.#branches.has(nextParent)) continue
      const owners = [...branch.peers].map((id) => this.#peers.get(id)).filter((peer) => peer !== undefined)
      const peer = this.#peers.fastestFree(owners, now)
      if (peer === undefined) continue
      const wanted = nextParent !== undefined && this.#isHere(nextParent) ? 1 : Math.max(4, next.number - best + 4)
      const maxBlocks = Math.min(wanted, this.#options.batch, next.number - finalized)
      branch.isAsked = true
      this.#ask(peer, { from: next.hash, direction: 'descending', maxBlocks, body: true, justifications: true }, { kind: 'branch', branch }, now)
    }
  }

  #wantBranch(peer: SyncPeer, tip: BlockRef, parent: Hash | undefined): void {
    if (this.#isHere(tip.hash) || this.#bad.get(tip.hash) === true || tip.number <= this.#blocks.finalized().number) return
    let branch = this.#branches.get(tip.hash)
    if (branch === undefined) {
      if (this.#branches.size >= MAX_BRANCHES) return
      branch = new Branch(tip, parent, BRANCH_LIMITS)
      this.#branches.set(tip.hash, branch)
    }
    branch.peers.add(peer.id)
  }

  #completeBranch(branch: Branch): void {
    this.#branches.delete(branch.tip.hash)
    this.#line.add(branch.ascending(), 'announced')
  }

  #use(purpose: Purpose, blocks: readonly FetchedBlock[], peer: SyncPeer, now: number): void {
    switch (purpose.kind) {
      case 'search':
        return this.#onProbe(purpose.search, blocks[0], peer, now)
      case 'range':
        return this.#onRange(purpose.plan, purpose.range, blocks, peer, now)
      case 'branch':
        return this.#onBranch(purpose.branch, blocks, peer, now)
      case 'finality':
        return this.#onFinality(blocks)
    }
  }

  #onProbe(search: AncestorSearch, block: FetchedBlock | undefined, peer: SyncPeer, now: number): void {
    if (search !== this.#search) return
    const ours = this.#blocks.hashByNumber(search.probe)
    const result = search.answer(block !== undefined && block.ref.hash === ours)
    if (result.kind === 'probe') return
    this.#search = undefined
    if (result.kind === 'foreign') return this.#punish(peer, SYNC_FAULTS.foreign, DISBELIEVE_MS.foreign, now)
    const hash = this.#blocks.hashByNumber(result.number)
    if (hash !== undefined) this.#plan = new RangePlan({ hash, number: result.number }, peer.id, this.#options.batch)
  }

  #onRange(plan: RangePlan, range: Range, blocks: readonly FetchedBlock[], peer: SyncPeer, now: number): void {
    range.asked.delete(peer.id)
    // Whoever else was asked for it was slower.
    for (const [other, since] of range.asked) {
      const slow = this.#peers.get(other)
      if (slow !== undefined) this.#peers.measure(slow, now - since, range.count)
    }
    this.#cancel(({ purpose }) => purpose.kind === 'range' && purpose.range === range)
    plan.deliver(range, blocks)
    this.#bytesPerBlock += (range.bytes / blocks.length - this.#bytesPerBlock) / 8
    for (let linked = plan.takeLinked(); linked !== undefined; linked = plan.takeLinked()) {
      if (linked.kind === 'unlinked') break
      for (const id of linked.unlinked) this.#report(id, SYNC_FAULTS.unlinked)
      this.#line.add(linked.blocks, 'sync', plan)
    }
  }

  #onBranch(branch: Branch, blocks: readonly FetchedBlock[], peer: SyncPeer, now: number): void {
    branch.isAsked = false
    if (this.#branches.get(branch.tip.hash) !== branch) return
    if (blocks.some(({ ref }) => this.#bad.get(ref.hash) === true)) {
      this.#branches.delete(branch.tip.hash)
      return this.#distrust(peer, now, DISBELIEVE_MS.invalid)
    }
    const { number: finalized } = this.#blocks.finalized()
    switch (branch.deliver(blocks, (hash) => this.#isHere(hash), finalized)) {
      case 'complete':
        return this.#completeBranch(branch)
      case 'more':
        return
      case 'foreign':
        this.#branches.delete(branch.tip.hash)
        return this.#punish(peer, SYNC_FAULTS.foreign, DISBELIEVE_MS.foreign, now)
      case 'too-long':
        // A long fork is downloaded upwards, like everything that is long.
        this.#branches.delete(branch.tip.hash)
        if (this.#plan === undefined && this.#search === undefined) {
          this.#search = new AncestorSearch(peer.id, finalized, Math.min(this.#blocks.best().number, branch.tip.number))
        }
    }
  }

  #onInvalid({ ref, peer: id }: FetchedBlock, code: string, now: number): void {
    if (code === 'IMPORT_BAD_JUSTIFICATION') return this.#accuse(id, now)
    if (this.#plan !== undefined) this.#resetPlan()
    if (!isPeersFault(code)) {
      this.#pausedUntil = now + PAUSE_MS
      return
    }
    this.#bad.set(ref.hash, true)
    this.#report(id, SYNC_FAULTS.invalidBlock)
    const peer = this.#peers.get(id)
    if (peer !== undefined) this.#distrust(peer, now, DISBELIEVE_MS.invalid)
  }

  /** What is final elsewhere and not here: the blocks are here, their justifications did not come with them. */
  #askForFinality(now: number): void {
    const { number } = this.#blocks.finalized()
    if (number !== this.#finality.number) this.#finality = { number, since: now }
    if (now < this.#finality.since + FINALITY.patienceMs || this.#plan !== undefined) return
    if (this.#blocks.best().number - number <= FINALITY.lag) return
    const ahead = this.#peers.believed(now).filter(({ best }) => best.number > number)
    const peer = this.#peers.fastestFree(ahead, now)
    if (peer === undefined) return
    this.#finality = { number, since: now }
    const request = { from: number + 1, direction: 'ascending', maxBlocks: this.#options.batch, body: false, justifications: true } as const
    this.#ask(peer, request, { kind: 'finality' }, now)
  }

  #onFinality(blocks: readonly FetchedBlock[]): void {
    for (const { ref, justifications, peer } of blocks) {
      if (!this.#blocks.hasBlock(ref.hash)) return
      for (const justification of justifications) this.#actions.push({ kind: 'justify', block: ref, justification, peer })
    }
  }

  /** Nobody has blocks that follow from the last ones: somebody reorganized, or the witness made its chain up. */
  #failPlan(plan: RangePlan, now: number): void {
    const witness = this.#peers.get(plan.witness)
    const { first } = plan
    if (first !== undefined && first.unlinked.size > 0) this.#witnessOnlyUpTo = first.start + first.count
    if (plan.frontier === plan.anchor && witness !== undefined && first?.unlinked.has(witness.id) === true) {
      this.#punish(witness, SYNC_FAULTS.unlinked, DISBELIEVE_MS.unlinked, now)
    }
    this.#resetPlan()
  }

  #resetPlan(): void {
    const plan = this.#plan
    this.#plan = undefined
    if (plan === undefined) return
    this.#line.drop(plan)
    this.#cancel(({ purpose }) => purpose.kind === 'range')
  }

  #ask(peer: SyncPeer, request: Omit<BlockRequest, 'header' | 'multipleJustifications'>, purpose: Purpose, now: number): void {
    const id = this.#nextId++
    const full: BlockRequest = { header: true, multipleJustifications: true, ...request }
    peer.outstanding++
    this.#pending.set(id, { peer: peer.id, request: full, purpose, sentAt: now })
    this.#actions.push({ kind: 'request', id, peer: peer.id, request: full })
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    const peer = this.#peers.get(pending.peer)
    if (peer !== undefined) peer.outstanding--
    return pending
  }

  /** Takes requests back: nobody's fault. */
  #cancel(matches: (pending: Pending) => boolean): void {
    for (const [id, pending] of [...this.#pending]) {
      if (!matches(pending)) continue
      this.#take(id)
      this.#failPurpose(pending)
      this.#actions.push({ kind: 'cancel', id })
    }
  }

  #fail(pending: Pending, failure: RequestFailure, now: number): void {
    this.#failPurpose(pending)
    const peer = this.#peers.get(pending.peer)
    if (peer === undefined) return
    if (failure.kind === 'bad-response') return this.#punish(peer, failure.fault, DISBELIEVE_MS.broken, now)
    if (failure.kind === 'timeout') this.#report(peer.id, SYNC_FAULTS.timeout)
    this.#peers.rest(peer, now)
  }

  /** What a request was for does not wait for it any more. */
  #failPurpose({ peer, purpose }: Pending): void {
    switch (purpose.kind) {
      case 'search':
        if (this.#search === purpose.search) this.#search = undefined
        return
      case 'range':
        purpose.range.asked.delete(peer)
        return
      case 'branch':
        purpose.branch.isAsked = false
        purpose.branch.peers.delete(peer)
        return
      case 'finality':
        return
    }
  }

  #punish(peer: SyncPeer, fault: PeerFault, disbelieveMs: number, now: number): void {
    this.#report(peer.id, fault)
    this.#distrust(peer, now, disbelieveMs)
  }

  #distrust(peer: SyncPeer, now: number, ms: number): void {
    this.#peers.disbelieve(peer, now, ms)
    for (const branch of this.#branches.values()) branch.peers.delete(peer.id)
  }

  #accuse(peer: string, now: number): void {
    if (now < (this.#accused.get(peer) ?? Number.NEGATIVE_INFINITY) + ACCUSE_EVERY_MS) return
    this.#accused.set(peer, now)
    this.#report(peer, SYNC_FAULTS.badJustification)
  }

  #report(peer: string, fault: PeerFault): void {
    this.#actions.push({ kind: 'report', peer, fault })
  }

  #isHere(hash: Hash): boolean {
    return this.#blocks.hasBlock(hash) || this.#line.has(hash)
  }

  #queuedBlocks(): number {
    let blocks = this.#line.blocks + (this.#plan?.heldBlocks ?? 0)
    for (const branch of this.#branches.values()) blocks += branch.heldBlocks
    return blocks
  }

  #queuedBytes(): number {
    let bytes = this.#line.bytes + (this.#plan?.heldBytes ?? 0)
    for (const branch of this.#branches.values()) bytes += branch.heldBytes
    return bytes
  }
}
