/**
 * Building one block (Polkadot Host spec, section 5.2 "Block Production").
 *
 * With a claim in hand: initialize, inherents, then (where the runtime takes any) transactions from the pool, best first, until
 * the block is full, the pool is empty or the time for it is over; finalize, seal, import.
 */
import type { Hash } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { BlockBuilder, RuntimeExecutor } from '../runtime/types.ts'
import type { Extrinsic } from '../scale/block.ts'
import type { BlockStateReader, StateChanges } from '../state/types.ts'
import type { Author, SlotClaim } from './engine.ts'
import type { Importer } from './importer.ts'
import { parachainsInherent, timestampInherent } from './inherents.ts'
import type { TransactionPool } from './types.ts'

export interface ProducerDependencies {
  readonly author: Author
  readonly blocks: BlockStateReader
  readonly executor: RuntimeExecutor
  readonly pool: Pick<TransactionPool, 'ready' | 'remove'> & {
    /** Resolves when the pool has worked in the best block. */
    caughtUp(): Promise<void>
  }
  readonly importer: Importer
  readonly clock: Clock
  readonly logger: Logger
}

/** Share of a slot that may be spent on applying transactions; the rest is for finalizing and for the way to others. */
const PROPOSAL_SHARE = 1 / 2

/** Share of the time for transactions that the pool may take to work in the parent. */
const POOL_SHARE = 1 / 8

/** After so many transactions in a row that do not fit any more, the block counts as full. */
const SKIPS_BEFORE_FULL = 8

export class BlockProducer {
  readonly #dependencies: ProducerDependencies

  constructor(dependencies: ProducerDependencies) {
    this.#dependencies = dependencies
  }

  /** Authors in `slot` on the best block if a local key may; resolves with the new block's hash, or undefined. */
  async produce(slot: number): Promise<Hash | undefined> {
    const { author, blocks, importer, logger } = this.#dependencies
    await importer.idle()
    const best = blocks.best()
    const parent = blocks.header(best.hash)
    if (parent === undefined) return undefined
    const claim = await author.claimSlot(parent, best.hash, slot)
    if (claim === undefined) return undefined
    const started = this.#dependencies.clock.now()
    const deadline = started + author.slotDuration * PROPOSAL_SHARE
    const { builder, inherents } = await this.#dependencies.executor.buildBlock({
      parentStateRoot: parent.stateRoot,
      parentHash: best.hash,
      number: best.number + 1,
      digest: [claim.preDigest],
      inherents: [timestampInherent(this.#timestamp(slot)), ...claim.inherents, parachainsInherent(parent)],
    })
    const body: Extrinsic[] = [...inherents]
    let finished: { header: Parameters<Author['seal']>[0]; changes: StateChanges }
    try {
      if (!builder.onlyInherents) await this.#fill(builder, body, deadline)
      finished = await builder.finish()
    } catch (error) {
      builder.drop()
      throw error
    }
    const header = await author.seal(finished.header, claim)
    const outcome = await importer.importOwn({ header, body }, finished.changes)
    if (outcome.kind === 'invalid') {
      logger.error('our own block was refused', { number: header.number, slot, code: outcome.code, reason: outcome.message })
      return undefined
    }
    this.#report(claim, header.number, body.length, started)
    return blocks.hashByNumber(header.number)
  }

  /** The moment that the block bears must lie in its slot, also where we are late or a test's clock runs ahead. */
  #timestamp(slot: number): number {
    const { author, clock } = this.#dependencies
    const start = slot * author.slotDuration
    return Math.min(Math.max(clock.now(), start), start + author.slotDuration - 1)
  }

  async #fill(builder: BlockBuilder, body: Extrinsic[], deadline: number): Promise<void> {
    const { pool, clock, logger } = this.#dependencies
    const invalid: Hash[] = []
    let skipped = 0
    await this.#poolCaughtUp(deadline)
    for (const { hash, extrinsic } of pool.ready()) {
      if (clock.now() >= deadline || skipped >= SKIPS_BEFORE_FULL) break
      const outcome = await builder.apply(extrinsic)
      if (outcome.kind === 'included') body.push(extrinsic)
      else if (outcome.kind === 'exhausted') skipped++
      else if (!outcome.later) {
        logger.debug('dropped a transaction while building', { hash, reason: outcome.reason })
        invalid.push(hash)
      }
    }
    if (invalid.length > 0) pool.remove(invalid)
  }

  /** Waits a little for a pool that is behind: what went into the parent would be tried again, and be thrown out with its dependents. */
  async #poolCaughtUp(deadline: number): Promise<void> {
    const { pool, clock } = this.#dependencies
    let cancel = (): void => {}
    const tooLong = new Promise<void>((resolve) => (cancel = clock.schedule(Math.max(0, deadline - clock.now()) * POOL_SHARE, resolve)))
    await Promise.race([pool.caughtUp(), tooLong])
    cancel()
  }

  #report(claim: SlotClaim, number: number, extrinsics: number, started: number): void {
    const { clock, logger } = this.#dependencies
    logger.info('authored a block', { number, slot: claim.slot, primary: claim.weight > 0, extrinsics, ms: clock.now() - started })
  }
}

/** Runs `produce` at the start of each slot, one after another; a slot that begins while the last one is still busy is left out. */
export class SlotLoop {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #slotDuration: number
  readonly #produce: (slot: number) => Promise<unknown>
  #cancel: (() => void) | undefined
  #running: Promise<void> = Promise.resolve()
  #busy = false
  #stopped = true

  constructor(dependencies: { clock: Clock; logger: Logger; produce: (slot: number) => Promise<unknown> }, options: { slotDuration: number }) {
    this.#clock = dependencies.clock
    this.#logger = dependencies.logger
    this.#produce = dependencies.produce
    this.#slotDuration = options.slotDuration
  }

  start(): void {
    this.#stopped = false
    this.#scheduleNext()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#running
  }

  /** Resolves when the slot under way is done. */
  async idle(): Promise<void> {
    await this.#running
  }

  #scheduleNext(): void {
    const now = this.#clock.now()
    const next = (Math.floor(now / this.#slotDuration) + 1) * this.#slotDuration
    this.#cancel = this.#clock.schedule(next - now, () => this.#onSlot())
  }

  #onSlot(): void {
    if (this.#stopped) return
    this.#scheduleNext()
    const slot = Math.floor(this.#clock.now() / this.#slotDuration)
    if (this.#busy) {
      this.#logger.warn('left out a slot: the one before is not done', { slot })
      return
    }
    this.#busy = true
    this.#running = this.#produce(slot)
      .catch((error: unknown) => this.#logger.error('could not author', { slot, reason: errorMessage(error) }))
      .then(() => {
        this.#busy = false
      })
  }
}
