/**
 * Seals a block when it is told to, and makes one final when it is told to.
 *
 * One request at a time: two blocks that were begun on the same parent would be a fork that nobody asked for. What the engine of the
 * chain's runtime wants to see in a block (a claim to a slot) is stamped on it: the slot after the parent's, or the one that the clock
 * shows where that is later, and the moment at which that slot begins. So blocks may come faster than their slots; the chain's own time
 * then runs ahead of the clock.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { Logger } from '../../../../base/logger.ts'
import { SerialQueue } from '../../../../base/serial-queue.ts'
import { blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../scale/header.ts'
import type { BlockRef } from '../../../scale/block.ts'
import type { AuxEntry, StateWriter } from '../../../state/types.ts'
import { BlockMaker, type BlockPlan } from '../../production/block-maker.ts'
import type { AuthoringTools, EngineDependencies } from '../engine.ts'
import type { AuthoringPart } from '../parts.ts'
import { slotAt } from '../slots/slot-time.ts'
import { SealingError } from './errors.ts'

export interface SealRequest {
  /** Seal a block also where there is nothing to put into it. */
  readonly createEmpty: boolean
  /** Make it final at once. */
  readonly finalize: boolean
  /** The best block where nothing is said. */
  readonly parent?: Hash | undefined
}

export interface SealedBlock {
  readonly block: BlockRef
  readonly isBest: boolean
}

export interface SealerDependencies extends Pick<AuthoringTools, 'blocks' | 'executor' | 'pool' | 'importer' | 'clock' | 'made'> {
  readonly writer: Pick<StateWriter, 'finalize'>
  readonly imports: Pick<EngineDependencies['imports'], 'exclusive'>
  /** How the chain's runtime wants its blocks; undefined where it does not mind. */
  readonly slots: Pick<AuthoringPart, 'slotDuration' | 'stamp' | 'finalizing' | 'digests'> | undefined
  readonly logger: Logger
}

/** Requests that may wait. */
const QUEUE_LIMIT = 256
/** No transaction is begun later in a block's life. */
const FILLING_MS = 1_000

export class Sealer {
  readonly #dependencies: SealerDependencies
  readonly #maker: BlockMaker
  readonly #requests = new SerialQueue(QUEUE_LIMIT)
  /** The moment of the last block, where slots do not tell it. */
  #lastMoment = 0

  constructor(dependencies: SealerDependencies) {
    this.#dependencies = dependencies
    this.#maker = new BlockMaker(dependencies)
  }

  /** Throws a SealingError, and what the runtime throws. */
  seal(request: SealRequest): Promise<SealedBlock> {
    return this.#requests.run(() => this.#seal(request))
  }

  /** With all its ancestors. Throws SEALING_BLOCK_NOT_FOUND, or SEALING_NOT_FINALIZED where another fork is final already. */
  finalize(hash: Hash, justification?: Uint8Array): Promise<void> {
    return this.#requests.run(() => this.#finalize(hash, justification))
  }

  idle(): Promise<void> {
    return this.#requests.idle()
  }

  /** Takes no more requests and finishes those that it has. */
  close(): Promise<void> {
    return this.#requests.close()
  }

  async #seal({ createEmpty, finalize, parent: named }: SealRequest): Promise<SealedBlock> {
    const { blocks, pool, importer, clock, logger } = this.#dependencies
    await importer.idle()
    const parentHash = named ?? blocks.best().hash
    const parent = blocks.hasBlock(parentHash) ? blocks.header(parentHash) : undefined
    if (parent === undefined) throw notFound(parentHash)
    if (!createEmpty && pool.ready().length === 0) throw empty()

    const started = clock.now()
    const plan = await this.#plan(parent, { hash: parentHash, number: parent.number }, started)
    const made = await this.#maker.make(plan)
    if (!createEmpty && made.transactions === 0) throw empty()
    const outcome = await importer.importOwn(made, made.changes)
    if (outcome.kind !== 'imported') {
      throw new SealingError('SEALING_IMPORT_FAILED', `Block import failed: ${outcome.kind === 'invalid' ? outcome.message : outcome.kind}`)
    }
    const block = { hash: blake2Hash(encodeHeader(made.header)), number: made.header.number }
    logger.info('sealed a block', { ...block, extrinsics: made.body.length, ms: clock.now() - started })
    if (finalize) await this.#finalize(block.hash)
    return { block, isBest: outcome.isBest }
  }

  async #plan(parent: Header, parentRef: BlockRef, now: number): Promise<BlockPlan> {
    const { slots } = this.#dependencies
    const common = { parent, parentRef, fillUntil: now + FILLING_MS }
    if (slots === undefined) {
      this.#lastMoment = Math.max(now, this.#lastMoment + 1)
      return { ...common, digest: [], inherents: [], timestamp: this.#lastMoment }
    }
    const slot = Math.max(slotAt(now, slots.slotDuration), this.#slotAfter(parent, parentRef.hash))
    const { preDigest, inherents } = await slots.stamp(parent, slot)
    return { ...common, digest: [preDigest], inherents, timestamp: slot * slots.slotDuration }
  }

  /** The first slot that neither the parent has nor a block beside the new one, from which nothing else might tell it. */
  #slotAfter(parent: Header, hash: Hash): number {
    const { blocks, slots } = this.#dependencies
    const beside = blocks.children(hash).flatMap((child) => blocks.header(child.hash) ?? [])
    const taken = [...(parent.number === 0 ? [] : [parent]), ...beside].map((header) => slots?.digests.slotOf?.(header) ?? -1)
    return Math.max(-1, ...taken) + 1
  }

  async #finalize(hash: Hash, justification?: Uint8Array): Promise<void> {
    const { blocks, writer, imports, slots, logger } = this.#dependencies
    await imports.exclusive(async () => {
      if (!blocks.hasBlock(hash)) throw notFound(hash)
      const final = blocks.finalized()
      if (hash === final.hash) return
      if (!blocks.isAncestor(final.hash, hash)) {
        throw new SealingError('SEALING_NOT_FINALIZED', `Block ${hash} does not descend from the finalized block ${final.number} and cannot be finalized.`)
      }
      const aux: readonly AuxEntry[] = slots?.finalizing(hash) ?? []
      await writer.finalize(hash, justification === undefined ? undefined : { engine: SEALING_ENGINE, data: justification }, aux)
      logger.info('finalized', { number: blocks.finalized().number, hash })
    })
  }
}

/** Whose justifications these are, as in Substrate's nodes. */
const SEALING_ENGINE = 'manl'

function notFound(hash: Hash): SealingError {
  return new SealingError('SEALING_BLOCK_NOT_FOUND', `Block ${hash} is unknown.`)
}

function empty(): SealingError {
  return new SealingError('SEALING_EMPTY_POOL', 'Transaction pool is empty, set create_empty to true, if you want to create empty blocks')
}
