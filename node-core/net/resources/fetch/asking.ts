/**
 * Which question a peer is to be asked next: hashes of a group, leaves that nobody is asked for, or leaves that a much slower peer owes. And what becomes of
 * questions that are no longer counted on.
 */
import { GROUP_LEAVES, LEAF_BYTES } from '../tree.ts'
import type { Question } from '../wire.ts'
import type { Board } from './board.ts'
import type { FetchPeer, OpenLeaves, OpenQuestion } from './fetch-peer.ts'
import type { PlanAction } from './types.ts'

/** So many leaves with known hashes are kept ready to be asked for. */
const PREPARED = 2 * GROUP_LEAVES
/** A peer that can begin no group is not looked at again before. */
const NOTHING_MS = 500
/** A second peer is asked where the first takes longer by this factor and this many seconds; whether it does is looked at now and then. */
const OVERTAKE = { factor: 1.5, seconds: 0.25, everyMs: 50 }

interface Asked {
  readonly question: Question
  readonly open: OpenQuestion
}

export class Asking {
  readonly #peers: ReadonlyMap<string, FetchPeer>
  readonly #allow: () => boolean
  readonly #silenceMs: number

  /** `allow` takes leave to ask for one more leaf. */
  constructor({ peers, allow }: { readonly peers: ReadonlyMap<string, FetchPeer>; readonly allow: () => boolean }, { silenceMs }: { readonly silenceMs: number }) {
    this.#peers = peers
    this.#allow = allow
    this.#silenceMs = silenceMs
  }

  /** At most `max` leaves; undefined where the peer has nothing to do. The question is to be put among its open ones. */
  next(peer: FetchPeer, board: Board, now: number, max: number): Asked | undefined {
    return this.#hashesFor(peer, board, now) ?? this.#leavesFor(peer, board, now, max) ?? this.#overtake(peer, board, now)
  }

  #hashesFor(peer: FetchPeer, board: Board, now: number): Asked | undefined {
    let group = [...board.active].find((each) => each.hashes === undefined && this.#wantsHashes(each.hashesAsked, each.hashesAskedAt, now) && board.helps(peer.has ?? [], each.index))
    if (group === undefined && board.prepared < PREPARED && now >= peer.nothingUntil) {
      group = board.begin(peer.has ?? [])
      if (group === undefined) peer.nothingUntil = now + NOTHING_MS
    }
    // The same peer is not asked twice.
    const index = group?.index
    if (group === undefined || index === undefined || [...peer.open.values()].some((open) => open.kind === 'hashes' && open.group === index)) return undefined
    group.hashesAsked++
    group.hashesAskedAt = now
    const id = peer.nextId()
    return { question: { kind: 'hashes', id, group: index }, open: { kind: 'hashes', id, group: index, at: now, lost: false } }
  }

  /** Hashes are small, and all leaves of the group wait for them: a second peer is asked soon. */
  #wantsHashes(asked: number, at: number, now: number): boolean {
    return asked === 0 || (asked === 1 && now - at >= this.#silenceMs / 4)
  }

  #leavesFor(peer: FetchPeer, board: Board, now: number, max: number): Asked | undefined {
    const found = board.free(max, peer.has ?? [])
    if (found === undefined) return undefined
    let count = 0
    while (count < found.run.count && this.#allow()) count++
    return count === 0 ? undefined : this.#leaves(peer, board, found.run.index, count, now, false)
  }

  #leaves(peer: FetchPeer, board: Board, index: number, count: number, now: number, twice: boolean): Asked {
    board.groupOf(index)?.ask({ index, count })
    const id = peer.nextId()
    return { question: { kind: 'leaves', id, index, count }, open: { kind: 'leaves', id, next: index, end: index + count, at: now, lost: false, twice } }
  }

  /** What another peer owes and this one would have sent long before. */
  #overtake(peer: FetchPeer, board: Board, now: number): Asked | undefined {
    if (peer.has !== 'all' || now < peer.overtakeAt) return undefined
    peer.overtakeAt = now + OVERTAKE.everyMs
    let best: { readonly owed: OpenLeaves; readonly seconds: number } | undefined
    for (const other of this.#peers.values()) {
      if (other === peer) continue
      const seconds = other.secondsFor(now, 0)
      if (best !== undefined && seconds <= best.seconds) continue
      for (const owed of other.open.values()) {
        if (owed.kind !== 'leaves' || owed.lost || owed.twice) continue
        const mine = peer.secondsFor(now, (owed.end - owed.next) * LEAF_BYTES)
        if (seconds >= mine * OVERTAKE.factor + OVERTAKE.seconds) best = { owed, seconds }
      }
    }
    if (best === undefined) return undefined
    const { owed } = best
    // From its end: the other one comes from the beginning.
    let end = owed.end
    while (end > owed.next && board.got.has(end - 1)) end--
    const room = peer.room(now)
    let count = 0
    while (count < Math.min(room, end - owed.next) && !board.got.has(end - count - 1) && this.#allow()) count++
    if (count === 0) return undefined
    owed.twice = true
    peer.overtakeAt = now
    return this.#leaves(peer, board, end - count, count, now, true)
  }

  /** Leaves arrived that two were asked for: the other need not send them any more. */
  takeBack(board: Board, won: OpenLeaves, from: number, winner: FetchPeer): PlanAction[] {
    const actions: PlanAction[] = []
    for (const other of this.#peers.values()) {
      if (other === winner) continue
      for (const owed of other.open.values()) {
        if (owed.kind !== 'leaves' || owed.lost || owed.end <= from || owed.next >= won.end) continue
        let isNeeded = false
        for (let leaf = owed.next; leaf < owed.end; leaf++) if (!board.got.has(leaf)) isNeeded = true
        if (isNeeded) {
          if (won.next === won.end) owed.twice = false
          continue
        }
        this.release(board, owed)
        actions.push({ kind: 'send', peer: other.id, question: { kind: 'cancel', id: owed.id } })
      }
    }
    return actions
  }

  release(board: Board | undefined, question: OpenQuestion): void {
    if (question.lost || board === undefined) return
    question.lost = true
    if (question.kind === 'leaves') board.release({ index: question.next, count: question.end - question.next })
    const group = question.kind === 'hashes' ? board.group(question.group) : undefined
    if (group !== undefined) group.hashesAsked--
  }

  /** What the peer owes is free again. Where it is not gone, an answer that comes all the same is welcome. */
  giveUp(board: Board | undefined, peer: FetchPeer, isGone: boolean): void {
    for (const question of peer.open.values()) {
      this.release(board, question)
      question.lost = true
      if (question.kind === 'leaves' && question.twice) this.#onceMore(question)
    }
    if (isGone) peer.open.clear()
  }

  /** Of two that were asked for the same one is gone: the other may be overtaken again. */
  #onceMore({ next, end }: OpenLeaves): void {
    for (const other of this.#peers.values()) {
      for (const owed of other.open.values()) if (owed.kind === 'leaves' && owed.next < end && owed.end > next) owed.twice = false
    }
  }
}
