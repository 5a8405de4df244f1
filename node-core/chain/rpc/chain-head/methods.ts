/** `chainHead_v1_*`: following the chain, and asking about the blocks that are followed (JSON-RPC interface specification). */
import { z } from 'zod'
import { toHex, type Hash } from '../../../base/bytes.ts'
import { NodeError, errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { encodeHeader, type Header } from '../../scale/header.ts'
import { CODE, RpcError, runtimeFailure } from '../errors.ts'
import { Answer, defineCall, requireConnection, type CallContext, type Method } from '../method.ts'
import { functionName, hash, hexBytes, optional } from '../params.ts'
import { UnsupportedQuery, queryStorage, storageItem, type StorageItem, type StorageScope } from '../storage-query.ts'
import type { Subscription } from '../subscription.ts'
import type { MethodDeps } from '../types.ts'
import { Follow } from './follow.ts'
import { Operations, type Operation } from './operations.ts'
import { Pinboard } from './pinned.ts'

const FOLLOW_EVENT = 'chainHead_v1_followEvent'
const LIMIT_REACHED = { result: 'limitReached' } as const

export interface ChainHeadOptions {
  readonly callTimeoutMs: number
  readonly maxFollows: number
  readonly maxOperations: number
  /** Of one subscription, and how far below the finalized block they may be. */
  readonly maxPinned: number
  readonly maxPinnedDepth: number
  /** Different blocks of all subscriptions. */
  readonly maxPinnedOfAll: number
}

export const DEFAULT_CHAIN_HEAD_LIMITS = { maxFollows: 4, maxOperations: 16, maxPinned: 512, maxPinnedDepth: 1024, maxPinnedOfAll: 2048 } as const

/** Items of one storage request; those beyond the operations that are free are discarded, as the specification allows. */
const MAX_ITEMS = 1000

interface Following {
  readonly follow: Follow
  readonly operations: Operations
}

export function chainHeadMethods(deps: MethodDeps, logger: Logger, options: ChainHeadOptions): Method[] {
  const { blocks, runtime, storage, trie } = deps
  const board = new Pinboard(deps.pins, options.maxPinnedOfAll)
  const followings = new WeakMap<Subscription, Following>()
  const target = { followSubscription: z.string(), hash }

  function following(id: string, context: CallContext): Following | undefined {
    const subscription = requireConnection(context).subscription(id)
    return subscription === undefined ? undefined : followings.get(subscription)
  }

  function pinnedHeader({ follow }: Following, block: Hash): Header {
    const header = follow.pinned(block)
    if (header === undefined) throw new RpcError(CODE.unknownBlock, 'Block not pinned', block)
    return header
  }

  /** Starts an operation on a pinned block, which stays readable until it is over; `work` only has to tell of success. */
  function start({ follow, operations }: Following, block: Hash, weight: number, more: object, work: (operation: Operation) => Promise<void>): Answer {
    const done = follow.use(block)
    const { id, begin } = operations.reserve(weight, async (operation) => {
      try {
        await work(operation)
      } catch (error) {
        fail(operation, error)
      } finally {
        done()
      }
    })
    return new Answer({ result: 'started', operationId: id, ...more }, begin)
  }

  /** An error is final; what may go well at another time is only inaccessible. */
  function fail(operation: Operation, error: unknown): void {
    const why = error instanceof UnsupportedQuery ? error.message : runtimeFailure(error)
    const stopped = error instanceof NodeError && error.code === 'RUNTIME_STOPPED'
    if (why !== undefined && !stopped) return operation.notify('operationError', { error: why })
    if (!(error instanceof NodeError)) logger.error('a chainHead operation failed', { reason: errorMessage(error) })
    operation.notify('operationInaccessible')
  }

  async function runStorage(operation: Operation, scope: StorageScope, items: readonly StorageItem[]): Promise<void> {
    const flat = items.filter((item) => !item.type.startsWith('descendants'))
    const deep = items.filter((item) => item.type.startsWith('descendants'))
    const found = [...queryStorage(scope, flat)].flat()
    if (found.length > 0) operation.notify('operationStorageItems', { items: found })
    const pages = queryStorage(scope, deep)
    for (let page = pages.next(); page.done !== true; ) {
      if (page.value.length > 0) operation.notify('operationStorageItems', { items: page.value })
      const sent = page.value.length
      await new Promise((resolve) => setImmediate(resolve))
      if (operation.stopped) return
      page = pages.next()
      // Only between pages, and only where something was sent before: the client sets the pace.
      if (page.done !== true && sent > 0) await operation.waitForContinue()
      if (operation.stopped) return
    }
    operation.notify('operationStorageDone')
  }

  return [
    defineCall({
      name: 'chainHead_v1_follow',
      params: { withRuntime: z.boolean() },
      handle({ withRuntime }, context) {
        const connection = requireConnection(context)
        if (connection.countSubscriptions(FOLLOW_EVENT) >= options.maxFollows) {
          throw new RpcError(CODE.tooManyFollows, 'Maximum number of chainHead_v1_follow subscriptions has been reached')
        }
        const subscription = connection.openSubscription(FOLLOW_EVENT)
        const follow = new Follow(deps, subscription, withRuntime, options, board)
        followings.set(subscription, { follow, operations: new Operations(subscription, options.maxOperations) })
        return new Answer(subscription.id, () => follow.start())
      },
    }),
    defineCall({
      name: 'chainHead_v1_unfollow',
      params: { followSubscription: z.string() },
      handle({ followSubscription }, context) {
        const subscription = requireConnection(context).subscription(followSubscription)
        if (subscription?.kind === FOLLOW_EVENT) subscription.end()
        return null
      },
    }),
    defineCall({
      name: 'chainHead_v1_header',
      params: target,
      handle({ followSubscription, hash: block }, context) {
        const found = following(followSubscription, context)
        return found === undefined ? null : toHex(encodeHeader(pinnedHeader(found, block)))
      },
    }),
    defineCall({
      name: 'chainHead_v1_body',
      params: target,
      handle({ followSubscription, hash: block }, context) {
        const found = following(followSubscription, context)
        if (found === undefined) return LIMIT_REACHED
        pinnedHeader(found, block)
        if (found.operations.available < 1) return LIMIT_REACHED
        return start(found, block, 1, {}, async (operation) => {
          const body = await blocks.body(block)
          if (body === undefined) operation.notify('operationInaccessible')
          else operation.notify('operationBodyDone', { value: body.map(toHex) })
        })
      },
    }),
    defineCall({
      name: 'chainHead_v1_call',
      params: { ...target, function: functionName, callParameters: hexBytes },
      handle({ followSubscription, hash: block, function: name, callParameters }, context) {
        const found = following(followSubscription, context)
        if (found === undefined) return LIMIT_REACHED
        const header = pinnedHeader(found, block)
        if (!found.follow.withRuntime) {
          throw new RpcError(CODE.followWithoutRuntime, 'The runtime is only available where withRuntime is true')
        }
        if (found.operations.available < 1) return LIMIT_REACHED
        return start(found, block, 1, {}, async (operation) => {
          const output = await runtime.call(header.stateRoot, name, callParameters, { timeoutMs: options.callTimeoutMs, lane: 'query', remembered: true })
          operation.notify('operationCallDone', { output: toHex(output) })
        })
      },
    }),
    defineCall({
      name: 'chainHead_v1_storage',
      params: { ...target, items: z.array(storageItem).max(MAX_ITEMS), childTrie: optional(hexBytes) },
      handle({ followSubscription, hash: block, items, childTrie }, context) {
        const found = following(followSubscription, context)
        if (found === undefined) return LIMIT_REACHED
        const header = pinnedHeader(found, block)
        const accepted = items.slice(0, found.operations.available)
        if (accepted.length === 0 && items.length > 0) return LIMIT_REACHED
        const more = { discardedItems: items.length - accepted.length }
        const scope = { storage, trie, stateRoot: header.stateRoot, childKey: childTrie }
        return start(found, block, accepted.length, more, (operation) => runStorage(operation, scope, accepted))
      },
    }),
    defineCall({
      name: 'chainHead_v1_continue',
      params: { followSubscription: z.string(), operationId: z.string() },
      handle({ followSubscription, operationId }, context) {
        following(followSubscription, context)?.operations.resume(operationId)
        return null
      },
    }),
    defineCall({
      name: 'chainHead_v1_stopOperation',
      params: { followSubscription: z.string(), operationId: z.string() },
      handle({ followSubscription, operationId }, context) {
        following(followSubscription, context)?.operations.stop(operationId)
        return null
      },
    }),
    defineCall({
      name: 'chainHead_v1_unpin',
      params: { followSubscription: z.string(), hashOrHashes: z.union([hash, z.array(hash)]) },
      handle({ followSubscription, hashOrHashes }, context) {
        const hashes = typeof hashOrHashes === 'string' ? [hashOrHashes] : hashOrHashes
        const found = following(followSubscription, context)
        if (found === undefined) return null
        if (new Set(hashes).size !== hashes.length) throw new RpcError(CODE.duplicateHashes, 'Received duplicate block hashes')
        for (const block of hashes) pinnedHeader(found, block)
        found.follow.unpin(hashes)
        return null
      },
    }),
  ]
}
