/**
 * Votes of others on their way into a round: known, strangers' and badly signed ones stop here; a good one is passed on and counts, or
 * waits where its block is not here or its round has not begun. What waits is bounded.
 */
import type { SignedVote } from './messages.ts'
import type { Rounds } from './rounds.ts'
import type { VoterAction, VoterDependencies } from './voter-types.ts'

interface WaitingVote {
  readonly round: number
  readonly vote: SignedVote
}

const MAX_WAITING = 4096

export class IncomingVotes {
  readonly #blocks: VoterDependencies['blocks']
  readonly #rounds: Rounds
  readonly #isSigned: (vote: SignedVote, round: number) => boolean
  #waiting: WaitingVote[] = []

  constructor(blocks: VoterDependencies['blocks'], rounds: Rounds, isSigned: (vote: SignedVote, round: number) => boolean) {
    this.#blocks = blocks
    this.#rounds = rounds
    this.#isSigned = isSigned
  }

  receive(round: number, vote: SignedVote, peer: string): VoterAction[] {
    const here = this.#rounds.current.number
    if (round < here - 1 || round > here + 1) return []
    if (!this.#rounds.voters.has(vote.authority)) return [{ kind: 'misbehaviour', peer, reason: 'stranger' }]
    if (this.#isKnown(round, vote)) return []
    if (!this.#isSigned(vote, round)) return [{ kind: 'misbehaviour', peer, reason: 'bad-signature' }]
    const { setId } = this.#rounds.voters
    return [{ kind: 'accepted', message: { type: 'vote', round, setId, vote }, peer }, ...this.#count({ round, vote })]
  }

  /** Blocks have come, or a round has begun. */
  retry(): VoterAction[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting.flatMap((entry) => this.#count(entry))
  }

  /** Another set: nothing that waits is worth anything. */
  forget(): void {
    this.#waiting = []
  }

  #count(entry: WaitingVote): VoterAction[] {
    const { vote } = entry
    const { hash, number } = vote.target
    const round = this.#rounds.numbered(entry.round)
    if (round === undefined || !this.#blocks.hasBlock(hash)) {
      if (entry.round >= this.#rounds.current.number - 1) this.#letWait(entry)
      return []
    }
    // A block under another's number is no block at all.
    if (this.#blocks.header(hash)?.number !== number) return []
    const outcome = round.add(vote)
    if (outcome.kind !== 'equivocation') return []
    const { first, second } = outcome
    return [{ kind: 'equivocation', equivocation: { round: round.number, setId: round.voters.setId, first, second } }]
  }

  /** Two of a kind are all that ever counts of one authority. */
  #letWait(entry: WaitingVote): void {
    const { round, vote } = entry
    const alike = this.#waiting.filter(
      (other) => other.round === round && other.vote.kind === vote.kind && other.vote.authority === vote.authority,
    )
    const known = alike.some((other) => other.vote.target.hash === vote.target.hash)
    if (!known && alike.length < 2 && this.#waiting.length < MAX_WAITING) this.#waiting.push(entry)
  }

  #isKnown(number: number, vote: SignedVote): boolean {
    const round = this.#rounds.numbered(number)
    if (round === undefined || vote.kind === 'propose') return false
    return (vote.kind === 'prevote' ? round.prevotes : round.precommits).voteOf(vote.authority)?.target.hash === vote.target.hash
  }
}
