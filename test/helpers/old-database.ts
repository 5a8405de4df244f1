/** A database as version 1 had it: trie nodes by hash, shared by all states. */
import { fromHex, toBinaryString, toHex, utf8, type Hash } from '../../node-core/base/bytes.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import { putBlock, putFinalizedHash, putLeaves, putMetaHash } from '../../node-core/chain/state/block-store.ts'
import { META } from '../../node-core/chain/state/buckets.ts'
import { Database } from '../../node-core/chain/state/database.ts'
import { OLD_VERSION, encodeVersion } from '../../node-core/chain/state/version.ts'
import { headerHash, type Header } from '../../node-core/chain/scale/header.ts'
import { openChildTrie, putChildRoot } from '../../node-core/chain/trie/child.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { EMPTY_ROOT, Trie } from '../../node-core/chain/trie/trie.ts'
import type { NodeSource } from '../../node-core/chain/trie/types.ts'
import { applied, EMPTY_STATE, type Edits, type ModelBlock } from './state-chain.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
const BUCKET = 6

export class OldDatabase {
  readonly #nodes = new Map<string, Uint8Array>()
  readonly #store: NodeStore
  /** In the order in which they were made. */
  readonly blocks: ModelBlock[] = []

  constructor() {
    const source: NodeSource = { get: (hash) => this.#nodes.get(toBinaryString(hash)) }
    this.#store = new NodeStore(source)
  }

  /** The first one is genesis. */
  block(parent: ModelBlock | undefined, { main, children = {}, version = 1 }: Edits, salt: string): ModelBlock {
    const add = (hash: Uint8Array, node: Uint8Array): void => void this.#nodes.set(toBinaryString(hash), node.slice())
    const trie = new Trie(this.#store, parent === undefined ? EMPTY_ROOT : fromHex(parent.header.stateRoot))
    for (const [childKey, changes] of Object.entries(children)) {
      const child = openChildTrie(this.#store, trie, utf8(childKey))
      child.apply(changes, version)
      putChildRoot(trie, utf8(childKey), child, version)
      child.collect(add)
    }
    trie.apply(main, version)
    trie.collect(add)
    const number = parent === undefined ? 0 : parent.header.number + 1
    const header: Header = { parentHash: parent?.hash ?? ZERO, number, stateRoot: toHex(trie.root()), extrinsicsRoot: ZERO, digest: [{ type: 'other', data: utf8(salt) }] }
    const block = { hash: headerHash(header), header, state: applied(parent?.state ?? EMPTY_STATE, main, children) }
    this.blocks.push(block)
    return block
  }

  /** `chain` is the best chain from genesis on, `forks` blocks beside it above `finalized`. */
  async write(dataPath: string, clock: Clock, chain: readonly ModelBlock[], finalized: ModelBlock, forks: readonly ModelBlock[]): Promise<void> {
    const database = new Database(dataPath, clock)
    await database.open()
    await database.write(
      (batch) => {
        batch.put(META.version, encodeVersion(OLD_VERSION))
        for (const { hash, header } of [...chain, ...forks]) putBlock(batch, hash, header, [])
        for (const { hash, header } of chain) if (header.number <= finalized.header.number) putFinalizedHash(batch, header.number, hash)
        const [genesis, best] = [chain[0] as ModelBlock, chain.at(-1) as ModelBlock]
        putMetaHash(batch, 'genesis', genesis.hash)
        putMetaHash(batch, 'best', best.hash)
        putMetaHash(batch, 'finalized', finalized.hash)
        putLeaves(batch, [best.hash, ...forks.map(({ hash }) => hash)])
        for (const [hash, node] of this.#nodes) batch.put(Buffer.concat([Uint8Array.of(BUCKET), Buffer.from(hash, 'latin1')]), node)
      },
      { sync: true },
    )
    await database.close()
  }
}
