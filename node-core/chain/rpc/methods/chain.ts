/** `chain_*`: blocks, and being told of new ones. */
import { z } from 'zod'
import type { Hash } from '../../../base/bytes.ts'
import { headerJson } from '../json.ts'
import { defineCall, defineSubscription, type Method } from '../method.ts'
import { blockNumber, hash, optional } from '../params.ts'
import type { Subscription } from '../subscription.ts'
import type { MethodDeps } from '../types.ts'
import { BlockTexts } from './block-texts.ts'

/** How many heights one `chain_getBlockHash` may ask for. */
const MAX_HEIGHTS = 10_000

export function chainMethods({ blocks, events }: Pick<MethodDeps, 'blocks' | 'events'>): Method[] {
  const at = { hash: optional(hash) }
  const texts = new BlockTexts(blocks)
  const hashAt = (number: number): Hash | null => blocks.hashByNumber(number) ?? null
  const finalizedHead = (): Hash => blocks.finalized().hash

  function notifyHeader(subscription: Subscription, block: Hash): void {
    const header = blocks.header(block)
    if (header !== undefined) subscription.notify(headerJson(header))
  }

  return [
    defineCall({
      name: 'chain_getHeader',
      params: at,
      handle(params) {
        const header = blocks.header(params.hash ?? blocks.best().hash)
        return header === undefined ? null : headerJson(header)
      },
    }),
    defineCall({
      name: 'chain_getBlock',
      params: at,
      handle: (params) => texts.of(params.hash ?? blocks.best().hash),
    }),
    defineCall({
      name: 'chain_getBlockHash',
      aliases: ['chain_getHead'],
      params: { height: optional(z.union([z.array(blockNumber).max(MAX_HEIGHTS), blockNumber])) },
      handle({ height }) {
        if (height === undefined) return blocks.best().hash
        return Array.isArray(height) ? height.map(hashAt) : hashAt(height)
      },
    }),
    defineCall({ name: 'chain_getFinalizedHead', aliases: ['chain_getFinalisedHead'], params: {}, handle: finalizedHead }),
    ...defineSubscription({
      subscribe: ['chain_subscribeNewHeads', 'chain_subscribeNewHead', 'subscribe_newHead'],
      unsubscribe: ['chain_unsubscribeNewHeads', 'chain_unsubscribeNewHead', 'unsubscribe_newHead'],
      notification: 'chain_newHead',
      params: {},
      open: (_params, subscription) => () => {
        subscription.onEnd(events.on('bestChanged', ({ best }) => notifyHeader(subscription, best.hash)))
        notifyHeader(subscription, blocks.best().hash)
      },
    }),
    ...defineSubscription({
      subscribe: ['chain_subscribeAllHeads'],
      unsubscribe: ['chain_unsubscribeAllHeads'],
      notification: 'chain_allHead',
      params: {},
      open: (_params, subscription) => () => {
        subscription.onEnd(events.on('imported', ({ header }) => subscription.notify(headerJson(header))))
        notifyHeader(subscription, blocks.best().hash)
      },
    }),
    ...defineSubscription({
      subscribe: ['chain_subscribeFinalizedHeads', 'chain_subscribeFinalisedHeads'],
      unsubscribe: ['chain_unsubscribeFinalizedHeads', 'chain_unsubscribeFinalisedHeads'],
      notification: 'chain_finalizedHead',
      params: {},
      open: (_params, subscription) => () => {
        // Every finalized block is told, oldest first, also where one justification finalizes several.
        const tell = ({ finalized }: { finalized: readonly { hash: Hash }[] }): void => {
          for (const block of finalized) notifyHeader(subscription, block.hash)
        }
        subscription.onEnd(events.on('finalized', tell))
        notifyHeader(subscription, finalizedHead())
      },
    }),
  ]
}
