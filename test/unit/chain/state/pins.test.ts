/** Blocks that are held keep their state and body, against a model, and lose them when they are let go. */
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { Pins } from '../../../../node-core/chain/state/pins.ts'
import type { StatePruning } from '../../../../node-core/chain/state/pruning/mode.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { makeBlock, makeChain, genesis, genesisHash } from './chain-blocks.ts'
import { dice, Modelled, randomEdits } from './modelled.ts'
import { importAll, makeService, temporaryFolder } from './service-fixture.ts'

async function started(pruning: StatePruning, keep?: number): Promise<StateService> {
  const oldBlocks = { keep, keepsJustification: () => true }
  const service = makeService(await temporaryFolder(), { pruning, oldBlocks })
  await service.start()
  return service
}

describe('held blocks', () => {
  const ways: readonly StatePruning[] = ['archive-canonical', 1, 2, 5]
  it.each(ways.flatMap((pruning) => Array.from({ length: 8 }, (_, seed) => [pruning, seed] as const)))('keep their states with %s (seed %i)', async (pruning, seed) => {
    const random = dice(seed * 1000 + 11)
    const modelled = await Modelled.open(pruning)
    for (let step = 0; step < 80; step++) {
      const open = modelled.open()
      const chosen = open[random(3) === 0 ? random(open.length) : open.length - 1] as (typeof open)[number]
      if (random(4) === 0 && chosen.hash !== modelled.finalized.hash) await modelled.finalize(chosen)
      else await modelled.import(chosen, randomEdits(random), `${step}`)
      const all = [...modelled.chain.blocks.keys()]
      const some = all[random(all.length)] as Hash
      if (random(4) === 0 && !modelled.held.has(some) && !modelled.dead.has(some)) modelled.hold(some)
      // What was held first, or anything.
      const holding = [...modelled.held.keys()]
      if (holding.length > 3) modelled.release(holding[random(2) === 0 ? 0 : random(holding.length)] as Hash)
      if (step % 5 === 4) await modelled.check(pruning, modelled.service.pruning?.oldest)
    }
    for (const hash of [...modelled.held.keys()]) modelled.release(hash)
    // Without another block, what was held goes.
    await modelled.check(pruning)
  })

  it('are found by whoever reads them, and gone after that', async () => {
    const service = await started(1)
    const blocks = makeChain(genesis.header, 6)
    await importAll(service, blocks)
    const [first, second, third] = blocks as [(typeof blocks)[0], (typeof blocks)[0], (typeof blocks)[0]]
    const release = service.pins.pin(second.hash)
    const again = service.pins.pin(second.hash)
    await service.writer.finalize((blocks.at(-1) as typeof first).hash)
    await service.pruned()
    const kept = (): boolean[] => [first, second, third].map(({ header }) => service.storage.has(header.stateRoot))
    expect(kept()).toEqual([false, true, true])
    release?.()
    // One of two, and it twice.
    release?.()
    await service.pruned()
    expect(kept()).toEqual([false, true, true])
    again?.()
    await service.pruned()
    expect(kept()).toEqual([false, false, false])
  })

  it('must be here: what is given up already, or unknown, is not held', async () => {
    const service = await started(2)
    const blocks = makeChain(genesis.header, 5)
    await importAll(service, blocks)
    await service.writer.finalize((blocks[4] as (typeof blocks)[0]).hash)
    await service.pruned()
    const held = blocks.map(({ hash }) => service.pins.pin(hash) !== undefined)
    expect(held).toEqual([false, false, false, true, true])
    expect([genesisHash, `0x${'11'.repeat(32)}` as const].map((hash) => service.pins.pin(hash))).toEqual([undefined, undefined])
  })

  it('keep their bodies: old ones, and those of forks that died', async () => {
    const service = await started('archive', 256)
    const fork = makeBlock(genesis.header, 'fork', false)
    const loose = makeBlock(genesis.header, 'loose', false)
    const blocks = makeChain(genesis.header, 300)
    await importAll(service, [fork, loose, ...blocks])
    const [, , third] = blocks as [unknown, unknown, (typeof blocks)[0]]
    const releases = [fork, third].map(({ hash }) => service.pins.pin(hash))
    await service.writer.finalize((blocks[298] as typeof third).hash)
    const bodies = async (): Promise<boolean[]> => Promise.all([fork, loose, blocks[1] as typeof third, third].map(async ({ hash }) => (await service.blocks.body(hash)) !== undefined))
    expect(await bodies()).toEqual([true, false, true, true])
    expect(service.blocks.header(fork.hash)).toBeUndefined()
    for (const release of releases) release?.()
    await service.writer.finalize((blocks[299] as typeof third).hash)
    expect(await bodies()).toEqual([false, false, false, false])
  })

  it('do not keep a fork from dying where a body of it does not read', async () => {
    const pins = new Pins({ header: () => genesis.header, isKept: () => true, onReleased: () => undefined })
    pins.pin(genesisHash)
    await pins.keepBodies([{ hash: genesisHash, number: 0 }], () => Promise.reject(new Error('damaged')))
    expect(pins.body(genesisHash)).toBeUndefined()
  })

  it('are held by nobody after a restart', async () => {
    const folder = await temporaryFolder()
    const before = makeService(folder, { pruning: 1 })
    await before.start()
    const fork = makeBlock(genesis.header, 'fork', false)
    const blocks = makeChain(genesis.header, 4)
    await importAll(before, [fork, ...blocks])
    const held = [fork, ...blocks]
    for (const { hash } of held) before.pins.pin(hash)
    await before.writer.finalize((blocks[3] as (typeof blocks)[0]).hash)
    await before.pruned()
    expect(held.map(({ header }) => before.storage.has(header.stateRoot))).toEqual([true, true, true, true, true])
    await before.stop()
    const after = makeService(folder, { pruning: 1 })
    await after.start()
    await after.pruned()
    expect(held.map(({ header }) => after.storage.has(header.stateRoot))).toEqual([false, false, false, false, true])
  })
})
