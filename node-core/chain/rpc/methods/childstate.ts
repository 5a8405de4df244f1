/** `childstate_*`: the same reads as `state_*` in a default child trie. */
import { z } from 'zod'
import { equalBytes, toHex, utf8, type Hash } from '../../../base/bytes.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import { invalidParams } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional, u32 } from '../params.ts'
import { inSlices } from '../server/slices.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'
import { MAX_PAGE, allKeys, assertPage } from './state.ts'

/** Clients name a child trie by its full key in the main trie. */
const DEFAULT_PREFIX = utf8(':child_storage:default:')

const MAX_ENTRIES = 10_000

/** Throws an RpcError where it is no key of a default child trie. */
export function childKey(full: Uint8Array): Uint8Array {
  if (!equalBytes(full.subarray(0, DEFAULT_PREFIX.length), DEFAULT_PREFIX)) {
    throw invalidParams('childStorageKey: expected a key that starts with ":child_storage:default:"')
  }
  return full.subarray(DEFAULT_PREFIX.length)
}

export function childStateMethods({ blocks, storage }: Pick<MethodDeps, 'blocks' | 'storage'>): Method[] {
  const at = optional(hash)
  const keyAt = { childStorageKey: hexBytes, key: hexBytes, hash: at }
  const root = (block: Hash | undefined): Hash => headerAt(blocks, block).stateRoot
  const value = (params: { childStorageKey: Uint8Array; key: Uint8Array; hash?: Hash | undefined }): Uint8Array | undefined =>
    storage.getChild(root(params.hash), childKey(params.childStorageKey), params.key)

  return [
    defineCall({
      name: 'childstate_getStorage',
      params: keyAt,
      handle(params) {
        const found = value(params)
        return found === undefined ? null : toHex(found)
      },
    }),
    defineCall({
      name: 'childstate_getStorageHash',
      params: keyAt,
      handle(params) {
        const found = value(params)
        return found === undefined ? null : blake2Hash(found)
      },
    }),
    defineCall({ name: 'childstate_getStorageSize', params: keyAt, handle: (params) => value(params)?.length ?? null }),
    defineCall({
      name: 'childstate_getStorageEntries',
      params: { childStorageKey: hexBytes, keys: z.array(hexBytes).max(MAX_ENTRIES), hash: at },
      handle({ childStorageKey, keys, hash: block }) {
        const stateRoot = root(block)
        const child = childKey(childStorageKey)
        return inSlices(keys, (key) => {
          const found = storage.getChild(stateRoot, child, key)
          return found === undefined ? null : toHex(found)
        })
      },
    }),
    defineCall({
      name: 'childstate_getKeys',
      params: { childStorageKey: hexBytes, prefix: hexBytes, hash: at },
      handle({ childStorageKey, prefix, hash: block }) {
        const stateRoot = root(block)
        const child = childKey(childStorageKey)
        return allKeys((start) => storage.childKeys(stateRoot, child, prefix, MAX_PAGE, start))
      },
    }),
    defineCall({
      name: 'childstate_getKeysPaged',
      aliases: ['childstate_getKeysPagedAt'],
      params: { childStorageKey: hexBytes, prefix: hexBytes, count: u32, startKey: optional(hexBytes), hash: at },
      handle({ childStorageKey, prefix, count, startKey, hash: block }) {
        assertPage(count)
        return storage.childKeys(root(block), childKey(childStorageKey), prefix, count, startKey).map(toHex)
      },
    }),
  ]
}
