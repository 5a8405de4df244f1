/**
 * Building one block (Polkadot Host spec, section 5.2 "Block Production").
 *
 * With a claim in hand: initialize, inherents, then (where the runtime takes any) transactions from the pool, best first, until
 * the block is full, the pool is empty or the time for it is over; finalize, seal, import. A block belongs to its slot: what is
 * not sealed when the slot ends is thrown away, because others would take it for late or for a fork, and the next author does not
 * build on it.
 *
 * An authority makes no block while it does not know the chain: during a major sync, and where it shares the slots with others and none
 * of them is connected. It would build on an old block, on a fork that nobody else has. See {@link AuthoringHold}.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { Clock } from '../../../../base/clock.ts'
import type { Logger } from '../../../../base/logger.ts'
import { blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import type { BlockBuilder, RuntimeExecutor } from '../../../runtime/types.ts'
import type { Block, Extrinsic } from '../../../scale/block.ts'
import { encodeHeader, type Header } from '../../../scale/header.ts'
import type { BlockRef, BlockStateReader, StateChanges } from '../../../state/types.ts'
import type { Author, SlotClaim } from '../engine.ts'
import type { Importer } from '../../import/importer.ts'
import { parachainsInherent, timestampInherent } from '../../production/inherents.ts'
import type { AuthoringHold, SyncOracle, TransactionPool } from '../../types.ts'

export interface ProducerDependencies {
  readonly author: Author
  readonly blocks: BlockStateReader
  readonly executor: RuntimeExecutor
  readonly pool: Pick<TransactionPool, 'ready' | 'remove'> & {
    /** Resolves when the pool has worked in the best block. */
    caughtUp(): Promise<void>
  }
  readonly importer: Pick<Importer, 'idle' | 'importOwn'>
  readonly sync: SyncOracle
  readonly clock: Clock
  readonly logger: Logger
}

export interface ProducerOptions {
  /** Author also where no other node is connected. */
  readonly force: boolean
}

/** Share of a slot that a block may take to be made, and share of that for applying transactions; the rest is for finalizing it. */
const PROPOSAL_SHARE = 2 / 3
const FILLING_SHARE = 2 / 3

/** Share of the time for transactions that the pool may take to work in the parent. */
const POOL_SHARE = 1 / 8

/** After so many transactions in a row that do not fit any more, the block counts as full. */
const SKIPS_BEFORE_FULL = 8

export class BlockProducer {
  readonly #dependencies: ProducerDependencies
  readonly #options: ProducerOptions
  #hold: AuthoringHold | undefined

