/**
 * Plans a fetch: what to ask of whom. A pure state machine: it is told what peers say and what was written, and tells what to send.
 *
 * Any peer may be slow, silent, gone the next moment, or lie about what it has, how long the file is, its hashes or its bytes. The plan trusts
 * the root alone. Hashes count once they are proven by it (tree.ts), data once they hash to a proven leaf; only then are they
 * handed on to be written. Whoever sends what does not verify is told on and left; what was wrong is thrown away, and others are asked.
 *
 * - *Whom*: each peer has a window, the bytes that may be asked of it at once. It grows while its answers come and ends at two seconds' worth of its
 *   measured speed (fetch-peer.ts). So a fast peer gets much of the file and a slow one little, without anybody's decision.
 * - *What*: leaves in the order of the file, in the few groups that are under way (board.ts). Hashes of a group come before its leaves.
 * - *Silence*: a peer that was asked and sent nothing for {@link PlanTimes.silenceMs} is passed over: what it was asked for is free again. It gets another
 *   chance later, longer away each time, and is left at the third.
 * - *The end*: where nothing is free, a fast peer is asked a second time for what a much slower one still owes; the first answer counts, the other is taken back.
 * - *Nobody*: where for {@link PlanTimes.patienceMs} no peer was left that has anything missing, and no search is under way, the fetch ends.
 *
 * What is not protected: peers see what is fetched, and a sender of a file may have made two files of one root by design (see tree.ts on 64 bytes).
 *
 * Calls: {@link addPeer} when its stream is open, {@link onAnswer} for each answer, {@link onWritten} for what was written, {@link removePeer}; after any of them,
 * and a few times a second, {@link step}, whose actions are to be carried out.
 */
import type { Clock } from '../../../base/clock.ts'
import { equalBytes } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import { Lru } from '../../../base/lru.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { LeafSet } from '../leaf-set.ts'
import { GROUP_LEAVES, LEAF_BYTES, hashLeaf, verifyRun } from '../tree.ts'
import type { Answer, Question } from '../wire.ts'
import { Asking } from './asking.ts'
import { Board } from './board.ts'
import { FETCH_FAULTS } from './faults.ts'
import { FetchPeer, MIN_WINDOW, type OpenLeaves, type OpenQuestion } from './fetch-peer.ts'
import { LengthProofs, type ProvenLength } from './length.ts'
import type { FetchProgress, PlanAction, PlanOptions, PlanTimes, Verified } from './types.ts'
import { progressOf } from './progress.ts'
import { SpeedMeter } from '../speed.ts'

export const PLAN_TIMES: PlanTimes = { silenceMs: 8_000, patienceMs: 20_000 }

/** Peers that are asked at the same time. */
export const MAX_FETCH_PEERS = 32
/** Leaves that are verified and not yet written: 16 MiB. */
const MAX_UNWRITTEN = 1024
/** Peers of former times that are known. */
const MAX_REMEMBERED = 1024
const MAX_SILENCES = 3
const MAX_REFUSALS = 10
const SILENCE_BACKOFF_MS = 4_000
const BUSY_MS = { least: 500, most: 60_000 }
/** A peer that has a part is asked what it has by now. */
const ASK_AGAIN_MS = 5_000

export interface PlanDependencies {
  readonly clock: Clock
  /** Takes leave to ask for one more leaf, where the rate is limited. */
  readonly allow: () => boolean
}

export class FetchPlan {
  readonly #deps: PlanDependencies
  readonly #options: PlanOptions
  readonly #times: PlanTimes
  readonly #peers = new Map<string, FetchPeer>()
  /** Peers that are not to be asked any more. */
  readonly #left = new Lru<string, true>(MAX_REMEMBERED)
  /** What peers gave on streams that have ended. */
  readonly #gone = new Map<string, number>()
  readonly #speed = new SpeedMeter()
  readonly #lengths: LengthProofs
  readonly #asking: Asking
  #board: Board | undefined
  #unwritten = 0
  #wantedCount = 0
  #writtenCount = 0
  #wasted = 0
  #searching = 0
  #stalledSince: number | undefined
  #actions: PlanAction[] = []
  #failure: NodeError | undefined

