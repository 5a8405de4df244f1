/** How a round of voting stands, for those who watch it from outside: whose votes are in, and whose are missing. */
import type { RoundReport, VotesReport } from '../../../types.ts'
import type { Round } from './round.ts'
import type { VoteTree } from './vote-tree.ts'

export function reportRound({ number, voters, prevotes, precommits }: Round): RoundReport {
  const all = [...new Set(voters.authorities.flatMap(({ key, weight }) => (weight > 0 ? [key] : [])))].sort()
  const votes = (tree: VoteTree): VotesReport => {
    const voted = new Set(tree.votes().map(({ authority }) => authority))
    return { weight: tree.seen, missing: all.filter((key) => !voted.has(key)) }
  }
  return { round: number, totalWeight: voters.total, thresholdWeight: voters.threshold, prevotes: votes(prevotes), precommits: votes(precommits) }
}
