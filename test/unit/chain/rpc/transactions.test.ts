import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, toHex } from '../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import type { TransactionStatus } from '../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { decodeDispatchInfo, decodeFeeDetails } from '../../../../node-core/chain/rpc/methods/payment.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'
import { Client, startService, until, type Running } from './client.ts'
import { fakeNode, type FakeNode } from './fakes.ts'

let node: FakeNode
let running: Running
let client: Client

beforeEach(async () => {
  node = fakeNode()
  running = await startService({}, node)
  client = await Client.open(running.port)
})

afterEach(async () => {
  await client.close()
  await running.service.stop()
})

describe('author', () => {
  it('submits, shows and removes', async () => {
    const hash = await client.call('author_submitExtrinsic', '0x0401')
    expect(hash).toBe(blake2Hash(Uint8Array.of(4, 1)))
    await client.call('author_submitExtrinsic', '0x0402')
    expect(await client.call('author_pendingExtrinsics')).toEqual(['0x0401', '0x0402'])
    expect(await client.call('author_removeExtrinsic', [{ hash }, { extrinsic: '0x0402' }])).toHaveLength(2)
    expect(await client.call('author_pendingExtrinsics')).toEqual([])
    node.pool.refusal = new NodeError('TX_INVALID', 'no', { data: { detail: 'Payment' } })
    expect(await client.request('author_submitExtrinsic', '0x0401')).toMatchObject({
      error: { code: 1010, message: 'Invalid Transaction', data: 'Inability to pay some fees (e.g. account balance too low)' },
    })
    expect(await client.request('author_submitAndWatchExtrinsic', '0x0401')).toMatchObject({ error: { code: 1010 } })
  })

  it('tells every status in order, in its own words', async () => {
    const block = node.blocks.genesisHash
    const all: TransactionStatus[] = [
      { kind: 'ready' },
      { kind: 'broadcast', peers: ['p'] },
      { kind: 'inBlock', block, index: 1 },
      { kind: 'retracted', block },
      { kind: 'inBlock', block, index: 2 },
      { kind: 'finalized', block, index: 2 },
    ]
    node.pool.statuses = async function* () {
      yield* all
    }
    await client.call('author_submitAndWatchExtrinsic', '0x0401')
    const seen: unknown[] = []
    for (const _ of all) seen.push(await client.next())
    const included = { inBlock: block }
    expect(seen).toEqual(['ready', { broadcast: ['p'] }, included, { retracted: block }, included, { finalized: block }])
    await client.call('transactionWatch_v1_submitAndWatch', '0x0402')
    const events: unknown[] = []
    for (let i = 0; i < 5; i++) events.push(await client.next())
    expect(events).toEqual([
      { event: 'validated' },
      { event: 'bestChainBlockIncluded', block: { hash: block, index: 1 } },
      { event: 'bestChainBlockIncluded', block: null },
      { event: 'bestChainBlockIncluded', block: { hash: block, index: 2 } },
      { event: 'finalized', block: { hash: block, index: 2 } },
    ])
  })

  it('tells a watcher of one that waits that it is valid', async () => {
    node.pool.statuses = async function* () {
      yield { kind: 'future' } as const
      yield { kind: 'ready' } as const
      yield { kind: 'usurped', by: node.blocks.genesisHash } as const
    }
    await client.call('transactionWatch_v1_submitAndWatch', '0x0402')
    const events: unknown[] = []
    for (let i = 0; i < 3; i++) events.push(await client.next())
    expect(events).toMatchObject([{ event: 'validated' }, { event: 'validated' }, { event: 'invalid' }])
  })

  it.each([
    ['TX_CYCLE_DETECTED', 1015, 'Cycle Detected'],
    ['TX_UNACTIONABLE', 1018, 'Unactionable'],
    ['TX_NO_TAGS', 1019, 'No tags provided'],
  ])('knows %s by its number', async (code, number, message) => {
    node.pool.refusal = new NodeError(code, 'no')
    expect(await client.request('author_submitExtrinsic', '0x0401')).toMatchObject({ error: { code: number, message } })
  })

  it('lets go of the pool when the watcher leaves', async () => {
    let released = false
    node.pool.statuses = async function* (signal) {
      yield { kind: 'ready' } as const
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      released = true
    }
    const id = await client.call('author_submitAndWatchExtrinsic', '0x0401')
    await client.next()
    expect(await client.call('author_unwatchExtrinsic', id)).toBe(true)
    await until(() => released)
  })

  it('refuses a watched transaction by an event, and a broadcast in silence', async () => {
    node.pool.refusal = new NodeError('TX_INVALID', 'no', { data: { detail: 'BadProof' } })
    await client.call('transactionWatch_v1_submitAndWatch', '0x0402')
    expect(await client.next()).toEqual({ event: 'invalid', error: 'Invalid Transaction: Transaction has a bad signature' })
    expect(await client.request('transactionWatch_v1_submitAndWatch', 'zz')).toMatchObject({ error: { code: -32602 } })
    const id = await client.call('transaction_v1_broadcast', '0x0402')
    expect(id).toEqual(expect.any(String))
    expect(await client.call('transaction_v1_stop', id)).toBeNull()
    expect(await client.request('transaction_v1_stop', id)).toMatchObject({ error: { code: -32602 } })
    expect(client.pendingNotifications).toBe(0)
  })

  it('offers a broadcast transaction again with each best block until it is taken', async () => {
    node.pool.refusal = new NodeError('TX_INVALID', 'not yet', { data: { detail: 'Future' } })
    await client.call('transaction_v1_broadcast', '0x0401')
    node.blocks.import()
    await client.call('system_name')
    expect(node.pool.transactions).toHaveLength(0)
    node.pool.refusal = undefined
    node.blocks.import()
    await client.call('system_name')
    node.blocks.import()
    await client.call('system_name')
    expect(node.pool.transactions).toHaveLength(1)
  })

  it('limits broadcasts', async () => {
    for (let i = 0; i < 16; i++) expect(await client.call('transaction_v1_broadcast', '0x0401')).not.toBeNull()
    expect(await client.call('transaction_v1_broadcast', '0x0401')).toBeNull()
  })
})

