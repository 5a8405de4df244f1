/**
 * Where things are in the database: every key begins with the one byte of its bucket. A number is never reused; that of
 * a bucket which is gone stays here as a comment.
 */
import { fromHex, utf8, type Hash } from '../../base/bytes.ts'
import { ID_SIZE, writeId } from '../trie/nodes/record.ts'

export const BUCKET = {
  /** {@link META} names. */
  meta: 0,
  /** Block hash: SCALE header. */
  header: 1,
  /** Block hash: SCALE vector of extrinsics. */
  body: 2,
  /** Block hash: SCALE vector of engine id (4 bytes) and proof. */
  justifications: 3,
  /** Big-endian u32: block hash. Finalized blocks only; above them the chain is found by the headers' parents. */
  numberToHash: 4,
  /** UTF-8 `engine/…` key: what the engine says. */
  aux: 5,
  // 6: blake2b-256: trie node, or a value that is stored on its own (database version 1)
  /** Key that a runtime chose: what its blocks left there for calls outside of blocks. Not part of any state, and never taken back with a fork. */
  offchain: 7,
  /** Big-endian u48: record of a trie node or of a value (trie/nodes/record.ts). A number is given out once. */
  node: 8,
  /** State root: the records of root nodes with this hash, and on each how many blocks stand (state-roots.ts). */
  stateRoot: 9,
  /** Block hash: what the block did to the records (journal.ts). Of blocks whose state is kept. */
  journal: 10,
  /** What a node that joins has downloaded of a state, until it is whole: see joining/state/store.ts. */
  joining: 11,
  /** Hash of a block that died on a fork, its state not given up yet: nothing. */
  deadState: 12,
  /** Block hash: records that are to be deleted and belong to no state any more (pruning/remainder.ts). */
  remainder: 13,
} as const

export const META = {
  /** The version (version.ts) as a big-endian u32. Never changes its place or form, so that any version can read any mark. */
  version: metaKey('version'),
  genesis: metaKey('genesis'),
  best: metaKey('best'),
  finalized: metaKey('finalized'),
  /** Hashes of the unfinalized blocks without children, one behind the other. */
  leaves: metaKey('leaves'),
  /** SCALE: lowest and highest height (u32 each) of the blocks that are missing below the finalized one. Not there where none are. */
  gap: metaKey('gap'),
  /** SCALE: the highest height (u32) of the finalized blocks whose bodies were deleted because they are old. Not there where none were. */
  prunedUpTo: metaKey('prunedUpTo'),
  /** Big-endian u48: the number that the next record gets. */
  nextNode: metaKey('nextNode'),
  /** UTF-8: which states are kept (pruning/mode.ts). */
  statePruning: metaKey('statePruning'),
  /** Big-endian u32: height of the oldest finalized block whose state is kept. Not there where no state was ever given up. */
  oldestState: metaKey('oldestState'),
} as const

export type HashBucket = 'header' | 'body' | 'justifications' | 'stateRoot' | 'journal' | 'deadState'

export function hashKey(bucket: HashBucket, hash: Hash | Uint8Array): Uint8Array {
  const key = new Uint8Array(33)
  key[0] = BUCKET[bucket]
  key.set(typeof hash === 'string' ? fromHex(hash) : hash, 1)
  return key
}

/** `out` is filled where it is given. */
export function nodeKey(id: number, out: Uint8Array = new Uint8Array(1 + ID_SIZE)): Uint8Array {
  out[0] = BUCKET.node
  writeId(id, out, 1)
  return out
}

export function remainderKey(block: Hash): Uint8Array {
  return prefixed(BUCKET.remainder, fromHex(block))
}

export function numberKey(number: number): Uint8Array {
  return Uint8Array.of(BUCKET.numberToHash, number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff)
}

export function auxKey(key: string): Uint8Array {
  return prefixed(BUCKET.aux, utf8(key))
}

export function offchainKey(key: Uint8Array): Uint8Array {
  return prefixed(BUCKET.offchain, key)
}

function metaKey(name: string): Uint8Array {
  return prefixed(BUCKET.meta, utf8(name))
}

function prefixed(bucket: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(rest.length + 1)
  key[0] = bucket
  key.set(rest, 1)
  return key
}
