/** The newest blocks of a running node as the dashboard shows them. */
import type { Hash } from '../../../base/bytes.ts'
import { RingBuffer } from '../../../base/ring-buffer.ts'
import type { ChainView } from '../../../chain/node/view.ts'
import type { BlockList, BlockSummary, Position } from '../kind.ts'

type Blocks = ChainView['blocks']
type Header = NonNullable<ReturnType<Blocks['header']>>

/** How many blocks are kept. */
const KEPT = 200

export interface BlockFeedDependencies {
  readonly blocks: Blocks
  /** Name or address of a block's author, where it is known. */
  authorOf(hash: Hash): string | undefined
}

export class BlockFeed implements BlockList {
  readonly #dependencies: BlockFeedDependencies
  readonly #blocks = new RingBuffer<BlockSummary>(KEPT)

  constructor(dependencies: BlockFeedDependencies) {
    this.#dependencies = dependencies
  }

  /** Fills the feed with the newest blocks of the chain as it is on disk. `now` stands in for when they came. */
  async load(now: number): Promise<void> {
    const { blocks } = this.#dependencies
    const headers: { hash: Hash; header: Header }[] = []
    for (let hash = blocks.best().hash; headers.length < KEPT; ) {
      const header = blocks.header(hash)
      if (header === undefined) break
      headers.unshift({ hash, header })
      if (header.number === 0) break
      hash = header.parentHash
    }
    for (const { hash, header } of headers) this.#blocks.push(await this.#summarize(hash, header, now))
  }

  async add(block: Position, header: Header, now: number): Promise<BlockSummary> {
    const summary = await this.#summarize(block.hash, header, now)
    this.#blocks.push(summary)
    return summary
  }

  /** Newest first, as things stand now. */
  latest(count: number): BlockSummary[] {
    const finalized = this.#dependencies.blocks.finalized()
    return this.#blocks
      .toArray()
      .reverse()
      .slice(0, count)
      .map((block) => (block.finalized === this.#isFinal(block, finalized) ? block : { ...block, finalized: !block.finalized }))
  }

  async #summarize(hash: Hash, header: Header, now: number): Promise<BlockSummary> {
    const { blocks } = this.#dependencies
    const body = await blocks.body(hash)
    const ref = { hash, number: header.number }
    return {
      ...ref,
      parentHash: header.parentHash,
      author: this.#dependencies.authorOf(hash),
      extrinsics: body?.length ?? 0,
      importedAt: now,
      finalized: this.#isFinal(ref, blocks.finalized()),
    }
  }

  #isFinal(block: Position, finalized: Position): boolean {
    return block.number <= finalized.number && this.#dependencies.blocks.hashByNumber(block.number) === block.hash
  }
}
