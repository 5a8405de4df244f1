/**
 * What the newest blocks of the best chain tell of the authorities: who made the last one, and whose turns passed without a block.
 *
 * A slot is missed by whose turn it certainly was (the engine's `turnOf`) where the best chain has no block in it. In BABE that is the
 * author of the secondary slot, who makes a block wherever chance chose nobody; in Aura whose turn it is. Whom chance chose, and who then made
 * no block, nobody else can know: such slots are counted for the keys of this node alone (validator-record.ts). Where the network stood still as
 * a whole nobody is blamed: a gap of more slots than {@link LONGEST_GAP} says nothing of a single one.
 */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import type { Header } from '../scale/header.ts'
import type { BlockStateReader } from '../state/types.ts'

export interface RecentBlocksDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'header'>
  readonly consensus: {
    lookUpAuthor(hash: Hash): Promise<Hash | undefined>
    slotOf(header: Header): number | undefined
    turnOf(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  }
  /** When a block was made, in milliseconds since the Unix epoch. */
  readonly timeOf: (header: Header) => number | undefined
}

/** What one block tells. */
interface BlockFacts {
  readonly number: number
  readonly parentHash: Hash
  readonly author: Hash | undefined
  readonly time: number | undefined
  /** Whose turns passed between its parent and it; undefined where that is not told. */
  readonly missedBy: readonly Hash[] | undefined
}

export interface RecentBlocks {
  readonly blocks: number
  readonly last: ReadonlyMap<Hash, { readonly number: number; readonly time: number | undefined }>
  /** By key; undefined where no slot is anybody's for certain. */
  readonly missed: ReadonlyMap<Hash, number> | undefined
}

export const LOOKED_AT = 200
export const LONGEST_GAP = 100

export class RecentBlocksReader {
  readonly #dependencies: RecentBlocksDependencies
  readonly #facts = new Lru<Hash, BlockFacts>(LOOKED_AT * 2)

  constructor(dependencies: RecentBlocksDependencies) {
    this.#dependencies = dependencies
  }

  /** From the best block back. `isOver` ends it early. */
  async read(isOver: () => boolean): Promise<RecentBlocks> {
    const { blocks } = this.#dependencies
    const last = new Map<Hash, { number: number; time: number | undefined }>()
    const missed = new Map<Hash, number>()
    let isTold = false
    let count = 0
    for (let hash = blocks.best().hash; count < LOOKED_AT && !isOver(); count++) {
      const facts = this.#facts.get(hash) ?? (await this.#look(hash))
      if (facts === undefined) break
      const { author, number, time, missedBy, parentHash } = facts
      if (author !== undefined && !last.has(author)) last.set(author, { number, time })
      if (missedBy !== undefined) isTold = true
      for (const key of missedBy ?? []) missed.set(key, (missed.get(key) ?? 0) + 1)
      hash = parentHash
    }
    return { blocks: count, last, missed: isTold ? missed : undefined }
  }

  /** Undefined for the genesis block, and where the chain is not known any further. */
  async #look(hash: Hash): Promise<BlockFacts | undefined> {
    const { blocks, consensus, timeOf } = this.#dependencies
    const header = blocks.header(hash)
    if (header === undefined || header.number === 0) return undefined
    const [author, missedBy] = await Promise.all([consensus.lookUpAuthor(hash), this.#missedBefore(header)])
    const facts = { number: header.number, parentHash: header.parentHash, author, time: timeOf(header), missedBy }
    this.#facts.set(hash, facts)
    return facts
  }

  async #missedBefore(header: Header): Promise<readonly Hash[] | undefined> {
    const { blocks, consensus } = this.#dependencies
    const parent = blocks.header(header.parentHash)
    const slot = consensus.slotOf(header)
    const before = parent === undefined || parent.number === 0 ? undefined : consensus.slotOf(parent)
    if (parent === undefined || slot === undefined || before === undefined) return undefined
    if ((await this.#turnOf(parent, header.parentHash, slot)) === undefined) return undefined
    if (slot - before - 1 > LONGEST_GAP) return []
    const keys: Hash[] = []
    for (let empty = before + 1; empty < slot; empty++) {
      const key = await this.#turnOf(parent, header.parentHash, empty)
      if (key !== undefined) keys.push(key)
    }
    return keys
  }

  /** An epoch that is not known any more tells nothing. */
  #turnOf(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined> {
    return this.#dependencies.consensus.turnOf(parent, parentHash, slot).catch(() => undefined)
  }
}
