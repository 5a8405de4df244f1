/**
 * Block import (Polkadot Host spec, section 4.3 "Block Validation").
 *
 * A block passes three stages. The first needs only headers: known already, allowed by the chain specification
 * (block-rules.ts), parent here or on its way, number, extrinsics root, everything that the consensus engine can check. The second needs the state of the
 * parent: above the finalized block, execution with the resulting state root. The third is fork choice, one atomic batch,
 * and what proves the block final. Blocks enter each stage in order, and none waits for another in it longer than it must: a header
 * is checked as soon as its parent has its place among the epochs, a block is executed as soon as its parent was, on a state that may
 * not be written yet, and only the last stage takes one at a time. What a block went ahead of may still be refused: then nothing is
 * known of its parent, and so nothing is said of it.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { isNodeError, NodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import type { RuntimeExecutor } from '../../runtime/types.ts'
import type { Block, BlockRef, Justification } from '../../scale/block.ts'
import { encodeHeader, type Header } from '../../scale/header.ts'
import type { BlockStateReader, StateChanges, StateWriter } from '../../state/types.ts'
import type { BlockRuleOptions } from './block-rules.ts'
import { HeaderStage, underWay, type Settled, type UnderWay } from './header-stage.ts'
import { orInternal } from './internal.ts'
import { EngineError, type ChainWeights, type FinalityEngine, type VerifiedHeader, type Verifier } from '../engines/engine.ts'
import { isPassing, isUnproven, refusalOf } from './refusals.ts'
import { SerialQueue } from '../../../base/serial-queue.ts'
import type { BlockImporter, BlockOrigin, ImportOutcome } from '../types.ts'

export interface ImporterDependencies {
  readonly blocks: BlockStateReader
  readonly writer: StateWriter
  readonly executor: RuntimeExecutor
  readonly verifier: Verifier
  readonly weights: ChainWeights
  /** Undefined where nothing becomes final by itself. */
  readonly finality: Pick<FinalityEngine, 'importJustification' | 'blockAux'> | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of an error that is not the block's fault. */
  readonly onFault: (error: unknown) => void
  /** Hears how long each block took that was imported. */
  readonly imported?: (ms: number) => void
}

export interface ImporterOptions extends BlockRuleOptions {
  /** Blocks that may wait for import. */
  readonly queueLimit: number
}

export class Importer implements BlockImporter {
  readonly #dependencies: ImporterDependencies
  readonly #headers: HeaderStage
  readonly #executions: SerialQueue
  readonly #queue: SerialQueue
  /** Blocks whose changes are known or are being made, and which are not stored yet. */
  readonly #executing = new Map<Hash, Executing>()
  /** Blocks that are not through yet, each with the moment when it is stored or refused. */
  readonly #arriving = new Map<Hash, Promise<void>>()

  constructor(dependencies: ImporterDependencies, options: ImporterOptions) {
    this.#dependencies = dependencies
    this.#headers = new HeaderStage(dependencies, options)
    this.#executions = new SerialQueue(options.queueLimit)
    this.#queue = new SerialQueue(options.queueLimit)
  }

  importBlock(block: Block, origin: BlockOrigin, justifications: readonly Justification[] = []): Promise<ImportOutcome> {
    return this.#timed(this.#run(block, origin, undefined, justifications))
  }

  /** A block that this node built: what building it changed is known, so it is not executed again. */
  importOwn(block: Block, changes: StateChanges): Promise<ImportOutcome> {
    return this.#timed(this.#run(block, 'own', changes, []))
  }

  /** A header that is stored, or checked and about to be: what the next one is checked against. */
  header(hash: Hash): Header | undefined {
    return this.#headers.header(hash)
  }

  /** Resolves when a block whose header is known here is stored or refused: then its state can be asked for, or never will. */
  async arrival(hash: Hash): Promise<void> {
    if (!this.#dependencies.blocks.hasBlock(hash)) await this.#arriving.get(hash)
  }

  importJustification(block: BlockRef, justification: Justification): Promise<ImportOutcome> {
    return this.#queue.run(async () => {
      if (!this.#dependencies.blocks.hasBlock(block.hash)) return { kind: 'unknown-parent' }
      return this.#applyJustifications(block, [justification], false)
    })
  }

  /** Work on the chain that must not run beside an import: finalization by our own voter. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task)
  }

  /** Takes no more blocks and waits for those under way. */
  async close(): Promise<void> {
    await this.#headers.close()
    await this.#executions.close()
    await this.#queue.close()
  }

  async idle(): Promise<void> {
    await this.#headers.idle()
    await this.#executions.idle()
    await this.#queue.idle()
  }

