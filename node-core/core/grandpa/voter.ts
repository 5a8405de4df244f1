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
import { fromHex, type Hash } from '../../base/bytes.ts'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import { encodeJustification } from '../../scale/justification.ts'
import { GRANDPA_ENGINE } from '../../scale/header.ts'
import type { BlockRef } from '../../state/types.ts'
import { isAtOrAbove, routeByHeaders } from './ancestry.ts'
import { makeJustification, type VerifySignature } from './justification.ts'
import { signingPayload, type GrandpaMessage, type SignedVote, type VoteKind } from './messages.ts'
import { OwnVotes } from './own-votes.ts'
import { Round, selectProof, type RoundState } from './round.ts'
import type { Route } from './vote-tree.ts'
import type { VoterSet } from './voter-set.ts'
import { storedVoter, voterEntry } from './voter-state.ts'
import type { VoterAction, VoterDependencies, VoterOptions } from './voter-types.ts'
import { chooseVote } from './voting-rule.ts'

export type { GrandpaEquivocation, VoterAction, VoterDependencies, VoterOptions } from './voter-types.ts'

const DEFAULT_GOSSIP_DURATION = 1000
/** Own votes and position are repeated after so many gossip durations without progress. */
const REPEAT_AFTER = 10
/** A peer so many rounds ahead is asked to catch us up. */
const CATCH_UP_DISTANCE = 2
/** Votes kept for blocks that are not here, and for the next round. */
const MAX_WAITING = 4096

type Commit = Extract<GrandpaMessage, { type: 'commit' }>
type CatchUp = Extract<GrandpaMessage, { type: 'catchUp' }>

interface WaitingVote {
  readonly round: number
  readonly vote: SignedVote
  readonly peer: string
}

export class Voter {
  readonly #dependencies: VoterDependencies
  readonly #verify: VerifySignature
  readonly #gossipDuration: number
  readonly #route: Route
  readonly #own: OwnVotes
  #voters: VoterSet
  #round: Round
  #previous: Round | undefined
  #startedAt = 0
  #repeatAt = 0
  #catchUpAskedAt = Number.NEGATIVE_INFINITY
  /** Who was asked to catch us up, and has not answered yet. */
  #catchUpPeer: string | undefined
  #waiting: WaitingVote[] = []
  #waitingCommit: Commit | undefined
  /** Highest block that a `finalize` went out for. */
  #finalizing: number
  #actions: VoterAction[] = []

  constructor(dependencies: VoterDependencies, options: VoterOptions = {}) {
    this.#dependencies = dependencies
    this.#verify = dependencies.verify ?? ed25519Verify
    this.#gossipDuration = options.gossipDuration ?? DEFAULT_GOSSIP_DURATION
    this.#route = routeByHeaders(dependencies.blocks)
    this.#own = new OwnVotes(dependencies.keystore)
    this.#voters = dependencies.sets.current
    this.#round = this.#newRound(1, dependencies.blocks.finalized())
    this.#finalizing = dependencies.blocks.finalized().number
  }

