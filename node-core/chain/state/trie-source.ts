/**
 * What other threads read out of the database: trie nodes, for tries in any thread, and what blocks left for runtime calls
 * outside of blocks.
 *
 * LevelDB lets the threads of one process share an open database: a worker opens it by its path once more and gets the
 * same one. What the main thread has written is visible there as soon as the write has resolved.
 */
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import type { NodeSource } from '../trie/types.ts'
import { fromBinaryString } from '../../base/bytes.ts'
import { BUCKET, offchainKey } from './buckets.ts'

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

/** Reads nodes from an open database. */
export function trieSource(level: Level): NodeSource {
  // LevelDB copies the key before getSync returns, so one is enough.
  const key = new Uint8Array(33)
  key[0] = BUCKET.trieNode
  return {
    get(hash) {
      key.set(hash, 1)
      return level.getSync(key)
    },
  }
}

export interface OpenTrieSource {
  readonly source: NodeSource
  /** By binary strings. */
  readonly indexed: { get(key: string): Uint8Array | undefined }
  close(): Promise<void>
}

/** For worker threads of the process that runs the state service, while it runs. Never creates a database. */
export async function openTrieSource(dataPath: string): Promise<OpenTrieSource> {
  const level = createLevel(dataPath)
  await level.open({ createIfMissing: false })
  return {
    source: trieSource(level),
    indexed: { get: (key) => level.getSync(offchainKey(fromBinaryString(key))) },
    close: () => level.close(),
  }
}