  async #run(block: Block, origin: BlockOrigin, own: StateChanges | undefined, justifications: readonly Justification[]): Promise<ImportOutcome> {
    const { logger } = this.#dependencies
    // A block leaves the last queue last: who has a place there has one in each, and who has none must enter no stage.
    const { refusal: noRoom } = this.#queue
    if (noRoom !== undefined) throw noRoom
    const { header } = block
    const hash = blake2Hash(encodeHeader(header))
    // Looked up now: only what came earlier may be waited for.
    const parentArrives = this.#arriving.get(header.parentHash)
    const { promise, resolve: settled } = Promise.withResolvers<void>()
    if (!this.#arriving.has(hash)) this.#arriving.set(hash, promise)
    try {
      const entered = this.#headers.enter(hash, block)
      // It waits for the stage before in its place of the queue, so that the order stays; a failure is this block's alone.
      entered.catch(() => undefined)
      const sent = this.#executions.run(async (): Promise<UnderWay<Executed>> => {
        const result = await (await entered).result
        if (result.kind !== 'verified') return { result: Promise.resolve(result) }
        // A state has one set of records: nothing may stand on another one than what is stored.
        for (let same = this.#executing.get(hash); same !== undefined; same = this.#executing.get(hash)) await same.ended
        if (parentArrives !== undefined && this.#executing.get(header.parentHash)?.isAtExecutor === true) await this.#room()
        else await parentArrives
        return underWay(this.#execute(hash, block, result.verified, own, { parentArrives, ended: promise }))
      })
      sent.catch(() => undefined)
      return await this.#queue.run(async () => {
        const result = await (await sent).result
        return result.kind === 'executed' ? this.#store(hash, block, origin, result, justifications, settled) : this.#again(hash, header, result, justifications)
      })
    } catch (error) {
      const refusal = isNodeError(error) ? refusalOf(error) : undefined
      if (refusal === 'orphan') return { kind: 'unknown-parent' }
      if (isNodeError(error) && refusal !== undefined) {
        const { code, message, data } = error
        logger.warn('refused a block', { number: header.number, hash, code, reason: message })
        const retryAt = data['retryAt']
        return { kind: 'invalid', refusal, code, message, ...(typeof retryAt === 'number' ? { retryAt } : {}) }
      }
      if (!isNodeError(error) || !isPassing(error)) this.#dependencies.onFault(error)
      throw error
    } finally {
      this.#headers.leave(hash, header)
      if (this.#executing.get(hash)?.ended === promise) this.#executing.delete(hash)
      if (this.#arriving.get(hash) === promise) this.#arriving.delete(hash)
      settled()
    }
  }

  async #timed(run: Promise<ImportOutcome>): Promise<ImportOutcome> {
    const { clock, imported } = this.#dependencies
    const begun = clock.now()
    const outcome = await run
    if (outcome.kind === 'imported') imported?.(clock.now() - begun)
    return outcome
  }

  /** Resolves when one more block may be executed ahead of those that are being stored. */
  async #room(): Promise<void> {
    if (this.#executing.size < EXECUTIONS_AHEAD) return
    // Until there is room for several: they cross to the executor in one piece.
    while (this.#executing.size > EXECUTIONS_AHEAD / 2) {
      const [oldest] = this.#executing.values()
      await oldest?.ended
    }
  }

  /** The second stage. The executor has been asked when this returns, so that it is asked in the order of the blocks. */
  async #execute(hash: Hash, block: Block, verified: VerifiedHeader, own: StateChanges | undefined, { parentArrives, ended }: Moments): Promise<Executed> {
    const { blocks, executor } = this.#dependencies
    const { header, body } = block
    if (blocks.hasBlock(hash)) return { kind: 'known' }
    const stored = blocks.header(header.parentHash)
    const parent = stored ?? (own === undefined && parentArrives !== undefined ? this.#executing.get(header.parentHash)?.header : undefined)
    // It was on its way when this block was checked, and was refused since.
    if (parent === undefined) return { kind: 'unknown-parent' }
    if (stored !== undefined) this.#checkAboveFinalized(header)
    this.#executing.set(hash, { header, isAtExecutor: own === undefined, ended })
    if (own !== undefined) return { kind: 'executed', verified, changes: own }
    let changes: StateChanges
    try {
      changes = await orInternal(executor.executeBlock(parent.stateRoot, verified.unsealed, body, { hash, parentStored: stored !== undefined }))
    } catch (error) {
      if (!isNodeError(error) || error.code !== 'RUNTIME_UNKNOWN_STATE') throw error
      if (stored === undefined) {
        // The parent was refused, or the executor needs the database for its state after all.
        await parentArrives
        return this.#execute(hash, block, verified, own, { parentArrives: undefined, ended })
      }
      // Its parent's fork may have died meanwhile, and the state with it.
      this.#checkAboveFinalized(header)
      throw error
    }
    if (changes.stateRoot !== header.stateRoot) {
      throw new NodeError('IMPORT_WRONG_STATE_ROOT', `Execution results in state root ${changes.stateRoot}; the header has ${header.stateRoot}.`)
    }
    return { kind: 'executed', verified, changes }
  }

