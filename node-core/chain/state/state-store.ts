/** States on disk: records, roots and journals (trie/nodes/record.ts, state-roots.ts, journal.ts). See buckets.ts for the keys. */
import { fromHex, type Hash } from '../../base/bytes.ts'
import { forEachPackedRecord } from '../trie/nodes/packed-records.ts'
import { META, hashKey, nodeKey } from './buckets.ts'
import type { Batch, Database } from './database.ts'
import { decodeJournal, encodeJournal, type Journal } from './journal.ts'
import { decodeRoots, encodeRoots, type RootEntry } from './state-roots.ts'
import { FIRST_NODE, decodeNextNode, encodeNextNode } from './trie-source.ts'
import type { NodeChanges } from './types.ts'

/** What the block did to the state. Records are not copied: LevelDB's batch copies what it is given at once. */
export function putState(batch: Batch, database: Database, block: Hash, stateRoot: Hash, nodes: NodeChanges): void {
  const { records, first, next, root, ended } = nodes
  const key = nodeKey(0)
  forEachPackedRecord(records, first, (id, record) => batch.put(nodeKey(id, key), record))
  holdRoot(batch, database, stateRoot, root)
  batch.put(hashKey('journal', block), encodeJournal({ stateRoot, root, first, next, ended }))
  // Blocks need not be stored in the order in which their records were numbered.
  batch.put(META.nextNode, encodeNextNode(Math.max(next, readNextNode(database))))
}

/** The number that the next record gets. */
export function readNextNode(database: Database): number {
  const mark = database.get(META.nextNode)
  return mark === undefined ? FIRST_NODE : decodeNextNode(mark)
}

/** Undefined where the block's state is not kept. */
export function readJournal(database: Database, block: Hash): Journal | undefined {
  const bytes = database.get(hashKey('journal', block))
  return bytes === undefined ? undefined : decodeJournal(bytes)
}

export function readRoots(database: Database, root: Hash): RootEntry[] {
  const bytes = database.get(hashKey('stateRoot', root))
  return bytes === undefined ? [] : decodeRoots(bytes)
}

/** One block more stands on a record. The empty state has none. */
function holdRoot(batch: Batch, database: Database, root: Hash, id: number): void {
  if (id === 0) return
  const entries = readRoots(database, root)
  const known = entries.find((entry) => entry.id === id)
  const others = entries.filter((entry) => entry !== known)
  batch.put(hashKey('stateRoot', fromHex(root)), encodeRoots([...others, { id, blocks: (known?.blocks ?? 0) + 1 }]))
}
