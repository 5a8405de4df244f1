/**
 * One round of voting (Polkadot Host spec, sections 6.2 and 6.3 "Process").
 *
 * From the votes alone follow: the prevote-GHOST (highest block with a supermajority of prevotes), the estimate (highest
 * block on the way to it that could still be finalized in this round), the finalized block (supermajority of
 * precommits), and whether the round is completable (nothing above the estimate can be finalized in it any more).
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { isAtOrAbove } from '../proofs/ancestry.ts'
import { commitFault } from '../proofs/commit.ts'
import type { SignedVote, VoteKind } from '../messages.ts'
import { VoteTree, type AddOutcome, type Route } from './vote-tree.ts'
import type { VoterSet } from '../sets/voter-set.ts'

export interface RoundState {
  readonly ghost: BlockRef | undefined
  readonly estimate: BlockRef | undefined
  readonly finalized: BlockRef | undefined
  readonly completable: boolean
}

export class Round {
  readonly number: number
  readonly voters: VoterSet
  readonly base: BlockRef
  readonly prevotes: VoteTree
  readonly precommits: VoteTree
  readonly #route: Route
  /** What the round's primary proposed. */
  proposal: SignedVote | undefined
  #state: RoundState | undefined

  constructor(number: number, voters: VoterSet, base: BlockRef, route: Route) {
    this.number = number
    this.voters = voters
    this.base = base
    this.#route = route
    this.prevotes = new VoteTree(voters, base, route)
    this.precommits = new VoteTree(voters, base, route)
  }

  /** The signature must have been checked. */
  add(vote: SignedVote): AddOutcome {
    if (vote.kind === 'propose') {
      if (vote.authority !== this.voters.primary(this.number)) return { kind: 'stranger' }
      if (this.proposal !== undefined) return { kind: 'duplicate' }
      this.proposal = vote
      return { kind: 'added' }
    }
    const outcome = (vote.kind === 'prevote' ? this.prevotes : this.precommits).add(vote)
    if (outcome.kind === 'added' || outcome.kind === 'equivocation') this.#state = undefined
    return outcome
  }

  /** Whether a vote of this kind counts of the authority. */
  hasVote(kind: VoteKind, authority: Hash): boolean {
    if (kind === 'propose') return this.proposal?.authority === authority
    return (kind === 'prevote' ? this.prevotes : this.precommits).votesOf(authority).length > 0
  }

  get state(): RoundState {
    return (this.#state ??= this.#evaluate())
  }

  #evaluate(): RoundState {
    const { threshold } = this.voters
    const enough = (weight: number): boolean => weight >= threshold
    const nothing: RoundState = { ghost: undefined, estimate: undefined, finalized: undefined, completable: false }
    if (!enough(this.prevotes.seen)) return nothing
    const ghost = this.prevotes.ghost(enough)
    if (ghost === undefined) return nothing
    if (!enough(this.precommits.seen)) return { ghost, estimate: ghost, finalized: undefined, completable: false }
    const wayDown = this.#wayDown(ghost)
    const finalized = wayDown.find(({ hash }) => enough(this.precommits.weightFor(hash)))
    const estimate = wayDown.find(({ hash }) => this.#couldStillWin(this.precommits.weightFor(hash)))
    const highestPossible = this.precommits.ghost((weight) => this.#couldStillWin(weight), ghost.hash) ?? ghost
    const completable = estimate !== undefined && (estimate.hash !== ghost.hash || highestPossible.hash === ghost.hash)
    return { ghost, estimate, finalized, completable }
  }

  /** From the block to the base, both included. */
  #wayDown(block: BlockRef): BlockRef[] {
    return [...(this.#route(this.base.hash, block.hash) ?? [])].reverse().concat(this.base)
  }

  /** Those who have not precommitted may, and as many as may be faulty in all may yet equivocate. */
  #couldStillWin(weight: number): boolean {
    const { total, threshold } = this.voters
    const mayStillEquivocate = Math.max(0, total - threshold - this.precommits.equivocatorWeight)
    const outstanding = total - this.precommits.seen
    return weight + outstanding + Math.min(this.precommits.seen - weight, mayStillEquivocate) >= threshold
  }

  /** Precommits that prove `target` final to somebody who sees nothing else. Undefined while there are none. */
  proofOf(target: BlockRef): SignedVote[] | undefined {
    const votes = this.precommits.votes()
    const proof = selectProof(votes, target, this.voters, this.#route)
    if (proof !== undefined) return proof
    // Not without equivocators, then: both their votes show that they count here too.
    const all = votes.filter(
      (vote) => this.precommits.isEquivocator(vote.authority) || isAtOrAbove(this.#route, target, vote.target),
    )
    return commitFault(all, target, this.voters, this.#route) === undefined ? all : undefined
  }
}

/**
 * Selects a proof among precommits: one per voter, all for the target or its descendants, the lowest of them for the target itself, and no
 * more than the threshold needs, so that the target is exactly the highest block with a supermajority.
 */
function selectProof(votes: readonly SignedVote[], target: BlockRef, voters: VoterSet, route: Route): SignedVote[] | undefined {
  const proof = new Map<Hash, SignedVote>()
  let weight = 0
  let above = 0
  for (const vote of [...votes].sort((a, b) => a.target.number - b.target.number)) {
    if (weight >= voters.threshold) break
    const exact = vote.target.hash === target.hash
    if (!voters.has(vote.authority) || proof.has(vote.authority) || !(exact || route(target.hash, vote.target.hash) !== undefined)) continue
    proof.set(vote.authority, vote)
    weight += voters.weightOf(vote.authority)
    if (!exact) above += voters.weightOf(vote.authority)
  }
  return weight >= voters.threshold && above < voters.threshold ? [...proof.values()] : undefined
}
