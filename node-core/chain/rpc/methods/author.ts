/** `author_*`: into the pool, and what became of it. */
import { z } from 'zod'
import { toHex, type Hash } from '../../../base/bytes.ts'
import type { RpcPool, TransactionStatus } from '../types.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { leadingExtrinsic } from '../extrinsic-param.ts'
import { transactionStatusJson } from '../json.ts'
import { defineCall, defineSubscription, type Method } from '../method.ts'
import { hash, hexBytes } from '../params.ts'
import type { Subscription } from '../subscription.ts'

/** Extrinsics that one call may remove. */
const MAX_REMOVED = 10_000

/** Hands every status to `tell` until there are no more or the subscription ends; then ends the subscription. */
export async function relayStatuses(
  statuses: AsyncIterable<TransactionStatus>,
  subscription: Subscription,
  tell: (status: TransactionStatus) => void,
  logger: Logger,
): Promise<void> {
  try {
    for await (const status of statuses) {
      if (subscription.ended) break
      tell(status)
    }
  } catch (error) {
    if (!subscription.ended) logger.warn('a watched transaction can no longer be followed', { reason: errorMessage(error) })
  } finally {
    subscription.end()
  }
}

export function authorMethods(pool: RpcPool, logger: Logger): Method[] {
  const extrinsicOrHash = z.union([
    z.strictObject({ hash }).transform((entry) => entry.hash),
    z.strictObject({ extrinsic: hexBytes }).transform((entry): Hash => blake2Hash(leadingExtrinsic(entry.extrinsic))),
  ])
  return [
    defineCall({
      name: 'author_submitExtrinsic',
      params: { extrinsic: hexBytes },
      handle: ({ extrinsic }) => pool.submit(leadingExtrinsic(extrinsic), 'external'),
    }),
    defineCall({
      name: 'author_pendingExtrinsics',
      params: {},
      handle: () => pool.ready().map(({ extrinsic }) => toHex(extrinsic)),
    }),
    defineCall({
      name: 'author_removeExtrinsic',
      params: { bytesOrHash: z.array(extrinsicOrHash).max(MAX_REMOVED) },
      unsafe: true,
      handle: ({ bytesOrHash }) => pool.remove(bytesOrHash),
    }),
    ...defineSubscription({
      subscribe: ['author_submitAndWatchExtrinsic'],
      unsubscribe: ['author_unwatchExtrinsic'],
      notification: 'author_extrinsicUpdate',
      params: { bytes: hexBytes },
      async open({ bytes }, subscription) {
        const { statuses } = await pool.submitAndWatch(leadingExtrinsic(bytes), subscription.signal)
        return () => void relayStatuses(statuses, subscription, (status) => subscription.notify(transactionStatusJson(status)), logger)
      },
    }),
  ]
}
