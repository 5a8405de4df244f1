/**
 * Making the body of one block (Polkadot Host spec, section 5.2 "Block Production"): initialize, inherents, then (where the runtime takes
 * any) transactions from the pool, best first, until the block is full, the pool is empty or the time for it is over; finalize.
 *
 * Who may make it, when, and what its header says of that, is the engine's matter: it hands in a plan and gets the header without a seal.
 * Nothing here is stored; a block that nobody imports leaves no trace, except that the pool forgets transactions that are not valid.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { BlockBuilder, InherentData, RuntimeExecutor } from '../../runtime/types.ts'
import type { Extrinsic, BlockRef } from '../../scale/block.ts'
import type { Header } from '../../scale/header.ts'
import type { StateChanges } from '../../state/types.ts'
import type { TransactionPool } from '../types.ts'
import { parachainsInherent, timestampInherent } from './inherents.ts'

export interface BlockMakerDependencies {
  readonly executor: RuntimeExecutor
  readonly pool: Pick<TransactionPool, 'ready' | 'remove'> & {
    /** Resolves when the pool has worked in the best block. */
    caughtUp(): Promise<void>
  }
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of each block that was put together. */
  readonly made?: (ms: number, transactions: number) => void
}

export interface BlockPlan {
  readonly parent: Header
  readonly parentRef: BlockRef
  /** What the engine writes into the header before the runtime runs. */
  readonly digest: Header['digest']
  /** The moment that the block bears, in milliseconds since the Unix epoch. */
  readonly timestamp: number
  /** What the engine wants among the inherents. */
  readonly inherents: InherentData
  /** When no further transaction is begun, by the clock. */
  readonly fillUntil: number
}

export interface UnsealedBlock {
  readonly header: Header
  readonly body: readonly Extrinsic[]
  /** How many of the body came from the pool. */
  readonly transactions: number
  readonly changes: StateChanges
}

/** Share of the time for transactions that the pool may take to work in the parent. */
const POOL_SHARE = 1 / 8

/** After so many transactions in a row that do not fit any more, the block counts as full. */
const SKIPS_BEFORE_FULL = 8

export class BlockMaker {
  readonly #dependencies: BlockMakerDependencies

  constructor(dependencies: BlockMakerDependencies) {
    this.#dependencies = dependencies
  }

  async make({ parent, parentRef, digest, timestamp, inherents: wanted, fillUntil }: BlockPlan): Promise<UnsealedBlock> {
    const { clock, made } = this.#dependencies
    const begun = clock.now()
    const { builder, inherents } = await this.#dependencies.executor.buildBlock({
      parentStateRoot: parent.stateRoot,
      parentHash: parentRef.hash,
      number: parentRef.number + 1,
      digest,
      inherents: [timestampInherent(timestamp), ...wanted, parachainsInherent(parent)],
    })
    const body: Extrinsic[] = [...inherents]
    try {
      if (!builder.onlyInherents) await this.#fill(builder, body, fillUntil)
      const transactions = body.length - inherents.length
      const block = { ...(await builder.finish()), body, transactions }
      made?.(clock.now() - begun, transactions)
      return block
    } catch (error) {
      builder.drop()
      throw error
    }
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
}
