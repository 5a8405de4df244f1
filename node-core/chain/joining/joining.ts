/**
 * How a node joins a running chain: the stages one after the other (types.ts), gone on with where an earlier start came to.
 *
 *   warp.ts         proofs of finality, from the trusted set to the target       engines/joining.ts checks them
 *   state/          the target's state, piece by piece, each proven under its root; whole, it is adopted: readers find it
 *   #anchor         what engines must remember, asked of the target's own runtime; then one batch, and the chain stands on the target
 *
 * Nothing of this is visible as the chain's before the last batch: a node that gives up on the way (nobody serves proofs) syncs block by
 * block as if nothing had been. Peers are trusted for nothing. What cannot be proven to them is that they hold back newer blocks; the
 * node hears of those when it follows the head.
 */
import type { Clock } from '../../base/clock.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { AnchorBlock, FinalityProofs } from '../core/engines/joining.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'
import type { AdoptedState, AuxEntry } from '../state/types.ts'
import { Patience } from './patience.ts'
import type { StateDownloadStatus } from './state/state-download.ts'
import type { JoinHold, JoinNetwork, JoinProgress, JoinStage, JoinStore, JoinTarget, TrustedStart } from './types.ts'
import { Warp } from './warp.ts'
import { WarpRecord } from './warp-record.ts'

/** Fetches whole states. */
export interface StateFetcher {
  /**
   * Resolves when the whole state of the target is stored and its root was checked; goes on where an earlier start came to with the same
   * state, and forgets what was fetched of another. Rejects with JOIN_STATE_GONE where nobody has this state any more, and with the
   * signal's reason.
   */
  run(target: AnchorBlock, signal: AbortSignal): Promise<AdoptedState>
  status(): StateDownloadStatus | undefined
  /** Forgets the pieces that the state was put together from. */
  clear(): Promise<void>
}

export interface JoiningDependencies {
  readonly network: JoinNetwork
  readonly store: JoinStore
  readonly proofs: FinalityProofs
  readonly states: StateFetcher
  /** The extrinsics of a block, checked against its header. Rejects with a NodeError, as requests do. */
  readonly bodyOf: (peer: string, block: AnchorBlock, signal: AbortSignal) => Promise<readonly Extrinsic[]>
  /** What authoring keeps to go on from a block of which the state is here. */
  readonly anchorAuthoring: (anchor: AnchorBlock) => Promise<readonly AuxEntry[]>
  readonly clock: Clock
  readonly logger: Logger
}

/** Peers that are asked for the body of the anchor: nothing depends on it but people who want to see it. */
const BODY_ATTEMPTS = 3

export class Joining {
  readonly #dependencies: JoiningDependencies
  readonly #start: TrustedStart
  readonly #record: WarpRecord
  #warp: Warp | undefined
  #target: JoinTarget | undefined
  #stage: JoinStage = 'peers'

  /** `start` is where proofs begin, unless an earlier start came further. */
  constructor(dependencies: JoiningDependencies, start: TrustedStart) {
    this.#dependencies = dependencies
    this.#start = start
    this.#record = new WarpRecord(dependencies.store)
  }

  /** `since`: when the node began to join, perhaps with an attempt before this one. */
  status(since: number): JoinProgress {
    const { network, states } = this.#dependencies
    const peers = network.peers().length
    const stage = this.#stage === 'proofs' && peers === 0 ? 'peers' : this.#stage
    const state = states.status()
    return { stage, since, peers, proofs: this.#warp?.progress, target: this.#target && refOf(this.#target), state, hold: this.#hold(peers, state) }
  }

  /**
   * `joined`: the chain stands on a recent block. `young`: nothing is final above the start, so there is nothing to leave out. Rejects with
   * JOIN_NOT_SERVED where nobody serves proofs, with what the disk or the runtime gives, and with the signal's reason.
   */
  async run(signal: AbortSignal): Promise<'joined' | 'young'> {
    const { states, store, logger } = this.#dependencies
    const from = this.#record.load() ?? this.#start
    this.#warp = new Warp({ ...this.#dependencies, record: this.#record }, from)
    this.#target = this.#record.target()
    for (;;) {
      if (this.#target === undefined) {
        this.#stage = 'proofs'
        const target = await this.#warp.run(signal)
        if (target === undefined) return 'young'
        await this.#record.aim(target)
        this.#target = target
        logger.info('the newest finalized block is proven', { number: target.number, hash: target.hash, steps: this.#record.count })
      }
      this.#stage = 'state'
      try {
        // It may be adopted already, by a start that was cut off then.
        if (!store.hasAdopted(this.#target.hash)) await store.adopt(this.#target, await states.run(this.#target, signal))
        break
      } catch (error) {
        if (!isNodeError(error) || error.code !== 'JOIN_STATE_GONE') throw error
        // Finality went on meanwhile, and nobody keeps the state of then: the proofs go on to a newer block.
        logger.info('the state is not to be had any more', { number: this.#target.number })
        this.#target = undefined
        this.#warp = new Warp({ ...this.#dependencies, record: this.#record }, this.#record.load() ?? this.#start)
      }
    }
    this.#stage = 'anchor'
    await states.clear()
    await this.#anchor(this.#target, signal)
    return 'joined'
  }

  #hold(peers: number, state: StateDownloadStatus | undefined): JoinHold | undefined {
    if (this.#stage === 'anchor' || state?.assembled !== undefined) return undefined
    if (peers === 0) return 'no-peers'
    if (this.#stage !== 'state') return this.#warp?.hold
    return state !== undefined && state.peers.length > 0 && state.peers.every((peer) => peer.state === 'without') ? 'nobody-serves-state' : undefined
  }

  async #anchor(target: JoinTarget, signal: AbortSignal): Promise<void> {
    const { store, proofs, anchorAuthoring, logger } = this.#dependencies
    const body = await this.#body(target, signal)
    const changes = Array.from(this.#record.steps(), refOf).filter(({ number }) => number <= target.number)
    const authoring = await anchorAuthoring(target)
    const finality = await proofs.anchorEntries(target, changes, this.#start.block.number)
    signal.throwIfAborted()
    const { hash, header, justification } = target
    const aux = [...authoring, ...finality, ...this.#record.leftovers()]
    await store.anchor({ hash, header, justification, body, steps: this.#record.steps(), aux })
    logger.info('joined the chain', { number: target.number, hash })
  }

  async #body(target: JoinTarget, signal: AbortSignal): Promise<readonly Extrinsic[] | undefined> {
    const { network, clock, bodyOf, logger } = this.#dependencies
    const patience = new Patience(network, clock)
    for (const { id } of patience.ready().slice(0, BODY_ATTEMPTS)) {
      try {
        return await bodyOf(id, target, signal)
      } catch (error) {
        signal.throwIfAborted()
        patience.failed(id, error)
        logger.debug('a peer gave no body of the anchor', { peer: id, reason: errorMessage(error) })
      }
    }
    return undefined
  }
}

function refOf({ hash, number }: BlockRef): BlockRef {
  return { hash, number }
}