describe('payment', () => {
  const balance = (value: bigint): Uint8Array => new ScaleWriter().u128(value).finish()

  it('decodes both forms of weight', () => {
    const old = concatBytes(new ScaleWriter().u64(123456789n).u8(0).finish(), balance(1_000_000_000_000n))
    expect(decodeDispatchInfo(old, 1)).toEqual({ weight: 123456789, class: 'normal', partialFee: '1000000000000' })
    const now = concatBytes(new ScaleWriter().compact(5_000_000).compact(3593).u8(1).finish(), balance(7n))
    expect(decodeDispatchInfo(now, 4)).toEqual({ weight: { ref_time: 5_000_000, proof_size: 3593 }, class: 'operational', partialFee: '7' })
  })

  it('decodes fee details', () => {
    const some = concatBytes(Uint8Array.of(1), balance(255n), balance(16n), balance(1n), balance(0n))
    expect(decodeFeeDetails(some)).toEqual({ inclusionFee: { baseFee: '0xff', lenFee: '0x10', adjustedWeightFee: '0x1' } })
    expect(decodeFeeDetails(concatBytes(Uint8Array.of(0), balance(0n)))).toEqual({ inclusionFee: null })
  })

  it('gives the extrinsic and its length to the runtime', async () => {
    node.runtime.answers.set('TransactionPaymentApi_query_info', async (args) => {
      expect(toHex(args)).toBe('0x080102' + '03000000')
      return concatBytes(new ScaleWriter().u64(1n).u8(2).finish(), balance(3n))
    })
    expect(await client.call('payment_queryInfo', '0x080102')).toEqual({ weight: 1, class: 'mandatory', partialFee: '3' })
    expect(await client.request('payment_queryFeeDetails', '0x080102')).toMatchObject({ error: { code: 1 } })
  })
})
