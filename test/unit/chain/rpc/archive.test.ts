import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { Client, startService, type Running } from './client.ts'
import { fakeNode, type FakeNode } from './fakes.ts'

let node: FakeNode
let running: Running
let client: Client

beforeEach(async () => {
  node = fakeNode()
  node.storage.items.set('0x01', Uint8Array.of(7))
  for (let i = 0; i < 5; i++) node.storage.items.set(`0xaa0${i}`, Uint8Array.of(i))
  node.storage.child.set('0x02', Uint8Array.of(9))
  running = await startService({}, node)
  client = await Client.open(running.port)
})

afterEach(async () => {
  await client.close()
  await running.service.stop()
})

describe('archive and chainSpec', () => {
  it('finds one block per finalized height and every fork above', async () => {
    const genesis = node.blocks.genesisHash
    const a = node.blocks.import()
    const b = node.blocks.import({ parent: genesis, best: false })
    expect(await client.call('archive_v1_hashByHeight', 1)).toEqual(expect.arrayContaining([a, b]))
    expect(await client.call('archive_v1_hashByHeight', 5)).toEqual([])
    node.blocks.finalize(a)
    expect(await client.call('archive_v1_hashByHeight', 1)).toEqual([a])
    expect(await client.call('archive_v1_finalizedHeight')).toBe(1)
    expect(await client.call('archive_v1_genesisHash')).toBe(genesis)
    expect(await client.call('chainSpec_v1_genesisHash')).toBe(genesis)
    expect(await client.call('chainSpec_v1_chainName')).toBe('Fake')
    expect(await client.call('chainSpec_v1_properties')).toEqual({ tokenSymbol: 'FAKE' })
  })

  it('gives headers, bodies and calls, and null for what is not known', async () => {
    node.runtime.answers.set('Echo_it', async (args) => args)
    const hash = node.blocks.import()
    const unknown = `0x${'11'.repeat(32)}`
    const header = await client.call<string>('archive_v1_header', hash)
    expect(blake2Hash(fromHex(header))).toBe(hash)
    expect(await client.call('archive_v1_body', hash)).toEqual(['0x080101'])
    expect(await client.call('archive_v1_call', hash, 'Echo_it', '0x05')).toEqual({ success: true, value: '0x05' })
    expect(await client.call('archive_v1_call', hash, 'Nope', '0x')).toMatchObject({ success: false })
    for (const [method, ...rest] of [['header'], ['body'], ['call', 'Echo_it', '0x']]) {
      expect(await client.call(`archive_v1_${method}`, unknown, ...rest)).toBeNull()
    }
  })

  it('streams storage', async () => {
    const hash = node.blocks.genesisHash
    const items = [
      { key: '0x01', type: 'hash' },
      { key: '0xaa', type: 'descendantsValues', paginationStartKey: '0xaa02' },
    ]
    await client.call('archive_v1_storage', hash, items, null)
    expect([await client.next(), await client.next(), await client.next(), await client.next()]).toEqual([
      { event: 'storage', key: '0x01', hash: blake2Hash(Uint8Array.of(7)) },
      { event: 'storage', key: '0xaa03', value: '0x03' },
      { event: 'storage', key: '0xaa04', value: '0x04' },
      { event: 'storageDone' },
    ])
    await client.call('archive_v1_storage', `0x${'11'.repeat(32)}`, [], null)
    expect(await client.next()).toMatchObject({ event: 'storageError' })
    await client.call('archive_v1_storage', hash, [{ key: '0x02', type: 'value' }], toHex(utf8('kid')))
    expect(await client.next()).toEqual({ event: 'storage', key: '0x02', value: '0x09', childTrieKey: toHex(utf8('kid')) })
  })
})
