/** The newest blocks of a running node as the dashboard shows them. */
import type { Hash } from '../../../base/bytes.ts'
import { RingBuffer } from '../../../base/ring-buffer.ts'
import type { ChainView } from '../../../chain/node/view.ts'
import type { BlockList, BlockSummary, Position } from '../kind.ts'

type Blocks = ChainView['blocks']
type Header = NonNullable<ReturnType<Blocks['header']>>

/** How many blocks are kept. */
const KEPT = 200
/** Of those that were here before the start, so many have their authors looked up: as many as a list shows. */
const LOOKED_UP = 50

export interface BlockFeedDependencies {
  readonly blocks: Blocks
  /** Name or address of a block's author, where it is known. */
  authorOf(hash: Hash): string | undefined
  lookUpAuthor(hash: Hash): Promise<string | undefined>
  /** When a block was made. */
  timeOf(header: Header): number | undefined
}

export class BlockFeed implements BlockList {
  readonly #dependencies: BlockFeedDependencies
  readonly #blocks = new RingBuffer<BlockSummary>(KEPT)

  constructor(dependencies: BlockFeedDependencies) {
    this.#dependencies = dependencies
  }

  /** Fills the empty feed with the newest blocks of the chain as it is on disk. */
  async load(): Promise<void> {
    const { blocks } = this.#dependencies
    const headers: { hash: Hash; header: Header }[] = []
    for (let hash = blocks.best().hash; headers.length < KEPT; ) {
      const header = blocks.header(hash)
      if (header === undefined) break
      headers.unshift({ hash, header })
      if (header.number === 0) break
      hash = header.parentHash
    }
    for (const { hash, header } of headers) this.#blocks.push(await this.#summarize(hash, header))
  }

  /** Finds out who wrote the newest of them, which takes a call of the runtime each; tells of each block of which it is known. */
  async lookUpAuthors(told: (block: BlockSummary) => void, isOver: () => boolean): Promise<void> {
    for (const { hash, author } of this.latest(LOOKED_UP)) {
      if (isOver()) return
      if (author !== undefined || (await this.#dependencies.lookUpAuthor(hash)) === undefined) continue
      const block = this.latest(KEPT).find((candidate) => candidate.hash === hash)
      if (block !== undefined) told(block)
    }
  }

  async add(block: Position, header: Header): Promise<BlockSummary> {
    const summary = await this.#summarize(block.hash, header)
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
      .map((block) => ({ ...block, author: block.author ?? this.#dependencies.authorOf(block.hash), finalized: this.#isFinal(block, finalized) }))
  }

  async #summarize(hash: Hash, header: Header): Promise<BlockSummary> {
    const { blocks } = this.#dependencies
    const body = await blocks.body(hash)
    const ref = { hash, number: header.number }
    return {
      ...ref,
      parentHash: header.parentHash,
      author: this.#dependencies.authorOf(hash),
      extrinsics: body?.length ?? 0,
      time: this.#dependencies.timeOf(header),
      finalized: this.#isFinal(ref, blocks.finalized()),
    }
  }

  #isFinal(block: Position, finalized: Position): boolean {
    return block.number <= finalized.number && this.#dependencies.blocks.hashByNumber(block.number) === block.hash
  }
}
