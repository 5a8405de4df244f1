/** Blocks as the service API says them, and which one a request means. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Hash } from '../../base/bytes.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import type { BlockSummary, Position } from '../../manager/kinds/kind.ts'
import { timeOf } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { BlockHeaderSchema, BlockSummarySchema } from '../proto/nodestead/v1/chain_pb.ts'
import type { BlockId } from '../proto/nodestead/v1/common_pb.ts'

type Header = NonNullable<ReturnType<ChainNode['blocks']['header']>>

export interface FoundBlock extends Position {
  readonly header: Header
}

/** The block that is meant; the best one where nothing is said. Throws SERVICE_BLOCK_UNKNOWN. */
export function blockOf({ blocks }: Pick<ChainNode, 'blocks'>, at: BlockId | undefined): FoundBlock {
  const hash = hashOf(blocks, at?.id ?? { case: undefined })
  const header = hash === undefined ? undefined : blocks.header(hash)
  if (hash !== undefined && header !== undefined) return { hash, number: header.number, header }
  throw new ServiceError('SERVICE_BLOCK_UNKNOWN', 'This node does not have that block.', { hint: 'It belongs to another network, was not synced yet, or was pruned.' })
}

function hashOf(blocks: ChainNode['blocks'], id: BlockId['id']): Hash | undefined {
  switch (id.case) {
    case 'hash':
      return id.value.toLowerCase() as Hash
    case 'number':
      return blocks.hashByNumber(id.value)
    case 'finalized':
      return id.value ? blocks.finalized().hash : blocks.best().hash
    case undefined:
      return blocks.best().hash
  }
}

export function position({ hash, number }: Position): Position {
  return { hash, number }
}

export function blockHeader(node: Pick<ChainNode, 'timeOf'>, { hash, number, header }: FoundBlock): MessageInitShape<typeof BlockHeaderSchema> {
  const { parentHash, stateRoot, extrinsicsRoot } = header
  return { block: { hash, number }, parentHash, stateRoot, extrinsicsRoot, time: timeOf(node.timeOf(header)) }
}

export function blockSummary({ hash, number, parentHash, author, extrinsics, time, finalized }: BlockSummary): MessageInitShape<typeof BlockSummarySchema> {
  return { block: { hash, number }, parentHash, author: author ?? '', extrinsics, time: timeOf(time), finalized }
}
