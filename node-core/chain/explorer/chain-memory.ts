/**
 * The recent blocks, with the forks that lost: the database forgets those when it prunes, a drawing of the chain must not.
 * It keeps headers' facts only; a node that catches up pays next to nothing for it.
 */
import type { Hash } from '../../base/bytes.ts'
import { Disposers } from '../../base/disposers.ts'
import { Emitter } from '../../base/events.ts'
import type { BlockRef } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { ExplorerBlocks } from './chain.ts'
import type { BlockPlace, ChainBlock, ChainPart } from './types.ts'

/** Blocks kept. */
export const KEPT_BLOCKS = 300
/** Of those, blocks of the chain as it was on disk at the start. */
const LOADED_BLOCKS = 200

interface Kept {
  readonly block: Omit<ChainBlock, 'author' | 'extrinsics'>
  sequence: number
  /** Its author was asked for. */
  asked: boolean
  extrinsics: number | undefined
}

export interface ChainMemoryDependencies {
  readonly blocks: ExplorerBlocks
  /** A name or an address, where it is known. */
  readonly authorOf: (hash: Hash) => string | undefined
  /** The same; asks the block's own state where it must. */
  readonly lookUpAuthor: (hash: Hash) => Promise<string | undefined>
  /** When a block was made. */
  readonly timeOf: (header: Header) => number | undefined
}

export class ChainMemory {
  readonly events = new Emitter<{ changed: undefined }>()
  readonly #dependencies: ChainMemoryDependencies
  readonly #kept = new Map<Hash, Kept>()
  #subscriptions = new Disposers()
  #sequence = 0

  constructor(dependencies: ChainMemoryDependencies) {
    this.#dependencies = dependencies
  }

  start(): void {
    const { blocks, timeOf } = this.#dependencies
    this.#load(blocks)
    const changed = (): void => this.events.emit('changed', undefined)
    this.#subscriptions = new Disposers()
    this.#subscriptions.add(
      blocks.events.on('imported', ({ block, header }) => {
        this.#keep({ hash: block.hash, number: block.number, parentHash: header.parentHash, time: timeOf(header) })
        changed()
      }),
    )
    this.#subscriptions.add(blocks.events.on('bestChanged', changed))
    this.#subscriptions.add(blocks.events.on('finalized', changed))
  }

  stop(): void {
    this.#subscriptions.dispose()
    this.#kept.clear()
  }

  /** What came after `cursor`; all of it without one. */
  async part(cursor = 0): Promise<ChainPart> {
    const { blocks, authorOf } = this.#dependencies
    const fresh = [...this.#kept.values()].filter(({ sequence }) => sequence > cursor)
    const part = { best: blocks.best(), finalized: blocks.finalized(), cursor: this.#sequence }
    await Promise.all(
      fresh.map(async (kept) => {
        kept.extrinsics ??= (await blocks.body(kept.block.hash))?.length
      }),
    )
    void this.#lookUpAuthors(fresh)
    return { blocks: fresh.map(({ block, extrinsics }) => ({ ...block, extrinsics, author: authorOf(block.hash) })), ...part }
  }

  /** Where a block stands now. */
  placeOf({ hash, number }: BlockRef): BlockPlace {
    const { blocks } = this.#dependencies
    const finalized = blocks.finalized()
    const isOnBest = blocks.hashByNumber(number) === hash
    if (number <= finalized.number) return isOnBest ? 'final' : 'retracted'
    return isOnBest ? 'best' : 'fork'
  }

  /** Hashes of the best chain's newest blocks, newest first. */
  newest(count: number): Hash[] {
    const { blocks } = this.#dependencies
    const hashes: Hash[] = []
    for (let hash: Hash | undefined = blocks.best().hash; hash !== undefined && hashes.length < count; ) {
      const header = blocks.header(hash)
      if (header === undefined) break
      hashes.push(hash)
      hash = header.number === 0 ? undefined : header.parentHash
    }
    return hashes
  }

  /** Hashes of every kept block. */
  hashes(): Hash[] {
    return [...this.#kept.keys()]
  }

  /** Of those that nobody verified since the start, once somebody looks at them: each takes a call of the runtime. */
  async #lookUpAuthors(seen: readonly Kept[]): Promise<void> {
    const { authorOf, lookUpAuthor } = this.#dependencies
    const unknown = seen.filter(({ asked, block }) => !asked && authorOf(block.hash) === undefined)
    for (const kept of unknown) kept.asked = true
    for (const kept of unknown.reverse()) {
      if (!this.#kept.has(kept.block.hash) || (await lookUpAuthor(kept.block.hash)) === undefined) continue
      kept.sequence = ++this.#sequence
      this.events.emit('changed', undefined)
    }
  }

  #load(blocks: ExplorerBlocks): void {
    const loaded: Kept['block'][] = []
    for (const { hash: leaf } of [blocks.best(), ...blocks.leaves()]) {
      for (let hash = leaf, steps = 0; steps < LOADED_BLOCKS && !loaded.some((known) => known.hash === hash); steps++) {
        const header = blocks.header(hash)
        if (header === undefined) break
        loaded.push({ hash, number: header.number, parentHash: header.parentHash, time: this.#dependencies.timeOf(header) })
        if (header.number === 0) break
        hash = header.parentHash
      }
    }
    loaded.sort((a, b) => a.number - b.number).forEach((block) => this.#keep(block))
  }

  #keep(block: Kept['block']): void {
    this.#kept.delete(block.hash)
    this.#kept.set(block.hash, { block, sequence: ++this.#sequence, asked: false, extrinsics: undefined })
    if (this.#kept.size > KEPT_BLOCKS) this.#kept.delete(this.#kept.keys().next().value as Hash)
  }
}
