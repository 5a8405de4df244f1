/** What the database says about its pruning: the way, how far it went, and what is left to do. */
import { toHex, type Hash } from '../../../base/bytes.ts'
import { BUCKET, META } from '../buckets.ts'
import type { Batch, Database } from '../database.ts'
import { decodePruning, encodePruning, type StatePruning } from './mode.ts'

export function readPruning(database: Database): StatePruning | undefined {
  const mark = database.get(META.statePruning)
  return mark === undefined ? undefined : decodePruning(mark)
}

export function putPruning(batch: Batch, pruning: StatePruning): void {
  batch.put(META.statePruning, encodePruning(pruning))
}

/** Height of the oldest finalized block whose state is kept. */
export function readOldestState(database: Database): number {
  const mark = database.get(META.oldestState)
  return mark === undefined ? 0 : new DataView(mark.buffer, mark.byteOffset, mark.byteLength).getUint32(0)
}

export function putOldestState(batch: Batch, height: number): void {
  batch.put(META.oldestState, encodeHeight(height))
}

/** True where some state was given up, of a fork or of the finalized chain. */
export function hasGivenUp(database: Database): boolean {
  return database.get(META.oldestState) !== undefined
}

/** Dead blocks whose states are not given up yet. */
export async function readDead(database: Database): Promise<Hash[]> {
  const keys = await database.level.keys(bucketRange(BUCKET.deadState)).all()
  return keys.map((key) => toHex(key.subarray(1)))
}

/** Keys of lists of records that are to be deleted. */
export async function readRemainders(database: Database): Promise<Uint8Array[]> {
  return (await database.level.keys(bucketRange(BUCKET.remainder)).all()).map((key) => new Uint8Array(key))
}

export function encodeHeight(height: number): Uint8Array {
  return Uint8Array.of(height >>> 24, (height >>> 16) & 0xff, (height >>> 8) & 0xff, height & 0xff)
}

function bucketRange(bucket: number): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: Uint8Array.of(bucket), lt: Uint8Array.of(bucket + 1) }
}
