/** Block 1 of Polkadot: its runtime's metadata names types without describing them, and the explorer knows these. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { loadChainSpec } from '../../../../node-core/chain/spec/load.ts'
import { decodeBody } from '../../../../node-core/chain/scale/block.ts'
import { decodeDigest } from '../../../../node-core/chain/scale/header.ts'
import { DevNode } from '../../../helpers/dev-node.ts'

interface Fixture {
  readonly header: { readonly parentHash: Hash; readonly number: number; readonly stateRoot: Hash; readonly extrinsicsRoot: Hash; readonly digest: Hash }
  readonly body: Hash
}

it('tells its calls, its header in full, and no development names', async () => {
  const fixture = JSON.parse(readFileSync(join(import.meta.dirname, '../../../fixtures/polkadot-block-1.json'), 'utf8')) as Fixture
  const spec = await loadChainSpec('polkadot', { chainsPath: join(import.meta.dirname, '../../../../out/chains') })
  const dev = await DevNode.start({ chain: 'polkadot', validator: false, sync: 'full', spec: { ...spec, bootNodes: [] } })
  const { node } = dev
  try {
    const header = { ...fixture.header, digest: decodeDigest(fromHex(fixture.header.digest)) }
    const body = decodeBody(fromHex(fixture.body))
    expect(await node.core.importer.importBlock({ header, body }, 'file')).toMatchObject({ kind: 'imported' })
    const block = await node.explorer.block(node.blocks.best().hash)
    expect(block).toMatchObject({ number: 1, runtime: { name: 'polkadot', version: 0 }, undecodable: undefined, eventsProblem: undefined, token: { symbol: 'DOT' } })
    expect(block?.extrinsics.map(({ call, problem, size }) => [`${call?.pallet}.${call?.name}`, problem, size])).toEqual([
      ['Timestamp.set', undefined, body[0]?.length], ['Parachains.set_heads', undefined, body[1]?.length],
    ])
    expect(block?.extrinsics.map(({ succeeded, events }) => [succeeded, events.map(({ pallet, name }) => `${pallet}.${name}`)])).toEqual(Array(2).fill([true, ['System.ExtrinsicSuccess']]))
    expect(block?.extrinsics[0]?.hex).toBe('0x280403000b5095a0517201')
    expect(block?.digest.map(({ kind }) => kind)).toEqual(['slot', 'nextEpoch', 'seal'])
    expect(block?.author?.address).toMatch(/^1/)
  } finally {
    await dev.stop()
  }
}, 60_000)