  /** `resumed`: what an earlier run left behind. */
  constructor(dependencies: PlanDependencies, options: PlanOptions, resumed?: { readonly length: number; readonly had: LeafSet }) {
    this.#deps = dependencies
    this.#options = options
    this.#times = { ...PLAN_TIMES, ...options.times }
    this.#lengths = new LengthProofs(options.root)
    this.#asking = new Asking({ peers: this.#peers, allow: dependencies.allow }, this.#times)
    const length = resumed?.length ?? options.length ?? this.#lengths.known
    if (length !== undefined) this.#settle(length, resumed?.had)
  }

  /** The length of the whole file, and what is had of it; undefined until the length is proven. */
  get board(): Board | undefined {
    return this.#board
  }

  get failure(): NodeError | undefined {
    return this.#failure
  }

  /** All that is wanted is written. */
  get isComplete(): boolean {
    return this.#failure === undefined && this.#board !== undefined && this.#writtenCount === this.#wantedCount
  }

  /** Whether a peer is worth a stream. */
  mayJoin(peer: string): boolean {
    return this.#left.get(peer) === undefined && !this.#peers.has(peer) && this.#peers.size < MAX_FETCH_PEERS
  }

  /** A stream with the peer is open. */
  addPeer(id: string): void {
    if (!this.mayJoin(id)) return
    this.#peers.set(id, new FetchPeer(id, this.#deps.clock.now()))
  }

  /** Its stream is gone. It may come back. */
  removePeer(id: string): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    this.#asking.giveUp(this.#board, peer, true)
    this.#peers.delete(id)
    if (peer.gave > 0 && this.#gone.size < MAX_REMEMBERED) this.#gone.set(id, (this.#gone.get(id) ?? 0) + peer.gave)
  }

