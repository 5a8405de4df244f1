/** What the plan of a fetch knows of one peer: what it has, what it is asked for, how fast it answers. */
import { MAX_ASKED_LEAVES, MAX_OPEN_LEAVES, MAX_OPEN_REQUESTS, type LeafRange } from '../wire.ts'
import { LEAF_BYTES } from '../tree.ts'
import { SpeedMeter } from '../speed.ts'

/** What may be asked of a peer at once before anything is known of it, and after it was silent. */
export const MIN_WINDOW = 8 * LEAF_BYTES
const MAX_WINDOW = MAX_OPEN_LEAVES * LEAF_BYTES
/** A peer is asked for as much as it sends in so many seconds, so that it is never idle, and little is in the way of a change of mind. */
const WINDOW_SECONDS = 2
/** One question is for what a peer sends in this part of a second. */
const QUESTION_SECONDS = 0.5
const SMALL_QUESTION = 4

interface Open {
  readonly id: number
  readonly at: number
  /** Given up or taken back. Its answer is taken all the same, should it come. */
  lost: boolean
}

export interface OpenHashes extends Open {
  readonly kind: 'hashes'
  readonly group: number
}

export interface OpenLeaves extends Open {
  readonly kind: 'leaves'
  /** The next leaf that is to come, and the one behind the last. */
  next: number
  readonly end: number
  /** A second peer is asked for the same, or this is the second. */
  twice: boolean
}

export type OpenQuestion = OpenHashes | OpenLeaves | (Open & { readonly kind: 'ask' })

/**
 * - `asked`: it has not said yet what it has
 * - `ready`: it may be asked
 * - `waiting`: it was silent, or said that it is busy; it is not asked before `until`
 */
export type FetchPeerState = 'asked' | 'ready' | 'waiting'

export class FetchPeer {
  readonly id: string
  state: FetchPeerState = 'asked'
  until = 0
  /** What it says that it has; undefined before. */
  has: 'all' | readonly LeafRange[] | undefined
  length: number | undefined
  readonly open = new Map<number, OpenQuestion>()
  /** What came of the proof of the length that this peer claims; see length.ts. */
  proof: { hashes?: Uint8Array; uncles?: Uint8Array; last?: Uint8Array } = {}
  /** Last time that something useful came, or that it was asked while nothing was open. */
  heardAt: number
  askedAt: number
  silences = 0
  refusals = 0
  /** Verified bytes that came from it and were still missing. */
  gave = 0
  /** It has nothing to open before. */
  nothingUntil = 0
  /** It need not be asked before whether it could overtake another. */
  overtakeAt = 0
  window = MIN_WINDOW
  readonly speed = new SpeedMeter()
  #nextId = 0

  constructor(id: string, now: number) {
    this.id = id
    this.heardAt = this.askedAt = now
  }

  nextId(): number {
    return this.#nextId++
  }

  /** Bytes that it is asked for, and that are counted on. */
  get inFlight(): number {
    let leaves = 0
    for (const question of this.open.values()) {
      if (question.lost) continue
      if (question.kind === 'leaves') leaves += question.end - question.next
      else leaves++
    }
    return leaves * LEAF_BYTES
  }

  /** Leaves that it may be asked for now in one question; 0 where it has enough to do. */
  room(now: number): number {
    let leaves = 0
    for (const question of this.open.values()) if (question.kind === 'leaves') leaves += question.end - question.next
    const left = Math.min(MAX_OPEN_LEAVES - leaves, Math.ceil((this.window - this.inFlight) / LEAF_BYTES))
    if (this.open.size >= MAX_OPEN_REQUESTS || left <= 0) return 0
    const usual = Math.max(SMALL_QUESTION, Math.min(Math.floor((this.speed.perSecond(now) * QUESTION_SECONDS) / LEAF_BYTES), MAX_ASKED_LEAVES))
    // As long as it has enough to do, few large questions are better than one for each answer.
    return left < usual && this.inFlight * 2 > this.window ? 0 : Math.min(left, usual)
  }

  /** Verified bytes came. A peer whose window was in use may have a larger one. */
  onUseful(now: number, bytes: number): void {
    this.speed.add(now, bytes)
    this.heardAt = now
    this.silences = this.refusals = 0
    if (this.inFlight * 2 < this.window) return
    const fitting = Math.max(MIN_WINDOW, this.speed.perSecond(now) * WINDOW_SECONDS)
    this.window = Math.min(MAX_WINDOW, fitting, this.window + bytes)
  }

  /** Seconds until it has answered all that it is asked for and `more` bytes; a guess of a second where nothing is known. */
  secondsFor(now: number, more: number): number {
    const bytes = this.inFlight + more
    const speed = this.speed.perSecond(now)
    return speed > 0 ? bytes / speed : 1 + (now - this.heardAt) / 1000
  }

  wait(until: number): void {
    this.state = 'waiting'
    this.until = until
  }
}
