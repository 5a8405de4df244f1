/**
 * One GRANDPA voter of many (Polkadot Host spec, section 6.3 "Process", algorithm "Play-Grandpa-Round"), as a pure state machine.
 *
 * It is told the time, messages and that blocks changed, and answers with actions, to be done in their order: storing
 * comes before sending. It reads blocks and keys through narrow interfaces and asks to be woken at `nextWake()`. A round
 * goes like this: the primary may propose; after two gossip durations everybody prevotes for the best chain that
 * contains the last round's estimate; after four, once the prevote-GHOST contains that estimate, precommits for it. What
 * a supermajority precommits is final. The next round starts when this one is completable and the last one's estimate is
 * final. Without local keys it follows and finalizes, but does not vote.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import { ed25519Verify } from '../../../../../crypto/ed25519/ed25519.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { isAtOrAbove, routeByHeaders } from '../proofs/ancestry.ts'
import { CatchUps, type CatchUp } from './catch-ups.ts'
import { Commits, type Commit } from './commits.ts'
import { Finalization } from './finalization.ts'
import type { Heard } from './inbox.ts'
import { IncomingVotes, type VoteMessage } from './incoming-votes.ts'
import type { GrandpaMessage, RoundRef, SignedVote, VoteKind } from '../messages.ts'
import { OwnVotes } from './own-votes.ts'
import type { Round } from './round.ts'
import { RoundTimes } from './round-times.ts'
import { Rounds } from './rounds.ts'
import { isSigned } from '../proofs/signatures.ts'
import type { Route } from './vote-tree.ts'
import { storedVoter } from './voter-state.ts'
import type { Complaint, VoterAction, VoterDependencies, VoterOptions } from './voter-types.ts'
import { chooseVote } from './voting-rule.ts'

export type { GrandpaEquivocation, VoterAction, VoterDependencies, VoterOptions } from './voter-types.ts'

const DEFAULT_GOSSIP_DURATION = 1000

export class Voter {
  readonly #dependencies: VoterDependencies
  readonly #times: RoundTimes
  readonly #route: Route
  readonly #own: OwnVotes
  readonly #rounds: Rounds
  readonly #votes: IncomingVotes
  readonly #commits: Commits
  readonly #catchUps: CatchUps
  readonly #finalization: Finalization
  readonly #isGood: (vote: SignedVote, round: number) => boolean
  #actions: VoterAction[] = []

  constructor(dependencies: VoterDependencies, options: VoterOptions = {}) {
    this.#dependencies = dependencies
    const gossipDuration = options.gossipDuration ?? DEFAULT_GOSSIP_DURATION
    this.#times = new RoundTimes(gossipDuration)
    this.#route = routeByHeaders(dependencies.blocks)
    this.#own = new OwnVotes(dependencies)
    this.#rounds = new Rounds(dependencies.blocks, this.#route, dependencies.sets.current, dependencies.sets.base)
    const { verify = ed25519Verify, isSigned: verdict = (vote, position) => isSigned(vote, position, verify) } = dependencies
    this.#isGood = (vote, round) => verdict(vote, { round, setId: this.position.setId })
    this.#votes = new IncomingVotes(dependencies.blocks, this.#rounds, this.#isGood)
    this.#commits = new Commits(dependencies.blocks, this.#route, this.#isGood)
    this.#catchUps = new CatchUps(dependencies.blocks, this.#times.patience)
    this.#finalization = new Finalization(dependencies, gossipDuration)
  }

  get position(): RoundRef {
    return this.#rounds.position
  }

  /** The present round, and the one before where what it may have finalized is not final yet. */
  get openRounds(): readonly [Round, ...Round[]] {
    return this.#rounds.unsettled
  }

  /** Takes up where the stored state says, or begins round 1. */
  start(now: number): VoterAction[] {
    const stored = storedVoter(this.#dependencies.aux, this.position.setId)
    if (stored !== undefined) {
      this.#rounds.restore(stored)
      this.#own.adopt(stored)
    }
    this.#enterRound(now)
    // What only the database has is to be in the key memory as well.
    if (stored !== undefined) this.#store()
    return this.#finish(now)
  }

  /** It is time: see `nextWake`. */
  tick(now: number): VoterAction[] {
    if (this.#times.isForRepeat(now)) this.#repeat(now)
    this.#actions.push(...this.#finalization.tick(now))
    return this.#finish(now)
  }

  /** When `tick` is due. */
  nextWake(now: number): number {
    const { retryAt } = this.#finalization
    // What is overdue is due now.
    return retryAt !== undefined && retryAt <= now ? now : this.#times.next(now, retryAt)
  }

  receive(message: GrandpaMessage, peer: string, now: number): VoterAction[] {
    return this.receiveAll([{ message, peer }], now)
  }

  /** Messages in their order; what follows from them is concluded once. */
  receiveAll(heard: readonly Heard[], now: number): VoterAction[] {
    for (const { message, peer } of heard) if (message.setId === this.position.setId) this.#take(message, peer, now)
    return this.#finish(now)
  }

  /** Votes in this message whose signatures `receive` will ask for: none where it has no use for it, whoever signed it. */
  unchecked(message: GrandpaMessage, peer: string): readonly SignedVote[] {
    if (message.setId !== this.position.setId) return []
    switch (message.type) {
      case 'vote':
        return this.#votes.needsCheck(message.round, message.vote) ? [message.vote] : []
      case 'commit':
        return message.target.number > this.#finalization.asked && this.#commits.needsCheck(message, this.#rounds.voters) ? message.precommits : []
      case 'catchUp':
        return this.#catchUps.unchecked(message, peer, this.position, this.#rounds.voters)
      case 'neighbor':
      case 'catchUpRequest':
        return []
    }
  }

  /** Blocks were imported: votes that waited for them count now. */
  blocksChanged(now: number): VoterAction[] {
    this.#rounds.count(this.#own.all)
    this.#actions.push(...this.#votes.retry())
    const commit = this.#commits.retry(this.#rounds.voters)
    if (commit !== undefined) this.#conclude(commit.round, commit.target, commit.precommits)
    return this.#finish(now)
  }

  /** A block was finalized, on our word or another's; or a forced change took effect. A new set begins with round 1. */
  finalized(now: number): VoterAction[] {
    const { sets, blocks } = this.#dependencies
    this.#finalization.noteFinalized()
    this.#commits.forget(blocks.finalized().number)
    if (sets.current.setId !== this.position.setId) {
      this.#rounds.restart(sets.current, sets.base)
      this.#votes.forget()
      this.#commits.forget()
      this.#finalization.reset()
      this.#beginRound(now)
    }
    return this.#finish(now)
  }

  /** A block could not be finalized as was asked: it is asked again later, see `nextWake`. */
  finalizeFailed(block: BlockRef, now: number): VoterAction[] {
    this.#finalization.failed(block, now)
    return this.#finish(now)
  }

  #take(message: GrandpaMessage, peer: string, now: number): void {
    switch (message.type) {
      case 'vote':
        return this.#onVote(message, peer)
      case 'commit':
        return this.#onCommit(message, peer)
      case 'neighbor':
        return void this.#actions.push(...this.#catchUps.ask(message.round, this.position, peer, now))
      case 'catchUpRequest':
        return void this.#actions.push(...this.#catchUps.answer(message.round, this.#rounds.previous, peer))
      case 'catchUp':
        return this.#onCatchUp(message, peer, now)
    }
  }

  #onVote(message: VoteMessage, peer: string): void {
    const actions = this.#votes.receive(message, peer)
    // Its signature is good.
    if (actions.some(({ kind }) => kind === 'accepted')) this.#own.heard(message.vote, { setId: message.setId, round: message.round })
    this.#actions.push(...actions)
  }

  #finish(now: number): VoterAction[] {
    this.#advance(now)
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  #advance(now: number): void {
    const rounds = this.#rounds
    const { blocks, sets } = this.#dependencies
    // The best chain that contains the estimate, or the primary's block where that lies between it and the last GHOST.
    const candidate = (estimate: BlockRef): BlockRef => chooseVote(blocks, rounds.proposalFrom(estimate) ?? estimate, (hash) => sets.limit(hash))
    this.#heedAbstention(now)
    for (;;) {
      const round = rounds.current
      if (rounds.previous !== undefined) this.#finalizeBy(rounds.previous)
      this.#finalizeBy(round)
      const estimate = rounds.lastEstimate()
      this.#propose(estimate)
      const { completable } = round.state
      if (this.#times.isForPrevote(now) || completable) this.#cast('prevote', () => candidate(estimate))
      const { ghost } = round.state
      const mayPrecommit = ghost !== undefined && isAtOrAbove(this.#route, estimate, ghost)
      if (mayPrecommit && (this.#times.isForPrecommit(now) || completable)) this.#cast('precommit', () => ghost)
      if (!round.state.completable || !rounds.lastIsFinal(estimate)) return
      this.#finalizeBy(round)
      rounds.follow(round)
      this.#beginRound(now)
    }
  }

  /** With what local keys voted in this round before a restart. */
  #enterRound(now: number): void {
    this.#own.enter(this.position)
    this.#rounds.count(this.#own.all)
    this.#times.begin(now)
  }

  /** Local keys voted in this round or a later one, and do not know what. */
  #heedAbstention(now: number): void {
    const step = this.#own.standAside(this.#rounds.voters)
    if (step?.kind === 'abstains') this.#actions.push(step)
    if (step?.kind !== 'leap') return
    this.#rounds.leap(step.round)
    this.#beginRound(now)
  }

  /** After the step into another round. */
  #beginRound(now: number): void {
    this.#enterRound(now)
    this.#store()
    this.#actions.push({ kind: 'broadcast', message: this.#rounds.neighbor }, ...this.#votes.retry())
  }

  #propose(estimate: BlockRef): void {
    if (this.#rounds.lastIsFinal(estimate)) return
    this.#cast('propose', () => estimate, (key) => key === this.#rounds.voters.primary(this.position.round))
  }

  /**
   * Signs once per local key and kind; stored before it is sent. Not while a forced change is pending: those who vote now are about to be
   * discharged, and what they still finalized could lie on another branch than the one on which the new ones begin.
   */
  #cast(kind: VoteKind, choose: () => BlockRef, who: (key: Hash) => boolean = () => true): void {
    if (this.#dependencies.sets.isForcedOn(this.#dependencies.blocks.best().hash)) return
    // What was heard of a key in this round is its vote, whoever cast it.
    const round = this.#rounds.current
    const votes = this.#own.cast(kind, this.#rounds.voters, choose, (key) => who(key) && !round.hasVote(kind, key))
    if (votes.length === 0) return
    this.#store()
    this.#rounds.count(votes)
    this.#actions.push(...this.#own.messages(votes))
    this.#finalizeBy(this.#rounds.current)
  }

  #store(): void {
    this.#actions.push({ kind: 'store', aux: [this.#rounds.entry(this.#own.all)], records: this.#own.records() })
  }

  #finalizeBy(round: Round): void {
    const block = round.state.finalized
    if (block === undefined || block.number <= this.#finalization.asked) return
    const proof = round.proofOf(block)
    if (proof !== undefined) this.#conclude(round.number, block, proof)
  }

  #conclude(round: number, block: BlockRef, proof: readonly SignedVote[]): void {
    this.#actions.push(...this.#finalization.conclude({ round, setId: this.position.setId }, block, proof))
  }

  #onCommit(commit: Commit, peer: string): void {
    if (commit.target.number <= this.#finalization.asked) return
    const outcome = this.#commits.receive(commit, this.#rounds.voters)
    if (outcome?.kind === 'complaint') this.#complain(peer, outcome.reason)
    if (outcome?.kind === 'proven') this.#conclude(commit.round, commit.target, commit.precommits)
  }

  /** The votes of a completed round at or ahead of ours: after it we are where the others are. */
  #onCatchUp(message: CatchUp, peer: string, now: number): void {
    const votes = this.#catchUps.receive(message, peer, this.position, this.#rounds.voters, this.#isGood)
    if (votes === 'bad') return this.#complain(peer, 'bad-catch-up')
    if (votes === undefined) return
    const round = this.#rounds.open(message.round, message.base)
    for (const vote of votes) round.add(vote)
    // Blocks that we lack may be why it does not look completable; the next neighbor packet brings another chance.
    if (!round.state.completable) return
    this.#finalizeBy(round)
    this.#rounds.follow(round)
    this.#beginRound(now)
  }

  /** Messages get lost; what we said of the rounds that others may still be in is said again. Storing may have failed before. */
  #repeat(now: number): void {
    this.#times.repeated(now)
    this.#actions.push({ kind: 'broadcast', message: this.#rounds.neighbor })
    if (this.#own.all.length > 0) this.#store()
    this.#actions.push(...this.#own.messages(), ...this.#own.messagesOf(this.#rounds.previous))
  }

  #complain(peer: string, reason: Complaint): void {
    this.#actions.push({ kind: 'misbehaviour', peer, reason })
  }
}
