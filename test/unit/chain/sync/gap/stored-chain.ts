/** A chain on the tests' genesis whose bodies are those of its headers, for a database that begins at its last block. Needs no test runner. */
import { toHex } from '../../../../../node-core/base/bytes.ts'
import { headerHash, type Header } from '../../../../../node-core/chain/scale/header.ts'
import type { ImportedBlock } from '../../../../../node-core/chain/state/types.ts'
import { orderedTrieRoot } from '../../../../../node-core/chain/trie/build.ts'
import type { BlockData, BlockRequest } from '../../../../../node-core/chain/sync/types.ts'
import { genesis, makeBlock } from '../../state/chain-blocks.ts'

export type StoredBlock = Pick<ImportedBlock, 'hash' | 'header' | 'body'>

/** Blocks 1 to `height`, and the last one with its state. */
export function storedChain(height: number): { blocks: StoredBlock[]; anchor: ImportedBlock } {
  const blocks: StoredBlock[] = []
  const { changes } = makeBlock(genesis.header)
  for (let parent: Header = genesis.header; blocks.length < height; ) {
    const number = parent.number + 1
    const body = [Uint8Array.of(8, number & 0xff, number >> 8)]
    const header: Header = { parentHash: headerHash(parent), number, stateRoot: changes.stateRoot, extrinsicsRoot: toHex(orderedTrieRoot(body, 1)), digest: [] }
    blocks.push({ hash: headerHash(header), header, body })
    parent = header
  }
  return { blocks, anchor: { ...(blocks.at(-1) as StoredBlock), changes, isBest: true } }
}

/** As an honest peer answers. */
export function answerFrom(blocks: readonly StoredBlock[], { from, maxBlocks }: Pick<BlockRequest, 'from' | 'maxBlocks'>): BlockData[] {
  const start = blocks.findIndex(({ hash }) => hash === from)
  return start < 0 ? [] : blocks.slice(Math.max(0, start + 1 - maxBlocks), start + 1).reverse().map((block) => ({ ...block, justifications: undefined }))
}
