/**
 * A block that was announced and is not here, with as many of its ancestors as it takes to reach one that is: fetched
 * backwards, by hash, and imported forwards.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { BlockRef } from '../../scale/block.ts'
import type { FetchedBlock } from '../types.ts'

export type BranchStep = 'complete' | 'more' | 'too-long' | 'foreign'

export class Branch {
  readonly tip: BlockRef
  /** Who has it. */
  readonly peers = new Set<string>()
  readonly #limits: { readonly blocks: number; readonly bytes: number }
  /** Downwards from the tip. */
  readonly #blocks: FetchedBlock[] = []
  #bytes = 0
  #next: Hash
  #nextNumber: number
  /** The tip's parent, where its header is known already. */
  readonly #tipParent: Hash | undefined
  /** A request is out. */
  isAsked = false

  constructor(tip: BlockRef, tipParent: Hash | undefined, limits: { readonly blocks: number; readonly bytes: number }) {
    this.tip = tip
    this.#limits = limits
    this.#next = tip.hash
    this.#nextNumber = tip.number
    this.#tipParent = tipParent
  }

  /** The block to fetch next, and its height. */
  get next(): BlockRef {
    return { hash: this.#next, number: this.#nextNumber }
  }

  /** The parent of {@link next}, where it is known: only the tip's can be. */
  get nextParent(): Hash | undefined {
    return this.#blocks.length === 0 ? this.#tipParent : undefined
  }

  get heldBlocks(): number {
    return this.#blocks.length
  }

  get heldBytes(): number {
    return this.#bytes
  }

  /** Takes an answer that begins with {@link next} and runs downwards. */
  deliver(blocks: readonly FetchedBlock[], isHere: (hash: Hash) => boolean, finalized: number): BranchStep {
    for (const block of blocks) {
      this.#blocks.push(block)
      this.#bytes += block.bytes
      this.#next = block.block.header.parentHash
      this.#nextNumber = block.ref.number - 1
      if (isHere(this.#next)) return 'complete'
      if (this.#nextNumber <= finalized) return 'foreign'
      if (this.#blocks.length >= this.#limits.blocks || this.#bytes >= this.#limits.bytes) return 'too-long'
    }
    return 'more'
  }

  /** Oldest first. */
  ascending(): FetchedBlock[] {
    return [...this.#blocks].reverse()
  }
}
