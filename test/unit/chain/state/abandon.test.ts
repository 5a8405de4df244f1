/** An anchor that is given up: what was written for it is gone, and the chain comes by itself over the same blocks. */
import { expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { forgetJoining } from '../../../../node-core/chain/joining/forget.ts'
import { WarpRecord } from '../../../../node-core/chain/joining/warp-record.ts'
import type { ProvenBlock } from '../../../../node-core/chain/core/engines/joining.ts'
import { BUCKET, nodeKey } from '../../../../node-core/chain/state/buckets.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import { createLevel } from '../../../../node-core/chain/state/trie-source.ts'
import type { ImportedBlock, ProvenHeader } from '../../../../node-core/chain/state/types.ts'
import { forEachPackedRecord } from '../../../../node-core/chain/trie/nodes/packed-records.ts'
import { openAudit } from '../../../helpers/state-audit.ts'
import { genesis, genesisHash, makeBlock, makeChain } from './chain-blocks.ts'
import { makeService, startService, temporaryFolder } from './service-fixture.ts'

const SET = { setId: 1, authorities: [] }

/** Every tenth block of the chain is a step, and the last one the target: by itself, or a step as well. Then all steps are written in batches of 64. */
const HEIGHTS = [1405, 1280]
const proven = ({ hash, header }: ImportedBlock): ProvenBlock => ({ hash, number: header.number, header, justification: { engine: 'FRNK', data: Uint8Array.of(1) }, set: SET, changesSet: true })

/** Every key of the database; the service must not run. */
async function keysOf(dataPath: string): Promise<string[]> {
  const level = createLevel(dataPath)
  await level.open()
  const keys = await level.keys({ gte: Uint8Array.of(BUCKET.header) }).all()
  await level.close()
  return keys.map((key) => Buffer.from(key).toString('hex'))
}

/** With its records, which whoever puts a state together writes before. */
async function adopt({ dataPath, anchoring }: StateService, block: ImportedBlock): Promise<void> {
  const { nodes } = block.changes
  const level = createLevel(dataPath)
  await level.open()
  const puts: { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }[] = []
  forEachPackedRecord(nodes.records, nodes.first, (id, record) => puts.push({ type: 'put', key: nodeKey(id), value: record.slice() }))
  await level.batch(puts)
  await level.close()
  await anchoring.adopt(block, nodes)
}

/** What a node leaves behind that ends just before the last batch of its anchor. */
async function cutOff(service: StateService, chain: readonly ImportedBlock[]): Promise<void> {
  const { anchoring } = service
  const record = new WarpRecord(anchoring)
  record.load()
  const target = chain.at(-1) as ImportedBlock
  const steps = chain.filter((_, i) => i % 10 === 9)
  await record.add(steps.map(proven), { block: { hash: steps.at(-1)!.hash, number: steps.at(-1)!.header.number }, set: SET })
  await record.aim(proven(target))
  await adopt(service, target)
  const endless = function* (): Generator<ProvenHeader> {
    yield* record.steps()
    throw new Error('killed')
  }
  await expect(anchoring.anchor({ ...proven(target), body: undefined, steps: endless(), aux: [] })).rejects.toThrow('killed')
}

it.each(HEIGHTS)('leaves the database as it was, and the chain imports the same blocks (%i)', async (height) => {
  const folder = await temporaryFolder()
  const chain = makeChain(genesis.header, height)
  const first = await startService(folder)
  await first.stop()
  const before = await keysOf(folder)

  const second = await startService(folder)
  await cutOff(second, chain)
  await second.stop()
  expect((await keysOf(folder)).length).toBeGreaterThan(before.length + 100)

  const third = makeService(folder)
  await third.start()
  // This is what would stand in the way: a block of the future that is taken for a final one.
  expect(third.blocks.hasBlock(chain[9]!.hash)).toBe(true)
  await forgetJoining(third.anchoring, silentLogger)
  expect(third.anchoring.hasAdopted(chain.at(-1)!.hash)).toBe(false)
  expect(third.storage.has(chain.at(-1)!.header.stateRoot)).toBe(false)
  await third.stop()
  expect(await keysOf(folder)).toEqual(before)

  const last = await startService(folder)
  await forgetJoining(last.anchoring, silentLogger)
  for (const block of chain.slice(0, 15)) await last.writer.importBlock(block)
  expect(last.blocks.best().number).toBe(15)
})

it('takes nothing that the chain has come to by itself', async () => {
  const service = await startService()
  const chain = makeChain(genesis.header, 40)
  const target = chain[29] as ImportedBlock
  for (const block of chain) await service.writer.importBlock(block)
  await service.writer.finalize(chain[14]!.hash)
  const record = new WarpRecord(service.anchoring)
  record.load()
  const steps = [chain[9]!, chain[19]!].map(proven)
  await record.add(steps, { block: { hash: chain[19]!.hash, number: 20 }, set: SET })
  await record.aim(proven(target))
  await forgetJoining(service.anchoring, silentLogger)
  const state = (hash: Hash): boolean => service.storage.has(service.blocks.header(hash)!.stateRoot)
  expect(chain.map(({ hash }) => [service.blocks.hasBlock(hash), state(hash)])).toEqual(chain.map(() => [true, true]))
  expect(service.blocks.hashByNumber(10)).toBe(chain[9]!.hash)
  expect(new WarpRecord(service.anchoring).target()).toBeUndefined()
})

/** Blocks at which the next start may join in place of the target of before. */
const OTHERS: Readonly<Record<string, (chain: readonly ImportedBlock[]) => ImportedBlock>> = {
  'a newer block': (chain) => makeBlock(chain.at(-1)!.header),
  'a block with the same state': (chain) => {
    const { header, ...twin } = makeBlock(chain.at(-2)!.header)
    const other: Header = { ...header, digest: [{ type: 'other', data: Uint8Array.of(1) }] }
    return { ...twin, header: other, hash: blake2Hash(encodeHeader(other)) }
  },
}

it.each(Object.keys(OTHERS).flatMap((name) => HEIGHTS.map((height) => [name, height] as const)))('is gone also where the next start joins at %s (%i)', async (name, height) => {
  const folder = await temporaryFolder()
  const chain = makeChain(genesis.header, height)
  const target = chain.at(-1)!
  const first = await startService(folder)
  await cutOff(first, chain)
  await first.stop()

  const second = await startService(folder)
  const next = OTHERS[name]!(chain)
  expect([target, next].map(({ hash }) => second.anchoring.hasAdopted(hash))).toEqual([true, false])
  await adopt(second, next)
  await second.stop()

  // Cut off there as well; the third start comes to the end.
  const third = await startService(folder)
  expect([target, next].map(({ hash }) => third.anchoring.hasAdopted(hash))).toEqual([false, true])
  const record = new WarpRecord(third.anchoring)
  record.load()
  await third.anchoring.anchor({ ...proven(next), body: undefined, steps: record.steps(), aux: record.leftovers() })
  expect(third.blocks.best().hash).toBe(next.hash)
  await third.stop()
  const { audit, close } = await openAudit(folder)
  const { blocks, leaked, faults } = await audit()
  await close()
  expect([[...blocks].sort(), leaked, faults]).toEqual([[genesisHash, next.hash].sort(), [], []])
})
