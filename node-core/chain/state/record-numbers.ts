/**
 * The numbers of records against what is stored under them.
 *
 * A number is given out once. The mark of the next one is written with the block that used the numbers below; whoever writes records ahead
 * of their block may leave some above the mark when the program dies. At the start they go, because their numbers are given out again.
 */
import { META, nodeKey } from './buckets.ts'
import { MAX_ID, readId } from '../trie/nodes/record.ts'
import type { Database } from './database.ts'
import { readNextNode } from './state-store.ts'
import { encodeNextNode } from './trie-source.ts'

const BATCH = 4096

/** Deletes records that no block was stored with. Returns how many there were. */
export async function dropLeftovers(database: Database): Promise<number> {
  let dropped = 0
  for (;;) {
    const keys = await database.level.keys({ gte: nodeKey(readNextNode(database)), lte: nodeKey(MAX_ID), limit: BATCH }).all()
    if (keys.length === 0) return dropped
    await database.write((batch) => keys.forEach((key) => batch.del(key)), { sync: false })
    dropped += keys.length
  }
}

/** After a repair the mark may be an older one: it is put above every record that is there. */
export async function raiseNextNode(database: Database): Promise<void> {
  const [last] = await database.level.keys({ gte: nodeKey(0), lte: nodeKey(MAX_ID), limit: 1, reverse: true }).all()
  const next = Math.max(readNextNode(database), last === undefined ? 0 : readId(last, 1) + 1)
  await database.write((batch) => batch.put(META.nextNode, encodeNextNode(next)), { sync: true })
}
