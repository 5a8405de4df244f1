/** `nodestead.v1.Chain`: blocks, what is final, state, and what happened. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { findChain, requireKindOf } from '../../manager/asking.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { endOf, networkOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { Chain, WatchBlocksResponseSchema } from '../proto/nodestead/v1/chain_pb.ts'
import type { BlockId } from '../proto/nodestead/v1/common_pb.ts'
import { follow } from '../streams/feed.ts'
import type { BlockEvent } from '../streams/feeds.ts'
import { blockHeader, blockOf, blockSummary, position, type FoundBlock } from './blocks.ts'
import { finalizedBlocks } from './finalized.ts'
import { decodedBlock } from './values.ts'

const USUAL_BLOCKS = 20
const USUAL_KEYS = 100

export function chainMethods(ctx: ServiceContext): ServiceImpl<typeof Chain> {
  const { manager, feeds } = ctx
  const chain = (request: { readonly network: string }): ChainNode => findChain(manager, networkOf(ctx, request).id)
  const meant = (request: { readonly network: string; readonly at?: BlockId | undefined }): { readonly node: ChainNode; readonly block: FoundBlock } => {
    const node = chain(request)
    return { node, block: blockOf(node, request.at) }
  }
  return {
    head: (request) => {
      const { blocks } = chain(request)
      return { best: blocks.best(), finalized: blocks.finalized(), genesisHash: blocks.genesisHash }
    },
    header: (request) => {
      const { node, block } = meant(request)
      return { header: blockHeader(node, block) }
    },
    block: async (request) => {
      const { node, block } = meant(request)
      const body = await node.blocks.body(block.hash)
      return { header: blockHeader(node, block), extrinsics: [...(body ?? [])] as Uint8Array<ArrayBuffer>[], hasBody: body !== undefined }
    },
    blocks: (request) => {
      const { id } = networkOf(ctx, request)
      requireKindOf(manager, id, 'chain')
      return { blocks: manager.latestBlocks(id, request.count === 0 ? USUAL_BLOCKS : request.count).map(blockSummary) }
    },
    finality: async (request) => {
      const { node: { blocks }, block } = meant(request)
      const head = blocks.finalized()
      const justifications = (await blocks.justifications(block.hash)) ?? []
      return {
        block: position(block), head,
        finalized: block.number <= head.number && blocks.hashByNumber(block.number) === block.hash,
        justifications: justifications.map(({ engine, data }) => ({ engine, encoded: data as Uint8Array<ArrayBuffer> })),
      }
    },
    state: (request) => {
      const { node, block } = meant(request)
      const values = node.queries.values(block.hash, request.keys)
      return { block: position(block), values: request.keys.map((key, index) => ({ key, ...(values[index] === undefined ? {} : { value: values[index] as Uint8Array<ArrayBuffer> }) })) }
    },
    stateKeys: (request) => {
      const { node, block } = meant(request)
      const keys = node.queries.keys(block.hash, request.prefix, request.count === 0 ? USUAL_KEYS : request.count, request.after.length === 0 ? undefined : request.after)
      return { block: position(block), keys: [...keys] as Uint8Array<ArrayBuffer>[] }
    },
    call: async (request) => {
      const { node, block } = meant(request)
      return { block: position(block), result: await node.queries.call(block.hash, request.function, request.arguments) }
    },
    runtimeVersion: async (request) => {
      const { node, block } = meant(request)
      const { specName, specVersion, implName, implVersion, transactionVersion } = await node.queries.version(block.hash)
      return { specName, specVersion, implName, implVersion, transactionVersion }
    },
    events: async (request) => {
      const { node, block } = meant(request)
      const found = await node.explorer.block(block.hash)
      if (found === undefined) throw new ServiceError('SERVICE_BLOCK_UNKNOWN', 'This node does not have that block any more.')
      return { block: decodedBlock(found) }
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
    watchFinalized: (request, context) => finalizedBlocks(ctx, networkOf(ctx, request).id, request, endOf(context)),
  }
}

function told(event: BlockEvent): NonNullable<MessageInitShape<typeof WatchBlocksResponseSchema>['event']> {
  return event.kind === 'imported' ? { case: 'imported', value: blockSummary(event.block) } : { case: event.kind, value: event.position }
}
