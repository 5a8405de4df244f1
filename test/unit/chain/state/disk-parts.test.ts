/** What states and blocks take, by a database that holds both. */
import { mkdtemp, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hashKey, nodeKey } from '../../../../node-core/chain/state/buckets.ts'
import { diskParts } from '../../../../node-core/chain/state/disk-parts.ts'
import { createLevel } from '../../../../node-core/chain/state/trie-source.ts'

it('tells states from blocks, as far as they are in tables', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-parts-'))
  const level = createLevel(folder)
  await level.open()
  try {
    for (let i = 0; i < 300; i++) await level.put(nodeKey(i + 1), randomBytes(10_000))
    for (let i = 0; i < 100; i++) await level.put(hashKey('body', randomBytes(32)), randomBytes(10_000))
    await level.put(hashKey('header', randomBytes(32)), randomBytes(100))
    await level.compactRange(Uint8Array.of(0), Uint8Array.of(255))
    const { state, blocks } = await diskParts(level)
    expect([state / 1e6, blocks / 1e6]).toEqual([expect.closeTo(3, 1), expect.closeTo(1, 1)])
  } finally {
    await level.close()
    await rm(folder, { recursive: true, force: true })
  }
})