  constructor(dependencies: ProducerDependencies, options: ProducerOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Why no block is made at present; undefined where nothing is in the way. */
  get hold(): AuthoringHold | undefined {
    return this.#hold
  }

  /** Authors in `slot` on the best block if a local key may; resolves with the new block's hash, or undefined. */
  async produce(slot: number): Promise<Hash | undefined> {
    const { author, blocks, importer, logger } = this.#dependencies
    await importer.idle()
    if (this.#isOver(slot)) {
      logger.info('a slot passed while blocks were imported', { slot })
      return undefined
    }
    const best = blocks.best()
    const parent = blocks.header(best.hash)
    if (parent === undefined) return undefined
    this.#setHold(await this.#reasonToHold(parent, best.hash, slot), slot)
    if (this.#hold !== undefined) return undefined
    const claim = await author.claimSlot(parent, best.hash, slot)
    return claim === undefined ? undefined : this.#author(parent, best, claim)
  }

  async #author(parent: Header, best: BlockRef, claim: SlotClaim): Promise<Hash | undefined> {
    const { author, clock } = this.#dependencies
    const started = clock.now()
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    const { header, body, changes } = await this.#build(parent, best, claim, started)
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    const sealed = await author.seal(header, claim)
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    return this.#import({ header: sealed, body }, changes, claim, started)
  }

  async #reasonToHold(parent: Header, parentHash: Hash, slot: number): Promise<AuthoringHold | undefined> {
    const { author, sync } = this.#dependencies
    if (sync.isMajorSyncing()) return { kind: 'syncing' }
    const { lastClaimed } = author
    if (lastClaimed !== undefined && slot <= lastClaimed) return { kind: 'clock-behind', untilSlot: lastClaimed + 1 }
    if (this.#options.force || !sync.isOffline()) return undefined
    const authorities = await author.authorityCount(parent, parentHash, slot)
    return authorities > 1 ? { kind: 'alone', authorities } : undefined
  }

  #setHold(hold: AuthoringHold | undefined, slot: number): void {
    const { logger } = this.#dependencies
    if (hold?.kind === this.#hold?.kind) return
    this.#hold = hold
    switch (hold?.kind) {
      case undefined:
        return logger.info('blocks are made again', { slot })
      case 'syncing':
        return logger.info('no blocks are made during a major sync', { slot })
      case 'alone':
        return logger.warn('no blocks are made while no other node is connected (--force-authoring makes them all the same)', { slot, authorities: hold.authorities })
      case 'clock-behind':
        return logger.warn('no blocks are made: the clock is behind the last slot that was claimed', { slot, until: hold.untilSlot })
    }
  }

  async #build(parent: Header, { hash: parentHash, number }: BlockRef, claim: SlotClaim, started: number): Promise<Unsealed> {
    const { slot } = claim
    const { builder, inherents } = await this.#dependencies.executor.buildBlock({
      parentStateRoot: parent.stateRoot,
      parentHash,
      number: number + 1,
      digest: [claim.preDigest],
      inherents: [timestampInherent(this.#timestamp(slot)), ...claim.inherents, parachainsInherent(parent)],
    })
    const body: Extrinsic[] = [...inherents]
    try {
      if (!builder.onlyInherents) await this.#fill(builder, body, this.#fillUntil(slot, started))
      return { ...(await builder.finish()), body }
    } catch (error) {
      builder.drop()
      throw error
    }
  }

  async #import(block: Block, changes: StateChanges, claim: SlotClaim, started: number): Promise<Hash | undefined> {
    const { importer, clock, logger } = this.#dependencies
    const { number } = block.header
    const outcome = await importer.importOwn(block, changes)
    if (outcome.kind === 'imported') {
      logger.info('authored a block', { number, slot: claim.slot, primary: claim.weight > 0, extrinsics: block.body.length, ms: clock.now() - started })
      return blake2Hash(encodeHeader(block.header))
    }
    const { code, message } = outcome.kind === 'invalid' ? outcome : { code: outcome.kind, message: 'the chain has moved on' }
    logger.error('our own block was refused', { number, slot: claim.slot, code, reason: message })
    return undefined
  }

  /** The moment that the block bears must lie in its slot, also where we are a little early or late. */
  #timestamp(slot: number): number {
    const { author, clock } = this.#dependencies
    return Math.min(Math.max(clock.now(), slot * author.slotDuration), this.#endOf(slot) - 1)
  }

  #endOf(slot: number): number {
    return (slot + 1) * this.#dependencies.author.slotDuration
  }

  #isOver(slot: number): boolean {
    return this.#dependencies.clock.now() >= this.#endOf(slot)
  }

  /** A slot of ours stays empty: what was made of its block is thrown away. */
  #late({ slot }: SlotClaim, started: number): undefined {
    const { clock, logger } = this.#dependencies
    const end = this.#endOf(slot)
    logger.warn('no block in a slot of ours: it ended before the block was made', { slot, begunMs: started - this.#endOf(slot - 1), lateMs: clock.now() - end })
    return undefined
  }

  /** A block that is begun late has less time, not the same time later. */
  #fillUntil(slot: number, started: number): number {
    const time = Math.min(this.#endOf(slot) - started, this.#dependencies.author.slotDuration * PROPOSAL_SHARE)
    return started + time * FILLING_SHARE
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

interface Unsealed {
  readonly header: Header
  readonly body: readonly Extrinsic[]
  readonly changes: StateChanges
}
