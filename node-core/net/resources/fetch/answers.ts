/**
 * What an answer proves, and what becomes of whoever gave it. Hashes count once the root proves them, data once they hash to a proven leaf. Whoever
 * sends what does not verify, or what nobody asked for, is left.
 */
import { equalBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { GROUP_LEAVES, LEAF_BYTES, hashLeaf, verifyRun } from '../tree.ts'
import type { Answer } from '../wire.ts'
import type { Asking } from './asking.ts'
import type { Board } from './board.ts'
import { FETCH_FAULTS } from './faults.ts'
import type { FetchPeer, OpenLeaves, OpenQuestion } from './fetch-peer.ts'
import type { Ledger } from './ledger.ts'
import type { LengthProofs, ProvenLength } from './length.ts'
import type { PlanAction, PlanOptions, Verified } from './types.ts'

const MAX_REFUSALS = 10
const BUSY_MS = { least: 500, most: 60_000 }

export interface AnswersDependencies {
  readonly clock: Clock
  readonly peers: ReadonlyMap<string, FetchPeer>
  readonly ledger: Ledger
  readonly lengths: LengthProofs
  readonly asking: Asking
  /** The peer is asked no more. */
  readonly leave: (peer: FetchPeer, reason: string, fault?: PeerFault) => []
  /** The length of the file is proven. */
  readonly settle: (length: number) => void
  /** Something else is to be done. */
  readonly act: (...actions: readonly PlanAction[]) => void
}

export class Answers {
  readonly #deps: AnswersDependencies
  readonly #options: Pick<PlanOptions, 'root' | 'length'>

  constructor(dependencies: AnswersDependencies, options: Pick<PlanOptions, 'root' | 'length'>) {
    this.#deps = dependencies
    this.#options = options
  }

  /** What is verified is to be written. What it views is the caller's. */
  on(peer: FetchPeer, answer: Answer): readonly Verified[] {
    const question = peer.open.get(answer.id)
    if (question === undefined) return this.#deps.leave(peer, 'it answered what nobody asked', FETCH_FAULTS.malformed)
    if (peer.state === 'waiting' && peer.silences > 0) peer.state = peer.has === undefined ? 'asked' : 'ready'
    switch (answer.kind) {
      case 'have':
        return question.kind === 'ask' ? this.#onHave(peer, question, answer) : this.#onOther(peer)
      case 'proof':
        return question.kind === 'hashes' ? this.#onProof(peer, question, answer) : this.#onOther(peer)
      case 'data':
        return question.kind === 'leaves' ? this.#onData(peer, question, answer) : this.#onOther(peer)
      case 'refused':
        return this.#onRefused(peer, question, answer)
    }
  }

  #onOther(peer: FetchPeer): [] {
    return this.#deps.leave(peer, 'it answered something else', FETCH_FAULTS.malformed)
  }

  #onHave(peer: FetchPeer, question: OpenQuestion, { length, ranges }: Extract<Answer, { kind: 'have' }>): readonly Verified[] {
    peer.open.delete(question.id)
    peer.heardAt = this.#deps.clock.now()
    peer.silences = 0
    if (peer.length !== undefined && peer.length !== length) return this.#deps.leave(peer, 'it changed its mind about the length', FETCH_FAULTS.length)
    const judged = this.#judge(length)
    if (judged !== undefined) return this.#deps.leave(peer, judged.reason, judged.fault)
    if (length === 0) this.#deps.settle(0)
    peer.length = length
    peer.has = ranges
    peer.state = 'ready'
    peer.nothingUntil = 0
    return []
  }

  /** What is to be held against a peer that claims this length. */
  #judge(length: number): { readonly reason: string; readonly fault?: PeerFault } | undefined {
    if (this.#deps.ledger.board !== undefined) {
      if (this.#deps.ledger.board.length === length) return undefined
      // A length that somebody only told us may be the wrong one.
      return { reason: 'it has the file with another length', ...(this.#options.length === undefined ? { fault: FETCH_FAULTS.length } : {}) }
    }
    return this.#deps.lengths.judge(length)
  }

  #onProof(peer: FetchPeer, question: Extract<OpenQuestion, { kind: 'hashes' }>, { hashes, uncles }: Extract<Answer, { kind: 'proof' }>): readonly Verified[] {
    peer.open.delete(question.id)
    peer.heardAt = this.#deps.clock.now()
    const board = this.#deps.ledger.board
    if (board === undefined) return this.#onLength(peer, this.#deps.lengths.onProof(peer, { hashes, uncles }))
    const group = board.group(question.group)
    if (group !== undefined && !question.lost) group.hashesAsked--
    // Somebody else was faster, or the group is no longer needed.
    if (group === undefined || group.hashes !== undefined) return []
    if (!verifyRun(this.#options.root, board.leaves, { index: group.first, size: GROUP_LEAVES, hashes, uncles })) {
      return this.#deps.leave(peer, 'its hashes do not belong to the file', FETCH_FAULTS.proof)
    }
    group.hashes = hashes
    peer.onUseful(this.#deps.clock.now(), hashes.length)
    return [{ kind: 'hashes', group: group.index, hashes: group.hashes, uncles }]
  }

  #onData(peer: FetchPeer, question: OpenLeaves, { index, bytes }: Extract<Answer, { kind: 'data' }>): readonly Verified[] {
    const board = this.#deps.ledger.board
    const length = board?.length ?? peer.length ?? 0
    const count = Math.ceil(bytes.length / LEAF_BYTES)
    const isWhole = bytes.length === Math.min(count * LEAF_BYTES, length - index * LEAF_BYTES)
    if (index !== question.next || index + count > question.end || !isWhole) return this.#deps.leave(peer, 'its data are not those that were asked for', FETCH_FAULTS.malformed)
    question.next += count
    peer.heardAt = this.#deps.clock.now()
    if (question.next === question.end) peer.open.delete(question.id)
    if (board === undefined) return this.#onLength(peer, this.#deps.lengths.onLast(peer, bytes))
    if (!question.lost) board.release({ index, count })
    const group = board.groupOf(index)
    const verified: { kind: 'data'; index: number; bytes: Uint8Array }[] = []
    let useful = 0
    for (let leaf = index, at = 0; leaf < index + count; leaf++, at += LEAF_BYTES) {
      const part = bytes.subarray(at, at + LEAF_BYTES)
      if (group?.hashes === undefined || !group.isMissing(leaf)) {
        this.#deps.ledger.onWasted(part.length)
        continue
      }
      if (!equalBytes(hashLeaf(part), group.hashOf(leaf))) {
        this.#deps.ledger.onVerified(peer, verified, useful)
        this.#deps.leave(peer, 'its data do not belong to the file', FETCH_FAULTS.data)
        return verified
      }
      board.arrived(leaf)
      useful += part.length
      const last = verified.at(-1)
      if (last !== undefined && last.index * LEAF_BYTES + last.bytes.length === leaf * LEAF_BYTES) last.bytes = bytes.subarray((last.index - index) * LEAF_BYTES, at + part.length)
      else verified.push({ kind: 'data', index: leaf, bytes: part })
    }
    this.#deps.ledger.onVerified(peer, verified, useful)
    if (question.twice) this.#deps.act(...this.#deps.asking.takeBack(board, question, index, peer))
    return verified
  }

  #onRefused(peer: FetchPeer, question: OpenQuestion, { reason, afterMs }: Extract<Answer, { kind: 'refused' }>): readonly Verified[] {
    const now = this.#deps.clock.now()
    peer.open.delete(question.id)
    this.#deps.asking.release(this.#deps.ledger.board, question)
    switch (reason) {
      case 'cancelled':
        return []
      case 'absent':
        return this.#deps.leave(peer, 'it does not have the file')
      case 'changed':
        return this.#deps.leave(peer, 'its file has changed')
      case 'busy':
        if (++peer.refusals > MAX_REFUSALS) return this.#deps.leave(peer, 'it is always busy')
        peer.wait(now + Math.min(BUSY_MS.most, Math.max(BUSY_MS.least, afterMs)))
        return []
      case 'outside':
        if (++peer.refusals > MAX_REFUSALS) return this.#deps.leave(peer, 'it does not have what it says it has', FETCH_FAULTS.length)
        // It is asked again what it has.
        peer.has = undefined
        peer.wait(now + BUSY_MS.least)
        return []
    }
  }

  #onLength(peer: FetchPeer, proven: ProvenLength | 'false' | undefined): readonly Verified[] {
    if (proven === undefined) return []
    if (proven === 'false') return this.#deps.leave(peer, 'what it says of the length is not true', FETCH_FAULTS.proof)
    peer.onUseful(this.#deps.clock.now(), proven.last.length)
    this.#deps.settle(proven.length)
    const board = this.#deps.ledger.board as Board
    const group = board.open(Math.floor((board.leaves - 1) / GROUP_LEAVES))
    group.hashes = proven.hashes
    const verified: Verified[] = [{ kind: 'hashes', group: group.index, hashes: group.hashes, uncles: proven.uncles }]
    if (board.arrived(board.leaves - 1)) {
      verified.push({ kind: 'data', index: board.leaves - 1, bytes: proven.last })
      this.#deps.ledger.onVerified(peer, [{ bytes: proven.last }], proven.last.length)
    }
    // What others were asked to prove is known; who claims another length has lied.
    for (const other of this.#deps.peers.values()) {
      other.proof = {}
      for (const question of other.open.values()) question.lost = true
      if (other.length === undefined || other.length === proven.length) continue
      this.#deps.leave(other, 'what it says of the length is not true', FETCH_FAULTS.length)
    }
    return verified
  }
}
