/** Blocks that are taken back: what is left of chain, forks, states and records, also where it was cut off. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { openAudit } from '../../../helpers/state-audit.ts'
import { genesis, makeBlock, makeChain } from './chain-blocks.ts'
import { importAll, makeService, startService, temporaryFolder } from './service-fixture.ts'

const main = makeChain(genesis.header, 8)
const at = (number: number) => main[number - 1] as (typeof main)[number]
/** From block 5 up to block 7; another one beside block 4. */
const fork = makeChain(at(4).header, 3, 'fork', false)
const beside = makeBlock(at(3).header, 'beside', false)

async function grown(dataPath: string) {
  const service = await startService(dataPath)
  await importAll(service, [...main, ...fork, beside])
  await service.writer.finalize(at(2).hash)
  for (const { hash } of [...main, ...fork]) await service.writer.putAux([[`test/${hash}`, Uint8Array.of(1)]])
  return service
}

const audited = async (dataPath: string) => {
  const { audit, close } = await openAudit(dataPath)
  const found = await audit()
  await close()
  return { ...found, blocks: found.blocks.length }
}

describe('taking blocks back', () => {
  it('removes what is higher, on every fork, with states and what engines keep; the rest stands, also after a restart', async () => {
    const dataPath = await temporaryFolder()
    let service = await grown(dataPath)
    const removed = await service.reverting.revert(5, ({ hash }) => [[`test/${hash}`, undefined]])
    const check = (): void => {
      const { blocks, storage, writer } = service
      expect(blocks.best()).toEqual({ hash: at(5).hash, number: 5 })
      expect(blocks.finalized().number).toBe(2)
      expect(new Set(blocks.leaves().map(({ hash }) => hash))).toEqual(new Set([at(5).hash, fork[0]?.hash, beside.hash]))
      expect(main.map(({ hash, header }) => [blocks.hasBlock(hash), storage.has(header.stateRoot), writer.getAux(`test/${hash}`) !== undefined])).toEqual(main.map((_, index) => (index < 5 ? [true, true, true] : [false, false, false])))
      expect(storage.get(at(5).header.stateRoot, utf8('number'))).toEqual(Uint8Array.of(5))
    }
    expect(removed.map(({ number }) => number)).toEqual([8, 7, 7, 6, 6])
    check()
    await service.stop()
    service = await startService(dataPath)
    check()
    await service.stop()
    expect(await audited(dataPath)).toMatchObject({ blocks: 5 + 2 + 1, leaked: [], faults: [] })
  })

  it('lets the same blocks come again, and every state is kept once', async () => {
    const dataPath = await temporaryFolder()
    const service = await grown(dataPath)
    const { records } = await (async () => {
      await service.stop()
      return audited(dataPath)
    })()
    await service.start()
    await service.reverting.revert(2, () => [])
    await importAll(service, [...makeChain(at(2).header, 6, ''), ...fork])
    expect(service.blocks.best()).toEqual({ hash: at(8).hash, number: 8 })
    await service.stop()
    // The block beside did not come again.
    expect(await audited(dataPath)).toMatchObject({ leaked: [], faults: [], records: expect.toSatisfy((count: number) => count < records) as number })
  })

  it('leaves a whole chain where it was cut off, and goes on', async () => {
    const dataPath = await temporaryFolder()
    const service = await grown(dataPath)
    let asked = 0
    await expect(
      service.reverting.revert(3, () => {
        if (++asked > 3) throw new Error('cut off')
        return []
      }),
    ).rejects.toThrow('cut off')
    expect(service.blocks.best()).toEqual({ hash: at(6).hash, number: 6 })
    await service.stop()
    expect(await audited(dataPath)).toMatchObject({ leaked: [], faults: [] })
    const again = makeService(dataPath)
    await again.start()
    expect(again.blocks.best().number).toBe(6)
    await again.reverting.revert(3, () => [])
    expect(again.blocks.leaves()).toEqual([{ hash: at(3).hash, number: 3 }])
    await again.stop()
    expect(await audited(dataPath)).toMatchObject({ blocks: 4, leaked: [], faults: [] })
  })

  it('refuses to go below what is final, and then nothing has changed', async () => {
    const service = await grown(await temporaryFolder())
    await expect(service.reverting.revert(1, () => [])).rejects.toMatchObject({ code: 'STATE_NOT_AN_ANCESTOR' })
    expect(service.blocks.best().number).toBe(8)
    expect(await service.reverting.revert(8, () => [])).toEqual([])
  })
})
