/**
 * Block import (Polkadot Host spec, section 4.3 "Block Validation").
 *
 * A block passes, in this order: known already, parent here, number, not on the list of bad blocks, above the finalized
 * block, extrinsics root, everything the consensus engine can check from the header, execution with the resulting state
 * root. Then fork choice, and one atomic batch. Blocks are imported one at a time.
 */
import { toHex, type Hash } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage, isNodeError, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { blake2Hash } from '../crypto/hashing.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import type { Block, Extrinsic } from '../scale/block.ts'
import { encodeHeader, type Header } from '../scale/header.ts'
import type { AuxEntry, BlockRef, BlockStateReader, Justification, StateChanges, StateWriter } from '../state/types.ts'
import { orderedTrieRoot } from '../trie/build.ts'
import type { Verifier } from './engine.ts'
import { SerialQueue } from './serial-queue.ts'
import type { BlockImporter, BlockOrigin, ImportOutcome } from './types.ts'

/** How much weight stands behind the chain that ends in a block. */
export interface ChainWeights {
  chainWeight(hash: Hash): number
}

/** Where justifications are checked and applied. */
export interface FinalityImporter {
  /** Resolves when the block is final; throws where the justification does not prove it. */
  importJustification(block: BlockRef, justification: Justification): Promise<void>
  /** What finality must remember of this block, for the batch that stores it. */
  blockAux(header: Header, hash: Hash): readonly AuxEntry[]
}

export interface ImporterDependencies {
  readonly blocks: BlockStateReader
  readonly writer: StateWriter
  readonly executor: RuntimeExecutor
  readonly verifier: Verifier
  readonly weights: ChainWeights
  readonly finality: FinalityImporter
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of an error that is not the block's fault. */
  readonly onFault: (error: unknown) => void
}

export interface ImporterOptions {
  readonly badBlocks: readonly Hash[]
  /** Blocks that may wait for import. */
  readonly queueLimit: number
}

export class Importer implements BlockImporter {
  readonly #dependencies: ImporterDependencies
  readonly #badBlocks: ReadonlySet<Hash>
  readonly #queue: SerialQueue

  constructor(dependencies: ImporterDependencies, options: ImporterOptions) {
    this.#dependencies = dependencies
    this.#badBlocks = new Set(options.badBlocks)
    this.#queue = new SerialQueue(options.queueLimit)
  }

  importBlock(block: Block, origin: BlockOrigin, justifications: readonly Justification[] = []): Promise<ImportOutcome> {
    return this.#queue.run(() => this.#import(block, origin, undefined, justifications))
  }

  /** A block that this node built: what building it changed is known, so it is not executed again. */
  importOwn(block: Block, changes: StateChanges): Promise<ImportOutcome> {
    return this.#queue.run(() => this.#import(block, 'own', changes, []))
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

  /** Takes no more blocks and waits for the one under way. */
  close(): Promise<void> {
    return this.#queue.close()
  }

  idle(): Promise<void> {
    return this.#queue.idle()
  }

  async #import(block: Block, origin: BlockOrigin, own: StateChanges | undefined, justifications: readonly Justification[]): Promise<ImportOutcome> {
    const { blocks, writer, verifier, finality, clock, logger } = this.#dependencies
    const { header } = block
    const hash = blake2Hash(encodeHeader(header))
    const ref: BlockRef = { hash, number: header.number }
    if (blocks.hasBlock(hash)) return justifications.length > 0 ? this.#applyJustifications(ref, justifications, false) : { kind: 'known' }
    const parent = blocks.header(header.parentHash)
    if (parent === undefined) return { kind: 'unknown-parent' }

    try {
      this.#checkPlace(hash, header, parent)
      checkExtrinsicsRoot(header, block.body)
      const verified = await verifier.verify(header, clock.now())
      const changes = own ?? (await this.#execute(parent, verified.unsealed, block.body))
      const isBest = this.#isBetter(header, verified.weight)
      const aux = [...verified.aux, ...finality.blockAux(header, hash)]
      await writer.importBlock({ hash, header, body: block.body, changes, isBest, aux })
      logger.debug('imported', { number: header.number, hash, origin, isBest })
      if (justifications.length > 0) return await this.#applyJustifications(ref, justifications, isBest)
      return { kind: 'imported', isBest }
    } catch (error) {
      if (isNodeError(error) && REFUSALS.some((prefix) => error.code.startsWith(prefix))) {
        logger.warn('refused a block', { number: header.number, hash, code: error.code, reason: error.message })
        return { kind: 'invalid', code: error.code, message: error.message }
      }
      if (!isNodeError(error) || !STOPPING.includes(error.code)) this.#dependencies.onFault(error)
      throw error
    }
  }

  /** Spec 4.3.1, the checks that need only the block tree. */
  #checkPlace(hash: Hash, header: Header, parent: Header): void {
    const finalized = this.#dependencies.blocks.finalized()
    if (this.#badBlocks.has(hash)) throw new NodeError('IMPORT_BAD_BLOCK', 'The chain specification lists this block as bad.')
    if (header.number !== parent.number + 1) {
      throw new NodeError('IMPORT_WRONG_NUMBER', `Block ${header.number} cannot follow block ${parent.number}.`)
    }
    if (header.number <= finalized.number || !this.#dependencies.blocks.isAncestor(finalized.hash, header.parentHash)) {
      throw new NodeError('IMPORT_BELOW_FINALIZED', `Block ${header.number} is not above the finalized block ${finalized.number}.`)
    }
  }

  async #execute(parent: Header, unsealed: Header, body: readonly Extrinsic[]): Promise<StateChanges> {
    const changes = await this.#dependencies.executor.executeBlock(parent.stateRoot, unsealed, body)
    if (changes.stateRoot !== unsealed.stateRoot) {
      throw new NodeError('IMPORT_WRONG_STATE_ROOT', `Execution gives the state root ${changes.stateRoot}, the header says ${unsealed.stateRoot}.`)
    }
    return changes
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

  async #applyJustifications(block: BlockRef, justifications: readonly Justification[], isBest: boolean): Promise<ImportOutcome> {
    try {
      for (const justification of justifications) await this.#dependencies.finality.importJustification(block, justification)
      return { kind: 'imported', isBest }
    } catch (error) {
      return { kind: 'invalid', code: 'IMPORT_BAD_JUSTIFICATION', message: errorMessage(error) }
    }
  }
}

/** Codes that say something about the block, not about us. */
const REFUSALS = ['IMPORT_', 'BABE_', 'RUNTIME_TRAP', 'RUNTIME_MISSING_HOST_FUNCTION', 'RUNTIME_TIMEOUT', 'RUNTIME_OUT_OF_MEMORY', 'SCALE_']

/** Codes of services that are being stopped. */
const STOPPING = ['RUNTIME_STOPPED', 'CRYPTO_STOPPED', 'STATE_NOT_RUNNING']

/** Spec 3.3.2: the root of the ordered trie of the extrinsics, in the layout of either state version (the runtime insists on its own). */
function checkExtrinsicsRoot(header: Header, body: readonly Extrinsic[]): void {
  const matches = ([0, 1] as const).some((version) => toHex(orderedTrieRoot(body, version)) === header.extrinsicsRoot)
  if (!matches) throw new NodeError('IMPORT_WRONG_EXTRINSICS_ROOT', 'The extrinsics root in the header is not that of the body.')
}
