/**
 * The requests that are out, each with what it is for: the purpose hears its answer, or that there will be none. Every
 * answer is checked against its request before the purpose sees it (check-response.ts).
 */
import type { PeerTable, SyncPeer } from './peer-table.ts'
import type { BlockRequest, FetchedBlock, SyncAction } from './types.ts'

export interface Purpose {
  readonly kind: 'search' | 'range' | 'branch' | 'finality'
  /** What waits for the answer. */
  readonly subject: object
  /** Takes the answer: at least one block, but for the kind `finality`. */
  readonly use: (blocks: readonly FetchedBlock[], peer: SyncPeer, now: number) => void
  /** There will be no answer from `peer`. */
  readonly drop: (peer: string) => void
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
    return [...this.#pending.values()].some(({ purpose }) => purpose.kind === kind)
  }

  send(peer: SyncPeer, request: Omit<BlockRequest, 'header' | 'multipleJustifications'>, purpose: Purpose, now: number): void {
    const id = this.#nextId++
    const full: BlockRequest = { header: true, multipleJustifications: true, ...request }
    peer.outstanding++
    this.#pending.set(id, { peer: peer.id, request: full, purpose, sentAt: now })
    this.#act({ kind: 'request', id, peer: peer.id, request: full })
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
