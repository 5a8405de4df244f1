/**
 * The first stage of joining: following proofs of finality from the authorities that are trusted to the newest finalized block.
 *
 * One peer is asked at a time; each proven step is kept, so a restart or a liar costs no step that came before. A peer may end its
 * answer early, and that is no lie that could be proven: so when one says that it has nothing newer, everybody else who is here is asked
 * whether he has, and further peers are waited for, until three have said so, but not for long. What the stage ends with was signed by the supermajority of a set that
 * follows from the trusted one, step by step.
 */
import type { Clock } from '../../base/clock.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { FinalityProofs, ProvenBlock } from '../core/engines/joining.ts'
import { Patience } from './patience.ts'
import type { JoinHold, JoinNetwork, JoinPeer, JoinTarget, ProofProgress, TrustedStart } from './types.ts'
import type { WarpRecord } from './warp-record.ts'

export interface WarpDependencies {
  readonly proofs: FinalityProofs
  readonly network: JoinNetwork
  readonly record: WarpRecord
  readonly clock: Clock
  readonly logger: Logger
}

/** Where so many have said that they have nothing newer, nobody who is not here yet is waited for. */
const AGREEING = 3

/** How long others than the first are waited for. */
const COMPANY_MS = 5_000

/** How long everybody may refuse before this stage gives up: others may still come. */
const UNSERVED_MS = 60_000

export class Warp {
  readonly #dependencies: WarpDependencies
  readonly #patience: Patience
  #now: TrustedStart
  /** The newest proven block. */
  #head: ProvenBlock | undefined
  readonly #agreeing = new Set<string>()
  /** Steps of the answer that is being looked at: not stored yet. */
  #pending = 0
  /** Where this start began, and when. */
  #began: { readonly number: number; readonly at: number } | undefined

  constructor(dependencies: WarpDependencies, start: TrustedStart) {
    this.#dependencies = dependencies
    this.#patience = new Patience(dependencies.network, dependencies.clock)
    this.#now = start
    const last = dependencies.record.last()
    this.#head = last && { ...last, set: start.set, changesSet: true }
  }

  get progress(): ProofProgress {
    const { record, network } = this.#dependencies
    const { hash, number } = this.#head ?? this.#now.block
    const told = network.peers().map(({ best }) => best.number).sort((a, b) => a - b)
    const highest = Math.max(number, told[told.length >> 1] ?? 0)
    // The newest block may have ended no set: it is no step to be stored, and a proof all the same.
    const last = this.#head?.changesSet === false ? 1 : 0
    return { fragments: record.count + this.#pending + last, block: { hash, number }, highest, secondsLeft: this.#secondsLeft(number, highest) }
  }

  #secondsLeft(number: number, highest: number): number | undefined {
    if (this.#began === undefined || number <= this.#began.number) return undefined
    return Math.round((((highest - number) / (number - this.#began.number)) * (this.#dependencies.clock.now() - this.#began.at)) / 1000)
  }

  get hold(): JoinHold | undefined {
    if (!this.#dependencies.network.peers().some((peer) => this.#isAhead(peer))) return 'no-peers'
    return this.#patience.nobodyServes ? 'nobody-serves-proofs' : undefined
  }

  /**
   * The target; undefined where those who are here have nothing final above the start. Rejects with JOIN_NOT_SERVED where for a minute nobody
   * who is here serves proofs, and with the signal's reason.
   */
  async run(signal: AbortSignal): Promise<JoinTarget | undefined> {
    const { clock } = this.#dependencies
    this.#began = { number: this.#now.block.number, at: clock.now() }
    let unservedSince: number | undefined
    let company: number | undefined
    for (;;) {
      unservedSince = this.#patience.nobodyServes ? (unservedSince ?? clock.now()) : undefined
      const peer = this.#patience.ready().find((ready) => this.#isAhead(ready) && !this.#agreeing.has(ready.id))
      if (peer !== undefined) {
        await this.#ask(peer.id, signal)
        continue
      }
      if (this.#agreeing.size > 0) {
        company ??= clock.now()
        if (this.#agreeing.size >= AGREEING || clock.now() >= company + COMPANY_MS) return this.#head
      }
      if (unservedSince !== undefined && clock.now() >= unservedSince + UNSERVED_MS) {
        throw new NodeError('JOIN_NOT_SERVED', 'Nobody who is connected serves proofs of finality.')
      }
      await this.#patience.moment(signal)
    }
  }

  #isAhead({ best }: JoinPeer): boolean {
    return best.number >= this.#now.block.number
  }

  async #ask(peer: string, signal: AbortSignal): Promise<void> {
    const { proofs, network, record, logger } = this.#dependencies
    const from = this.#now
    const ended: ProvenBlock[] = []
    let hasMore = true
    try {
      const steps = proofs.follow(network.sender, peer, from.block.hash, from.set, signal)
      for (let step = await steps.next(); ; step = await steps.next()) {
        if (step.done === true) {
          hasMore = !step.value
          break
        }
        if (step.value.number > (this.#head?.number ?? 0)) this.#head = step.value
        if (step.value.changesSet) ended.push(step.value)
        this.#pending = ended.length
      }
      this.#patience.served(peer)
      if (!hasMore) this.#agreeing.add(peer)
    } catch (error) {
      signal.throwIfAborted()
      const failing = this.#patience.failed(peer, error)
      if (failing === 'ours') throw error
      logger.debug('a peer gave no proof', { peer, failing, reason: errorMessage(error) })
    }
    // What was proven before the answer broke off counts.
    const newest = ended.at(-1)
    if (newest === undefined) return
    this.#now = { block: { hash: newest.hash, number: newest.number }, set: newest.set }
    await record.add(ended, this.#now)
    this.#pending = 0
    logger.debug('finality is proven', { number: newest.number, steps: record.count, setId: newest.set.setId })
    // Others may have come to the same end before this was known.
    if (hasMore) this.#agreeing.clear()
  }
}
