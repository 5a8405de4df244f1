/**
 * What other threads read out of the database: trie nodes, for tries in any thread, and what blocks left for runtime calls
 * outside of blocks.
 *
 * LevelDB lets the threads of one process share an open database: a worker opens it by its path once more and gets the
 * same one. What the main thread has written is visible there as soon as the write has resolved.
 */
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { fromBinaryString } from '../../base/bytes.ts'
import { ID_SIZE, readId, writeId } from '../trie/nodes/record.ts'
import type { RecordSource } from '../trie/types.ts'
import { META, hashKey, nodeKey, offchainKey } from './buckets.ts'
import { journalRoot } from './journal.ts'
import { firstRoot } from './state-roots.ts'

export type Level = ClassicLevel<Uint8Array, Uint8Array>

/**
 * Both caches are for random reads of small trie nodes: recent ones are found in the write buffer, which is a few
 * seconds of blocks, others in the block cache. Every thread must open the database with the same options.
 */
const LEVEL_OPTIONS = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  multithreading: true,
  cacheSize: 64 * 1024 * 1024,
  writeBufferSize: 16 * 1024 * 1024,
} as const

/** The database of a data folder, not yet open. */
export function createLevel(dataPath: string): Level {
  return new ClassicLevel(databasePath(dataPath), LEVEL_OPTIONS)
}

export function databasePath(dataPath: string): string {
  return join(dataPath, 'db')
}

/** The number of the first record; 0 stands for none. */
export const FIRST_NODE = 1

/** Reads records from an open database. */
export function recordSource(level: Level): RecordSource {
  // LevelDB copies the key before getSync returns, so one is enough.
  const key = nodeKey(0)
  const rootKey = hashKey('stateRoot', new Uint8Array(32))
  const get = (id: number): Uint8Array | undefined => level.getSync(nodeKey(id, key))
  return {
    node: get,
    value: get,
    rootId(hash) {
      rootKey.set(hash, 1)
      const entry = level.getSync(rootKey)
      return entry === undefined ? undefined : firstRoot(entry)
    },
  }
}

export interface OpenTrieSource {
  readonly source: RecordSource
  /** By binary strings. */
  readonly indexed: { get(key: string): Uint8Array | undefined }
  /** The record of the root of a block's state; undefined where that is not kept. */
  blockRoot(hash: Uint8Array): number | undefined
  /** The number that the next record gets, as it is written. */
  nextNode(): number
  close(): Promise<void>
}

/** For worker threads of the process that runs the state service, while it runs. Never creates a database. */
export async function openTrieSource(dataPath: string): Promise<OpenTrieSource> {
  const level = createLevel(dataPath)
  await level.open({ createIfMissing: false })
  return {
    source: recordSource(level),
    indexed: { get: (key) => level.getSync(offchainKey(fromBinaryString(key))) },
    blockRoot: (hash) => {
      const journal = level.getSync(hashKey('journal', hash))
      return journal === undefined ? undefined : journalRoot(journal)
    },
    nextNode: () => {
      const mark = level.getSync(META.nextNode)
      return mark === undefined ? FIRST_NODE : decodeNextNode(mark)
    },
    close: () => level.close(),
  }
}

export function encodeNextNode(next: number): Uint8Array {
  const mark = new Uint8Array(ID_SIZE)
  writeId(next, mark, 0)
  return mark
}

export function decodeNextNode(mark: Uint8Array): number {
  return readId(mark, 0)
}
