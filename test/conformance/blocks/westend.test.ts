/** Westend's first 256 blocks, as a peer of the real network sent them. Read from the folder beside the project; skipped where it is absent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChainFile } from '../../helpers/chain-files.ts'
import { DevNode } from '../../helpers/dev-node.ts'
import { hasVector } from '../../helpers/vectors.ts'
import { WESTEND_BLOCKS, westendBlocks } from '../../helpers/westend-blocks.ts'

describe.skipIf(!hasVector(WESTEND_BLOCKS))(`blocks 1 to 256 of Westend (skipped where ${WESTEND_BLOCKS} is missing)`, () => {
  let follower: DevNode

  beforeAll(async () => {
    follower = await DevNode.start({ chain: 'westend', validator: false, sync: 'full', spec: { ...readChainFile('westend'), bootNodes: [] } })
  }, 120_000)

  afterAll(() => follower.stop())

  it('are taken one after another, each leading to the state root in its header', async () => {
    const blocks = westendBlocks()
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
