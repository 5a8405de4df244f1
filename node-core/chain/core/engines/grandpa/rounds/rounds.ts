/**
 * Where a voter stands: the set that votes, the round it is in and the completed one before, on whose estimate the present one builds
 * (Polkadot Host spec, section 6.3 "Process"). Kept in the form that survives a restart, see voter-state.ts.
 */
import type { BlockRef } from '../../../../scale/block.ts'
import type { AuxEntry } from '../../../../state/types.ts'
import { isAtOrAbove } from '../proofs/ancestry.ts'
import type { GrandpaMessage, RoundRef, SignedVote } from '../messages.ts'
import { Round } from './round.ts'
import type { Route } from './vote-tree.ts'
import type { VoterSet } from '../sets/voter-set.ts'
import { voterEntry, type StoredVoter } from './voter-state.ts'
import type { VoterDependencies } from './voter-types.ts'

export class Rounds {
  readonly #blocks: VoterDependencies['blocks']
  readonly #route: Route
  #voters: VoterSet
  #current: Round
  #previous: Round | undefined

  /** In round 1 of the set, upon `base`. */
  constructor(blocks: VoterDependencies['blocks'], route: Route, voters: VoterSet, base: BlockRef) {
    this.#blocks = blocks
    this.#route = route
    this.#voters = voters
    this.#current = this.open(1, base)
  }

  get voters(): VoterSet {
    return this.#voters
  }

  get current(): Round {
    return this.#current
  }

  get previous(): Round | undefined {
    return this.#previous
  }

  /** The present round, and the one before where what it may have finalized is not final yet. */
  get unsettled(): readonly [Round, ...Round[]] {
    const previous = this.#previous
    return previous === undefined || this.lastIsFinal(this.lastEstimate()) ? [this.#current] : [this.#current, previous]
  }

  get position(): RoundRef {
    return { round: this.#current.number, setId: this.#voters.setId }
  }

  /** What peers are told of it. */
  get neighbor(): GrandpaMessage {
    return { type: 'neighbor', ...this.position, finalized: this.#blocks.finalized().number }
  }

  /** Own votes of the present round; one for a block that is not here does not count, and may be given again when it is. */
  count(votes: readonly SignedVote[]): void {
    for (const vote of votes) this.#current.add(vote)
  }

  /** An empty round of the present set. */
  open(number: number, base: BlockRef): Round {
    return new Round(number, this.#voters, base, this.#route)
  }

  /** Into the round after `completed`. */
  follow(completed: Round): void {
    this.#previous = completed
    this.#current = this.open(completed.number + 1, this.#blocks.finalized())
  }

  /** Into round 1 of another set, upon `base`. */
  restart(voters: VoterSet, base: BlockRef): void {
    this.#voters = voters
    this.#previous = undefined
    this.#current = this.open(1, base)
  }

  /** Into a round of the present set that nobody has gone up to: nothing is known of those before. */
  leap(round: number): void {
    this.#previous = undefined
    this.#current = this.open(round, this.#blocks.finalized())
  }

  restore({ round, base, own, previous }: StoredVoter): void {
    this.#current = this.open(round, base)
    for (const vote of own) this.#current.add(vote)
    if (previous === undefined) return
    this.#previous = this.open(round - 1, previous.base)
    for (const vote of [...previous.prevotes, ...previous.precommits]) this.#previous.add(vote)
  }

  /** What `restore` needs after a restart; `own` are the local votes of the present round. */
  entry(own: readonly SignedVote[]): AuxEntry {
    const previous = this.#previous
    const last = previous && { base: previous.base, prevotes: previous.prevotes.votes(), precommits: previous.precommits.votes() }
    return voterEntry({ ...this.position, base: this.#current.base, own, previous: last })
  }

  numbered(number: number): Round | undefined {
    if (number === this.#current.number) return this.#current
    return number === this.#previous?.number ? this.#previous : undefined
  }

  /** The highest block that the last round may have finalized; what is final already where there is none. */
  lastEstimate(): BlockRef {
    const estimate = this.#previous?.state.estimate
    const final = this.#blocks.finalized()
    return estimate !== undefined && this.#blocks.hasBlock(estimate.hash) && estimate.number > final.number ? estimate : final
  }

  /** What the primary proposed, where it lies between the estimate and the GHOST of the last round. */
  proposalFrom(estimate: BlockRef): BlockRef | undefined {
    const proposal = this.#current.proposal?.target
    const ghost = this.#previous?.state.ghost
    if (proposal === undefined || ghost === undefined || !this.#blocks.hasBlock(proposal.hash)) return undefined
    return isAtOrAbove(this.#route, estimate, proposal) && isAtOrAbove(this.#route, proposal, ghost) ? proposal : undefined
  }

  lastIsFinal(estimate: BlockRef): boolean {
    const finalized = this.#previous?.state.finalized
    return Math.max(this.#blocks.finalized().number, finalized?.number ?? 0) >= estimate.number
  }
}