  /** The third stage. `stored` is called when the block's children may be executed. */
  async #store(
    hash: Hash, { header, body }: Block, origin: BlockOrigin, { verified, changes }: ExecutedBlock, justifications: readonly Justification[], stored: () => void,
  ): Promise<ImportOutcome> {
    const { blocks, writer, finality, logger } = this.#dependencies
    if (blocks.hasBlock(hash)) return this.#again(hash, header, { kind: 'known' }, justifications)
    // It was executed ahead of a parent that was refused.
    if (!blocks.hasBlock(header.parentHash)) return { kind: 'unknown-parent' }
    // What became final while it was executed may have left it behind.
    this.#checkAboveFinalized(header)
    const isBest = this.#isBetter(header, verified.weight)
    const aux = [...verified.aux, ...(finality?.blockAux(header, hash) ?? [])]
    await writer.importBlock({ hash, header, body, changes, isBest, isOwn: origin === 'own', aux })
    this.#executing.delete(hash)
    stored()
    logger.debug('imported', { number: header.number, hash, origin, isBest })
    if (justifications.length > 0) return this.#applyJustifications({ hash, number: header.number }, justifications, isBest)
    return { kind: 'imported', isBest }
  }

  /** A block that is here may still bring a justification. */
  async #again(hash: Hash, header: Header, outcome: ImportOutcome, justifications: readonly Justification[]): Promise<ImportOutcome> {
    if (outcome.kind !== 'known' || justifications.length === 0) return outcome
    return this.#applyJustifications({ hash, number: header.number }, justifications, false)
  }

  #checkAboveFinalized(header: Header): void {
    const { blocks } = this.#dependencies
    const finalized = blocks.finalized()
    if (header.number > finalized.number && blocks.isAncestor(finalized.hash, header.parentHash)) return
    throw new NodeError('IMPORT_BELOW_FINALIZED', `Block ${header.number} does not descend from the finalized block ${finalized.number}.`)
  }

  /** The chain with more weight is better, then the longer one; what we have stays best otherwise. */
  #isBetter(header: Header, weight: number): boolean {
    const { blocks, weights } = this.#dependencies
    const best = blocks.best()
    if (best.hash === header.parentHash) return true
    const ours = weights.chainWeight(best.hash)
    const theirs = weights.chainWeight(header.parentHash) + weight
    return theirs > ours || (theirs === ours && header.number > best.number)
  }

  /** Every one has its chance: a bad one does not hide a good one behind it, and is of no account where the block is final after all. */
  async #applyJustifications(block: BlockRef, justifications: readonly Justification[], isBest: boolean): Promise<ImportOutcome> {
    const { blocks, finality, logger } = this.#dependencies
    let refusal: string | undefined
    for (const justification of justifications) {
      try {
        await finality?.importJustification(block, justification)
      } catch (error) {
        if (!isNodeError(error) || !isUnproven(error)) throw error
        logger.debug('a justification proves nothing here', { number: block.number, code: error.code, reason: error.message })
        // An honest peer may be ahead of this node.
        if (!(error instanceof EngineError && error.refusal === 'obsolete')) refusal ??= error.message
      }
    }
    if (refusal === undefined || blocks.finalized().number >= block.number) return { kind: 'imported', isBest }
    return { kind: 'invalid', refusal: 'proven', code: 'IMPORT_BAD_JUSTIFICATION', message: refusal }
  }
}

/** Blocks that may be executed, or about to be, before the first of them is stored: some at the executor, some on their way into the database. */
const EXECUTIONS_AHEAD = 16

interface Executing {
  readonly header: Header
  /** Its children may be executed before it is stored. */
  readonly isAtExecutor: boolean
  readonly ended: Promise<void>
}

/** When this block is stored or refused, and when its parent is; undefined where the parent is on its way no more. */
interface Moments {
  readonly ended: Promise<void>
  readonly parentArrives: Promise<void> | undefined
}

interface ExecutedBlock {
  readonly kind: 'executed'
  readonly verified: VerifiedHeader
  readonly changes: StateChanges
}
type Executed = Settled | ExecutedBlock