  /** What came from the peer was no answer at all. */
  exclude(id: string, reason: string, fault: PeerFault): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined) this.#leave(peer, reason, fault)
  }

  /** A search for peers begins; the function ends it. */
  searching(): () => void {
    this.#searching++
    let ended = false
    return () => {
      if (!ended) this.#searching--
      ended = true
    }
  }

  /** What is verified is to be written. What it views is the caller's. */
  onAnswer(id: string, answer: Answer): readonly Verified[] {
    const peer = this.#peers.get(id)
    if (peer === undefined) return []
    const question = peer.open.get(answer.id)
    if (question === undefined) return this.#leave(peer, 'it answered what nobody asked', FETCH_FAULTS.malformed)
    if (peer.state === 'waiting' && peer.silences > 0) peer.state = peer.has === undefined ? 'asked' : 'ready'
    switch (answer.kind) {
      case 'have':
        return question.kind === 'ask' ? this.#onHave(peer, question, answer) : this.#leave(peer, 'it answered something else', FETCH_FAULTS.malformed)
      case 'proof':
        return question.kind === 'hashes' ? this.#onProof(peer, question, answer) : this.#leave(peer, 'it answered something else', FETCH_FAULTS.malformed)
      case 'data':
        return question.kind === 'leaves' ? this.#onData(peer, question, answer) : this.#leave(peer, 'it answered something else', FETCH_FAULTS.malformed)
      case 'refused':
        return this.#onRefused(peer, question, answer)
    }
  }

  /** Leaves that {@link onAnswer} gave are in the file. */
  onWritten(index: number, count: number): void {
    const board = this.#board
    if (board === undefined) return
    for (let leaf = index; leaf < index + count; leaf++) if (board.had.add(leaf) && board.wanted.has(leaf)) this.#writtenCount++
    this.#unwritten -= count
  }

  /** What is to be done now. */
  step(): PlanAction[] {
    const now = this.#deps.clock.now()
    const actions = this.#actions
    this.#actions = []
    if (this.#failure !== undefined || this.isComplete) return actions
    for (const peer of this.#peers.values()) this.#lookAt(peer, now)
    const order = [...this.#peers.values()].sort((a, b) => b.speed.perSecond(now) - a.speed.perSecond(now))
    for (const peer of order) this.#askOf(peer, now, actions)
    this.#watchForNobody(now)
    actions.push(...this.#actions)
    this.#actions = []
    return actions
  }

  progress(): FetchProgress {
    return progressOf({ peers: this.#peers, gone: this.#gone, board: this.#board, speed: this.#speed }, { wanted: this.#wantedCount, written: this.#writtenCount, wasted: this.#wasted }, this.#deps.clock.now())
  }

  // --- answers

  #onHave(peer: FetchPeer, question: OpenQuestion, { length, ranges }: Extract<Answer, { kind: 'have' }>): readonly Verified[] {
    peer.open.delete(question.id)
    peer.heardAt = this.#deps.clock.now()
    peer.silences = 0
    if (peer.length !== undefined && peer.length !== length) return this.#leave(peer, 'it changed its mind about the length', FETCH_FAULTS.length)
    const judged = this.#judge(length)
    if (judged !== undefined) return this.#leave(peer, judged.reason, judged.fault)
    if (length === 0) this.#settle(0)
    peer.length = length
    peer.has = ranges
    peer.state = 'ready'
    peer.nothingUntil = 0
    return []
  }

  /** What is to be held against a peer that claims this length. */
  #judge(length: number): { readonly reason: string; readonly fault?: PeerFault } | undefined {
    if (this.#board !== undefined) {
      if (this.#board.length === length) return undefined
      // A length that somebody only told us may be the wrong one.
      return { reason: 'it has the file with another length', ...(this.#options.length === undefined ? { fault: FETCH_FAULTS.length } : {}) }
    }
    return this.#lengths.judge(length)
  }

  #onProof(peer: FetchPeer, question: Extract<OpenQuestion, { kind: 'hashes' }>, { hashes, uncles }: Extract<Answer, { kind: 'proof' }>): readonly Verified[] {
    peer.open.delete(question.id)
    peer.heardAt = this.#deps.clock.now()
    const board = this.#board
    if (board === undefined) return this.#onLength(peer, this.#lengths.onProof(peer, { hashes, uncles }))
    const group = board.group(question.group)
    if (group !== undefined && !question.lost) group.hashesAsked--
    // Somebody else was faster, or the group is no longer needed.
    if (group === undefined || group.hashes !== undefined) return []
    if (!verifyRun(this.#options.root, board.leaves, { index: group.first, size: GROUP_LEAVES, hashes, uncles })) {
      return this.#leave(peer, 'its hashes do not belong to the file', FETCH_FAULTS.proof)
    }
    group.hashes = hashes
    peer.onUseful(this.#deps.clock.now(), hashes.length)
    return [{ kind: 'hashes', group: group.index, hashes: group.hashes, uncles }]
  }

  #onData(peer: FetchPeer, question: OpenLeaves, { index, bytes }: Extract<Answer, { kind: 'data' }>): readonly Verified[] {
    const board = this.#board
    const length = board?.length ?? peer.length ?? 0
    const count = Math.ceil(bytes.length / LEAF_BYTES)
    const isWhole = bytes.length === Math.min(count * LEAF_BYTES, length - index * LEAF_BYTES)
    if (index !== question.next || index + count > question.end || !isWhole) return this.#leave(peer, 'its data are not those that were asked for', FETCH_FAULTS.malformed)
    question.next += count
    peer.heardAt = this.#deps.clock.now()
    if (question.next === question.end) peer.open.delete(question.id)
    if (board === undefined) return this.#onLength(peer, this.#lengths.onLast(peer, bytes))
    if (!question.lost) board.release({ index, count })
    const group = board.groupOf(index)
    const verified: { kind: 'data'; index: number; bytes: Uint8Array }[] = []
    let useful = 0
    for (let leaf = index, at = 0; leaf < index + count; leaf++, at += LEAF_BYTES) {
      const part = bytes.subarray(at, at + LEAF_BYTES)
      if (group?.hashes === undefined || !group.isMissing(leaf)) {
        this.#wasted += part.length
        continue
      }
      if (!equalBytes(hashLeaf(part), group.hashOf(leaf))) {
        this.#count(peer, verified, useful)
        this.#leave(peer, 'its data do not belong to the file', FETCH_FAULTS.data)
        return verified
      }
      board.arrived(leaf)
      useful += part.length
      const last = verified.at(-1)
      if (last !== undefined && last.index * LEAF_BYTES + last.bytes.length === leaf * LEAF_BYTES) last.bytes = bytes.subarray((last.index - index) * LEAF_BYTES, at + part.length)
      else verified.push({ kind: 'data', index: leaf, bytes: part })
    }
    this.#count(peer, verified, useful)
    if (question.twice) this.#actions.push(...this.#asking.takeBack(board, question, index, peer))
    return verified
  }

  #count(peer: FetchPeer, verified: readonly { readonly bytes: Uint8Array }[], useful: number): void {
    const now = this.#deps.clock.now()
    for (const { bytes } of verified) this.#unwritten += Math.ceil(bytes.length / LEAF_BYTES)
    if (useful === 0) return
    peer.gave += useful
    peer.onUseful(now, useful)
    this.#speed.add(now, useful)
  }

  #onRefused(peer: FetchPeer, question: OpenQuestion, { reason, afterMs }: Extract<Answer, { kind: 'refused' }>): readonly Verified[] {
    const now = this.#deps.clock.now()
    peer.open.delete(question.id)
    this.#asking.release(this.#board, question)
    switch (reason) {
      case 'cancelled':
        return []
      case 'absent':
        return this.#leave(peer, 'it does not have the file')
      case 'changed':
        return this.#leave(peer, 'its file has changed')
      case 'busy':
        if (++peer.refusals > MAX_REFUSALS) return this.#leave(peer, 'it is always busy')
        peer.wait(now + Math.min(BUSY_MS.most, Math.max(BUSY_MS.least, afterMs)))
        return []
      case 'outside':
        if (++peer.refusals > MAX_REFUSALS) return this.#leave(peer, 'it does not have what it says it has', FETCH_FAULTS.length)
        // It is asked again what it has.
        peer.has = undefined
        peer.wait(now + BUSY_MS.least)
        return []
    }
  }

  // --- the length

  #onLength(peer: FetchPeer, proven: ProvenLength | 'false' | undefined): readonly Verified[] {
    if (proven === undefined) return []
    if (proven === 'false') return this.#leave(peer, 'what it says of the length is not true', FETCH_FAULTS.proof)
    peer.onUseful(this.#deps.clock.now(), proven.last.length)
    this.#settle(proven.length)
    const board = this.#board as Board
    const group = board.open(Math.floor((board.leaves - 1) / GROUP_LEAVES))
    group.hashes = proven.hashes
    const verified: Verified[] = [{ kind: 'hashes', group: group.index, hashes: group.hashes, uncles: proven.uncles }]
    if (board.arrived(board.leaves - 1)) {
      verified.push({ kind: 'data', index: board.leaves - 1, bytes: proven.last })
      this.#count(peer, [{ bytes: proven.last }], proven.last.length)
    }
    // What others were asked to prove is known; who claims another length has lied.
    for (const other of this.#peers.values()) {
      other.proof = {}
      for (const question of other.open.values()) question.lost = true
      if (other.length === undefined || other.length === proven.length) continue
      this.#leave(other, 'what it says of the length is not true', FETCH_FAULTS.length)
    }
    return verified
  }

  #settle(length: number, had?: LeafSet): void {
    const { range } = this.#options
    const to = Math.min(range?.to ?? length, length)
    const from = range?.from ?? 0
    if (range !== undefined && from >= length) {
      this.#failure = new NodeError('NET_RESOURCE_RANGE', `The file ends at byte ${length}; nothing of it is behind byte ${from}.`, { data: { length, from }, hint: 'Ask for a part within the file.' })
    }
    this.#board = new Board(length, { had, ...(range === undefined ? {} : { wanted: { from: Math.floor(from / LEAF_BYTES), to: Math.ceil(to / LEAF_BYTES) } }) })
    this.#wantedCount = this.#board.wanted.count
    this.#writtenCount = this.#board.written
  }

  // --- what to ask

  /** Silence, and the end of waiting. */
  #lookAt(peer: FetchPeer, now: number): void {
    if (peer.state === 'waiting') {
      if (now < peer.until) return
      peer.state = peer.has === undefined ? 'asked' : 'ready'
    }
    // What was given up counts as well: it has not been answered to this day.
    const [oldest] = peer.open.values()
    if (oldest === undefined || now - Math.max(peer.heardAt, peer.until, oldest.at) < this.#times.silenceMs) return
    if (++peer.silences >= MAX_SILENCES) {
      this.#leave(peer, 'it does not answer', FETCH_FAULTS.silent)
      return
    }
    this.#asking.giveUp(this.#board, peer, false)
    peer.window = MIN_WINDOW
    peer.speed.restart(now)
    peer.wait(now + SILENCE_BACKOFF_MS * 2 ** (peer.silences - 1))
  }

  #askOf(peer: FetchPeer, now: number, actions: PlanAction[]): void {
    const send = (question: Question, open: OpenQuestion): void => {
      if (peer.inFlight === 0) peer.heardAt = Math.max(peer.heardAt, now)
      peer.open.set(open.id, open)
      peer.askedAt = now
      actions.push({ kind: 'send', peer: peer.id, question })
    }
    if (peer.state === 'waiting') return
    if (peer.has === undefined || (peer.has !== 'all' && now - peer.askedAt >= ASK_AGAIN_MS && peer.inFlight === 0)) {
      if ([...peer.open.values()].some(({ kind, lost }) => kind === 'ask' && !lost)) return
      const id = peer.nextId()
      return send({ kind: 'ask', id, root: this.#options.root }, { kind: 'ask', id, at: now, lost: false })
    }
    if (this.#board === undefined) {
      for (const question of this.#lengths.questions(peer, now)) send(question.question, question.open)
      return
    }
    for (let max = peer.room(now); max > 0 && this.#unwritten < MAX_UNWRITTEN; max = peer.room(now)) {
      const question = this.#asking.next(peer, this.#board, now, max)
      if (question === undefined) return
      send(question.question, question.open)
    }
  }

  // --- the end

  #leave(peer: FetchPeer, reason: string, fault?: PeerFault): [] {
    this.#left.set(peer.id, true)
    this.#actions.push({ kind: 'leave', peer: peer.id, reason, ...(fault === undefined ? {} : { fault }) })
    this.removePeer(peer.id)
    return []
  }

  #watchForNobody(now: number): void {
    const isUsable = [...this.#peers.values()].some((peer) => this.#isUsable(peer))
    if (isUsable || this.#unwritten > 0) this.#stalledSince = undefined
    else this.#stalledSince ??= now
    if (this.#stalledSince === undefined || this.#searching > 0 || now - this.#stalledSince < this.#times.patienceMs) return
    const { hadBytes, wantedBytes } = this.progress()
    const had = wantedBytes === undefined ? 'Nothing of it is here.' : `Of ${wantedBytes} bytes, ${hadBytes} are here.`
    this.#failure = new NodeError('NET_RESOURCE_NOBODY', `Nobody who can be reached has what is missing of the file. ${had}`, {
      data: { hadBytes, ...(wantedBytes === undefined ? {} : { wantedBytes }) },
      hint: 'Ask whoever shared it to be online, then fetch it again: it goes on where it stopped.',
    })
  }

  #isUsable(peer: FetchPeer): boolean {
    if (peer.has === undefined || this.#board === undefined) return peer.has === undefined || this.#lengths.isHelpful(peer)
    return [...peer.open.values()].some(({ kind, lost }) => kind !== 'ask' && !lost) || this.#board.helps(peer.has)
  }
}