  get position(): { readonly round: number; readonly setId: number } {
    return { round: this.#round.number, setId: this.#voters.setId }
  }

  get roundState(): RoundState {
    return this.#round.state
  }

  /** Takes up where the stored state says, or begins round 1. */
  start(now: number): VoterAction[] {
    const stored = storedVoter(this.#dependencies.aux, this.#voters.setId)
    if (stored !== undefined) {
      this.#round = this.#newRound(stored.round, stored.base)
      this.#own.reset(stored.own)
      if (stored.previous !== undefined) {
        this.#previous = this.#newRound(stored.round - 1, stored.previous.base)
        for (const vote of [...stored.previous.prevotes, ...stored.previous.precommits]) this.#previous.add(vote)
      }
      for (const vote of stored.own) this.#round.add(vote)
    }
    this.#beginTiming(now)
    return this.#finish(now)
  }

  /** It is time: see `nextWake`. */
  tick(now: number): VoterAction[] {
    if (now >= this.#repeatAt) this.#repeat(now)
    return this.#finish(now)
  }

  /** When `tick` is due. */
  nextWake(now: number): number {
    const times = [this.#prevoteAt, this.#precommitAt, this.#repeatAt].filter((time) => time > now)
    return Math.min(...times, now + this.#gossipDuration * REPEAT_AFTER)
  }

  receive(message: GrandpaMessage, peer: string, now: number): VoterAction[] {
    if (message.setId === this.#voters.setId) {
      switch (message.type) {
        case 'vote':
          this.#onVote(message.round, message.vote, peer)
          break
        case 'commit':
          this.#onCommit(message, peer)
          break
        case 'neighbor':
          this.#onNeighbor(message.round, peer, now)
          break
        case 'catchUpRequest':
          this.#onCatchUpRequest(message.round, peer)
          break
        case 'catchUp':
          this.#onCatchUp(message, peer, now)
          break
      }
    }
    return this.#finish(now)
  }

  /** Blocks were imported: votes that waited for them count now. */
  blocksChanged(now: number): VoterAction[] {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { round, vote, peer } of waiting) this.#count(round, vote, peer)
    if (this.#waitingCommit !== undefined) this.#onCommit(this.#waitingCommit, '')
    return this.#finish(now)
  }

  /** A block was finalized, on our word or another's; or a forced change took effect. A new set begins with round 1. */
  finalized(now: number): VoterAction[] {
    const { sets, blocks } = this.#dependencies
    this.#finalizing = Math.max(this.#finalizing, blocks.finalized().number)
    if (sets.current.setId !== this.#voters.setId) {
      this.#voters = sets.current
      this.#previous = undefined
      this.#waiting = []
      this.#waitingCommit = undefined
      this.#finalizing = blocks.finalized().number
      this.#beginRound(1, blocks.finalized(), now)
    }
    return this.#finish(now)
  }

  get #prevoteAt(): number {
    return this.#startedAt + 2 * this.#gossipDuration
  }

  get #precommitAt(): number {
    return this.#startedAt + 4 * this.#gossipDuration
  }

  #finish(now: number): VoterAction[] {
    this.#advance(now)
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  #advance(now: number): void {
    for (;;) {
      if (this.#previous !== undefined) this.#finalizeBy(this.#previous)
      this.#finalizeBy(this.#round)
      const estimate = this.#lastEstimate()
      this.#propose(estimate)
      const { completable } = this.#round.state
      if (now >= this.#prevoteAt || completable) this.#cast('prevote', () => this.#prevoteTarget(estimate))
      const { ghost } = this.#round.state
      const mayPrecommit = ghost !== undefined && isAtOrAbove(this.#route, estimate, ghost)
      if (mayPrecommit && (now >= this.#precommitAt || completable)) this.#cast('precommit', () => ghost)
      if (!this.#round.state.completable || !this.#lastIsFinal(estimate)) return
      this.#finalizeBy(this.#round)
      const completed = this.#round
      this.#previous = completed
      this.#beginRound(completed.number + 1, this.#dependencies.blocks.finalized(), now)
    }
  }

  #beginRound(number: number, base: BlockRef, now: number): void {
    this.#round = this.#newRound(number, base)
    this.#own.reset()
    this.#beginTiming(now)
    this.#store()
    this.#actions.push({ kind: 'broadcast', message: this.#neighbor() })
    const waiting = this.#waiting
    this.#waiting = []
    for (const { round, vote, peer } of waiting) this.#count(round, vote, peer)
  }

  #newRound(number: number, base: BlockRef): Round {
    return new Round(number, this.#voters, base, this.#route)
  }

  #beginTiming(now: number): void {
    this.#startedAt = now
    this.#repeatAt = now + this.#gossipDuration * REPEAT_AFTER
  }

  /** The highest block that the last round may have finalized; what is final already where there is none. */
  #lastEstimate(): BlockRef {
    const { blocks } = this.#dependencies
    const estimate = this.#previous?.state.estimate
    const final = blocks.finalized()
    return estimate !== undefined && blocks.hasBlock(estimate.hash) && estimate.number > final.number ? estimate : final
  }

  #lastIsFinal(estimate: BlockRef): boolean {
    const finalized = this.#previous?.state.finalized
    const settled = this.#dependencies.blocks.finalized()
    return Math.max(settled.number, finalized?.number ?? 0) >= estimate.number
  }

  #propose(estimate: BlockRef): void {
    if (this.#lastIsFinal(estimate)) return
    const primary = this.#voters.primary(this.#round.number)
    this.#cast('propose', () => estimate, (key) => key === primary)
  }

  /** The best chain that contains the last estimate, or the primary's block where that lies between it and the last GHOST. */
  #prevoteTarget(estimate: BlockRef): BlockRef {
    const { blocks, sets } = this.#dependencies
    const proposal = this.#round.proposal?.target
    const ghost = this.#previous?.state.ghost
    const between =
      proposal !== undefined && ghost !== undefined && blocks.hasBlock(proposal.hash) &&
      isAtOrAbove(this.#route, estimate, proposal) && isAtOrAbove(this.#route, proposal, ghost)
    return chooseVote(blocks, between ? proposal : estimate, (hash) => sets.limit(hash))
  }

  /** Signs once per local key and kind; stored before it is sent. */
  #cast(kind: VoteKind, choose: () => BlockRef, who: (key: Hash) => boolean = () => true): void {
    const votes = this.#own.cast(kind, this.position, this.#voters, choose, who)
    if (votes.length === 0) return
    this.#store()
    for (const vote of votes) {
      this.#round.add(vote)
      this.#actions.push({ kind: 'broadcast', message: { type: 'vote', ...this.position, vote } })
    }
    this.#finalizeBy(this.#round)
  }

  #store(): void {
    const previous = this.#previous
    const last = previous && { base: previous.base, prevotes: previous.prevotes.votes(), precommits: previous.precommits.votes() }
    const entry = voterEntry({ ...this.position, base: this.#round.base, own: this.#own.all, previous: last })
    this.#actions.push({ kind: 'store', aux: [entry] })
  }

  #finalizeBy(round: Round): void {
    const block = round.state.finalized
    if (block === undefined || block.number <= this.#finalizing) return
    const proof = round.proofOf(block)
    if (proof !== undefined) this.#finalize(round.number, block, proof)
  }

  #finalize(round: number, block: BlockRef, proof: readonly SignedVote[]): void {
    const limit = this.#dependencies.sets.limit(block.hash)
    if (limit !== undefined && block.number > limit) return
    const justification = makeJustification(round, block, proof, (hash) => this.#dependencies.blocks.header(hash))
    if (justification === undefined) return
    this.#finalizing = block.number
    this.#actions.push({ kind: 'finalize', block, justification: { engine: GRANDPA_ENGINE, data: encodeJustification(justification) } })
    const commit: Commit = { type: 'commit', round, setId: this.#voters.setId, target: block, precommits: proof }
    this.#actions.push({ kind: 'broadcast', message: commit })
  }

  #onVote(round: number, vote: SignedVote, peer: string): void {
    const here = this.#round.number
    if (round < here - 1 || round > here + 1) return
    if (!this.#voters.has(vote.authority)) {
      this.#actions.push({ kind: 'misbehaviour', peer, reason: 'stranger' })
      return
    }
    if (this.#isKnown(round, vote)) return
    if (!this.#isSigned(vote, round)) {
      this.#actions.push({ kind: 'misbehaviour', peer, reason: 'bad-signature' })
      return
    }
    this.#actions.push({ kind: 'accepted', message: { type: 'vote', round, setId: this.#voters.setId, vote }, peer })
    this.#count(round, vote, peer)
  }

  /** Counts a vote whose signature is good, or lets it wait for its round or its block. */
  #count(number: number, vote: SignedVote, peer: string): void {
    const round = this.#roundOf(number)
    if (round === undefined || !this.#dependencies.blocks.hasBlock(vote.target.hash)) {
      if (number >= this.#round.number - 1) this.#letWait({ round: number, vote, peer })
      return
    }
    const outcome = round.add(vote)
    if (outcome.kind !== 'equivocation') return
    const { first, second } = outcome
    this.#actions.push({ kind: 'equivocation', equivocation: { round: number, setId: this.#voters.setId, first, second } })
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

  /** A commit finalizes by itself where we know all its blocks. */
  #onCommit(commit: Commit, peer: string): void {
    const { blocks } = this.#dependencies
    const { round, target } = commit
    if (target.number <= this.#finalizing) return
    if (!blocks.hasBlock(target.hash)) {
      if (target.number > (this.#waitingCommit?.target.number ?? 0) && this.#isSupermajority(commit, peer)) this.#waitingCommit = commit
      return
    }
    if (this.#waitingCommit === commit) this.#waitingCommit = undefined
    const proof = selectProof(commit.precommits, target, this.#voters, this.#route)
    if (proof === undefined) return
    if (!proof.every((vote) => this.#isSigned(vote, round))) {
      if (peer !== '') this.#actions.push({ kind: 'misbehaviour', peer, reason: 'bad-signature' })
      return
    }
    if (blocks.isAncestor(blocks.finalized().hash, target.hash)) this.#finalize(round, target, proof)
  }

  /** Signed by enough of the authorities, whatever the blocks: only such a commit may take the place of another. */
  #isSupermajority({ round, precommits }: Commit, peer: string): boolean {
    const authorities = new Set(precommits.map(({ authority }) => authority))
    const weight = [...authorities].reduce((sum, authority) => sum + this.#voters.weightOf(authority), 0)
    if (weight < this.#voters.threshold || authorities.size !== precommits.length) return false
    if (precommits.every((vote) => this.#isSigned(vote, round))) return true
    this.#actions.push({ kind: 'misbehaviour', peer, reason: 'bad-signature' })
    return false
  }

  #onNeighbor(round: number, peer: string, now: number): void {
    if (round < this.#round.number + CATCH_UP_DISTANCE || now < this.#catchUpAskedAt + this.#gossipDuration * REPEAT_AFTER) return
    this.#catchUpAskedAt = now
    this.#catchUpPeer = peer
    this.#actions.push({ kind: 'send', peer, message: { type: 'catchUpRequest', round: round - 1, setId: this.#voters.setId } })
  }

  #onCatchUpRequest(round: number, peer: string): void {
    const previous = this.#previous
    if (previous === undefined || previous.number < round) return
    const { number, base } = previous
    const votes = { prevotes: previous.prevotes.votes(), precommits: previous.precommits.votes() }
    this.#actions.push({ kind: 'send', peer, message: { type: 'catchUp', round: number, setId: this.#voters.setId, ...votes, base } })
  }

  /** The votes of a completed round at or ahead of ours: after it we are where the others are. */
  #onCatchUp(message: CatchUp, peer: string, now: number): void {
    if (peer !== this.#catchUpPeer) return
    this.#catchUpPeer = undefined
    if (message.round < this.#round.number || !this.#dependencies.blocks.hasBlock(message.base.hash)) return
    const votes = [...message.prevotes, ...message.precommits]
    if (votes.length > this.#voters.authorities.length * 4 || !votes.every((vote) => this.#isSigned(vote, message.round))) {
      this.#actions.push({ kind: 'misbehaviour', peer, reason: 'bad-catch-up' })
      return
    }
    const round = this.#newRound(message.round, message.base)
    for (const vote of votes) round.add(vote)
    // Blocks that we lack may be why it does not look completable; the next neighbor packet brings another chance.
    if (!round.state.completable) return
    this.#previous = round
    this.#finalizeBy(round)
    this.#beginRound(message.round + 1, this.#dependencies.blocks.finalized(), now)
  }

  /** Messages get lost; what we said of the rounds that others may still be in is said again. */
  #repeat(now: number): void {
    this.#repeatAt = now + this.#gossipDuration * REPEAT_AFTER
    this.#actions.push({ kind: 'broadcast', message: this.#neighbor() })
    for (const vote of this.#own.all) this.#actions.push({ kind: 'broadcast', message: { type: 'vote', ...this.position, vote } })
    const previous = this.#previous
    if (previous === undefined) return
    for (const vote of this.#own.among([...previous.prevotes.votes(), ...previous.precommits.votes()])) {
      this.#actions.push({ kind: 'broadcast', message: { type: 'vote', round: previous.number, setId: this.#voters.setId, vote } })
    }
  }

  #neighbor(): GrandpaMessage {
    return { type: 'neighbor', ...this.position, finalized: this.#dependencies.blocks.finalized().number }
  }

  #roundOf(number: number): Round | undefined {
    if (number === this.#round.number) return this.#round
    return number === this.#previous?.number ? this.#previous : undefined
  }

  #isKnown(number: number, vote: SignedVote): boolean {
    const round = this.#roundOf(number)
    if (round === undefined || vote.kind === 'propose') return false
    return (vote.kind === 'prevote' ? round.prevotes : round.precommits).voteOf(vote.authority)?.target.hash === vote.target.hash
  }

  #isSigned({ kind, target, signature, authority }: SignedVote, round: number): boolean {
    return this.#verify(signature, signingPayload(kind, target, { round, setId: this.#voters.setId }), fromHex(authority))
  }
}
