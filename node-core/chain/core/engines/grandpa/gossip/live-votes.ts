/**
 * The votes of the rounds that are going on: what came already, what was found good, and which peer knows of it.
 *
 * A good vote is kept until its round is over, for peers that come to this round later, or whose turn comes later (see spread.ts).
 * What is remembered of each peer is one bit a vote: a set of 1,000 voters makes some 6,000 votes live at a time, and a list of
 * hashes for each of fifty peers would fill memory. A vote that was not found good leaves no bytes. Of one round no more votes are
 * noted than honest voters have a use for, twice over; what comes beyond is dealt with without memory.
 */
import type { At } from './traffic.ts'

/** Both votes of both kinds of everybody, twice over. */
const NOTES_PER_VOTER = 8
const MIN_NOTES = 4096

export interface LiveVote {
  readonly votes: RoundVotes
  /** In its round. */
  readonly index: number
  /** There where it is good. */
  bytes: Uint8Array | undefined
  /** Its signature is being checked. */
  isInHand: boolean
}

class RoundVotes {
  readonly round: number
  readonly byKey = new Map<string, LiveVote>()
  readonly good: LiveVote[] = []

  constructor(round: number) {
    this.round = round
  }
}

export class LiveVotes {
  readonly #voters: () => number
  #at: At | undefined
  #rounds = new Map<number, RoundVotes>()

  constructor(voters: () => number) {
    this.#voters = voters
  }

  /** We are in another round or set: true where that is news. The votes of rounds that are over are forgotten. */
  moveTo(at: At): boolean {
    const before = this.#at
    if (before?.round === at.round && before.setId === at.setId) return false
    if (before?.setId !== at.setId) this.#rounds = new Map()
    for (const round of this.#rounds.keys()) if (Math.abs(round - at.round) > 1) this.#rounds.delete(round)
    this.#at = { round: at.round, setId: at.setId }
    return true
  }

  isLive({ round, setId }: At): boolean {
    return this.#at?.setId === setId && Math.abs(this.#at.round - round) <= 1
  }

  /** The vote of these bytes, where it came before; `key` is a hash of them. */
  find(key: string): LiveVote | undefined {
    for (const { byKey } of this.#rounds.values()) {
      const vote = byKey.get(key)
      if (vote !== undefined) return vote
    }
    return undefined
  }

  /** Notes a vote of a live round; undefined where there is no room. */
  note(key: string, { round }: At): LiveVote | undefined {
    let votes = this.#rounds.get(round)
    if (votes === undefined) this.#rounds.set(round, (votes = new RoundVotes(round)))
    if (votes.byKey.size >= Math.max(MIN_NOTES, this.#voters() * NOTES_PER_VOTER)) return undefined
    const vote: LiveVote = { votes, index: votes.byKey.size, bytes: undefined, isInHand: false }
    votes.byKey.set(key, vote)
    return vote
  }

  /** The vote is good. */
  keep(vote: LiveVote, bytes: Uint8Array): void {
    if (vote.bytes !== undefined) return
    vote.bytes = bytes
    vote.votes.good.push(vote)
  }

  /** Good votes of the live rounds that `wants`, with their bytes. */
  *good(wants: (at: At) => boolean): Generator<readonly [LiveVote, Uint8Array]> {
    const setId = this.#at?.setId
    if (setId === undefined) return
    for (const { round, good } of this.#rounds.values()) {
      if (!wants({ round, setId })) continue
      for (const vote of good) if (vote.bytes !== undefined) yield [vote, vote.bytes]
    }
  }
}

/** Which live votes one peer knows of. What it knew of a round goes with the round. */
export class KnownVotes {
  readonly #bits = new WeakMap<RoundVotes, Uint32Array>()

  has({ votes, index }: LiveVote): boolean {
    return (((this.#bits.get(votes)?.[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1
  }

  add({ votes, index }: LiveVote): void {
    let bits = this.#bits.get(votes)
    const word = index >> 5
    if (bits === undefined || word >= bits.length) {
      const larger = new Uint32Array(Math.max(8, (word + 1) * 2))
      if (bits !== undefined) larger.set(bits)
      this.#bits.set(votes, (bits = larger))
    }
    bits[word] = (bits[word] ?? 0) | (1 << (index & 31))
  }
}
