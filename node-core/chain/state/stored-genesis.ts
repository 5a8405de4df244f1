/**
 * The genesis state out of a database: what a specification would say. For a data folder whose specification is not at hand any more.
 *
 * Every state is kept, and so is the first one. The database must not be in use; it is opened as its owner does, so that another
 * program's is told as what it is (STATE_DB_LOCKED).
 */
import { EMPTY, equalBytes, fromHex, toHex, type Hex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { CHILD_PREFIX, openChildTrie } from '../trie/child.ts'
import { NodeStore } from '../trie/nodes/node-store.ts'
import { Trie } from '../trie/trie.ts'
import { readHeaderOf, readMetaHash } from './block-store.ts'
import { Database } from './database.ts'
import { corrupt } from './errors.ts'
import { stateSource } from './genesis.ts'

/** Keys and values in lower case behind `0x`, in the order of the keys. */
type Storage = Record<string, Hex>

export interface StoredGenesis {
  readonly top: Readonly<Storage>
  /** By the key of the child trie, without its prefix. */
  readonly childrenDefault: Readonly<Record<string, Readonly<Storage>>>
}

/** `dataPath` holds a database. Throws a StateError, or a TrieError where a part of the state is missing. */
export async function readStoredGenesis(dataPath: string, clock: Clock): Promise<StoredGenesis> {
  const database = new Database(dataPath, clock)
  await database.open()
  try {
    const header = readHeaderOf(database, readMetaHash(database, 'genesis'))
    if (header === undefined) throw corrupt('the genesis block is missing')
    const store = new NodeStore(stateSource(database))
    const main = new Trie(store, fromHex(header.stateRoot))
    const top: Storage = {}
    const childrenDefault: Record<string, Storage> = {}
    for (const [key, value] of entriesOf(main)) {
      if (!equalBytes(key.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX)) {
        top[toHex(key)] = toHex(value)
        continue
      }
      const child = key.subarray(CHILD_PREFIX.length)
      childrenDefault[toHex(child)] = Object.fromEntries(entriesOf(openChildTrie(store, main, child)).map(([inner, content]) => [toHex(inner), toHex(content)]))
    }
    return { top, childrenDefault }
  } finally {
    await database.close()
  }
}

function entriesOf(trie: Trie): (readonly [key: Uint8Array, value: Uint8Array])[] {
  return trie.keys(EMPTY).map((key) => [key, trie.get(key) ?? EMPTY] as const)
}
