/** Blocks on disk: what the buckets hold and in which form. See buckets.ts for the keys. */
import { concatBytes, fromHex, toHex, type Hash } from '../../base/bytes.ts'
import { decodeBody, encodeBody, type Extrinsic, type Justification } from '../scale/block.ts'
import { decodeHeader, encodeHeader, engineBytes, readEngine, type Header } from '../scale/header.ts'
import { decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import { META, auxKey, hashKey, numberKey, offchainKey } from './buckets.ts'
import type { Batch, Database } from './database.ts'
import { corrupt } from './errors.ts'
import type { AuxEntry, BlockGap, StateChanges } from './types.ts'

const HASH_SIZE = 32

export function readHeaderOf(database: Database, hash: Hash): Header | undefined {
  const encoded = database.get(hashKey('header', hash))
  return encoded === undefined ? undefined : orCorrupt(`header of ${hash}`, () => decodeHeader(encoded))
}

export async function readBody(database: Database, hash: Hash): Promise<readonly Extrinsic[] | undefined> {
  const encoded = await database.getAsync(hashKey('body', hash))
  return encoded === undefined ? undefined : orCorrupt(`body of ${hash}`, () => decodeBody(encoded))
}

export async function readJustifications(database: Database, hash: Hash): Promise<Justification[] | undefined> {
  const encoded = await database.getAsync(hashKey('justifications', hash))
  if (encoded === undefined) return undefined
  return orCorrupt(`justifications of ${hash}`, () =>
    decodeAll(encoded, 'the justifications', (reader) =>
      reader.vec((r) => ({ engine: readEngine(r), data: r.bytes() }), 5),
    ),
  )
}

/** The finalized block at this height. */
export function readFinalizedHash(database: Database, number: number): Hash | undefined {
  const hash = database.get(numberKey(number))
  return hash === undefined ? undefined : toHex(hash)
}

export function readMetaHash(database: Database, name: 'genesis' | 'best' | 'finalized'): Hash {
  const hash = database.get(META[name])
  if (hash?.length !== HASH_SIZE) throw corrupt(`it does not say which block is ${name}`)
  return toHex(hash)
}

export function readLeaves(database: Database): Hash[] {
  const packed = database.get(META.leaves)
  if (packed === undefined || packed.length % HASH_SIZE !== 0) throw corrupt('it does not say which forks there are')
  return Array.from({ length: packed.length / HASH_SIZE }, (_, i) => toHex(packed.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE)))
}

export function readGap(database: Database): BlockGap | undefined {
  const encoded = database.get(META.gap)
  if (encoded === undefined) return undefined
  return orCorrupt('mark of missing blocks', () => decodeAll(encoded, 'the gap', (reader) => ({ from: reader.u32(), to: reader.u32() })))
}

/** Undefined: nothing is missing. */
export function putGap(batch: Batch, gap: BlockGap | undefined): void {
  if (gap === undefined) batch.del(META.gap)
  else batch.put(META.gap, new ScaleWriter(8).u32(gap.from).u32(gap.to).finish())
}

export function readPrunedUpTo(database: Database): number {
  const encoded = database.get(META.prunedUpTo)
  return encoded === undefined ? 0 : orCorrupt('mark of deleted bodies', () => decodeAll(encoded, 'the height', (reader) => reader.u32()))
}

export function putPrunedUpTo(batch: Batch, number: number): void {
  batch.put(META.prunedUpTo, new ScaleWriter(4).u32(number).finish())
}

export function putBlock(batch: Batch, hash: Hash, header: Header, body: readonly Extrinsic[]): void {
  putHeader(batch, hash, header)
  putBody(batch, hash, body)
}

export function putHeader(batch: Batch, hash: Hash, header: Header): void {
  batch.put(hashKey('header', hash), encodeHeader(header))
}

export function putBody(batch: Batch, hash: Hash, body: readonly Extrinsic[]): void {
  batch.put(hashKey('body', hash), encodeBody(body))
}

export function putJustifications(batch: Batch, hash: Hash, justifications: readonly Justification[]): void {
  const writer = new ScaleWriter(1024).vec(justifications, (w, { engine, data }) => w.raw(engineBytes(engine)).bytes(data))
  batch.put(hashKey('justifications', hash), writer.finish())
}

/** Its state is another matter: see journal.ts. */
export function deleteBody(batch: Batch, hash: Hash): void {
  batch.del(hashKey('body', hash))
}

export function deleteJustifications(batch: Batch, hash: Hash): void {
  batch.del(hashKey('justifications', hash))
}

export function deleteBlock(batch: Batch, hash: Hash): void {
  for (const bucket of ['header', 'body', 'justifications'] as const) batch.del(hashKey(bucket, hash))
}

export function putMetaHash(batch: Batch, name: 'genesis' | 'best' | 'finalized', hash: Hash): void {
  batch.put(META[name], fromHex(hash))
}

export function putLeaves(batch: Batch, leaves: readonly Hash[]): void {
  batch.put(META.leaves, concatBytes(...leaves.map(fromHex)))
}

export function putFinalizedHash(batch: Batch, number: number, hash: Hash): void {
  batch.put(numberKey(number), fromHex(hash))
}

export function deleteFinalizedHash(batch: Batch, number: number): void {
  batch.del(numberKey(number))
}

export function putAuxEntries(batch: Batch, entries: readonly AuxEntry[] | undefined): void {
  for (const [key, value] of entries ?? []) {
    if (value === undefined) batch.del(auxKey(key))
    else batch.put(auxKey(key), value)
  }
}

export function putOffchain(batch: Batch, changes: StateChanges['offchain']): void {
  for (const [key, value] of changes ?? []) {
    if (value === undefined) batch.del(offchainKey(key))
    else batch.put(offchainKey(key), value)
  }
}

function orCorrupt<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw corrupt(`the ${what} does not decode`, error)
  }
}
