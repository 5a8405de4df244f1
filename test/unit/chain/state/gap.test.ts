import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { randomFrom } from '../sync/world.ts'
import { anchorDatabase } from './anchored.ts'
import { genesis, genesisHash, makeBlock, makeChain } from './chain-blocks.ts'
import { makeService, startService, temporaryFolder } from './service-fixture.ts'

const HEIGHT = 10

/** `chain[n]` is block n + 1; the last one is the anchor. */
async function anchored(height = HEIGHT): Promise<{ service: StateService; chain: ImportedBlock[]; folder: string }> {
  const folder = await temporaryFolder()
  const chain = makeChain(genesis.header, height)
  await anchorDatabase(folder, chain.at(-1) as ImportedBlock)
  return { service: await startService(folder), chain, folder }
}

/** Blocks `from` to `to`, the higher one first. */
const downwards = (chain: readonly ImportedBlock[], from: number, to: number): ImportedBlock[] => chain.slice(to - 1, from).reverse()

describe('a chain that begins at a recent block', () => {
  it('says which blocks are missing, and goes on above them', async () => {
    const { service, chain } = await anchored()
    const anchor = chain.at(-1) as ImportedBlock
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

  it('answers for what lies around the gap, and says of what lies in it that it is not here', async () => {
    const { service, chain } = await anchored()
    const { blocks } = service
    const anchor = chain.at(-1) as ImportedBlock
    const inside = (chain[4] as ImportedBlock).hash
    expect([blocks.header(inside), await blocks.body(inside), blocks.hasBlock(inside), blocks.hashByNumber(5)]).toEqual([undefined, undefined, false, undefined])
    expect(blocks.children(genesisHash)).toEqual([])
    expect(blocks.isAncestor(genesisHash, anchor.hash)).toBe(true)
    expect(blocks.isAncestor(anchor.hash, genesisHash)).toBe(false)
    expect(() => blocks.route(genesisHash, anchor.hash)).toThrow(expect.objectContaining({ code: 'STATE_MISSING_BLOCKS', data: { from: 1, to: 9 } }))
    expect(() => blocks.isAncestor(inside, anchor.hash)).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_BLOCK' }))
  })
})

describe('filling the gap', () => {
  it('stores blocks downwards, with the mark of what is missing, until nothing is', async () => {
    const { service, chain, folder } = await anchored()
    const { blocks } = service
    await service.filling.fillGap(downwards(chain, 9, 6))
    expect([blocks.gap(), blocks.hashByNumber(6), blocks.hashByNumber(5)]).toEqual([{ from: 1, to: 5 }, (chain[5] as ImportedBlock).hash, undefined])
    expect([blocks.header((chain[6] as ImportedBlock).hash)?.number, await blocks.body((chain[6] as ImportedBlock).hash)]).toEqual([7, (chain[6] as ImportedBlock).body])
    expect(blocks.route((chain[6] as ImportedBlock).hash, (chain[9] as ImportedBlock).hash).map(({ number }) => number)).toEqual([8, 9, 10])
    await service.stop()
    const again = await startService(folder)
    expect(again.blocks.gap()).toEqual({ from: 1, to: 5 })
    await again.filling.fillGap(downwards(chain, 5, 1))
    expect(again.blocks.gap()).toBeUndefined()
    expect(again.blocks.route(genesisHash, (chain[9] as ImportedBlock).hash).length).toBe(HEIGHT)
    expect(again.blocks.children(genesisHash)).toEqual([{ hash: (chain[0] as ImportedBlock).hash, number: 1 }])
    await expect(again.filling.fillGap(downwards(chain, 1, 1))).rejects.toMatchObject({ code: 'STATE_INVALID_BLOCK' })
  })

  it('keeps justifications that are given, and those that joining left', async () => {
    const { service, chain } = await anchored()
    const justification = { engine: 'FRNK', data: Uint8Array.of(1, 2, 3) } as const
    const [nine, eight] = downwards(chain, 9, 8) as [ImportedBlock, ImportedBlock]
    await service.filling.fillGap([nine, { ...eight, justifications: [justification] }])
    expect([await service.blocks.justifications(nine.hash), await service.blocks.justifications(eight.hash)]).toEqual([undefined, [justification]])
  })

  it('refuses what does not hang together, and changes nothing', async () => {
    const { service, chain } = await anchored()
    const [nine, eight, seven] = downwards(chain, 9, 7) as [ImportedBlock, ImportedBlock, ImportedBlock]
    const other = makeBlock(seven.header, 'other')
    const wrong = [[eight, seven], [nine, seven], [nine, other], [nine, nine], [{ ...nine, header: other.header }], [{ ...nine, header: { ...nine.header, stateRoot: genesisHash } }], [{ ...nine, hash: eight.hash }]]
    for (const blocks of wrong) await expect(service.filling.fillGap(blocks)).rejects.toMatchObject({ code: 'STATE_INVALID_BLOCK' })
    await service.filling.fillGap([])
    expect([service.blocks.gap(), service.blocks.hashByNumber(9)]).toEqual([{ from: 1, to: 9 }, undefined])
  })

  it('gives the block above the gap its body, where that was not to be had', async () => {
    const { service, chain } = await anchored()
    const anchor = chain.at(-1) as ImportedBlock
    const body = [Uint8Array.of(4, 99)]
    await service.filling.fillGap([{ ...anchor, body }])
    expect([await service.blocks.body(anchor.hash), service.blocks.gap()]).toEqual([body, { from: 1, to: 9 }])
    await service.filling.fillGap([{ ...anchor, body }, ...downwards(chain, 9, 9)])
    expect(service.blocks.gap()).toEqual({ from: 1, to: 8 })
  })

  it('says that the chain is another where it ends at another genesis', async () => {
    const folder = await temporaryFolder()
    const elsewhere = makeChain({ ...genesis.header, stateRoot: `0x${'ab'.repeat(32)}` }, 5)
    await anchorDatabase(folder, elsewhere.at(-1) as ImportedBlock)
    const service = await startService(folder)
    await service.filling.fillGap(downwards(elsewhere, 4, 2))
    await expect(service.filling.fillGap(downwards(elsewhere, 1, 1))).rejects.toMatchObject({ code: 'STATE_WRONG_GENESIS', data: { expected: genesisHash } })
    expect(service.blocks.gap()).toEqual({ from: 1, to: 1 })
  })
})

describe('old blocks', () => {
  const oldBlocks = (keep: number | undefined) => ({ keep, keepsJustification: ({ number }: { number: number }) => number % 10 === 0 })
  const justification = { engine: 'FRNK', data: Uint8Array.of(7) } as const

  /** Imports blocks and makes each final. */
  async function grow(service: StateService, chain: readonly ImportedBlock[]): Promise<void> {
    for (const block of chain) {
      await service.writer.importBlock(block)
      await service.writer.finalize(block.hash, justification)
    }
  }

  async function kept(service: StateService, chain: readonly { readonly hash: Hash }[]): Promise<{ bodies: number; justifications: number; headers: number }> {
    const [bodies, justifications] = await Promise.all([
      Promise.all(chain.map(({ hash }) => service.blocks.body(hash))), Promise.all(chain.map(({ hash }) => service.blocks.justifications(hash))),
    ])
    const there = (things: readonly unknown[]): number => things.filter((thing) => thing !== undefined).length
    return { bodies: there(bodies), justifications: there(justifications), headers: there(chain.map(({ hash }) => service.blocks.header(hash))) }
  }

  it('lose their bodies, and those justifications that nobody needs, as finality goes on', async () => {
    const folder = await temporaryFolder()
    const service = makeService(folder, { oldBlocks: oldBlocks(0) })
    await service.start()
    const chain = makeChain(genesis.header, 300)
    await grow(service, chain)
    // 256 are kept in any case; of the 44 others the 10th, 20th, 30th and 40th need their justifications.
    expect(await kept(service, chain)).toEqual({ bodies: 256, justifications: 260, headers: 300 })
    expect([await service.blocks.body((chain[43] as ImportedBlock).hash), (await service.blocks.body((chain[44] as ImportedBlock).hash))?.length]).toEqual([undefined, 1])
  })

  it('are all kept where that is asked for, and go by and by when it is not any more', async () => {
    const folder = await temporaryFolder()
    const chain = makeChain(genesis.header, 920)
    const archive = makeService(folder, { oldBlocks: oldBlocks(undefined) })
    await archive.start()
    for (const block of chain.slice(0, 918)) await archive.writer.importBlock(block)
    await archive.writer.finalize((chain[917] as ImportedBlock).hash, justification)
    expect((await kept(archive, chain.slice(0, 918))).bodies).toBe(918)
    await archive.stop()
    const pruned = makeService(folder, { oldBlocks: oldBlocks(300) })
    await pruned.start()
    await grow(pruned, chain.slice(918, 919))
    expect((await kept(pruned, chain.slice(0, 919))).bodies).toBe(919 - 512)
    await grow(pruned, chain.slice(919))
    expect(await kept(pruned, chain)).toMatchObject({ bodies: 300, headers: 920 })
  })

  it('begin above the gap, and what is filled in later goes in its time', async () => {
    const folder = await temporaryFolder()
    const chain = makeChain(genesis.header, 600)
    await anchorDatabase(folder, chain[299] as ImportedBlock)
    const service = makeService(folder, { oldBlocks: oldBlocks(300) })
    await service.start()
    await grow(service, chain.slice(300, 400))
    await service.filling.fillGap(downwards(chain, 299, 101))
    expect((await kept(service, chain.slice(100, 400))).bodies).toBe(300)
    await grow(service, chain.slice(400))
    expect(await kept(service, chain)).toMatchObject({ bodies: 300, headers: 500 })
    expect(service.blocks.gap()).toEqual({ from: 1, to: 100 })
  })
})

it('a stop between any two batches leaves blocks and mark that agree', async () => {
  const random = randomFrom(11)
  const { chain, folder, service: first } = await anchored(60)
  await first.stop()
  for (let round = 0; ; round++) {
    const service = await startService(folder)
    const gap = service.blocks.gap()
    for (let number = 1; number <= 60; number++) {
      const isMissing = gap !== undefined && number <= gap.to && number >= gap.from
      const { hash } = chain[number - 1] as ImportedBlock
      expect([service.blocks.hashByNumber(number), service.blocks.hasBlock(hash)]).toEqual([isMissing ? undefined : hash, !isMissing])
    }
    if (gap === undefined) break
    expect(round).toBeLessThan(60)
    // Not waited for: the service stops with the write under way.
    const writing = service.filling.fillGap(downwards(chain, gap.to, Math.max(1, gap.to - Math.floor(random() * 3))))
    await service.stop()
    await writing
  }
})
