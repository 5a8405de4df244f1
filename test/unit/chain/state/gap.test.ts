import { describe, expect, it } from 'vitest'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { anchorDatabase } from './anchored.ts'
import { genesis, genesisHash, makeBlock, makeChain } from './chain-blocks.ts'
import { startService, temporaryFolder } from './service-fixture.ts'

const HEIGHT = 10

describe('a chain that begins at a recent block', () => {
  it('says which blocks are missing, and goes on above them', async () => {
    const folder = await temporaryFolder()
    const chain = makeChain(genesis.header, HEIGHT)
    const anchor = chain.at(-1) as ImportedBlock
    await anchorDatabase(folder, anchor)
    const service = await startService(folder)
    const { blocks } = service
    expect([blocks.gap(), blocks.best(), blocks.finalized().hash]).toEqual([{ from: 1, to: 9 }, { hash: anchor.hash, number: HEIGHT }, anchor.hash])
    expect([0, 1, 9, HEIGHT].map((number) => blocks.hashByNumber(number))).toEqual([genesisHash, undefined, undefined, anchor.hash])
    const next = makeBlock(anchor.header)
    await service.writer.importBlock(next)
    await service.writer.finalize(next.hash)
    expect([blocks.gap(), blocks.finalized().number]).toEqual([{ from: 1, to: 9 }, HEIGHT + 1])
  })

  it('has no gap where it begins at genesis, or right above it', async () => {
    expect((await startService()).blocks.gap()).toBeUndefined()
    const folder = await temporaryFolder()
    await anchorDatabase(folder, makeBlock(genesis.header))
    expect((await startService(folder)).blocks.gap()).toBeUndefined()
  })
})
