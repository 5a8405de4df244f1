/** Peers as those who serve a state: who is free, who rests, who does not have it, and what each gave. */
import { toHex } from '../../../base/bytes.ts'
import type { Position } from './position.ts'
import type { StatePeerDetails } from './types.ts'

/** Others count the same question within a minute against whoever asks it. */
const REPEAT_MS = 66_000
const FIRST_REST_MS = 5_000
const LONGEST_REST_MS = 120_000
/** Refusals in a row after which somebody who has served does not have the state any more. */
const LAST_REFUSAL = 4

export class StatePeer {
  readonly id: string
  requests = 0
  restsUntil = 0
  /** It does not have this state. */
  without = false
  pieces = 0
  bytes = 0
  failures = 0
  failuresInRow = 0
  refusalsInRow = 0
  tricklesInRow = 0
  bytesPerSecond: number | undefined
  readonly #asked = new Map<string, number>()

  constructor(id: string) {
    this.id = id
  }

  isFree(now: number, requests: number): boolean {
    return !this.without && this.restsUntil <= now && this.requests < requests
  }

  asks(start: Position, now: number): void {
    this.#asked.set(nameOf(start), now)
  }

  mayAsk(start: Position, now: number): boolean {
    const at = this.#asked.get(nameOf(start))
    return at === undefined || now - at >= REPEAT_MS
  }

  gave(bytes: number, tookMs: number): void {
    this.pieces++
    this.bytes += bytes
    this.failuresInRow = 0
    this.refusalsInRow = 0
    const speed = (bytes * 1000) / Math.max(1, tookMs)
    this.bytesPerSecond = this.bytesPerSecond === undefined ? speed : this.bytesPerSecond * 0.7 + speed * 0.3
  }

  failed(now: number): void {
    this.failures++
    this.restsUntil = Math.max(this.restsUntil, now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.failuresInRow++))
  }

  /** Who has served may be busy; who never has, has not got it. */
  refused(now: number): void {
    this.failures++
    this.refusalsInRow++
    this.without = this.pieces === 0 || this.refusalsInRow >= LAST_REFUSAL
    this.restsUntil = Math.max(this.restsUntil, now + FIRST_REST_MS)
  }

  /** Forgets what it was asked long ago. */
  tick(now: number): void {
    for (const [name, at] of this.#asked) {
      if (now - at < REPEAT_MS) break
      this.#asked.delete(name)
    }
  }

  details(now: number): StatePeerDetails {
    const forMs = Math.max(0, this.restsUntil - now)
    const state = this.without ? 'without' : forMs > 0 ? 'resting' : this.requests > 0 ? 'serving' : 'free'
    return {
      peer: this.id, state, forMs: state === 'resting' ? forMs : 0, requests: this.requests, pieces: this.pieces, bytes: this.bytes,
      failures: this.failures, bytesPerSecond: this.bytesPerSecond,
    }
  }
}

function nameOf(start: Position): string {
  return start.map(toHex).join(' ')
}
