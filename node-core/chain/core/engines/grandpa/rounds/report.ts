/** How a round of voting stands, for those who watch it from outside: whose votes are in, and whose are missing. */
import type { Hash } from '../../../../../base/bytes.ts'
import type { Round } from './round.ts'
import type { VoteTree } from './vote-tree.ts'

export interface VotesReport {
  readonly weight: number
  /** Public keys of the authorities that have not voted, in their order. */
  readonly missing: readonly Hash[]
}

export interface RoundReport {
  readonly round: number
  readonly totalWeight: number
  /** What a supermajority must reach. */
  readonly thresholdWeight: number
  readonly prevotes: VotesReport
  readonly precommits: VotesReport
}

/** The GRANDPA set that votes, its present round, and those before that are not over. */
export interface VotingReport {
  readonly setId: number
  readonly best: RoundReport
  readonly background: readonly RoundReport[]
}

export function reportRound({ number, voters, prevotes, precommits }: Round): RoundReport {
  const all = [...new Set(voters.authorities.flatMap(({ key, weight }) => (weight > 0 ? [key] : [])))].sort()
  const votes = (tree: VoteTree): VotesReport => {
    const voted = new Set(tree.votes().map(({ authority }) => authority))
    return { weight: tree.seen, missing: all.filter((key) => !voted.has(key)) }
  }
  return { round: number, totalWeight: voters.total, thresholdWeight: voters.threshold, prevotes: votes(prevotes), precommits: votes(precommits) }
}
