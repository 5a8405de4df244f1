/**
 * Commits of others: precommits enough to finalize by themselves (Polkadot Host spec, section 4.8.7 "GRANDPA Messages").
 *
 * Checked in the order of what it costs: the weight of those who vote, their signatures, and, once all its blocks are here, whether it
 * proves what it says. Of commits whose blocks are missing the highest waits.
 */
import { commitFault, isPlausible } from '../proofs/commit.ts'
import type { GrandpaMessage, SignedVote } from '../messages.ts'
import type { Route } from './vote-tree.ts'
import type { VoterSet } from '../sets/voter-set.ts'
import type { Complaint, VoterDependencies } from './voter-types.ts'

export type Commit = Extract<GrandpaMessage, { type: 'commit' }>

/** A commit that proves its target final, one that its sender is to blame for, or neither. */
export type CommitOutcome =
  | { readonly kind: 'proven'; readonly commit: Commit }
  | { readonly kind: 'complaint'; readonly reason: Complaint }
  | undefined

export class Commits {
  readonly #blocks: VoterDependencies['blocks']
  readonly #route: Route
  readonly #isSigned: (vote: SignedVote, round: number) => boolean
  /** Its signatures are good. */
  #waiting: Commit | undefined

  constructor(blocks: VoterDependencies['blocks'], route: Route, isSigned: (vote: SignedVote, round: number) => boolean) {
    this.#blocks = blocks
    this.#route = route
    this.#isSigned = isSigned
  }

  /** Whether its signatures will be asked for. */
  needsCheck(commit: Commit, voters: VoterSet): boolean {
    return !this.#isUseless(commit) && isPlausible(commit.precommits, voters)
  }

  receive(commit: Commit, voters: VoterSet): CommitOutcome {
    if (this.#isUseless(commit)) return undefined
    if (!isPlausible(commit.precommits, voters)) return { kind: 'complaint', reason: 'bad-commit' }
    if (!commit.precommits.every((vote) => this.#isSigned(vote, commit.round))) return { kind: 'complaint', reason: 'bad-signature' }
    if (this.#isHere(commit)) return this.#judge(commit, voters)
    this.#waiting = commit
    return undefined
  }

  /** Blocks have come: the commit that waited, where it proves its target final. */
  retry(voters: VoterSet): Commit | undefined {
    const commit = this.#waiting
    if (commit === undefined || !this.#isHere(commit)) return undefined
    this.#waiting = undefined
    const outcome = this.#judge(commit, voters)
    return outcome?.kind === 'proven' ? outcome.commit : undefined
  }

  /** Forgets what waits: it is final, or of another set. */
  forget(upTo = Number.POSITIVE_INFINITY): void {
    if (this.#waiting !== undefined && this.#waiting.target.number <= upTo) this.#waiting = undefined
  }

  /** A higher one waits already. */
  #isUseless(commit: Commit): boolean {
    return !this.#isHere(commit) && commit.target.number <= (this.#waiting?.target.number ?? 0)
  }

  #isHere({ target, precommits }: Commit): boolean {
    return this.#blocks.hasBlock(target.hash) && precommits.every((vote) => this.#blocks.hasBlock(vote.target.hash))
  }

  #judge(commit: Commit, voters: VoterSet): CommitOutcome {
    const { target, precommits } = commit
    // Some authority signed a wrong number: no fault of whoever passes it on.
    if (![{ target }, ...precommits].every((vote) => this.#blocks.header(vote.target.hash)?.number === vote.target.number)) return undefined
    if (commitFault(precommits, target, voters, this.#route) !== undefined) return { kind: 'complaint', reason: 'bad-commit' }
    return this.#blocks.isAncestor(this.#blocks.finalized().hash, target.hash) ? { kind: 'proven', commit } : undefined
  }
}
