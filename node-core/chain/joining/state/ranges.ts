/**
 * The download of a state as a pure state machine: it is told of peers, answers, stored pieces and the time, and answers with actions,
 * to be done in their order. It sees no byte of the state itself.
 *
 * The way through the state (position.ts) is cut into *ranges*, which different peers work on at the same time: one request at a time
 * for each range, because where to go on is known when a piece has been read. Who would be idle gets half of the largest range
 * (splits.ts). A range ends where its last piece reaches its end; one in which nothing lies ends with one request.
 *
 * What it stands against. A peer that sends what is not proven is reported and never asked again, and nothing of it was taken. One that
 * fails, is silent or slow loses its range to others and rests. One that refuses does not have the state and is not asked for it
 * again; when all are so, the state is given up. One that proves next to nothing with each answer would never come to the end, and
 * is reported. A state has a size that it must not exceed: whoever made its root might have made it endless.
 *
 * Nobody is asked the same twice within a minute (peers.ts): others would take that for an attack.
 */
import type { UnansweredKind } from '../../../network/requests/failure.ts'
import { Coverage } from './coverage.ts'
import { STATE_FAULTS, timeoutFault } from './errors.ts'
import { StateEstimate } from './estimate.ts'
import { Pace } from './pace.ts'
import { StatePeer } from './peers.ts'
import { comparePositions, type Position } from './position.ts'
import { byLoad, rangeOf, type Pending, type Range } from './range.ts'
import { denseBytes, densityOf, evenCuts, middleOf, siblingOf } from './splits.ts'
import {
  DEFAULT_RANGES_OPTIONS, type PieceFault, type StateAction, type StateRangesOptions, type StateRangesStatus, type StoredPiece,
} from './types.ts'

export class StateRanges {
  readonly #options: StateRangesOptions
  readonly #coverage: Coverage
  readonly #peers = new Map<string, StatePeer>()
  readonly #banned = new Set<string>()
  readonly #pending = new Map<number, Pending>()
  readonly #pace: Pace
  #ranges: Range[]
  #actions: StateAction[] = []
  #lastId = 0
  #entries: number
  #bytes: number
  readonly #estimate = new StateEstimate()
  #addedAt: number
  #withoutSince: number | undefined
  #isOver = false

  /** `resumed` is what was stored before. */
  constructor(now: number, options: StateRangesOptions = DEFAULT_RANGES_OPTIONS, resumed?: { readonly coverage: Coverage; readonly entries: number; readonly bytes: number }) {
    this.#options = options
    this.#coverage = new Coverage(resumed?.coverage.spans)
    this.#entries = resumed?.entries ?? 0
    this.#bytes = resumed?.bytes ?? 0
    this.#ranges = this.#coverage.gaps().map(rangeOf)
    this.#pace = new Pace(now)
    this.#addedAt = now
  }

