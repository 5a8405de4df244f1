/** A chain of blocks in memory: what a unit test hands out as the block state, with forks and reorganisations. */
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { blake2Hash, blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import type { Extrinsic, BlockRef, Justification } from '../../node-core/chain/scale/block.ts'
import { encodeHeader, type DigestItem, type Header } from '../../node-core/chain/scale/header.ts'
import type { BlockStateEvents, BlockStateReader } from '../../node-core/chain/state/types.ts'

const NO_HASH: Hash = `0x${'00'.repeat(32)}`

interface Entry {
  readonly header: Header
  readonly body: readonly Extrinsic[]
}

export class BlockChain implements BlockStateReader {
  readonly events = new Emitter<BlockStateEvents>()
  readonly genesisHash: Hash
  readonly #blocks = new Map<Hash, Entry>()
  #best: BlockRef
  #finalized: BlockRef
  #salt = 0

  constructor() {
    const genesis: Header = { parentHash: NO_HASH, number: 0, stateRoot: NO_HASH, extrinsicsRoot: NO_HASH, digest: [] }
    this.genesisHash = blake2Hash(encodeHeader(genesis))
    this.#blocks.set(this.genesisHash, { header: genesis, body: [] })
    this.#best = this.#finalized = { hash: this.genesisHash, number: 0 }
  }

  /** Adds a block; it is not best until {@link setBest}. */
  add(parent: Hash, body: readonly Extrinsic[] = [], digest: readonly DigestItem[] = []): BlockRef {
    const number = (this.#blocks.get(parent)?.header.number ?? -1) + 1
    const stateRoot = toHex(blake2b256(Uint8Array.of(this.#salt++ & 0xff, this.#salt >> 8)))
    const header: Header = { parentHash: parent, number, stateRoot, extrinsicsRoot: NO_HASH, digest }
    const hash = blake2Hash(encodeHeader(header))
    this.#blocks.set(hash, { header, body })
    return { hash, number }
  }

  /** Moves best and returns the event that it emitted. */
  setBest(hash: Hash): BlockStateEvents['bestChanged'] {
    const old = this.#best
    let fork = old.hash
    while (!this.isAncestor(fork, hash)) fork = (this.header(fork) as Header).parentHash
    const change = { best: this.#ref(hash), retracted: [...this.route(fork, old.hash)].reverse(), enacted: this.route(fork, hash) }
    this.#best = change.best
    this.events.emit('bestChanged', change)
    return change
  }

  setFinalized(hash: Hash): void {
    const finalized = this.route(this.#finalized.hash, hash)
    this.#finalized = this.#ref(hash)
    this.events.emit('finalized', { head: this.#finalized, finalized, pruned: [] })
  }

  best(): BlockRef {
    return this.#best
  }

  finalized(): BlockRef {
    return this.#finalized
  }

  leaves(): readonly BlockRef[] {
    return [...this.#blocks.keys()].filter((hash) => this.children(hash).length === 0).map((hash) => this.#ref(hash))
  }

  gap(): undefined {
    return undefined
  }

  header(hash: Hash): Header | undefined {
    return this.#blocks.get(hash)?.header
  }

  hashByNumber(number: number): Hash | undefined {
    for (let hash = this.#best.hash; ; ) {
      const header = this.header(hash)
      if (header === undefined || header.number < number) return undefined
      if (header.number === number) return hash
      hash = header.parentHash
    }
  }

  bodyNow(hash: Hash): readonly Extrinsic[] {
    return this.#blocks.get(hash)?.body ?? []
  }

  async body(hash: Hash): Promise<readonly Extrinsic[] | undefined> {
    return this.#blocks.get(hash)?.body
  }

  async justifications(): Promise<readonly Justification[] | undefined> {
    return undefined
  }

  hasBlock(hash: Hash): boolean {
    return this.#blocks.has(hash)
  }

  isAncestor(ancestor: Hash, descendant: Hash): boolean {
    const height = this.header(ancestor)?.number ?? Infinity
    for (let hash = descendant; ; ) {
      if (hash === ancestor) return true
      const header = this.header(hash)
      if (header === undefined || header.number <= height) return false
      hash = header.parentHash
    }
  }

  route(from: Hash, to: Hash): readonly BlockRef[] {
    const route: BlockRef[] = []
    for (let hash = to; hash !== from; hash = (this.header(hash) as Header).parentHash) route.unshift(this.#ref(hash))
    return route
  }

  children(hash: Hash): readonly BlockRef[] {
    return [...this.#blocks].filter(([, { header }]) => header.parentHash === hash).map(([child]) => this.#ref(child))
  }

  #ref(hash: Hash): BlockRef {
    return { hash, number: (this.header(hash) as Header).number }
  }
}
