/** Block state for everybody: memory where a block is not final, the database below. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { Extrinsic, BlockRef, Justification } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import { notAnAncestor } from './block-tree.ts'
import { readBody, readFinalizedHash, readJustifications } from './block-store.ts'
import type { Chain, ChainHolder } from './chain.ts'
import { corrupt, missingBlocks, unknownBlock } from './errors.ts'
import type { Pins } from './pins.ts'
import type { BlockGap, BlockStateEvents, BlockStateReader } from './types.ts'

const MAX_NUMBER = 0xffff_ffff

export class BlockReader implements BlockStateReader {
  readonly events: EventSource<BlockStateEvents>
  readonly #holder: ChainHolder
  readonly #pins: Pick<Pins, 'body'>

  constructor(holder: ChainHolder, events: EventSource<BlockStateEvents>, pins: Pick<Pins, 'body'>) {
    this.#holder = holder
    this.#pins = pins
    this.events = events
  }

  get genesisHash(): Hash {
    return this.#chain.genesisHash
  }

  best(): BlockRef {
    return this.#chain.tree.best
  }

  finalized(): BlockRef {
    return this.#chain.tree.finalized
  }

  leaves(): readonly BlockRef[] {
    return this.#chain.tree.leaves()
  }

  gap(): BlockGap | undefined {
    return this.#chain.gap
  }

  header(hash: Hash): Header | undefined {
    return this.#chain.header(hash)
  }

  hashByNumber(number: number): Hash | undefined {
    if (!Number.isInteger(number) || number < 0 || number > MAX_NUMBER) return undefined
    const { tree, database } = this.#chain
    return number >= tree.finalized.number ? tree.bestAt(number) : readFinalizedHash(database, number)
  }

  async body(hash: Hash): Promise<readonly Extrinsic[] | undefined> {
    const chain = this.#chain
    return chain.header(hash) === undefined ? this.#pins.body(hash) : readBody(chain.database, hash)
  }

  async justifications(hash: Hash): Promise<readonly Justification[] | undefined> {
    const chain = this.#chain
    return chain.header(hash) === undefined ? undefined : readJustifications(chain.database, hash)
  }

  hasBlock(hash: Hash): boolean {
    return this.#chain.header(hash) !== undefined
  }

  isAncestor(ancestor: Hash, descendant: Hash): boolean {
    const chain = this.#chain
    const from = settled(chain, ancestor)
    const to = settled(chain, descendant)
    if (from === undefined) return to === undefined && chain.tree.isAncestor(ancestor, descendant)
    return to === undefined || from <= to
  }

  route(from: Hash, to: Hash): readonly BlockRef[] {
    const chain = this.#chain
    const { tree } = chain
    const start = settled(chain, from)
    const end = settled(chain, to)
    if (start === undefined) {
      if (end !== undefined) throw notAnAncestor(from, to)
      return tree.route(from, to)
    }
    if (end !== undefined) {
      if (start > end) throw notAnAncestor(from, to)
      return this.#settledRange(start + 1, end)
    }
    return [...this.#settledRange(start + 1, tree.finalized.number), ...tree.route(tree.finalized.hash, to)]
  }

  children(hash: Hash): readonly BlockRef[] {
    const chain = this.#chain
    const number = settled(chain, hash)
    if (number === undefined) return chain.tree.children(hash)
    // Below the finalized block one child is left of however many there were, or none is here.
    return isMissing(chain, number + 1) ? [] : this.#settledRange(number + 1, number + 1)
  }

  get #chain(): Chain {
    return this.#holder.chain
  }

  #settledRange(first: number, last: number): BlockRef[] {
    const { gap } = this.#chain
    if (gap !== undefined && first <= gap.to && last >= gap.from) throw missingBlocks(gap)
    const blocks: BlockRef[] = []
    for (let number = first; number <= last; number++) {
      const hash = this.hashByNumber(number)
      if (hash === undefined) throw corrupt(`finalized block ${number} is missing`)
      blocks.push({ hash, number })
    }
    return blocks
  }
}

function isMissing({ gap }: Chain, number: number): boolean {
  return gap !== undefined && number >= gap.from && number <= gap.to
}

/** Height of a finalized block that has left the tree; undefined for one in the tree; throws for one that is not known. */
function settled(chain: Chain, hash: Hash): number | undefined {
  if (chain.tree.has(hash)) return undefined
  const number = chain.settledNumber(hash)
  if (number === undefined) throw unknownBlock(hash)
  return number
}
