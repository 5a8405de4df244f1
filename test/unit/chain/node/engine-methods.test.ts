import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineCall, EngineMethodError, type EngineMethods } from '../../../../node-core/chain/core/engines/methods.ts'
import { rpcMethods } from '../../../../node-core/chain/node/engine-methods.ts'
import type { RpcOptions } from '../../../../node-core/chain/rpc/options.ts'
import { Client, startService, until, type Running } from '../rpc/client.ts'
import { fakeNode } from '../rpc/fakes.ts'

const HASH = `0x${'Ab'.repeat(32)}`

let running: Running
/** What came through to the engine. */
let given: unknown
let followers = 0
let notify: (result: unknown) => void

const offered: EngineMethods = ({ addressPrefix }) => [
  engineCall({
    name: 'test_take',
    params: { flag: 'boolean', block: 'hash', height: 'blockNumber', proof: 'bytes?' },
    handle: (values) => {
      given = values
      return { addressPrefix }
    },
  }),
  engineCall({
    name: 'test_refuse',
    params: {},
    handle() {
      throw new EngineMethodError(9002, 'Failed to fetch epoch data', 'no epoch')
    },
  }),
  engineCall({
    name: 'test_fail',
    params: {},
    async handle() {
      throw new Error('a path of this computer')
    },
  }),
  engineCall({ name: 'test_owner', params: {}, unsafe: true, handle: () => true }),
  {
    subscribe: 'test_subscribe',
    unsubscribe: 'test_unsubscribe',
    notification: 'test_notification',
    follow(tell) {
      followers++
      notify = tell
      return () => followers--
    },
  },
]

const start = (options: Partial<RpcOptions> = {}): Promise<Running> => startService(options, { ...fakeNode(), engineMethods: (context) => rpcMethods(offered(context)) })

beforeEach(async () => {
  given = undefined
  followers = 0
  running = await start()
})

afterEach(() => running.service.stop())

describe("an engine's call over JSON-RPC", () => {
  it('gets its parameters decoded, by position or by name, and what may be left out as undefined', async () => {
    expect(await running.call('test_take', true, HASH, '0x10', '0x0102')).toMatchObject({ result: { addressPrefix: 42 } })
    expect(given).toEqual({ flag: true, block: HASH.toLowerCase(), height: 16, proof: Uint8Array.of(1, 2) })
    await running.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test_take', params: { height: 7, proof: [3, 255], block: HASH, flag: false } }))
    expect(given).toEqual({ flag: false, block: HASH.toLowerCase(), height: 7, proof: Uint8Array.of(3, 255) })
    await running.call('test_take', false, HASH, 7, null)
    expect(given).toEqual({ flag: false, block: HASH.toLowerCase(), height: 7, proof: undefined })
  })

  it.each([
    ['a number for a boolean', [1, HASH, 7], 'flag: '],
    ['a short hash', [true, '0x01', 7], 'block: expected a 32-byte hash'],
    ['a height above 2^32', [true, HASH, 2 ** 32], 'height: the max block number is u32::MAX'],
    ['a byte above 255', [true, HASH, 7, [256]], 'proof: '],
    ['one parameter too many', [true, HASH, 7, null, 1], 'expected at most 4 parameters, got 5'],
  ])('is not made with %s', async (_what, params, why) => {
    const { error } = await running.call('test_take', ...params)
    expect(error).toMatchObject({ code: -32602, message: 'Invalid params', data: expect.stringContaining(why) as string })
    expect(given).toBeUndefined()
  })

  it('refuses with its own number, words and data; what else it throws stays in the log', async () => {
    expect((await running.call('test_refuse')).error).toEqual({ code: 9002, message: 'Failed to fetch epoch data', data: 'no epoch' })
    expect((await running.call('test_fail')).error).toEqual({ code: -32603, message: 'Internal error' })
  })

  it('is for the owner alone where the engine says so', async () => {
    expect(await running.call('test_owner')).toMatchObject({ result: true })
    await running.service.stop()
    running = await start({ methods: 'safe' })
    expect((await running.call('test_owner')).error).toEqual({ code: -32601, message: 'RPC call is unsafe to be called externally' })
  })
})

describe("an engine's subscription over JSON-RPC", () => {
  it('notifies from when the caller knows it until the caller ends it', async () => {
    const client = await Client.open(running.port)
    const id = await client.call('test_subscribe')
    expect(followers).toBe(1)
    notify('0x01')
    expect(await client.next()).toBe('0x01')
    expect(await client.call('test_unsubscribe', id)).toBe(true)
    expect(followers).toBe(0)
    notify('0x02')
    expect(await client.call('test_unsubscribe', id)).toBe(false)
    expect(client.pendingNotifications).toBe(0)
    await client.close()
  })

  it('ends with the connection', async () => {
    const client = await Client.open(running.port)
    await client.call('test_subscribe')
    await client.close()
    await until(() => followers === 0)
  })
})
