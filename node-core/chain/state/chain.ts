/**
 * The chain as the running service holds it: the block tree in memory over the blocks on disk. Exists between start and
 * stop; the reader and the writer share it.
 */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import type { Header } from '../scale/header.ts'
import { BlockTree } from './block-tree.ts'
import { readFinalizedHash, readGap, readHeaderOf, readLeaves, readMetaHash } from './block-store.ts'
import type { Database } from './database.ts'
import { StateError, corrupt } from './errors.ts'
import type { BlockGap } from './types.ts'

const CACHED_HEADERS = 1024

export class Chain {
  readonly database: Database
  readonly tree: BlockTree
  readonly genesisHash: Hash
  /** As it is on disk: whoever writes another mark sets it here too. */
  gap: BlockGap | undefined
  readonly #headers = new Lru<Hash, Header>(CACHED_HEADERS)

  constructor(database: Database, tree: BlockTree, genesisHash: Hash, gap: BlockGap | undefined) {
    this.database = database
    this.tree = tree
    this.genesisHash = genesisHash
    this.gap = gap
  }

  /** Rebuilds the tree from the database: from each leaf down to what is known already. */
  static load(database: Database): Chain {
    const header = (hash: Hash): Header => {
      const found = readHeaderOf(database, hash)
      if (found === undefined) throw corrupt(`block ${hash} is missing`)
      return found
    }
    const finalized = readMetaHash(database, 'finalized')
    const tree = new BlockTree(finalized, header(finalized))
    for (const leaf of readLeaves(database)) {
      const branch: [Hash, Header][] = []
      for (let hash = leaf; !tree.has(hash); ) {
        const found = header(hash)
        if (found.number <= tree.finalized.number) throw corrupt(`the fork of ${leaf} does not meet the finalized block`)
        branch.push([hash, found])
        hash = found.parentHash
      }
      for (const [hash, found] of branch.reverse()) tree.add(hash, found)
    }
    const best = readMetaHash(database, 'best')
    if (!tree.has(best)) throw corrupt('the best block is on no fork')
    tree.setBest(best)
    return new Chain(database, tree, readMetaHash(database, 'genesis'), readGap(database))
  }

  header(hash: Hash): Header | undefined {
    const known = this.tree.header(hash) ?? this.#headers.get(hash)
    if (known !== undefined) return known
    const header = readHeaderOf(this.database, hash)
    // A block that is written but not announced yet is not in the tree and not final: nobody is to see it.
    if (header === undefined || readFinalizedHash(this.database, header.number) !== hash) return undefined
    this.#headers.set(hash, header)
    return header
  }

  /** Of the finalized block at this height; undefined where it is missing here. */
  finalizedHash(number: number): Hash | undefined {
    return readFinalizedHash(this.database, number)
  }

  /** Height of a finalized block that has left the tree; undefined for any other. */
  settledNumber(hash: Hash): number | undefined {
    return this.tree.has(hash) ? undefined : this.header(hash)?.number
  }
}

/** Where a running service keeps its chain. */
export class ChainHolder {
  #chain: Chain | undefined

  /** Throws STATE_NOT_RUNNING between stop and start. */
  get chain(): Chain {
    if (this.#chain === undefined) throw new StateError('STATE_NOT_RUNNING', 'the state service is not running')
    return this.#chain
  }

  set(chain: Chain | undefined): void {
    this.#chain = chain
  }
}
