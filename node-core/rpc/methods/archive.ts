/**
 * `archive_v1_*`: any block, past or present (JSON-RPC interface specification). At or below the finalized height a
 * height has one block; above it, one for each fork.
 */
import { z } from 'zod'
import { toHex, type Hash } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { encodeHeader } from '../../scale/header.ts'
import { runtimeFailure, toRpcError } from '../errors.ts'
import { Answer, defineCall, requireConnection, type Method } from '../method.ts'
import { blockNumber, functionName, hash, hexBytes, optional } from '../params.ts'
import { UnsupportedQuery, queryStorage, storageItem, type StorageItem, type StorageScope } from '../storage-query.ts'
import type { Subscription } from '../subscription.ts'
import type { BlockQueries, MethodDeps } from '../types.ts'

const STORAGE_EVENT = 'archive_v1_storageEvent'

/** Items of one storage query. */
const MAX_ITEMS = 1000

/** Every known block of this height. */
export function hashesAt(blocks: BlockQueries, height: number): readonly Hash[] {
  const finalized = blocks.finalized()
  if (height <= finalized.number) {
    const found = blocks.hashByNumber(height)
    return found === undefined ? [] : [found]
  }
  let level: readonly Hash[] = [finalized.hash]
  for (let number = finalized.number; number < height && level.length > 0; number++) {
    level = level.flatMap((block) => blocks.children(block).map((child) => child.hash))
  }
  return level
}

export function archiveMethods(deps: MethodDeps, logger: Logger, options: { readonly callTimeoutMs: number }): Method[] {
  const { blocks, runtime, storage, trie } = deps

  /** One page per turn of the event loop. */
  async function runQuery(scope: StorageScope, items: readonly StorageItem[], subscription: Subscription): Promise<void> {
    try {
      for (const page of queryStorage(scope, items)) {
        for (const result of page) subscription.notify({ event: 'storage', ...result })
        await new Promise((resolve) => setImmediate(resolve))
        await subscription.room()
        if (subscription.ended) return
      }
      subscription.notify({ event: 'storageDone' })
    } catch (error) {
      const known = error instanceof UnsupportedQuery ? error.message : toRpcError(error)
      if (typeof known !== 'string' && known.internal) logger.error('a storage query failed', { reason: errorMessage(error) })
      subscription.notify({ event: 'storageError', error: typeof known === 'string' ? known : known.error.message })
    } finally {
      subscription.end()
    }
  }

  return [
    defineCall({ name: 'archive_v1_genesisHash', params: {}, handle: () => blocks.genesisHash }),
    defineCall({ name: 'archive_v1_finalizedHeight', params: {}, handle: () => blocks.finalized().number }),
    defineCall({ name: 'archive_v1_hashByHeight', params: { height: blockNumber }, handle: ({ height }) => hashesAt(blocks, height) }),
    defineCall({
      name: 'archive_v1_header',
      params: { hash },
      handle({ hash: block }) {
        const header = blocks.header(block)
        return header === undefined ? null : toHex(encodeHeader(header))
      },
    }),
    defineCall({
      name: 'archive_v1_body',
      params: { hash },
      handle: async ({ hash: block }) => (await blocks.body(block))?.map(toHex) ?? null,
    }),
    defineCall({
      name: 'archive_v1_call',
      params: { hash, function: functionName, callParameters: hexBytes },
      async handle({ hash: block, function: name, callParameters }) {
        const header = blocks.header(block)
        if (header === undefined) return null
        try {
          const value = await runtime.call(header.stateRoot, name, callParameters, { timeoutMs: options.callTimeoutMs })
          return { success: true, value: toHex(value) }
        } catch (error) {
          const why = runtimeFailure(error)
          if (why === undefined) throw error
          return { success: false, error: why }
        }
      },
    }),
    defineCall({
      name: 'archive_v1_storage',
      params: { hash, items: z.array(storageItem).max(MAX_ITEMS), childTrie: optional(hexBytes) },
      handle({ hash: block, items, childTrie }, context) {
        const subscription = requireConnection(context).openSubscription(STORAGE_EVENT)
        return new Answer(subscription.id, () => {
          const header = blocks.header(block)
          if (header !== undefined) {
            return void runQuery({ storage, trie, stateRoot: header.stateRoot, childKey: childTrie }, items, subscription)
          }
          subscription.notify({ event: 'storageError', error: 'the block is not known' })
          subscription.end()
        })
      },
    }),
    defineCall({
      name: 'archive_v1_stopStorage',
      params: { subscription: z.string() },
      handle({ subscription: id }, context) {
        const subscription = requireConnection(context).subscription(id)
        if (subscription?.kind === STORAGE_EVENT) subscription.end()
        return null
      },
    }),
  ]
}
