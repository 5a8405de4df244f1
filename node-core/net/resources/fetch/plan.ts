/**
 * Plans a fetch: what to ask of whom. A pure state machine: it is told what peers say and what was written, and tells what to send.
 *
 * Any peer may be slow, silent, gone the next moment, or lie about what it has, how long the file is, its hashes or its bytes. The plan trusts
 * the root alone. Hashes count once they are proven by it (tree.ts), data once they hash to a proven leaf; only then are they
 * handed on to be written (answers.ts). Whoever sends what does not verify is told on and left; what was wrong is thrown away, and others are asked.
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
import { NodeError } from '../../../base/errors.ts'
import { Lru } from '../../../base/lru.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { LeafSet } from '../leaf-set.ts'
import type { Answer, Question } from '../wire.ts'
import { Answers } from './answers.ts'
import { Asking } from './asking.ts'
import type { Board } from './board.ts'
import { FETCH_FAULTS } from './faults.ts'
import { FetchPeer, MIN_WINDOW, type OpenQuestion } from './fetch-peer.ts'
import { Ledger, MAX_REMEMBERED } from './ledger.ts'
import { LengthProofs } from './length.ts'
import type { FetchProgress, PlanAction, PlanOptions, PlanTimes, Verified } from './types.ts'

export const PLAN_TIMES: PlanTimes = { silenceMs: 8_000, patienceMs: 20_000 }

/** Peers that are asked at the same time. */
export const MAX_FETCH_PEERS = 32
/** Leaves that are verified and not yet written: 16 MiB. */
const MAX_UNWRITTEN = 1024
const MAX_SILENCES = 3
const SILENCE_BACKOFF_MS = 4_000
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
  readonly #ledger: Ledger
  readonly #lengths: LengthProofs
  readonly #asking: Asking
  readonly #answers: Answers
  #searching = 0
  #stalledSince: number | undefined
  #actions: PlanAction[] = []
  #failure: NodeError | undefined

  /** `resumed`: what an earlier run left behind. */
  constructor(dependencies: PlanDependencies, options: PlanOptions, resumed?: { readonly length: number; readonly had: LeafSet }) {
    this.#deps = dependencies
    this.#options = options
    this.#times = { ...PLAN_TIMES, ...options.times }
    this.#ledger = new Ledger(dependencies.clock, options.range)
    this.#lengths = new LengthProofs(options.root)
    this.#asking = new Asking({ peers: this.#peers, allow: dependencies.allow }, this.#times)
    this.#answers = new Answers(
      {
        clock: dependencies.clock,
        peers: this.#peers,
        ledger: this.#ledger,
        lengths: this.#lengths,
        asking: this.#asking,
        leave: (peer, reason, fault) => this.#leave(peer, reason, fault),
        settle: (proven) => this.#settle(proven),
        act: (...actions) => this.#actions.push(...actions),
      },
      options,
    )
    const length = resumed?.length ?? options.length ?? this.#lengths.known
    if (length !== undefined) this.#settle(length, resumed?.had)
  }

  /** The length of the whole file, and what is had of it; undefined until the length is proven. */
  get board(): Board | undefined {
    return this.#ledger.board
  }

  get failure(): NodeError | undefined {
    return this.#failure
  }

  /** All that is wanted is written. */
  get isComplete(): boolean {
    return this.#failure === undefined && this.#ledger.isComplete
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
    this.#asking.giveUp(this.#ledger.board, peer, true)
    this.#peers.delete(id)
    this.#ledger.onGone(peer)
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
    return this.#answers.on(peer, answer)
  }

  /** Leaves that {@link onAnswer} gave are in the file. */
  onWritten(index: number, count: number): void {
    this.#ledger.onWritten(index, count)
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
    return this.#ledger.progress(this.#peers)
  }

  #settle(length: number, had?: LeafSet): void {
    this.#failure ??= this.#ledger.settle(length, had)
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
    this.#asking.giveUp(this.#ledger.board, peer, false)
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
    if (this.#ledger.board === undefined) {
      for (const question of this.#lengths.questions(peer, now)) send(question.question, question.open)
      return
    }
    for (let max = peer.room(now); max > 0 && this.#ledger.unwritten < MAX_UNWRITTEN; max = peer.room(now)) {
      const question = this.#asking.next(peer, this.#ledger.board, now, max)
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
    if (isUsable || this.#ledger.unwritten > 0) this.#stalledSince = undefined
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
    if (peer.has === undefined || this.#ledger.board === undefined) return peer.has === undefined || this.#lengths.isHelpful(peer)
    return [...peer.open.values()].some(({ kind, lost }) => kind !== 'ask' && !lost) || this.#ledger.board.helps(peer.has)
  }
}
