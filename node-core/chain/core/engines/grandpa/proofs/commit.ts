/**
 * When precommits prove a block final (Polkadot Host spec, section 6.4.1 "Justifications"), by the rules of the network's nodes.
 *
 * The votes of authorities are laid over the tree whose root is the lowest block among them; each must descend from it. The same vote
 * twice counts once. Whoever votes differently twice counts for every block, and whatever that authority votes besides changes
 * nothing. Votes of strangers do not count. The highest block with a supermajority must be exactly the one that is claimed: not a
 * higher one either.
 */
import type { BlockRef } from '../../../../scale/block.ts'
import type { SignedVote } from '../messages.ts'
import { VoteTree, type Route } from '../rounds/vote-tree.ts'
import type { VoterSet } from '../sets/voter-set.ts'

export type CommitFault = 'GRANDPA_NOT_ENOUGH_VOTES' | 'GRANDPA_BAD_ANCESTRY'

/** Honest nodes need two votes of an authority at most; more than this many is only work for whoever checks the signatures. */
const MAX_VOTES_PER_AUTHORITY = 4

/**
 * Why these precommits do not prove `target` final, or undefined where they do. Signatures are not looked at. `route` answers with the
 * blocks' own numbers; a vote that is the first for its block must name its number, one for a block voted for before need not.
 */
export function commitFault(precommits: readonly SignedVote[], target: BlockRef, voters: VoterSet, route: Route): CommitFault | undefined {
  const counting = precommits.filter(({ authority }) => voters.has(authority))
  const base = lowestTarget(counting)
  if (base === undefined) return 'GRANDPA_NOT_ENOUGH_VOTES'
  const tree = new VoteTree(voters, base, route)
  for (const vote of counting) {
    const { hash } = vote.target
    if (tree.add(vote).kind === 'off-chain') return 'GRANDPA_BAD_ANCESTRY'
    if (!tree.contains(hash) && route(base.hash, hash) === undefined) return 'GRANDPA_BAD_ANCESTRY'
  }
  const ghost = tree.ghost((weight) => weight >= voters.threshold)
  return ghost?.hash === target.hash && ghost.number === target.number ? undefined : 'GRANDPA_NOT_ENOUGH_VOTES'
}

/** The first of the lowest blocks voted for. */
export function lowestTarget(votes: readonly SignedVote[]): BlockRef | undefined {
  let lowest: BlockRef | undefined
  for (const { target } of votes) if (lowest === undefined || target.number < lowest.number) lowest = target
  return lowest
}

/** True where there are more votes than can have a use. */
export function hasTooManyVotes(votes: readonly SignedVote[], voters: VoterSet): boolean {
  return votes.length > voters.authorities.length * MAX_VOTES_PER_AUTHORITY
}

/**
 * What gossip asks of the votes of one kind in a commit or a catch-up before anybody looks at a signature: nobody is a stranger, and the
 * weight, counted once per vote, is a supermajority, but no more than all authorities and second votes of the tolerated faulty ones.
 */
export function isPlausible(votes: readonly SignedVote[], voters: VoterSet): boolean {
  if (hasTooManyVotes(votes, voters)) return false
  let weight = 0
  for (const { authority } of votes) {
    if (!voters.has(authority)) return false
    weight += voters.weightOf(authority)
  }
  return weight >= voters.threshold && weight <= voters.total + (voters.total - voters.threshold)
}
