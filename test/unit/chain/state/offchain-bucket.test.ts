/** What blocks leave for runtime calls outside of blocks, on disk. */
import { expect, test } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { openTrieSource } from '../../../../node-core/chain/state/trie-source.ts'
import type { ImportedBlock, StateChanges } from '../../../../node-core/chain/state/types.ts'
import { genesis, makeBlock } from './chain-blocks.ts'
import { importAll, makeService, startService, temporaryFolder } from './service-fixture.ts'

const leaving = (block: ImportedBlock, offchain: NonNullable<StateChanges['offchain']>): ImportedBlock => ({
  ...block, changes: { ...block.changes, offchain },
})

test('is written with its block, is seen by other threads, and outlives a restart', async () => {
  const folder = await temporaryFolder()
  const service = await startService(folder)
  const one = leaving(makeBlock(genesis.header), [[utf8('a'), utf8('1')], [utf8('b'), utf8('1')], [utf8('never'), undefined]])
  await importAll(service, [one, leaving(makeBlock(one.header), [[utf8('b'), undefined], [utf8('c'), utf8('2')]])])
  const reader = await openTrieSource(folder)
  const values = () => ['a', 'b', 'c', 'never'].map((key) => reader.indexed.get(key)).map((value) => (value === undefined ? undefined : Buffer.from(value).toString()))
  expect(values()).toEqual(['1', undefined, '2', undefined])
  await reader.close()
  await service.stop()

  await makeService(folder).start()
  const again = await openTrieSource(folder)
  expect(Buffer.from(again.indexed.get('a')!).toString()).toBe('1')
  await again.close()
})

test('of a block that is refused nothing is written', async () => {
  const folder = await temporaryFolder()
  const service = await startService(folder)
  const orphan = leaving(makeBlock({ ...genesis.header, number: 7 }), [[utf8('a'), utf8('1')]])
  await expect(service.writer.importBlock(orphan)).rejects.toMatchObject({ code: 'STATE_UNKNOWN_PARENT' })
  const reader = await openTrieSource(folder)
  expect(reader.indexed.get('a')).toBeUndefined()
  await reader.close()
})
