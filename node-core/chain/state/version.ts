/** The version of a database's layout: a mark that every version can read. */
import { META } from './buckets.ts'
import type { Database } from './database.ts'
import { StateError, corrupt } from './errors.ts'

/** Grows with each change of the layout that older software would misread. */
export const DATABASE_VERSION = 2

/** Trie nodes lay by hash; it is carried over (carry/). */
export const OLD_VERSION = 1

export function encodeVersion(version: number): Uint8Array {
  return Uint8Array.of(version >>> 24, (version >>> 16) & 0xff, (version >>> 8) & 0xff, version & 0xff)
}

/** This version, or the one before. Throws STATE_DB_VERSION, or STATE_DB_CORRUPT where the database has no mark of its version. */
export function readVersion(database: Database): typeof DATABASE_VERSION | typeof OLD_VERSION {
  const mark = database.get(META.version)
  if (mark?.length !== 4) throw corrupt('it has no version mark')
  const found = new DataView(mark.buffer, mark.byteOffset, mark.byteLength).getUint32(0)
  if (found !== DATABASE_VERSION && found !== OLD_VERSION) throw wrongVersion(found)
  return found
}

/** Throws STATE_DB_VERSION where it is another one, also the one before. */
export function checkVersion(database: Database): void {
  const found = readVersion(database)
  if (found !== DATABASE_VERSION) throw wrongVersion(found)
}

function wrongVersion(found: number): StateError {
  const hint =
    found > DATABASE_VERSION
      ? 'Update this software, or choose another data folder.'
      : 'Use the software that wrote it, or move the data folder away: the node will synchronize from the network.'
  return new StateError('STATE_DB_VERSION', `the database has version ${found}; this version of the app needs version ${DATABASE_VERSION}.`, {
    data: { found, expected: DATABASE_VERSION },
    hint,
  })
}
