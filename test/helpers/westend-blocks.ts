/** Westend's first 256 blocks, as a peer of the real network sent them, from the folder beside the project. */
import { fromHex } from '../../node-core/base/bytes.ts'
import { decodeBlockResponse } from '../../node-core/chain/protocols/requests/sync-messages.ts'
import type { Block } from '../../node-core/chain/scale/block.ts'
import { decodeHeader } from '../../node-core/chain/scale/header.ts'
import { readVector } from './vectors.ts'

export const WESTEND_BLOCKS = 'westend-blocks-1-256.yaml'
const PART = 128

/** Upwards; the file has the first half downwards. */
export function westendBlocks(): Block[] {
  return [...blocksOf('blocks_1_to_128'), ...blocksOf('blocks_129_to_256')].sort((a, b) => a.header.number - b.header.number)
}

/** The blocks of one answer in the file, by its name there. */
function blocksOf(name: string): Block[] {
  const answer = new RegExp(`^${name}: (0x[0-9a-f]+)$`, 'm').exec(readVector(WESTEND_BLOCKS))?.[1] ?? ''
  return decodeBlockResponse(fromHex(answer), PART).map(({ header, body }) => ({ header: decodeHeader(header), body }))
}
