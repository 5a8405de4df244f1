/**
 * Every final block in order: read from the database at the pace at which the client takes them, so that nothing is queued for it. A cursor names the height that
 * comes next, which lasts over restarts of the node.
 */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { findChain } from '../../manager/asking.ts'
import type { ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { WatchFinalizedRequest, WatchFinalizedResponseSchema } from '../proto/nodestead/v1/chain_pb.ts'
import { blockHeader } from './blocks.ts'
import { decodedBlock } from './values.ts'

const HIGHEST = 0xffff_ffff

export async function* finalizedBlocks(ctx: ServiceContext, network: string, { cursor, from, decoded }: WatchFinalizedRequest, signal: AbortSignal): AsyncGenerator<MessageInitShape<typeof WatchFinalizedResponseSchema>, void, undefined> {
  let next = cursor === '' ? (from ?? findChain(ctx.manager, network).blocks.finalized().number) : heightOf(cursor)
  const feed = ctx.feeds.blocks(network)
  for (;;) {
    const place = feed.next
    const node = findChain(ctx.manager, network)
    const head = node.blocks.finalized().number
    while (next <= head) {
      signal.throwIfAborted()
      const hash = node.blocks.hashByNumber(next)
      const header = hash === undefined ? undefined : node.blocks.header(hash)
      if (hash === undefined || header === undefined) {
        throw new ServiceError('SERVICE_BLOCK_UNKNOWN', `This node does not have the final block ${next}.`, { hint: 'It begins later, or pruned it: begin with a higher block.', data: { number: next } })
      }
      const words = decoded ? await node.explorer.block(hash) : undefined
      yield { cursor: `h-${next + 1}`, header: blockHeader(node, { hash, number: next, header }), ...(words === undefined ? {} : { decoded: decodedBlock(words) }) }
      next++
      if (ctx.manager.node(network) !== node) break
    }
    await feed.wait(place, signal)
    signal.throwIfAborted()
  }
}

/** Throws SERVICE_CURSOR_INVALID. */
function heightOf(cursor: string): number {
  const height = Number(/^h-(\d{1,10})$/.exec(cursor)?.[1] ?? Number.NaN)
  if (height <= HIGHEST) return height
  throw new ServiceError('SERVICE_CURSOR_INVALID', 'This is no cursor of a stream of final blocks.', { hint: 'Pass on the cursor of the last message as it was.' })
}
