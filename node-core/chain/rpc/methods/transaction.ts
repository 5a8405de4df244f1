/** `transaction_v1_*` and `transactionWatch_v1_*`: into the pool, by the JSON-RPC interface specification. */
import { z } from 'zod'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { asNodeError, invalidParams, toRpcError } from '../errors.ts'
import { leadingExtrinsic } from '../extrinsic-param.ts'
import { Answer, defineCall, requireConnection, type Method } from '../method.ts'
import { hexBytes } from '../params.ts'
import type { Subscription } from '../subscription.ts'
import type { BlockEvents, RpcPool, TransactionStatus } from '../types.ts'
import { relayStatuses } from './author.ts'

/** Transactions that one connection may broadcast at a time; the specification asks for 4 at least. */
const MAX_BROADCASTS = 16

const BROADCAST = 'transaction_v1_broadcast'
const WATCH_EVENT = 'transactionWatch_v1_watchEvent'

/** Why the pool may take later what it refused now. */
function mayBecomeValid(error: unknown): boolean {
  const refused = asNodeError(error)
  if (refused === undefined) return false
  if (refused.code === 'TX_INVALID') return refused.data.detail === 'Future' || refused.data.detail === 'ExhaustsResources'
  return ['TX_UNKNOWN', 'TX_TEMPORARILY_BANNED', 'TX_IMMEDIATELY_DROPPED'].includes(refused.code)
}

/** What a status means to a watcher; undefined where it means nothing. */
export function watchEvent(status: TransactionStatus): Readonly<Record<string, unknown>> | undefined {
  switch (status.kind) {
    case 'broadcast':
      return undefined
    case 'future':
    case 'ready':
      return { event: 'validated' }
    case 'inBlock':
      return { event: 'bestChainBlockIncluded', block: { hash: status.block, index: status.index } }
    case 'retracted':
      return { event: 'bestChainBlockIncluded', block: null }
    case 'finalized':
      return { event: 'finalized', block: { hash: status.block, index: status.index } }
    case 'finalityTimeout':
      return { event: 'dropped', error: 'the block that includes it takes too long to be finalized' }
    case 'dropped':
      return { event: 'dropped', error: 'the pool dropped it' }
    case 'usurped':
      return { event: 'invalid', error: 'another transaction of the same account took its place' }
    case 'invalid':
      return { event: 'invalid', error: 'it is no longer valid' }
  }
}

/** What a refusal of the pool means to a watcher. */
function refusalEvent(error: unknown): Readonly<Record<string, unknown>> {
  const { error: shown } = toRpcError(error)
  const text = typeof shown.data === 'string' ? `${shown.message}: ${shown.data}` : shown.message
  const code = asNodeError(error)?.code ?? ''
  if (code === 'TX_IMMEDIATELY_DROPPED' || code === 'TX_TEMPORARILY_BANNED') return { event: 'dropped', error: text }
  return { event: code.startsWith('TX_') ? 'invalid' : 'error', error: text }
}

export function transactionMethods(pool: RpcPool, events: BlockEvents, logger: Logger): Method[] {
  /** Keeps offering the transaction, with every new best block, until the pool takes it or never will. */
  function broadcast(extrinsic: Uint8Array, subscription: Subscription): void {
    let busy = false
    let settled = false
    const offer = async (): Promise<void> => {
      if (busy || settled) return
      busy = true
      try {
        await pool.submit(extrinsic, 'external')
        settled = true
      } catch (error) {
        // The specification wants silence towards the client.
        settled = !mayBecomeValid(error)
        logger.debug('a transaction to broadcast was refused', { reason: errorMessage(error), final: settled })
      } finally {
        busy = false
      }
    }
    subscription.onEnd(events.on('bestChanged', () => void offer()))
    void offer()
  }

  async function watch(extrinsic: Uint8Array, subscription: Subscription): Promise<void> {
    try {
      const { statuses } = await pool.submitAndWatch(extrinsic, subscription.signal)
      await relayStatuses(
        statuses,
        subscription,
        (status) => {
          const event = watchEvent(status)
          if (event !== undefined) subscription.notify(event)
        },
        logger,
      )
    } catch (error) {
      subscription.notify(refusalEvent(error))
      subscription.end()
    }
  }

  return [
    defineCall({
      name: BROADCAST,
      params: { transaction: hexBytes },
      handle({ transaction }, context) {
        const connection = requireConnection(context)
        if (connection.countSubscriptions(BROADCAST) >= MAX_BROADCASTS) return null
        const subscription = connection.openSubscription(BROADCAST)
        return new Answer(subscription.id, () => broadcast(leadingExtrinsic(transaction), subscription))
      },
    }),
    defineCall({
      name: 'transaction_v1_stop',
      params: { operationId: z.string() },
      handle({ operationId }, context) {
        const subscription = requireConnection(context).subscription(operationId)
        if (subscription?.kind !== BROADCAST) throw invalidParams('operationId: no such broadcast')
        subscription.end()
        return null
      },
    }),
    defineCall({
      name: 'transactionWatch_v1_submitAndWatch',
      params: { transaction: hexBytes },
      handle({ transaction }, context) {
        const subscription = requireConnection(context).openSubscription(WATCH_EVENT)
        return new Answer(subscription.id, () => void watch(leadingExtrinsic(transaction), subscription))
      },
    }),
    defineCall({
      name: 'transactionWatch_v1_unwatch',
      params: { subscription: z.string() },
      handle({ subscription: id }, context) {
        const subscription = requireConnection(context).subscription(id)
        if (subscription?.kind !== WATCH_EVENT) throw invalidParams('subscription: no such watched transaction')
        subscription.end()
        return null
      },
    }),
  ]
}
