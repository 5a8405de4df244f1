/**
 * The first stage of import, which needs only headers: known already, allowed by the chain specification (block-rules.ts), parent here or
 * on its way, number, extrinsics root, everything that the consensus engine can check.
 *
 * Headers enter in order, each when its parent has its place; what proves them is looked at beside others, because signatures take a thread
 * less time in batches than one by one.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { NodeError } from '../../../base/errors.ts'
import { SerialQueue } from '../../../base/serial-queue.ts'
import type { Block } from '../../scale/block.ts'
import type { Header } from '../../scale/header.ts'
import type { BlockStateReader } from '../../state/types.ts'
import type { VerifiedHeader, Verifier } from '../engines/engine.ts'
import { BlockRules, type BlockRuleOptions } from './block-rules.ts'
import { isBodyOf } from './extrinsics-root.ts'
import { orInternal } from './internal.ts'

export interface HeaderStageDependencies {
  readonly blocks: Pick<BlockStateReader, 'hasBlock' | 'header'>
  readonly verifier: Verifier
  readonly clock: Clock
}

export type Settled = { readonly kind: 'known' } | { readonly kind: 'unknown-parent' }
export type Checked = Settled | { readonly kind: 'verified'; readonly verified: VerifiedHeader }

/** A stage that a block has entered; the next one may. A promise in a record, so that it is not waited for where it is handed on. */
export interface UnderWay<T> {
  readonly result: Promise<T>
}

export function underWay<T>(result: Promise<T>): UnderWay<T> {
  // It is looked at when those before it are through.
  result.catch(() => undefined)
  return { result }
}

/** Blocks that may be in this stage or behind it, and how few there must be before it goes on: so it begins many at a time. */
const MOST_BEGUN = 64
const FEW_BEGUN = 32

export class HeaderStage {
  readonly #dependencies: HeaderStageDependencies
  readonly #rules: BlockRules
  readonly #queue: SerialQueue
  /** Not found wrong, and not stored yet. */
  readonly #headers = new Map<Hash, Header>()
  /** Checks that are not done. */
  readonly #proving = new Set<Promise<void>>()
  #onFew: (() => void) | undefined

  constructor(dependencies: HeaderStageDependencies, options: BlockRuleOptions & { readonly queueLimit: number }) {
    this.#dependencies = dependencies
    this.#rules = new BlockRules(options)
    this.#queue = new SerialQueue(options.queueLimit)
  }

  /** A header that is stored, or is in this stage or behind it. */
  header(hash: Hash): Header | undefined {
    return this.#headers.get(hash) ?? this.#dependencies.blocks.header(hash)
  }

  /** Resolves when the block has entered, and rejects where it cannot. */
  enter(hash: Hash, block: Block): Promise<UnderWay<Checked>> {
    return this.#queue.run(() => this.#begin(hash, block))
  }

  /** The block is stored, or will not be. The same one may have come again meanwhile, as another object. */
  leave(hash: Hash, header: Header): void {
    if (this.#headers.get(hash) === header) this.#headers.delete(hash)
    if (this.#headers.size <= FEW_BEGUN) this.#onFew?.()
  }

  /** Takes no more, and waits for what it has. */
  async close(): Promise<void> {
    await this.#queue.close()
    await this.idle()
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
    await Promise.all(this.#proving)
  }

  /** Resolves when the next header may be checked: this one has its place, and what proves it is looked at beside others. */
  async #begin(hash: Hash, block: Block): Promise<UnderWay<Checked>> {
    if (this.#headers.size >= MOST_BEGUN) await new Promise<void>((resolve) => (this.#onFew = resolve))
    const { promise: placed, resolve } = Promise.withResolvers<void>()
    const checking = underWay(this.#check(hash, block, resolve))
    const done: Promise<void> = checking.result.then(() => undefined, () => undefined).then(() => {
      this.#proving.delete(done)
      resolve()
    })
    this.#proving.add(done)
    await placed
    return checking
  }

  /** `placed` is called when children can be checked. */
  async #check(hash: Hash, { header, body }: Block, placed: () => void): Promise<Checked> {
    const { blocks, verifier, clock } = this.#dependencies
    if (blocks.hasBlock(hash)) return { kind: 'known' }
    this.#rules.assertAllowed(header.number, hash)
    const parent = this.header(header.parentHash)
    if (parent === undefined) return { kind: 'unknown-parent' }
    if (header.number !== parent.number + 1) {
      throw new NodeError('IMPORT_WRONG_NUMBER', `Block ${header.number} cannot be the child of block ${parent.number}.`)
    }
    if (!isBodyOf(header, body)) throw new NodeError('IMPORT_WRONG_EXTRINSICS_ROOT', 'The extrinsics root in the header does not match the body.')
    try {
      const onPlaced = (): void => {
        this.#headers.set(hash, header)
        placed()
      }
      const verified = await orInternal(verifier.verify(header, clock.now(), onPlaced))
      onPlaced()
      return { kind: 'verified', verified }
    } catch (error) {
      this.leave(hash, header)
      // The parent was refused while its state was waited for: nothing is known of this block.
      if (this.header(header.parentHash) === undefined) return { kind: 'unknown-parent' }
      throw error
    }
  }
}
