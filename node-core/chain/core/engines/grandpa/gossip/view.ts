/**
 * Where a peer is, as far as it said, and what is polite to send it there (Polkadot Host spec, section 4.8.7 "GRANDPA Messages").
 *
 * A peer says it by neighbor packets: from then on it gets votes of its own set in its own round, the one before and the one after, and
 * commits of its set above what it finalized. Anything else it would ignore, or charge us for.
 *
 * Until a peer says more, it is in round 1 of set 0: so polkadot-sdk takes it, and other implementations, some of which never send such a
 * packet, count on it. One that is silent and yet sends votes, commits or requests shows by them where it is; without that, a silent
 * authority would get nothing after the second round, and its network would wait for it for ever. A packet ends the guessing. A
 * peer gains nothing by lying about its place but messages that are of no use to it.
 */
import type { At, CommitTraffic, NeighborPacket } from './traffic.ts'

const FIRST: At = { round: 1, setId: 0 }

export class PeerView {
  #told: NeighborPacket | undefined
  #shown: At = FIRST
  /** The highest block of which it sent a commit, or was sent one. */
  #commit = Number.NEGATIVE_INFINITY

  /** Whether it sent a neighbor packet. */
  get isTold(): boolean {
    return this.#told !== undefined
  }

  get finalized(): number | undefined {
    return this.#told?.finalized
  }

  /** Takes a neighbor packet; false where it says to be further back than it said before. */
  tell({ type, round, setId, finalized }: NeighborPacket): boolean {
    const before = this.#told
    if (before !== undefined && (isBefore({ round, setId }, before) || finalized < before.finalized)) return false
    this.#told = { type, round, setId, finalized }
    return true
  }

  /** It sent a message of this round and set. True where that shows more than was known. */
  show({ round, setId }: At): boolean {
    if (this.#told !== undefined || !isBefore(this.#shown, { round, setId })) return false
    this.#shown = { round, setId }
    return true
  }

  /** A commit for this height came from it, or goes to it. */
  exchange(height: number): void {
    this.#commit = Math.max(this.#commit, height)
  }

  wantsVote({ round, setId }: At): boolean {
    const at = this.#told ?? this.#shown
    return at.setId === setId && Math.abs(at.round - round) <= 1
  }

  /** `again`: also where it knows of one as high, which may have been lost on the way. A light client is told without having asked. */
  wantsCommit({ setId, target }: CommitTraffic, isLight: boolean, again = false): boolean {
    if (!again && target.number <= this.#commit) return false
    if (this.#told === undefined) return isLight || this.#shown.setId === setId
    return this.#told.setId === setId && this.#told.finalized < target.number
  }

  /** Whether it is in an earlier round of this set, or may be: who asks to be brought there has a reason. */
  isBelow({ round, setId }: At): boolean {
    return this.#told === undefined || (this.#told.setId === setId && this.#told.round < round)
  }
}

function isBefore(a: At, b: At): boolean {
  return a.setId < b.setId || (a.setId === b.setId && a.round < b.round)
}
