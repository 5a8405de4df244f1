/**
 * Votes of others on their way into a round: known, useless, strangers' and badly signed ones stop here; a good one is passed on and
 * counts, or waits where its block is not here or its round has not begun. What waits is bounded.
 *
 * Two votes of a kind are all that ever counts of one authority in a round, and the primary alone proposes, once. More of them are not
 * even looked at: an authority could sign thousands, each good, and have the whole network check and pass on every one.
 */
import type { GrandpaMessage, SignedVote } from '../messages.ts'
import type { Rounds } from './rounds.ts'
import type { VoterAction, VoterDependencies } from './voter-types.ts'

export type VoteMessage = Extract<GrandpaMessage, { type: 'vote' }>

interface WaitingVote {
  readonly round: number
  readonly vote: SignedVote
}

const USEFUL_VOTES = 2
/** Where nothing waits in vain: both votes of both kinds of everybody, for two rounds. */
const WAITING_PER_VOTER = 8
const MAX_WAITING = 4096

/** What is to be done with a vote before anybody looks at its signature. */
type FirstLook = 'drop' | 'stranger' | 'check'

export class IncomingVotes {
  readonly #blocks: VoterDependencies['blocks']
  readonly #rounds: Rounds
  readonly #isSigned: (vote: SignedVote, round: number) => boolean
  /** By round, kind and authority. */
  #waiting = new Map<string, WaitingVote[]>()
  #waitingCount = 0

  constructor(blocks: VoterDependencies['blocks'], rounds: Rounds, isSigned: (vote: SignedVote, round: number) => boolean) {
    this.#blocks = blocks
    this.#rounds = rounds
    this.#isSigned = isSigned
  }

  /** Whether the signature of a vote will be asked for. */
  needsCheck(round: number, vote: SignedVote): boolean {
    return this.#firstLook(round, vote) === 'check'
  }

  receive(message: VoteMessage, peer: string): VoterAction[] {
    const { round, vote } = message
    const look = this.#firstLook(round, vote)
    if (look === 'stranger') return [{ kind: 'misbehaviour', peer, reason: 'stranger' }]
    if (look === 'drop') return []
    if (!this.#isSigned(vote, round)) return [{ kind: 'misbehaviour', peer, reason: 'bad-signature' }]
    return [{ kind: 'accepted', message, peer }, ...this.#count({ round, vote })]
  }

  /** Blocks have come, or a round has begun. */
  retry(): VoterAction[] {
    const waiting = [...this.#waiting.values()].flat()
    this.forget()
    return waiting.flatMap((entry) => this.#count(entry))
  }

  /** Another set: nothing that waits is worth anything. */
  forget(): void {
    this.#waiting = new Map()
    this.#waitingCount = 0
  }

  #firstLook(number: number, vote: SignedVote): FirstLook {
    const here = this.#rounds.current.number
    if (number < here - 1 || number > here + 1) return 'drop'
    if (!this.#rounds.voters.has(vote.authority)) return 'stranger'
    if (vote.kind === 'propose' && vote.authority !== this.#rounds.voters.primary(number)) return 'drop'
    const waiting = this.#waiting.get(keyOf({ round: number, vote })) ?? []
    return isUseless(vote, [...this.#counted(number, vote), ...waiting.map((entry) => entry.vote)]) ? 'drop' : 'check'
  }

  /** What counts of this authority in the round. */
  #counted(number: number, { kind, authority }: SignedVote): readonly SignedVote[] {
    const round = this.#rounds.numbered(number)
    if (round === undefined) return []
    if (kind === 'propose') return round.proposal === undefined ? [] : [round.proposal]
    return (kind === 'prevote' ? round.prevotes : round.precommits).votesOf(authority)
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

  #letWait(entry: WaitingVote): void {
    const key = keyOf(entry)
    const alike = this.#waiting.get(key) ?? []
    const limit = Math.max(MAX_WAITING, this.#rounds.voters.authorities.length * WAITING_PER_VOTER)
    if (this.#waitingCount >= limit || isUseless(entry.vote, alike.map(({ vote }) => vote))) return
    this.#waiting.set(key, [...alike, entry])
    this.#waitingCount++
  }
}

/** Beside those of the same kind, authority and round that are known. */
function isUseless(vote: SignedVote, known: readonly SignedVote[]): boolean {
  return known.length >= (vote.kind === 'propose' ? 1 : USEFUL_VOTES) || known.some(({ target }) => target.hash === vote.target.hash)
}

function keyOf({ round, vote }: WaitingVote): string {
  return `${round} ${vote.kind} ${vote.authority}`
}
