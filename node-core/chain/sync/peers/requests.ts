/**
 * The requests that are out, each with what it is for: the purpose hears its answer, or that there will be none. Every
 * answer is checked against its request before the purpose sees it (check-response.ts).
 *
 * Everything that the syncer asks goes through {@link Requests.send}, which asks no peer the same thing twice within a minute,
 * not even one that went and came back (asked.ts). Whoever chooses a peer asks {@link Requests.mayAsk} first.
 */
import { Asked } from './asked.ts'
import type { PeerTable, SyncPeer } from './peer-table.ts'
import type { BlockRequest, FetchedBlock, OpenRequest, Question, RequestFailure, SyncAction } from '../types.ts'

export interface Purpose {
  readonly kind: OpenRequest['kind']
  /** What waits for the answer. */
  readonly subject: object
  /** Nobody is at fault who has none of these blocks. */
  readonly mayBeEmpty?: boolean
  /** Takes the answer: at least one block, but where it may be empty. */
  readonly use: (blocks: readonly FetchedBlock[], peer: SyncPeer, now: number) => void
  /** There will be no answer from `peer`; `failure` says why where the exchange itself failed. */
  readonly drop: (peer: string, failure?: RequestFailure['kind']) => void
}

export interface Pending {
  readonly peer: string
  readonly request: BlockRequest
  readonly purpose: Purpose
  readonly sentAt: number
}

export class Requests {
  readonly #peers: PeerTable
  readonly #act: (action: SyncAction) => void
  readonly #pending = new Map<number, Pending>()
  readonly #asked = new Asked()
  #nextId = 1

  constructor(peers: PeerTable, act: (action: SyncAction) => void) {
    this.#peers = peers
    this.#act = act
  }

  get size(): number {
    return this.#pending.size
  }

  /** Those that are out to one peer. */
  of(peer: string): readonly Pending[] {
    return [...this.#pending.values()].filter((pending) => pending.peer === peer)
  }

  isOut(kind: Purpose['kind']): boolean {
    for (const { purpose } of this.#pending.values()) if (purpose.kind === kind) return true
    return false
  }

  /** The peer was not asked this within the last minute. */
  mayAsk(peer: string, question: Question, now: number): boolean {
    return !this.#asked.has(peer, question, now)
  }

  /** False where the peer was asked this within the last minute: nothing is sent, and the purpose hears nothing. */
  send(peer: SyncPeer, question: Question, purpose: Purpose, now: number): boolean {
    if (!this.#asked.add(peer.id, question, now)) return false
    const id = this.#nextId++
    const request: BlockRequest = { header: true, multipleJustifications: true, ...question }
    peer.outstanding++
    this.#pending.set(id, { peer: peer.id, request, purpose, sentAt: now })
    this.#act({ kind: 'request', id, peer: peer.id, request })
    return true
  }

  /** The request is settled; undefined where it was before. */
  take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    const peer = this.#peers.get(pending.peer)
    if (peer !== undefined) peer.outstanding--
    return pending
  }

  /** Takes requests back: nobody's fault. */
  cancel(matches: (pending: Pending) => boolean): void {
    for (const [id, pending] of [...this.#pending]) {
      if (!matches(pending)) continue
      this.take(id)
      pending.purpose.drop(pending.peer)
      this.#act({ kind: 'cancel', id })
    }
  }

  /** Gives up those that were sent at `before` or earlier, and tells which. */
  *expire(before: number): Generator<Pending> {
    for (const [id, pending] of [...this.#pending]) {
      if (pending.sentAt > before) continue
      this.take(id)
      this.#act({ kind: 'cancel', id })
      yield pending
    }
  }
}
