/**
 * The blocks that follow subscriptions have pinned: their headers, and a hold on their states and bodies (`BlockPins` of the state), so
 * that they can be read however far the chain has gone on.
 *
 * What is held is not pruned, and nothing above it, so it is bounded: each subscription bounds how many blocks it pins and how old they may grow
 * (follow.ts), and all of them together how many different ones ({@link Pinboard}). Whoever is over a bound is stopped.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { Header } from '../../scale/header.ts'
import type { BlockPins } from '../../state/types.ts'

interface Pinned {
  readonly header: Header
  readonly release: Disposer
  /** The client has not unpinned it. */
  isPinned: boolean
  /** Operations under way; they end normally where the client unpins the block meanwhile. */
  uses: number
}

/** Those of one subscription. */
export class PinnedBlocks {
  readonly #board: Pinboard
  readonly #onOver: () => void
  readonly #blocks = new Map<Hash, Pinned>()
  #isOver = false

  /** `onOver`: all subscriptions hold too much, and this one holds the oldest block; it must {@link clear}. */
  constructor(board: Pinboard, onOver: () => void) {
    this.#board = board
    this.#onOver = onOver
  }

  /** False where the block's state is not kept, and where the subscription is over. */
  pin(hash: Hash, header: Header): boolean {
    const known = this.#blocks.get(hash)
    if (known !== undefined) return (known.isPinned = true)
    const release = this.#isOver ? undefined : this.#board.hold(hash, header.number, this.#onOver)
    if (release === undefined) return false
    this.#blocks.set(hash, { header, release, isPinned: true, uses: 0 })
    return true
  }

  header(hash: Hash): Header | undefined {
    const block = this.#blocks.get(hash)
    return block?.isPinned === true ? block.header : undefined
  }

  unpin(hash: Hash): void {
    const block = this.#blocks.get(hash)
    if (block !== undefined) this.#change(hash, block, () => (block.isPinned = false))
  }

  /** An operation reads the block; the disposer says that it is over. */
  use(hash: Hash): Disposer {
    const block = this.#blocks.get(hash)
    if (block === undefined) return () => undefined
    block.uses++
    return () => this.#change(hash, block, () => block.uses--)
  }

  /** Pinned, or read by an operation. */
  *held(): Generator<{ readonly hash: Hash; readonly number: number }> {
    for (const [hash, { header }] of this.#blocks) yield { hash, number: header.number }
  }

  /** The subscription is over. */
  clear(): void {
    this.#isOver = true
    for (const { release } of this.#blocks.values()) release()
    this.#blocks.clear()
  }

  #change(hash: Hash, block: Pinned, change: () => void): void {
    change()
    if (block.isPinned || block.uses > 0 || this.#blocks.get(hash) !== block) return
    this.#blocks.delete(hash)
    block.release()
  }
}

/** Those of all subscriptions, each once. */
export class Pinboard {
  readonly #pins: BlockPins
  readonly #limit: number
  readonly #blocks = new Map<Hash, { readonly number: number; readonly holders: Set<() => void> }>()

  /** `limit`: so many different blocks, of those that are not above the finalized one. */
  constructor(pins: BlockPins, limit: number) {
    this.#pins = pins
    this.#limit = limit
  }

  /** Undefined where the block's state is not kept. `onOver` tells a holder that it must let go of everything. */
  hold(hash: Hash, number: number, onOver: () => void): Disposer | undefined {
    const release = this.#pins.pin(hash)
    if (release === undefined) return undefined
    const block = this.#blocks.get(hash) ?? { number, holders: new Set() }
    this.#blocks.set(hash, block)
    block.holders.add(onOver)
    return () => {
      block.holders.delete(onOver)
      if (block.holders.size === 0) this.#blocks.delete(hash)
      release()
    }
  }

  /** Where it is too much, those who hold the oldest blocks go first. */
  enforce(finalizedNumber: number): void {
    if (this.#blocks.size <= this.#limit) return
    const settled = [...this.#blocks.values()].filter(({ number }) => number <= finalizedNumber).sort((a, b) => a.number - b.number)
    for (const { holders } of settled) {
      if (settled.filter((block) => block.holders.size > 0).length <= this.#limit) return
      for (const onOver of [...holders]) onOver()
    }
  }
}
