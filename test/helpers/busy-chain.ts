/** A chain whose every block changes some hundred keys of a state that keeps its size, on a state service; no runtime, no network. */
import type { Hash } from '../../node-core/base/bytes.ts'
import type { StateService } from '../../node-core/chain/state/state-service.ts'
import { openTrieSource, type OpenTrieSource } from '../../node-core/chain/state/trie-source.ts'
import type { ImportedBlock } from '../../node-core/chain/state/types.ts'
import type { Change } from '../../node-core/chain/trie/types.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { StateChain, type ModelBlock } from './state-chain.ts'

/** Blocks above the finalized one. */
const UNFINAL = 3

export class BusyChain {
  readonly source: OpenTrieSource
  readonly #services: readonly StateService[]
  readonly #chain: StateChain
  readonly #keys: number
  readonly #edits: number
  #seed = 1
  head: ModelBlock

  private constructor(source: OpenTrieSource, services: readonly StateService[], genesis: Header, keys: number, edits: number) {
    this.source = source
    this.#services = services
    this.#chain = new StateChain(source, genesis)
    this.#keys = keys
    this.#edits = edits
    this.head = [...this.#chain.blocks.values()][0] as ModelBlock
  }

  /** The services have the same genesis; each gets every block, and records come out of the first one. `edits` of `keys` change with a block. */
  static async open(services: readonly StateService[], keys: number, edits: number): Promise<BusyChain> {
    const [first] = services as [StateService]
    const genesis = first.blocks.header(first.blocks.genesisHash) as Header
    const chain = new BusyChain(await openTrieSource(first.dataPath), services, genesis, keys, edits)
    await chain.#import(chain.#chain.block(chain.head, { main: Array.from({ length: keys }, (_, i) => chain.#change(i)) }, 'fill', true))
    return chain
  }

  close(): Promise<void> {
    return this.source.close()
  }

  /** So many blocks; every `forkEvery`th height has a fork that dies, and every fourth of these is best for a while. */
  async grow(count: number, forkEvery = Infinity): Promise<void> {
    for (let i = 0; i < count; i++) {
      const parent = this.head
      const { number } = parent.header
      if (number % forkEvery === 0) {
        const isBest = (number / forkEvery) % 4 === 0
        const fork = await this.#import(this.#block(parent, 'fork', isBest), parent)
        await this.#import(this.#block(fork, 'fork', isBest), parent)
      }
      const block = await this.#import(this.#block(parent, 'main', true), parent)
      this.#chain.blocks.delete(parent.hash)
      if (block.header.number > UNFINAL && number % 8 === 0) await this.#finalize(block.header.number - UNFINAL)
    }
  }

  async #finalize(number: number): Promise<void> {
    const [first] = this.#services as [StateService]
    const hash = first.blocks.hashByNumber(number) as Hash
    for (const service of this.#services) await service.writer.finalize(hash)
  }

  #block(parent: ModelBlock, salt: string, isBest: boolean): ImportedBlock {
    const main = Array.from({ length: this.#edits }, () => this.#change(this.#random() % this.#keys))
    return this.#chain.block(parent, { main }, salt, isBest)
  }

  async #import(block: ImportedBlock, parent = this.head): Promise<ModelBlock> {
    for (const service of this.#services) await service.writer.importBlock(block)
    const made = this.#chain.blocks.get(block.hash) as ModelBlock
    if (made.header.parentHash === parent.hash) this.head = made
    return made
  }

  /** Keys lie all over the trie, as hashed ones do; one in eight is deleted, and comes again later. */
  #change(index: number): Change {
    const key = new Uint8Array(32)
    let hash = Math.imul(index + 1, 0x9e3779b1)
    for (let i = 0; i < 32; i++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
      key[i] = hash >>> 24
    }
    const random = this.#random()
    return [key, random % 8 === 0 ? undefined : new Uint8Array(20 + (random % 100)).map((_, i) => (random >>> (i & 15)) & 0xff)]
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return this.#seed >>> 4
  }
}
