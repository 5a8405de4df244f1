/**
 * The storage queries that `chainHead_v1_storage` and `archive_v1_storage` share: values, hashes, everything below a
 * key, and Merkle values. The answer comes in pages, so that a query over a whole map neither fills the memory nor
 * holds up the thread.
 */
import { z } from 'zod'
import { toHex, type Hash, type Hex } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import type { StorageReader } from '../state/types.ts'
import { hexBytes, optional } from './params.ts'
import { SLICE } from './server/slices.ts'
import type { TrieQueries } from './types.ts'

export const storageItem = z
  .object({
    key: hexBytes,
    type: z.enum(['value', 'hash', 'closestDescendantMerkleValue', 'descendantsValues', 'descendantsHashes']),
    paginationStartKey: optional(hexBytes),
  })
  .refine(({ type, paginationStartKey }) => paginationStartKey === undefined || type.startsWith('descendants'), {
    message: 'paginationStartKey goes with descendantsValues and descendantsHashes only',
  })
export type StorageItem = z.infer<typeof storageItem>

export interface StorageResult {
  readonly key: Hex
  readonly value?: Hex
  readonly hash?: Hex
  readonly closestDescendantMerkleValue?: Hex
  /** Where the query was about a child trie. */
  readonly childTrieKey?: Hex
}

/** What a query reads: a state and, where one is named, a default child trie in it. */
export interface StorageScope {
  readonly storage: StorageReader
  readonly trie: TrieQueries
  readonly stateRoot: Hash
  readonly childKey: Uint8Array | undefined
}

/** Thrown where this node cannot answer the query at all. */
export class UnsupportedQuery extends Error {}

/** The results, in pages of at most {@link SLICE}; each page is one uninterrupted piece of work. */
export function* queryStorage(scope: StorageScope, items: readonly StorageItem[]): Generator<readonly StorageResult[]> {
  const { childKey } = scope
  const childTrieKey = childKey === undefined ? undefined : toHex(childKey)
  for (const page of pagesOf(scope, items)) yield childTrieKey === undefined ? page : page.map((result) => ({ ...result, childTrieKey }))
}

function* pagesOf(scope: StorageScope, items: readonly StorageItem[]): Generator<readonly StorageResult[]> {
  for (const item of items) {
    if (item.type === 'descendantsValues' || item.type === 'descendantsHashes') yield* descendants(scope, item, item.type)
    else yield single(scope, item, item.type)
  }
}

function read({ storage, stateRoot, childKey }: StorageScope, key: Uint8Array): Uint8Array | undefined {
  return childKey === undefined ? storage.get(stateRoot, key) : storage.getChild(stateRoot, childKey, key)
}

function single(scope: StorageScope, item: StorageItem, type: 'value' | 'hash' | 'closestDescendantMerkleValue'): readonly StorageResult[] {
  const key = toHex(item.key)
  if (type === 'closestDescendantMerkleValue') {
    const { trie, stateRoot, childKey } = scope
    if (trie.closestDescendantMerkleValue === undefined) {
      throw new UnsupportedQuery('this node does not answer closestDescendantMerkleValue')
    }
    const merkle = trie.closestDescendantMerkleValue(stateRoot, item.key, childKey)
    return merkle === undefined ? [] : [{ key, closestDescendantMerkleValue: toHex(merkle) }]
  }
  const found = read(scope, item.key)
  if (found === undefined) return []
  return [type === 'value' ? { key, value: toHex(found) } : { key, hash: blake2Hash(found) }]
}

function* descendants(
  scope: StorageScope,
  item: StorageItem,
  type: 'descendantsValues' | 'descendantsHashes',
): Generator<readonly StorageResult[]> {
  const { storage, stateRoot, childKey } = scope
  let start = item.paginationStartKey
  for (;;) {
    const keys =
      childKey === undefined
        ? storage.keys(stateRoot, item.key, SLICE, start)
        : storage.childKeys(stateRoot, childKey, item.key, SLICE, start)
    const page: StorageResult[] = []
    for (const key of keys) {
      const found = read(scope, key)
      if (found === undefined) continue
      page.push(type === 'descendantsValues' ? { key: toHex(key), value: toHex(found) } : { key: toHex(key), hash: blake2Hash(found) })
    }
    yield page
    if (keys.length < SLICE) return
    start = keys.at(-1)
  }
}
