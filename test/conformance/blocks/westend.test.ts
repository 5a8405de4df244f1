/** Westend's first 256 blocks, as a peer of the real network sent them. Read from the folder beside the project; skipped where it is absent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../../node-core/base/bytes.ts'
import { decodeBlockResponse } from '../../../node-core/network/requests/sync-messages.ts'
import type { Block } from '../../../node-core/scale/block.ts'
import { decodeHeader } from '../../../node-core/scale/header.ts'
import { readChainFile } from '../../helpers/chain-files.ts'
import { DevNode } from '../../helpers/dev-node.ts'
import { hasVector, readVector } from '../../helpers/vectors.ts'

const VECTOR = 'westend-blocks-1-256.yaml'
const PART = 128

/** The blocks of one answer in the file, by its name there. */
function blocksOf(name: string): Block[] {
  const answer = new RegExp(`^${name}: (0x[0-9a-f]+)$`, 'm').exec(readVector(VECTOR))?.[1] ?? ''
  return decodeBlockResponse(fromHex(answer), PART).map(({ header, body }) => ({ header: decodeHeader(header), body }))
}

describe.skipIf(!hasVector(VECTOR))(`blocks 1 to 256 of Westend (skipped where ${VECTOR} is missing)`, () => {
  let follower: DevNode

  beforeAll(async () => {
    follower = await DevNode.start({ chain: 'westend', validator: false, spec: { ...readChainFile('westend'), bootNodes: [] } })
  }, 120_000)

  afterAll(() => follower.stop())

  it('are taken one after another, each leading to the state root in its header', async () => {
    // The first answer was asked for downwards.
    const blocks = [...blocksOf('blocks_1_to_128'), ...blocksOf('blocks_129_to_256')].sort((a, b) => a.header.number - b.header.number)
    expect(blocks.map(({ header }) => header.number)).toEqual(Array.from({ length: 256 }, (_, index) => index + 1))
    const { importer } = follower.node.core
    const outcomes = await Promise.all(blocks.map((block) => importer.importBlock(block, 'sync')))
    expect(outcomes.filter(({ kind }) => kind !== 'imported')).toEqual([])
    const { blocks: state, storage } = follower.node
    expect(state.best().number).toBe(256)
    expect(blocks.filter(({ header }) => !storage.has(header.stateRoot))).toEqual([])
    expect(follower.problems()).toEqual([])
  }, 120_000)
})
