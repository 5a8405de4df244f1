/** `state_*` calls: storage, runtime calls and metadata at a block. */
import { z } from 'zod'
import { EMPTY, toHex, type Hash, type Hex } from '../../../base/bytes.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import { metadata } from '../../runtime/api/metadata.ts'
import { CODE, RpcError, discardedState, runtimeFailure } from '../errors.ts'
import { runtimeVersionJson } from '../json.ts'
import { defineCall, type Method } from '../method.ts'
import { functionName, hash, hexBytes, optional, u32 } from '../params.ts'
import { inSlices } from '../server/slices.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

/** Keys in one page, as in Substrate's nodes. */
export const MAX_PAGE = 1000

/** What `state_getKeys`, which knows no pages, returns at the most before it asks for paging. */
const MAX_KEYS = 50_000

/** Keys that one query may name, and blocks that `state_queryStorage` may go through. */
const MAX_QUERY_KEYS = 10_000
const MAX_QUERY_BLOCKS = 1_000

export interface StateOptions {
  readonly callTimeoutMs: number
}

export interface StorageChangeSet {
  readonly block: Hash
  readonly changes: readonly (readonly [key: Hex, value: Hex | null])[]
}

export function assertPage(count: number): void {
  if (count > MAX_PAGE) {
    throw new RpcError(CODE.stateInvalidCount, `count exceeds maximum value. value: ${count}, max: ${MAX_PAGE}`)
  }
}

/** Every key under `prefix`, page by page so that the event loop breathes. Throws an RpcError where there are too many. */
export async function allKeys(page: (start: Uint8Array | undefined) => Uint8Array[]): Promise<Hex[]> {
  const keys: Hex[] = []
  for (let start: Uint8Array | undefined; ; ) {
    const next = page(start)
    keys.push(...next.map(toHex))
    if (next.length < MAX_PAGE) return keys
    if (keys.length >= MAX_KEYS) throw new RpcError(CODE.stateInvalidCount, `more than ${MAX_KEYS} keys: ask for pages with getKeysPaged`)
    start = next.at(-1)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Metadata and version are asked of the runtime's API, which has words of its own for a state that is gone. */
async function ofApi<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw discardedState(error) === undefined ? error : new RpcError(CODE.stateClient, `Client error: ${runtimeFailure(error)}`)
  }
}

export function stateMethods(deps: MethodDeps, options: StateOptions): Method[] {
  const { blocks, runtime, storage } = deps
  const at = optional(hash)
  const keyAt = { key: hexBytes, hash: at }
  const keyList = z.array(hexBytes).max(MAX_QUERY_KEYS)
  const value = (key: Uint8Array, block: Hash | undefined): Uint8Array | undefined => storage.get(headerAt(blocks, block).stateRoot, key)
  const call = (block: Hash | undefined, method: string, args: Uint8Array): Promise<Uint8Array> =>
    runtime.call(headerAt(blocks, block).stateRoot, method, args, { timeoutMs: options.callTimeoutMs, lane: 'query', remembered: true })

  async function changesAt(keys: readonly Uint8Array[], block: Hash): Promise<StorageChangeSet> {
    const { stateRoot } = headerAt(blocks, block)
    const changes = await inSlices(keys, (key) => {
      const found = storage.get(stateRoot, key)
      return [toHex(key), found === undefined ? null : toHex(found)] as const
    })
    return { block, changes }
  }

  /** All values at the first block, then what changed in each later one. */
  async function queryStorage(keys: readonly Uint8Array[], from: Hash, to: Hash): Promise<StorageChangeSet[]> {
    const first = headerAt(blocks, from)
    const last = headerAt(blocks, to)
    const span = last.number - first.number
    if (span < 0 || !blocks.isAncestor(from, to)) {
      throw new RpcError(CODE.stateInvalidRange, 'Cannot resolve a block range: the first is no ancestor of the last')
    }
    const gap = blocks.gap()
    if (gap !== undefined && first.number <= gap.to && last.number >= gap.from) {
      throw new RpcError(CODE.stateInvalidRange, 'Cannot resolve a block range: blocks of it are not stored here', `blocks ${gap.from} to ${gap.to}`)
    }
    if (span >= MAX_QUERY_BLOCKS || (span + 1) * keys.length > MAX_QUERY_KEYS) {
      const why = `at most ${MAX_QUERY_BLOCKS} blocks and ${MAX_QUERY_KEYS} reads`
      throw new RpcError(CODE.stateInvalidRange, 'Cannot resolve a block range: it is too long', why)
    }
    const known = new Map<Hex, Hex | null>()
    const sets: StorageChangeSet[] = []
    for (const block of [from, ...blocks.route(from, to).map((ref) => ref.hash)]) {
      const { changes } = await changesAt(keys, block)
      const changed = changes.filter(([key, now]) => known.get(key) !== now)
      for (const [key, now] of changed) known.set(key, now)
      if (changed.length > 0) sets.push({ block, changes: changed })
    }
    return sets
  }

  return [
    defineCall({
      name: 'state_getStorage',
      aliases: ['state_getStorageAt'],
      params: keyAt,
      handle({ key, hash: block }) {
        const found = value(key, block)
        return found === undefined ? null : toHex(found)
      },
    }),
    defineCall({
      name: 'state_getStorageHash',
      aliases: ['state_getStorageHashAt'],
      params: keyAt,
      handle({ key, hash: block }) {
        const found = value(key, block)
        return found === undefined ? null : blake2Hash(found)
      },
    }),
    defineCall({
      name: 'state_getKeys',
      params: { prefix: hexBytes, hash: at },
      handle({ prefix, hash: block }) {
        const { stateRoot } = headerAt(blocks, block)
        return allKeys((start) => storage.keys(stateRoot, prefix, MAX_PAGE, start))
      },
    }),
    defineCall({
      name: 'state_getKeysPaged',
      aliases: ['state_getKeysPagedAt'],
      params: { prefix: optional(hexBytes), count: u32, startKey: optional(hexBytes), hash: at },
      handle({ prefix, count, startKey, hash: block }) {
        assertPage(count)
        return storage.keys(headerAt(blocks, block).stateRoot, prefix ?? EMPTY, count, startKey).map(toHex)
      },
    }),
    defineCall({
      name: 'state_queryStorageAt',
      params: { keys: keyList, at },
      handle: async ({ keys, at: block }) => [await changesAt(keys, block ?? blocks.best().hash)],
    }),
    defineCall({
      name: 'state_queryStorage',
      params: { keys: keyList, block: hash, hash: at },
      unsafe: true,
      handle: ({ keys, block, hash: to }) => queryStorage(keys, block, to ?? blocks.best().hash),
    }),
    defineCall({
      name: 'state_call',
      aliases: ['state_callAt'],
      params: { name: functionName, bytes: hexBytes, hash: at },
      handle: async ({ name, bytes, hash: block }) => toHex(await call(block, name, bytes)),
    }),
    defineCall({
      name: 'state_getMetadata',
      params: { hash: at },
      /** The runtime gives it as opaque bytes; clients want what is inside. */
      handle: async ({ hash: block }) =>
        toHex(await ofApi(metadata(runtime, headerAt(blocks, block).stateRoot, { timeoutMs: options.callTimeoutMs, lane: 'query', remembered: true }))),
    }),
    defineCall({
      name: 'state_getRuntimeVersion',
      aliases: ['chain_getRuntimeVersion'],
      params: { hash: at },
      handle: async ({ hash: block }) => runtimeVersionJson(await ofApi(runtime.version(headerAt(blocks, block).stateRoot))),
    }),
  ]
}
