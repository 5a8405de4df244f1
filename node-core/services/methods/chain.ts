/** `nodestead.v1.Chain`: blocks, what is final, state, and what happened. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { findChain, requireKindOf } from '../../manager/asking.ts'
import type { BlockSummary } from '../../manager/kinds/kind.ts'
import { endOf, networkOf, timeOf, type ServiceContext } from '../context.ts'
import type { BlockSummarySchema, Chain, WatchBlocksResponseSchema } from '../proto/nodestead/v1/chain_pb.ts'
import { follow } from '../streams/feed.ts'
import type { BlockEvent } from '../streams/feeds.ts'

export function chainMethods(ctx: ServiceContext): ServiceImpl<typeof Chain> {
  const { manager, feeds } = ctx
  return {
    head: (request) => {
      const { blocks } = findChain(manager, networkOf(ctx, request).id)
      return { best: blocks.best(), finalized: blocks.finalized(), genesisHash: blocks.genesisHash }
    },
    async *watchBlocks(request, context) {
      const { id, status } = networkOf(ctx, request)
      requireKindOf(manager, id, 'chain')
      const feed = feeds.blocks(id)
      const place = request.cursor === '' ? feed.next : feed.placeOf(request.cursor)
      if (request.cursor === '') {
        const cursor = feed.cursorOf(place)
        if (status.newest !== undefined) yield { cursor, event: { case: 'best', value: status.newest } }
        if (status.settled !== undefined) yield { cursor, event: { case: 'finalized', value: status.settled } }
      }
      for await (const { cursor, event } of follow(feed, place, endOf(context))) yield { cursor, event: told(event) }
    },
  }
}

function told(event: BlockEvent): NonNullable<MessageInitShape<typeof WatchBlocksResponseSchema>['event']> {
  return event.kind === 'imported' ? { case: 'imported', value: blockSummary(event.block) } : { case: event.kind, value: event.position }
}

function blockSummary({ hash, number, parentHash, author, extrinsics, time, finalized }: BlockSummary): MessageInitShape<typeof BlockSummarySchema> {
  return { block: { hash, number }, parentHash, author: author ?? '', extrinsics, time: timeOf(time), finalized }
}