  /** From the beginning once more, when this one is over. What peers were asked, and who lied, is not forgotten. */
  anew(now: number): StateRanges {
    const again = new StateRanges(now, this.#options)
    for (const [id, peer] of this.#peers) again.#peers.set(id, peer)
    for (const id of this.#banned) again.#banned.add(id)
    return again
  }

  /** Who is connected now. */
  peersAre(ids: readonly string[], now: number): StateAction[] {
    const present = new Set(ids)
    for (const [id, peer] of this.#peers) {
      if (present.has(id)) continue
      this.#peers.delete(id)
      for (const pending of this.#pending.values()) if (pending.peer === peer && !pending.isChecked) this.#drop(pending, true)
    }
    for (const id of present) if (!this.#peers.has(id) && !this.#banned.has(id)) this.#peers.set(id, new StatePeer(id))
    return this.#advance(now)
  }

  /** The answer to a request is here, and goes to be checked. */
  answered(id: number, bytes: number, now: number): StateAction[] {
    const pending = this.#pending.get(id)
    if (pending === undefined || pending.isChecked) return []
    pending.isChecked = true
    pending.answerBytes = bytes
    pending.peer.requests--
    pending.peer.gave(bytes, now - pending.sentAt)
    return this.#advance(now)
  }

  /** An answer was proven, and is stored. */
  stored(id: number, piece: StoredPiece, now: number): StateAction[] {
    const pending = this.#pending.get(id)
    if (pending === undefined) return []
    const { range, start } = pending
    const added = { after: start, until: piece.until }
    this.#drop(pending, false)
    this.#coverage.add(added)
    this.#entries += piece.entries
    this.#bytes += piece.bytes
    this.#pace.add(piece.bytes, now)
    this.#addedAt = now
    this.#learn(range, start, piece)
    this.#weigh(pending, comparePositions(piece.until, range.span.until) < 0)
    this.#shrink()
    if (this.#entries > this.#options.maxEntries || this.#bytes > this.#options.maxBytes) this.#over({ kind: 'failed', reason: 'too-large' })
    else if (this.#ranges.length === 0) this.#over({ kind: 'done' })
    return this.#advance(now)
  }

  /** An answer was not proven; nothing of it is stored. */
  rejected(id: number, fault: PieceFault, now: number): StateAction[] {
    const pending = this.#pending.get(id)
    if (pending === undefined) return []
    this.#drop(pending, false)
    this.#ban(pending.peer, fault)
    return this.#advance(now)
  }

  failed(id: number, failure: UnansweredKind, now: number): StateAction[] {
    const pending = this.#pending.get(id)
    if (pending === undefined) return []
    const { peer } = pending
    this.#drop(pending, false)
    if (failure === 'timeout') this.#actions.push({ kind: 'report', peer: peer.id, fault: timeoutFault(peer.failuresInRow) })
    if (failure === 'refused') peer.refused(now)
    else if (failure !== 'repeated') peer.failed(now)
    return this.#advance(now)
  }

  tick(now: number): StateAction[] {
    for (const peer of this.#peers.values()) peer.tick(now)
    const all = [...this.#peers.values()]
    if (all.length === 0 || !all.every(({ without }) => without)) this.#withoutSince = undefined
    else if (now - (this.#withoutSince ??= now) >= this.#options.unavailableMs) this.#over({ kind: 'failed', reason: 'unavailable' })
    return this.#advance(now)
  }

  status(now: number): StateRangesStatus {
    const share = this.#estimate.share(this.#ranges, this.#bytes)
    const bytesPerSecond = this.#pace.perSecond(now)
    const left = share > 0 ? (this.#bytes / share) * (1 - share) : undefined
    return {
      entries: this.#entries, bytes: this.#bytes, bytesPerSecond, share, ranges: this.#ranges.length,
      secondsLeft: this.#ranges.length === 0 ? 0 : left === undefined || bytesPerSecond === 0 ? undefined : left / bytesPerSecond,
      pendingRequests: this.#pending.size, idleMs: now - this.#addedAt,
      peers: [...this.#peers.values()].map((peer) => peer.details(now)),
    }
  }

  #learn(range: Range, start: Position, { until, frontier, bytes }: StoredPiece): void {
    const density = frontier && densityOf(start, frontier, bytes)
    range.frontier = frontier
    range.density = frontier && (density ?? range.density)
    this.#estimate.learn({ after: start, until }, bytes, density)
  }

  /** Pieces so small that they lead nowhere. */
  #weigh({ peer, answerBytes }: Pending, isWithin: boolean): void {
    if (!isWithin || answerBytes >= this.#options.smallPieceBytes) peer.tricklesInRow = 0
    else if (++peer.tricklesInRow >= this.#options.smallPieces) this.#ban(peer, 'trickle')
  }

  /** Takes what is here now out of the ranges. */
  #shrink(): void {
    const ranges: Range[] = []
    for (const range of this.#ranges) {
      const [first, ...others] = this.#coverage.missing(range.span)
      if (first === undefined) {
        // What is being checked is: whoever sent it must not get away with it.
        if (range.pending?.isChecked === false) this.#drop(range.pending, true)
        continue
      }
      ranges.push(range)
      // What is being asked for shrinks when its answer is here.
      if (range.pending !== undefined) continue
      range.span = first
      ranges.push(...others.map(rangeOf))
    }
    this.#ranges = ranges
  }

  #ban(peer: StatePeer, fault: PieceFault | 'trickle'): void {
    if (this.#banned.has(peer.id)) return
    this.#banned.add(peer.id)
    this.#peers.delete(peer.id)
    for (const pending of this.#pending.values()) if (pending.peer === peer && !pending.isChecked) this.#drop(pending, true)
    this.#actions.push({ kind: 'report', peer: peer.id, fault: STATE_FAULTS[fault] })
  }

  #drop(pending: Pending, cancel: boolean): void {
    this.#pending.delete(pending.id)
    if (!pending.isChecked) pending.peer.requests--
    if (pending.range.pending === pending) pending.range.pending = undefined
    if (cancel) this.#actions.push({ kind: 'cancel', id: pending.id })
  }

  #over(action: StateAction): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const pending of [...this.#pending.values()]) if (!pending.isChecked) this.#drop(pending, true)
    this.#actions.push(action)
  }

  #advance(now: number): StateAction[] {
    while (!this.#isOver && this.#mayAsk() && this.#askNext(now));
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  #mayAsk(): boolean {
    let checked = 0
    let open = 0
    for (const pending of this.#pending.values()) {
      if (pending.isChecked) checked++
      // What somebody else was asked for as well is not waited for.
      if (pending.isChecked || pending.range.pending === pending) open++
    }
    const { requestsAtOnce, checkedAtOnce } = this.#options
    return open < requestsAtOnce && this.#pending.size < 2 * requestsAtOnce && checked < checkedAtOnce
  }

  /** Asks one peer for one range. False where nobody is free, or nothing can be asked for. */
  #askNext(now: number): boolean {
    const free = [...this.#peers.values()].filter((peer) => peer.isFree(now, this.#options.requestsPerPeer)).sort(byLoad)
    for (const peer of free) {
      const range = this.#freeRange(peer, now, free.length) ?? this.#takeOver(peer, now)
      if (range === undefined) continue
      const pending: Pending = { id: ++this.#lastId, range, peer, start: range.span.after, sentAt: now, isChecked: false, answerBytes: 0 }
      range.pending = pending
      peer.requests++
      peer.asks(pending.start, now)
      this.#pending.set(pending.id, pending)
      this.#actions.push({ kind: 'request', id: pending.id, peer: peer.id, start: pending.start })
      return true
    }
    return false
  }

  #freeRange(peer: StatePeer, now: number, free: number): Range | undefined {
    const isOpen = (range: Range): boolean => range.pending === undefined && peer.mayAsk(range.span.after, now)
    const [only] = this.#ranges
    // Nothing is known yet: all who are here begin at once, at different places.
    if (this.#ranges.length === 1 && only?.pending === undefined && only?.span.after.length === 0 && only.span.until === undefined && free > 1) {
      for (const cut of evenCuts(Math.min(free, this.#options.requestsAtOnce)).reverse()) this.#split(only, cut)
    }
    return this.#ranges.find(isOpen) ?? this.#splitLargest(peer, now)
  }

  /** Halves the range of which most is left, where it is worth it: more so where the peer would have two at a time. */
  #splitLargest(peer: StatePeer, now: number): Range | undefined {
    const { ranges, leastSplitBytes } = this.#options
    if (this.#ranges.length >= ranges) return undefined
    let best: { readonly range: Range; readonly cut: Position } | undefined
    let most = leastSplitBytes * (peer.requests === 0 ? 1 : 2)
    for (const range of this.#ranges) {
      const { span, density, frontier } = range
      // What is asked for now is as good as here.
      const dense = density === undefined ? 0 : denseBytes(density, span) - (range.pending === undefined ? 0 : this.#estimate.pieceBytes)
      const middle = density !== undefined && dense >= leastSplitBytes ? middleOf(density, span) : undefined
      const cut = middle ?? (frontier && siblingOf(frontier, span))
      if (cut === undefined || !peer.mayAsk(cut, now)) continue
      const weight = middle === undefined ? (this.#estimate.sparseBytes({ after: cut, until: span.until }) ?? leastSplitBytes) : dense
      if (weight >= most) [best, most] = [{ range, cut }, weight]
    }
    return best && this.#split(best.range, best.cut)
  }

  /** Cuts a range in two and returns what lies behind the cut. */
  #split(range: Range, cut: Position): Range {
    const behind: Range = { span: { after: cut, until: range.span.until }, pending: undefined, frontier: range.frontier, density: range.density }
    range.span = { after: range.span.after, until: cut }
    this.#ranges.splice(this.#ranges.indexOf(range) + 1, 0, behind)
    return behind
  }

  /**
   * The range of a peer that takes its time, where this one has nothing else to do. The other's answer is still taken, and what its
   * silence costs it is told when it times out.
   */
  #takeOver(peer: StatePeer, now: number): Range | undefined {
    if (peer.requests > 0) return undefined
    for (const pending of this.#pending.values()) {
      const { range, isChecked, sentAt } = pending
      if (range.pending !== pending || isChecked || pending.peer === peer || now - sentAt < this.#options.slowMs || !peer.mayAsk(range.span.after, now)) continue
      range.pending = undefined
      return range
    }
    return undefined
  }
}
