/**
 * `archive_v1_storage` and `archive_v1_storageDiff`: what a block's state holds, and how it differs from another's (JSON-RPC interface
 * specification). Answers come in events, a slice at a time, and no faster than the client takes them.
 */
import { z } from 'zod'
import { toHex, type Hash, type Hex } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import type { Header } from '../../scale/header.ts'
import { noteAsked } from '../asked-states.ts'
import { discardedState, toRpcError } from '../errors.ts'
import { Answer, defineCall, requireConnection, type CallContext, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import { SLICE } from '../server/slices.ts'
import { UnsupportedQuery, queryStorage, storageItem } from '../storage-query.ts'
import type { Subscription } from '../subscription.ts'
import type { MethodDeps } from '../types.ts'

const STORAGE_EVENT = 'archive_v1_storageEvent'
const DIFF_EVENT = 'archive_v1_storageDiffEvent'

/** Items of one query. */
const MAX_ITEMS = 1000

const diffItem = z.object({ key: hexBytes, returnType: z.enum(['value', 'hash']), childTrieKey: optional(hexBytes) })
type DiffItem = z.infer<typeof diffItem>

interface Changed {
  readonly key: Hex
  readonly value?: Hex
  readonly hash?: Hex
  readonly type: 'added' | 'modified' | 'deleted'
  readonly childTrieKey?: Hex
}

export function archiveStorageMethods({ blocks, storage, trie }: Pick<MethodDeps, 'blocks' | 'storage' | 'trie'>, logger: Logger): Method[] {
  /** Sends each page under the name of the event, then `…Done`; whatever is thrown becomes `…Error`. One page per turn of the event loop. */
  async function relay(event: string, pages: () => Iterable<readonly object[]>, subscription: Subscription): Promise<void> {
    try {
      for (const page of pages()) {
        for (const result of page) subscription.notify({ event, ...result })
        await new Promise((resolve) => setImmediate(resolve))
        await subscription.room()
        if (subscription.ended) return
      }
      subscription.notify({ event: `${event}Done` })
    } catch (error) {
      const discarded = discardedState(error)
      const known = error instanceof UnsupportedQuery ? error.message : discarded === undefined ? toRpcError(error) : `UnknownBlock: ${discarded}`
      if (typeof known !== 'string' && known.internal) logger.error('a storage query failed', { reason: errorMessage(error) })
      subscription.notify({ event: `${event}Error`, error: typeof known === 'string' ? known : known.error.message })
    } finally {
      subscription.end()
    }
  }

  function headerOf(block: Hash): Header {
    const header = blocks.header(block)
    if (header === undefined) throw new UnsupportedQuery(`the block ${block} is not known`)
    noteAsked(header.stateRoot, block)
    return header
  }

  function stop(kind: string, id: string, context: CallContext): null {
    const subscription = requireConnection(context).subscription(id)
    if (subscription?.kind === kind) subscription.end()
    return null
  }

  /** Pages of what `after` differs in, for the items about one trie; all of it where there are none. */
  function* changes(before: Hash, after: Hash, items: readonly DiffItem[]): Generator<readonly Changed[]> {
    if (trie.differences === undefined) throw new UnsupportedQuery('this node does not compare states')
    const childKey = items[0]?.childTrieKey
    const childTrieKey = childKey === undefined ? {} : { childTrieKey: toHex(childKey) }
    let page: Changed[] = []
    for (const difference of trie.differences(before, after, items.map(({ key }) => key), childKey)) {
      const key = toHex(difference.key)
      const value = (difference.after ?? difference.before) as Uint8Array
      const type = difference.before === undefined ? 'added' : difference.after === undefined ? 'deleted' : 'modified'
      const asked = new Set(items.filter((item) => key.startsWith(toHex(item.key))).map(({ returnType }) => returnType))
      if (asked.has('value') || asked.size === 0) page.push({ key, value: toHex(value), type, ...childTrieKey })
      if (asked.has('hash')) page.push({ key, hash: blake2Hash(value), type, ...childTrieKey })
      if (page.length < SLICE) continue
      yield page
      page = []
    }
    yield page
  }

  return [
    defineCall({
      name: 'archive_v1_storage',
      params: { hash, items: z.array(storageItem).max(MAX_ITEMS), childTrie: optional(hexBytes) },
      handle({ hash: block, items, childTrie }, context) {
        const subscription = requireConnection(context).openSubscription(STORAGE_EVENT)
        const pages = (): Iterable<readonly object[]> =>
          queryStorage({ storage, trie, stateRoot: headerOf(block).stateRoot, childKey: childTrie }, items)
        return new Answer(subscription.id, () => void relay('storage', pages, subscription))
      },
    }),
    defineCall({
      name: 'archive_v1_stopStorage',
      params: { subscription: z.string() },
      handle: ({ subscription }, context) => stop(STORAGE_EVENT, subscription, context),
    }),
    defineCall({
      name: 'archive_v1_storageDiff',
      params: { hash, items: z.array(diffItem).max(MAX_ITEMS), previousHash: optional(hash) },
      handle({ hash: block, items, previousHash }, context) {
        const subscription = requireConnection(context).openSubscription(DIFF_EVENT)
        const pages = function* (): Generator<readonly Changed[]> {
          const header = headerOf(block)
          const before = headerOf(previousHash ?? header.parentHash)
          for (const group of byTrie(items)) yield* changes(before.stateRoot, header.stateRoot, group)
        }
        return new Answer(subscription.id, () => void relay('storageDiff', pages, subscription))
      },
    }),
    defineCall({
      name: 'archive_v1_stopStorageDiff',
      aliases: ['archive_v1_storageDiff_stopStorageDiff'],
      params: { subscription: z.string() },
      handle: ({ subscription }, context) => stop(DIFF_EVENT, subscription, context),
    }),
  ]
}

/** The items about the main trie, and those about each child trie. Without any, the whole main trie is asked about. */
function byTrie(items: readonly DiffItem[]): readonly (readonly DiffItem[])[] {
  if (items.length === 0) return [[]]
  return [...Map.groupBy(items, ({ childTrieKey }) => childTrieKey && toHex(childTrieKey)).values()]
}
