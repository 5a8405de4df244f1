/**
 * Catching up with voters that are rounds ahead (Polkadot Host spec, section 6.6.1 "Catch-up Messages").
 *
 * Neighbor packets tell the round of others. From one who is far ahead we ask for the votes of the last round it completed; they show
 * that the round is over, so that we may go on behind it. Only who was asked is listened to, and one at a time.
 */
import { isPlausible } from '../proofs/commit.ts'
import type { GrandpaMessage, RoundRef, SignedVote } from '../messages.ts'
import type { Round } from './round.ts'
import type { VoterSet } from '../sets/voter-set.ts'
import type { VoterAction, VoterDependencies } from './voter-types.ts'

export type CatchUp = Extract<GrandpaMessage, { type: 'catchUp' }>

/** A peer so many rounds ahead is asked to catch us up. */
const CATCH_UP_DISTANCE = 2

export class CatchUps {
  readonly #blocks: VoterDependencies['blocks']
  readonly #pause: number
  #askedAt = Number.NEGATIVE_INFINITY
  /** Who was asked, and has not answered yet. */
  #peer: string | undefined

  /** `pause`: milliseconds between two requests. */
  constructor(blocks: VoterDependencies['blocks'], pause: number) {
    this.#blocks = blocks
    this.#pause = pause
  }

  /** A peer says that it is in `round`. */
  ask(round: number, { round: here, setId }: RoundRef, peer: string, now: number): VoterAction[] {
    if (round < here + CATCH_UP_DISTANCE || now < this.#askedAt + this.#pause) return []
    this.#askedAt = now
    this.#peer = peer
    return [{ kind: 'send', peer, message: { type: 'catchUpRequest', round: round - 1, setId } }]
  }

  /** The votes of our last completed round, where it is not older than what is asked for. */
  answer(round: number, previous: Round | undefined, peer: string): VoterAction[] {
    if (previous === undefined || previous.number < round) return []
    const { number, base, voters } = previous
    const votes = { prevotes: previous.prevotes.votes(), precommits: previous.precommits.votes() }
    return [{ kind: 'send', peer, message: { type: 'catchUp', round: number, setId: voters.setId, ...votes, base } }]
  }

  /** Whether an answer leads anywhere: it is of our round or a later one, and builds on a block that is here. */
  #isUseful({ round, base }: CatchUp, { round: here }: RoundRef): boolean {
    return round >= here && this.#blocks.hasBlock(base.hash)
  }

  /** Votes of an answer whose signatures have to be checked: none where it was not asked for, leads nowhere or cannot be what it should. */
  unchecked(answer: CatchUp, peer: string, position: RoundRef, voters: VoterSet): readonly SignedVote[] {
    return peer === this.#peer && this.#isUseful(answer, position) && isPlausibleCatchUp(answer, voters) ? votesOf(answer) : []
  }

  /** The votes of an answer; `bad` where it is none, and undefined where nobody asked for it or it leads nowhere. The next one of this peer was not asked for. */
  receive(answer: CatchUp, peer: string, position: RoundRef, voters: VoterSet, isGood: (vote: SignedVote, round: number) => boolean): readonly SignedVote[] | 'bad' | undefined {
    if (peer !== this.#peer) return undefined
    this.#peer = undefined
    if (!this.#isUseful(answer, position)) return undefined
    const votes = votesOf(answer)
    return isPlausibleCatchUp(answer, voters) && votes.every((vote) => isGood(vote, answer.round)) ? votes : 'bad'
  }
}

/** Whether an answer can be what it should before anybody looks at its signatures: enough votes of each kind by authorities of the set. */
function isPlausibleCatchUp({ prevotes, precommits }: CatchUp, voters: VoterSet): boolean {
  return isPlausible(prevotes, voters) && isPlausible(precommits, voters)
}

function votesOf({ prevotes, precommits }: CatchUp): readonly SignedVote[] {
  return [...prevotes, ...precommits]
}
