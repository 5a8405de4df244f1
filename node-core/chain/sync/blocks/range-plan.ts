/**
 * The download of a long stretch of chain: ranges of heights, upwards from a block that is here, fetched from several
 * peers at once and handed on in order.
 *
 * Whether a range belongs to the chain shows when the range before it is complete: its first block must name the last one
 * as parent. Where it does not, its peer is on another fork or makes blocks up; the range is fetched from somebody else,
 * and if nobody has a better one the plan has *failed*: the chain has moved, and the common ancestor is searched again.
 */
import type { BlockRef } from '../../scale/block.ts'
import type { FetchedBlock } from '../types.ts'

export interface Range {
  readonly start: number
  count: number
  /** Who is being asked, since when. */
  readonly asked: Map<string, number>
  /** Whose answer did not fit. */
  readonly unlinked: Set<string>
  blocks: readonly FetchedBlock[] | undefined
  /** What the blocks take. */
  bytes: number
}

export type Linked =
  /** `unlinked`: peers whose answers for the same range did not fit where this one does. */
  | { readonly kind: 'blocks'; readonly blocks: readonly FetchedBlock[]; readonly unlinked: readonly string[] }
  | { readonly kind: 'unlinked'; readonly peer: string; readonly range: Range }

export class RangePlan {
  readonly #batch: number
  #frontier: BlockRef
  /** Ascending, without gaps, from the frontier on. */
  #ranges: Range[] = []
  /** The block that this plan began above. */
  readonly anchor: BlockRef
  /** Who told that its chain contains the anchor. */
  readonly witness: string
  /** Peers on other forks than this plan's. */
  readonly excluded = new Set<string>()

  constructor(anchor: BlockRef, witness: string, batch: number) {
    this.anchor = anchor
    this.witness = witness
    this.#frontier = anchor
    this.#batch = batch
  }

  /** The last block that was handed on. */
  get frontier(): BlockRef {
    return this.#frontier
  }

  /** The range that everything else waits for. */
  get first(): Range | undefined {
    return this.#ranges[0]
  }

  get heldBlocks(): number {
    return this.#ranges.reduce((sum, { blocks }) => sum + (blocks?.length ?? 0), 0)
  }

  get heldBytes(): number {
    return this.#ranges.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get requestedBlocks(): number {
    return this.#ranges.reduce((sum, { blocks, asked, count }) => sum + (blocks === undefined && asked.size > 0 ? count : 0), 0)
  }

  /** Ranges that nobody is asked for, lowest first; then one new range, where the chain goes on up to `end`. */
  *open(end: number): Generator<Range> {
    for (const range of this.#ranges) if (range.blocks === undefined && range.asked.size === 0) yield range
    for (;;) {
      const last = this.#ranges.at(-1)
      const start = (last === undefined ? this.#frontier.number : last.start + last.count - 1) + 1
      if (start > end) return
      const range = newRange(start, Math.min(this.#batch, end - start + 1))
      this.#ranges.push(range)
      yield range
    }
  }

  /** Forgets ranges at the top that nobody was asked for. */
  trim(): void {
    for (let last = this.#ranges.at(-1); last !== undefined && last.blocks === undefined && last.asked.size === 0; last = this.#ranges.at(-1)) {
      this.#ranges.pop()
    }
  }

  /** Takes the answer for a range; an answer that is too short leaves the rest open. */
  deliver(range: Range, blocks: readonly FetchedBlock[]): void {
    range.blocks = blocks
    range.bytes = blocks.reduce((sum, { bytes }) => sum + bytes, 0)
    if (blocks.length < range.count) this.#cut(range, blocks.length)
  }

  /** Makes two ranges of one, so that its first half can be asked for: the whole was, of everybody. */
  halve(range: Range): void {
    this.#cut(range, Math.ceil(range.count / 2))
  }

  #cut(range: Range, count: number): void {
    const rest = newRange(range.start + count, range.count - count)
    range.count = count
    this.#ranges.splice(this.#ranges.indexOf(range) + 1, 0, rest)
  }

  /** The next blocks in order, once; or news of a range that does not fit. */
  takeLinked(): Linked | undefined {
    const first = this.#ranges[0]
    const blocks = first?.blocks
    const [block] = blocks ?? []
    if (first === undefined || blocks === undefined || block === undefined) return undefined
    if (block.block.header.parentHash !== this.#frontier.hash) {
      first.blocks = undefined
      first.bytes = 0
      first.unlinked.add(block.peer)
      return { kind: 'unlinked', peer: block.peer, range: first }
    }
    this.#frontier = (blocks.at(-1) as FetchedBlock).ref
    this.#ranges.shift()
    for (const peer of first.unlinked) this.excluded.add(peer)
    return { kind: 'blocks', blocks, unlinked: [...first.unlinked] }
  }
}

function newRange(start: number, count: number): Range {
  return { start, count, asked: new Map(), unlinked: new Set(), blocks: undefined, bytes: 0 }
}
