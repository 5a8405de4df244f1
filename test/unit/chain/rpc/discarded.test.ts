/** Every method that reads the state of a block which is named, where that state is given up: the words by which tools know that. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { RpcService } from '../../../../node-core/chain/rpc/rpc-service.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { genesis, makeChain } from '../state/chain-blocks.ts'
import { importAll, makeService, temporaryFolder } from '../state/service-fixture.ts'
import { Client } from './client.ts'
import { fakeNode } from './fakes.ts'

let client: Client
let service: RpcService
/** Its state is gone; the next one's as well, and the last one's is kept. */
let old: Hash
let kept: Hash

beforeEach(async () => {
  const state = makeService(await temporaryFolder(), { pruning: 1 })
  await state.start()
  const blocks = makeChain(genesis.header, 3) as [ImportedBlock, ImportedBlock, ImportedBlock]
  await importAll(state, blocks)
  await state.writer.finalize(blocks[2].hash)
  await state.pruned()
  old = blocks[0].hash
  kept = blocks[2].hash
  const node = fakeNode()
  // As the executor does.
  const gone = (stateRoot: Hash): void => {
    if (!state.storage.has(stateRoot)) throw new NodeError('RUNTIME_UNKNOWN_STATE', 'it is not stored', { data: { stateRoot } })
  }
  const runtime = {
    version: async (root: Hash) => (gone(root), node.runtime.version(root)),
    call: async (root: Hash, method: string, args: Uint8Array) => (gone(root), node.runtime.call(root, method, args)),
  }
  service = new RpcService({ ...node, runtime, blocks: state.blocks, storage: state.storage, trie: state.proofs, pins: state.pins }, { port: 0 })
  await service.start()
  client = await Client.open(service.port as number)
})

afterEach(async () => {
  await client.close()
  await service.stop()
})

const KEY = '0x01'
const CHILD = toHex(utf8(':child_storage:default:a'))
const EXTRINSIC = '0x0484'
const PROOF = (at: Hash) => ({ blockHash: at, leaves: '0x00', proof: `0x00${'00'.repeat(8)}00` })

/** Parameters, with the block where it belongs. */
const READS: Record<string, (at: Hash) => unknown[]> = {
  state_getStorage: (at) => [KEY, at],
  state_getStorageHash: (at) => [KEY, at],
  state_getStorageSize: (at) => [KEY, at],
  state_getKeys: (at) => [KEY, at],
  state_getKeysPaged: (at) => [KEY, 10, null, at],
  state_getPairs: (at) => [KEY, at],
  state_getReadProof: (at) => [[KEY], at],
  state_getChildReadProof: (at) => [CHILD, [KEY], at],
  state_queryStorage: (at) => [[KEY], at, at],
  state_queryStorageAt: (at) => [[KEY], at],
  state_call: (at) => ['Core_version', '0x', at],
  childstate_getStorage: (at) => [CHILD, KEY, at],
  childstate_getStorageHash: (at) => [CHILD, KEY, at],
  childstate_getStorageSize: (at) => [CHILD, KEY, at],
  childstate_getStorageEntries: (at) => [CHILD, [KEY], at],
  childstate_getKeys: (at) => [CHILD, KEY, at],
  childstate_getKeysPaged: (at) => [CHILD, KEY, 10, null, at],
}
const API_READS: Record<string, (at: Hash) => unknown[]> = {
  state_getMetadata: (at) => [at],
  state_getRuntimeVersion: (at) => [at],
}
const QUERIES: Record<string, [code: number, message: string, (at: Hash) => unknown[]]> = {
  payment_queryInfo: [1, 'Unable to query dispatch info.', (at) => [EXTRINSIC, at]],
  payment_queryFeeDetails: [1, 'Unable to query fee details.', (at) => [EXTRINSIC, at]],
  system_dryRun: [1, 'Unable to dry run extrinsic.', (at) => [EXTRINSIC, at]],
  mmr_root: [8000, 'Runtime trapped', (at) => [at]],
  mmr_generateProof: [8000, 'Runtime trapped', (at) => [[1], null, at]],
  mmr_generateAncestryProof: [8000, 'Runtime trapped', (at) => [1, null, at]],
  mmr_verifyProof: [8000, 'Runtime trapped', (at) => [PROOF(at)]],
  mmr_verifyProofStateless: [8000, 'Runtime trapped', (at) => [`0x${'11'.repeat(32)}`, PROOF(at)]],
}
const EVENTS: Record<string, [event: string, (at: Hash) => unknown[]]> = {
  archive_v1_storage: ['storageError', (at) => [at, [{ key: KEY, type: 'value' }]]],
  archive_v1_storageDiff: ['storageDiffError', (at) => [at, []]],
}

describe('a state that is given up', () => {
  it.each(Object.entries(READS))('%s', async (method, params) => {
    expect((await client.request(method, ...params(old))).error).toEqual({ code: 4003, message: `Client error: UnknownBlock: State already discarded for ${old}` })
    expect((await client.request(method, ...params(kept))).error?.message ?? '').not.toContain('discarded')
  })

  it.each(Object.entries(API_READS))('%s', async (method, params) => {
    expect((await client.request(method, ...params(old))).error).toEqual({ code: 4003, message: `Client error: Api called for an unknown Block: State already discarded for ${old}` })
    expect((await client.request(method, ...params(kept))).error?.message ?? '').not.toContain('discarded')
  })

  it.each(Object.entries(QUERIES))('%s', async (method, [code, message, params]) => {
    expect((await client.request(method, ...params(old))).error).toEqual({ code, message, data: `Api called for an unknown Block: State already discarded for ${old}` })
  })

  it('archive_v1_call', async () => {
    expect(await client.call('archive_v1_call', old, 'Core_version', '0x')).toEqual({ success: false, error: `UnknownBlock: State already discarded for ${old}` })
  })

  it.each(Object.entries(EVENTS))('%s', async (method, [event, params]) => {
    await client.call(method, ...params(old))
    const told = await client.next()
    // The difference is read from the state before, which is that of genesis.
    expect(told).toMatchObject({ event, error: expect.stringMatching(/^UnknownBlock: State already discarded for 0x/) as string })
    if (method === 'archive_v1_storage') expect(told['error']).toContain(old)
  })

  it('is met by no other method', () => {
    const elsewhere = /^(state_subscribe|state_unsubscribe|archive_v1_(genesisHash|finalizedHeight|hashByHeight|header|body|stop|storageDiff_stop))/
    const tested = new Set(['archive_v1_call', ...[READS, API_READS, QUERIES, EVENTS].flatMap((table) => Object.keys(table)).flatMap((name) => [name, `${name}At`])])
    const left = service.methods.filter((name) => /^(state|childstate|payment|mmr|archive|system_dryRun)/.test(name) && !tested.has(name) && !elsewhere.test(name))
    expect(left).toEqual([])
  })
})
