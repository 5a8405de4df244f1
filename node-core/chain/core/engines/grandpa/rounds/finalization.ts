/**
 * The way from a proof to a final block: what has been asked of the chain, and asking again where it could not.
 *
 * A block is asked for once, and after it only higher ones. The chain may fail for a passing reason (a full disk, a full
 * queue); then the highest block asked for is asked for again, after a pause that doubles each time.
 */
import { encodeJustification } from '../proofs/encoding.ts'
import { GRANDPA_ENGINE } from '../digest.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { makeJustification } from '../proofs/justification.ts'
import type { RoundRef, SignedVote } from '../messages.ts'
import type { VoterAction, VoterDependencies } from './voter-types.ts'

type FinalizeAction = Extract<VoterAction, { kind: 'finalize' }>

/** Pauses double up to so many gossip durations. */
const LONGEST_PAUSE = 64

export class Finalization {
  readonly #dependencies: Pick<VoterDependencies, 'blocks' | 'sets'>
  readonly #gossipDuration: number
  #asked: number
  #last: FinalizeAction | undefined
  #retryAt: number | undefined
  #failures = 0

  constructor(dependencies: Pick<VoterDependencies, 'blocks' | 'sets'>, gossipDuration: number) {
    this.#dependencies = dependencies
    this.#gossipDuration = gossipDuration
    this.#asked = dependencies.blocks.finalized().number
  }

  /** Number of the highest block that was asked for or is final. */
  get asked(): number {
    return this.#asked
  }

  /** When `tick` has something to do. */
  get retryAt(): number | undefined {
    return this.#retryAt
  }

  /** What to do now that `proof` makes `block` final; nothing where that is settled or not provable to others. */
  conclude({ round, setId }: RoundRef, block: BlockRef, proof: readonly SignedVote[]): VoterAction[] {
    const { sets, blocks } = this.#dependencies
    if (block.number <= this.#asked) return []
    const limit = sets.limit(block.hash)
    if (limit !== undefined && block.number > limit) return []
    const justification = makeJustification(round, block, proof, (hash) => blocks.header(hash))
    if (justification === undefined) return []
    this.#asked = block.number
    this.#last = { kind: 'finalize', block, justification: { engine: GRANDPA_ENGINE, data: encodeJustification(justification) } }
    this.#retryAt = undefined
    this.#failures = 0
    return [this.#last, { kind: 'broadcast', message: { type: 'commit', round, setId, target: block, precommits: proof } }]
  }

  /** The chain could not finalize `block`. Of no account where a higher one has been asked for since, or it is final after all. */
  failed(block: BlockRef, now: number): void {
    if (this.#last?.block.hash !== block.hash || block.number <= this.#dependencies.blocks.finalized().number) return
    this.#failures++
    this.#retryAt = now + this.#gossipDuration * Math.min(2 ** this.#failures, LONGEST_PAUSE)
  }

  /** Asks again where it is time to. */
  tick(now: number): VoterAction[] {
    if (this.#last === undefined || this.#retryAt === undefined || now < this.#retryAt) return []
    this.#retryAt = undefined
    return this.#last.block.number > this.#dependencies.blocks.finalized().number ? [this.#last] : []
  }

  /** Something was finalized, by whomever. */
  noteFinalized(): void {
    const { number } = this.#dependencies.blocks.finalized()
    this.#asked = Math.max(this.#asked, number)
    if (this.#last !== undefined && this.#last.block.number <= number) this.#forget()
  }

  /** The authorities changed: what the old ones were about to finalize above the final block is void. */
  reset(): void {
    this.#asked = this.#dependencies.blocks.finalized().number
    this.#forget()
  }

  #forget(): void {
    this.#last = undefined
    this.#retryAt = undefined
    this.#failures = 0
  }
}
