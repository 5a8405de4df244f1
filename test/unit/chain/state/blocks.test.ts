import { describe, expect, it } from 'vitest'
import { utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import type { BlockRef } from '../../../../node-core/chain/scale/block.ts'
import type { BlockStateEvents, ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { genesis, genesisHash, makeBlock, makeChain } from './chain-blocks.ts'
import { importAll, startService } from './service-fixture.ts'

type Recorded = { [Name in keyof BlockStateEvents]: { name: Name; payload: BlockStateEvents[Name] } }[keyof BlockStateEvents]

function record(service: StateService): Recorded[] {
  const events: Recorded[] = []
  service.blocks.events.on('imported', (payload) => events.push({ name: 'imported', payload }))
  service.blocks.events.on('bestChanged', (payload) => events.push({ name: 'bestChanged', payload }))
  service.blocks.events.on('finalized', (payload) => events.push({ name: 'finalized', payload }))
  return events
}

const refOf = ({ hash, header }: ImportedBlock): BlockRef => ({ hash, number: header.number })
const refs = (blocks: readonly ImportedBlock[]): BlockRef[] => blocks.map(refOf)
const at = (blocks: readonly ImportedBlock[], index: number): ImportedBlock => blocks[index] as ImportedBlock

/** genesis - m1 - m2 - m3 - m4, and a fork m1 - f2 - f3 - f4 - f5. */
async function withFork(): Promise<{ service: StateService; main: ImportedBlock[]; fork: ImportedBlock[] }> {
  const service = await startService()
  const main = makeChain(genesis.header, 4)
  const fork = makeChain(at(main, 0).header, 4, 'fork', false)
  await importAll(service, [...main, ...fork])
  return { service, main, fork }
}

describe('importing', () => {
  it('announces a block once it can be read', async () => {
    const service = await startService()
    const events = record(service)
    const block = makeBlock(genesis.header)
    const seen: unknown[] = []
    service.blocks.events.on('imported', ({ block: ref, header }) => {
      seen.push(service.blocks.header(ref.hash), service.storage.get(header.stateRoot, utf8('number')), service.blocks.best().hash)
    })
    await service.writer.importBlock(block)
    expect(seen).toEqual([block.header, Uint8Array.of(1), block.hash])
    expect(events).toEqual([
      { name: 'imported', payload: { block: refOf(block), header: block.header, isBest: true } },
      { name: 'bestChanged', payload: { best: refOf(block), retracted: [], enacted: [refOf(block)] } },
    ])
    expect(await service.blocks.body(block.hash)).toEqual(block.body)
  })

  it('runs overlapping calls one after another', async () => {
    const service = await startService()
    const chain = makeChain(genesis.header, 10)
    const events = record(service)
    await Promise.all(chain.map((block) => service.writer.importBlock(block)))
    expect(events.filter(({ name }) => name === 'imported').map(({ payload }) => 'block' in payload && payload.block)).toEqual(refs(chain))
  })

  it('refuses what does not fit, and changes nothing', async () => {
    const service = await startService()
    const events = record(service)
    const [first, second] = makeChain(genesis.header, 2) as [ImportedBlock, ImportedBlock]
    await expect(service.writer.importBlock(second)).rejects.toMatchObject({ code: 'STATE_UNKNOWN_PARENT' })
    const number = { ...first, header: { ...first.header, number: 2 } }
    await expect(service.writer.importBlock(number)).rejects.toMatchObject({ code: 'STATE_INVALID_BLOCK' })
    const root = { ...first, changes: { ...first.changes, stateRoot: genesisHash } }
    await expect(service.writer.importBlock(root)).rejects.toMatchObject({ code: 'STATE_INVALID_BLOCK' })
    const nodes = { ...first, changes: { ...first.changes, nodes: { ...first.changes.nodes, records: first.changes.nodes.records.subarray(1) } } }
    await expect(service.writer.importBlock(nodes)).rejects.toMatchObject({ code: 'TRIE_BAD_PACK' })
    expect([events, service.blocks.best().number, service.blocks.hasBlock(first.hash)]).toEqual([[], 0, false])
    await service.writer.importBlock(first)
    await expect(service.writer.importBlock(first)).rejects.toMatchObject({ code: 'STATE_KNOWN_BLOCK' })
    // The same state, in records that were not kept.
    const on = (base: number): ImportedBlock => ({ ...second, changes: { ...second.changes, nodes: { ...second.changes.nodes, base } } })
    await expect(service.writer.importBlock(on(first.changes.nodes.root + 1))).rejects.toMatchObject({ code: 'STATE_INVALID_BLOCK', message: expect.stringContaining('records') as string })
    await service.writer.importBlock(on(first.changes.nodes.root))
  })

  it('keeps a fork beside the best chain until told otherwise', async () => {
    const { service, main, fork } = await withFork()
    const { blocks } = service
    expect(blocks.best()).toEqual(refOf(at(main, 3)))
    expect(blocks.leaves()).toEqual([refOf(at(main, 3)), refOf(at(fork, 3))])
    expect(blocks.children(at(main, 0).hash)).toEqual([refOf(at(main, 1)), refOf(at(fork, 0))])
    expect(blocks.hashByNumber(5)).toBeUndefined()

    const events = record(service)
    const next = makeBlock(at(fork, 3).header, 'fork')
    await service.writer.importBlock(next)
    expect(events[1]).toEqual({
      name: 'bestChanged',
      payload: { best: refOf(next), retracted: refs(main.slice(1)).reverse(), enacted: refs([...fork, next]) },
    })
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((number) => blocks.hashByNumber(number))).toEqual([
      genesisHash, at(main, 0).hash, ...fork.map(({ hash }) => hash), next.hash, undefined,
    ])
  })
})

describe('ancestors and routes', () => {
  it('follow the forks, above and below the finalized block', async () => {
    const { service, main, fork } = await withFork()
    const { blocks } = service
    const check = (ancestor: Hash, descendant: Hash): boolean => blocks.isAncestor(ancestor, descendant)
    const expectations = (): void => {
      expect(check(genesisHash, at(fork, 3).hash)).toBe(true)
      expect(check(at(main, 0).hash, at(main, 3).hash)).toBe(true)
      expect(check(at(main, 3).hash, at(main, 0).hash)).toBe(false)
      expect(check(at(main, 2).hash, at(main, 2).hash)).toBe(true)
      expect(blocks.route(genesisHash, at(main, 2).hash)).toEqual(refs(main.slice(0, 3)))
      expect(blocks.route(at(main, 1).hash, at(main, 1).hash)).toEqual([])
      expect(() => blocks.route(at(main, 2).hash, at(main, 0).hash)).toThrow(expect.objectContaining({ code: 'STATE_NOT_AN_ANCESTOR' }))
      expect(() => check(`0x${'ee'.repeat(32)}`, genesisHash)).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_BLOCK' }))
    }
    expectations()
    expect(check(at(main, 1).hash, at(fork, 3).hash)).toBe(false)
    expect(check(at(fork, 0).hash, at(main, 3).hash)).toBe(false)
    expect(blocks.route(at(main, 0).hash, at(fork, 1).hash)).toEqual(refs(fork.slice(0, 2)))
    expect(() => blocks.route(at(main, 1).hash, at(fork, 3).hash)).toThrow(expect.objectContaining({ code: 'STATE_NOT_AN_ANCESTOR' }))

    await service.writer.finalize(at(main, 0).hash)
    expectations()
    await service.writer.finalize(at(main, 2).hash)
    expect(check(genesisHash, at(main, 3).hash)).toBe(true)
    expect(check(at(main, 3).hash, genesisHash)).toBe(false)
    expect(check(genesisHash, at(main, 0).hash)).toBe(true)
    expect(blocks.route(genesisHash, at(main, 3).hash)).toEqual(refs(main))
    expect(blocks.route(genesisHash, at(main, 1).hash)).toEqual(refs(main.slice(0, 2)))
    expect(blocks.children(genesisHash)).toEqual([refOf(at(main, 0))])
    expect(() => blocks.route(at(main, 3).hash, genesisHash)).toThrow(expect.objectContaining({ code: 'STATE_NOT_AN_ANCESTOR' }))
  })
})

describe('finalizing', () => {
  it('makes the way final and drops the forks that left it', async () => {
    const { service, main, fork } = await withFork()
    const { blocks } = service
    const events = record(service)
    await service.writer.finalize(at(main, 2).hash, { engine: 'FRNK', data: Uint8Array.of(1) }, [['grandpa/set', Uint8Array.of(9)]])
    expect(events).toEqual([
      { name: 'finalized', payload: { head: refOf(at(main, 2)), finalized: refs(main.slice(0, 3)), pruned: [at(fork, 3).hash] } },
    ])
    expect(blocks.finalized()).toEqual(refOf(at(main, 2)))
    expect(blocks.leaves()).toEqual([refOf(at(main, 3))])
    for (const { hash } of fork) {
      expect([blocks.header(hash), blocks.hasBlock(hash), await blocks.body(hash)]).toEqual([undefined, false, undefined])
    }
    for (const { hash, header } of main) expect([blocks.header(hash), blocks.hashByNumber(header.number)]).toEqual([header, hash])
    expect(await blocks.justifications(at(main, 2).hash)).toEqual([{ engine: 'FRNK', data: Uint8Array.of(1) }])
    expect(service.writer.getAux('grandpa/set')).toEqual(Uint8Array.of(9))
    await expect(service.writer.importBlock(makeBlock(at(main, 1).header, 'late'))).rejects.toMatchObject({ code: 'STATE_UNKNOWN_PARENT' })
    await expect(service.writer.finalize(at(main, 0).hash)).rejects.toMatchObject({ code: 'STATE_NOT_AN_ANCESTOR' })
    await expect(service.writer.finalize(at(fork, 0).hash)).rejects.toMatchObject({ code: 'STATE_UNKNOWN_BLOCK' })
  })

  it('moves the best block where it was on a fork that died', async () => {
    const { service, main, fork } = await withFork()
    const events = record(service)
    await service.writer.finalize(at(fork, 0).hash)
    expect(events).toEqual([
      { name: 'bestChanged', payload: { best: refOf(at(fork, 3)), retracted: refs(main.slice(1)).reverse(), enacted: refs(fork) } },
      {
        name: 'finalized',
        payload: { head: refOf(at(fork, 0)), finalized: refs([at(main, 0), at(fork, 0)]), pruned: [at(main, 3).hash] },
      },
    ])
    expect(service.blocks.hashByNumber(5)).toBe(at(fork, 3).hash)
  })

  it('leaves the best block where it is, though a higher block exists', async () => {
    const { service, main } = await withFork()
    await service.writer.importBlock(makeBlock(at(main, 3).header, 'not best', false))
    await service.writer.finalize(at(main, 3).hash)
    expect(service.blocks.best()).toEqual(refOf(at(main, 3)))
  })

  it('of the finalized block again only adds the justification', async () => {
    const { service, main } = await withFork()
    await service.writer.finalize(at(main, 1).hash, { engine: 'FRNK', data: Uint8Array.of(1) })
    const events = record(service)
    await service.writer.finalize(at(main, 1).hash, { engine: 'BEEF', data: Uint8Array.of(2) })
    await service.writer.finalize(at(main, 1).hash, { engine: 'FRNK', data: Uint8Array.of(3) })
    expect(events).toEqual([])
    expect(await service.blocks.justifications(at(main, 1).hash)).toEqual([
      { engine: 'BEEF', data: Uint8Array.of(2) },
      { engine: 'FRNK', data: Uint8Array.of(3) },
    ])
  })

  it('keeps a long chain of blocks reachable by number', async () => {
    const service = await startService()
    const chain = makeChain(genesis.header, 200)
    for (const [i, block] of chain.entries()) {
      await service.writer.importBlock(block)
      if (i % 7 === 6) await service.writer.finalize(at(chain, i - 3).hash)
    }
    for (const { hash, header } of chain) expect(service.blocks.hashByNumber(header.number)).toBe(hash)
    for (const bad of [-1, 0.5, 201, 2 ** 40, Number.NaN]) expect(service.blocks.hashByNumber(bad)).toBeUndefined()
    expect(service.blocks.header(at(chain, 3).hash)).toEqual(at(chain, 3).header)
  })
})

describe('what engines keep', () => {
  it('comes and goes with blocks or on its own', async () => {
    const service = await startService()
    await service.writer.importBlock({ ...makeBlock(genesis.header), aux: [['babe/epoch', Uint8Array.of(1)]] })
    await service.writer.putAux([['babe/weight', Uint8Array.of(2)], ['babe/epoch', undefined]])
    expect(service.writer.getAux('babe/epoch')).toBeUndefined()
    expect(service.writer.getAux('babe/weight')).toEqual(Uint8Array.of(2))
  })
})

describe('storage', () => {
  it('tells an unknown state from an absent value', async () => {
    const { storage } = await startService()
    expect(storage.get(genesis.header.stateRoot, utf8('nothing'))).toBeUndefined()
    expect(() => storage.get(genesisHash, utf8('name'))).toThrow(expect.objectContaining({ code: 'STATE_UNKNOWN_ROOT' }))
    expect(storage.has(genesisHash)).toBe(false)
    expect(storage.getChild(genesis.header.stateRoot, utf8('child'), utf8('name'))).toBeUndefined()
  })
})
