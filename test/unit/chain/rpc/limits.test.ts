import { Agent, request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import type { RpcOptions } from '../../../../node-core/chain/rpc/options.ts'
import { CallRate, MAX_WAITING } from '../../../../node-core/chain/rpc/server/call-rate.ts'
import { readMessage } from '../../../../node-core/json-rpc/message.ts'
import { excessOf, MAX_DEPTH, MAX_VALUES } from '../../../../node-core/json-rpc/shape.ts'
import { MemoryBudget } from '../../../../node-core/base/memory-budget.ts'
import { Client, startService, until, type Running } from './client.ts'
import { fakeNode, type FakeNode } from './fakes.ts'

let running: Running[] = []

async function start(options: Partial<RpcOptions> = {}, node?: FakeNode): Promise<Running> {
  const started = await startService(options, node)
  running.push(started)
  return started
}

afterEach(async () => {
  const all = running
  running = []
  await Promise.all(all.map(({ service }) => service.stop()))
})

const outcome = (call: Promise<void>): Promise<'ran' | number> => call.then(() => 'ran' as const, (error: { code: number }) => error.code)

describe('calls a minute', () => {
  it('lets a minute of calls run at once, the next in turn, and refuses those behind ten that wait', async () => {
    const clock = new FakeClock()
    const rate = new CallRate(6, clock)
    for (let call = 0; call < 6; call++) expect(await outcome(rate.admit())).toBe('ran')
    let ran = 0
    const waiting = Array.from({ length: MAX_WAITING }, () => rate.admit().then(() => ran++))
    expect(await outcome(rate.admit())).toBe(-32999)
    for (const turn of [1, 2, 3]) {
      clock.advance(10_000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(ran).toBe(turn)
    }
    clock.advance(70_000)
    await Promise.all(waiting)
    clock.advance(120_000)
    for (let call = 0; call < 6; call++) expect(await outcome(rate.admit())).toBe('ran')
    expect(clock.nextDue()).toBeUndefined()
  })

  it('does not wait longer where the clock is set back', async () => {
    const clock = new FakeClock()
    let setBack = 0
    const rate = new CallRate(60, { now: () => clock.now() - setBack, schedule: (ms, callback) => clock.schedule(ms, callback) })
    for (let call = 0; call < 60; call++) await rate.admit()
    setBack = 100_000_000
    const next = rate.admit()
    clock.advance(1000)
    expect(await outcome(next)).toBe('ran')
  })

  it('refuses who waits when the connection closes', async () => {
    const clock = new FakeClock()
    const rate = new CallRate(1, clock)
    await rate.admit()
    const waiting = outcome(rate.admit())
    rate.close()
    expect([await waiting, await outcome(rate.admit()), clock.nextDue()]).toEqual([-32999, -32999, undefined])
  })

  it('counts a WebSocket by itself, a batch by its entries, and goes on', async () => {
    const { port, node } = await start({ callsPerMinute: 60 })
    const client = await Client.open(port)
    const first = new Promise<{ error?: { code: number } }[]>((resolve) => client.socket.once('message', (data) => resolve(JSON.parse(String(data)) as { error?: { code: number } }[])))
    const batch = Array.from({ length: 60 + MAX_WAITING + 3 }, (_, id) => ({ jsonrpc: '2.0', id: id + 100, method: 'system_name' }))
    client.socket.send(JSON.stringify(batch))
    const other = await Client.open(port)
    expect(await other.call('system_name')).toBe('Nodestead')
    // The first turn is a second away, and signs of life half a minute.
    await until(() => (node.clock.nextDue() ?? Infinity) - node.clock.now() <= 1000)
    node.clock.advance(MAX_WAITING * 1000)
    const answers = await first
    expect(answers.filter(({ error }) => error?.code === -32999)).toHaveLength(3)
    node.clock.advance(1000)
    expect(await client.request('system_name')).toMatchObject({ result: 'Nodestead' })
    await Promise.all([client.close(), other.close()])
  })

  it('counts over HTTP what comes on one connection, and a stop waits for nobody whose turn has not come', async () => {
    const { port, service } = await start({ callsPerMinute: 1 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (count: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const request = httpRequest({ host: '127.0.0.1', port, agent, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          response.on('end', () => resolve(text))
        })
        request.on('error', reject)
        const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'system_name' })
        request.end(JSON.stringify(count === 1 ? call(0) : Array.from({ length: count }, (_, id) => call(id))))
      })
    expect(await ask(1)).toContain('Nodestead')
    const hanging = ask(MAX_WAITING + 2)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    await service.stop()
    const answers = JSON.parse(await hanging) as { error: { code: number } }[]
    expect(answers.map(({ error }) => error.code)).toEqual(Array(MAX_WAITING + 2).fill(-32999))
    agent.destroy()
  })
})

describe('batches', () => {
  it('are refused where none is wanted, and single requests are not', async () => {
    const { post } = await start({ maxBatch: 0 })
    const one = '{"jsonrpc":"2.0","id":1,"method":"system_name"}'
    expect(await (await post(`[${one}]`)).json()).toMatchObject({ id: null, error: { code: -32005 } })
    expect(await (await post(one)).json()).toMatchObject({ result: 'Nodestead' })
  })
})

describe('the shape of a message', () => {
  it('is told before it is parsed', () => {
    expect(excessOf('['.repeat(MAX_DEPTH), 10)).toBeUndefined()
    expect(excessOf('['.repeat(MAX_DEPTH + 1), 10)).toBe('depth')
    expect(excessOf(`{"a":${'{"a":'.repeat(MAX_DEPTH)}`, 10)).toBe('depth')
    expect(excessOf(` [${'1,'.repeat(10)}1]`, 10)).toBe('batch')
    expect(excessOf(` [${'1,'.repeat(9)}1]`, 10)).toBeUndefined()
    expect(excessOf(`{"a":[${'[],'.repeat(MAX_VALUES)}[]]}`, 10)).toBe('values')
  })

  it('is not taken from what stands in a string', () => {
    expect(excessOf(`{"a":"${'['.repeat(500)}","b":"\\\\","c":"\\"${'[,'.repeat(500)}"}`, 10)).toBeUndefined()
    expect(excessOf(JSON.stringify([',"\\",'.repeat(20), '\\']), 2)).toBeUndefined()
    expect(excessOf('"never closed', 1)).toBeUndefined()
  })

  it('is refused with a code and a reason', () => {
    expect(readMessage('['.repeat(100_000), 10)).toMatchObject({ entry: { refusal: { error: { code: -32700, data: expect.stringContaining('128') as string } } } })
    expect(readMessage(`[${'1,'.repeat(10_000)}1]`, 1000)).toMatchObject({ entry: { refusal: { error: { code: -32010 } } } })
  })
})

describe('the memory of all clients', () => {
  it('is bounded: whoever holds most goes', () => {
    const evicted: [string, number][] = []
    const holder = (name: string) => ({ evict: (bytes: number) => void evicted.push([name, bytes]) })
    const [small, large] = [holder('small'), holder('large')]
    const budget = new MemoryBudget(100)
    budget.hold(small, 30)
    budget.hold(large, 60)
    budget.release(large, 10)
    expect(budget.total).toBe(80)
    budget.hold(small, 19)
    budget.hold(small, 2)
    expect([evicted, budget.total]).toEqual([[['small', 51]], 50])
    budget.release(small, 1000)
    budget.forget(large)
    expect(budget.total).toBe(0)
  })

  it('ends the connections that do not read, and serves the others', async () => {
    const node = fakeNode()
    node.storage.items.set('0x01', new Uint8Array(1_000_000))
    const { port, service } = await start({ maxTotalBytes: 6_000_000 }, node)
    const slow = await Promise.all(Array.from({ length: 4 }, () => Client.open(port)))
    for (const client of slow) {
      client.socket.pause()
      for (let call = 0; call < 4; call++) void client.request('state_getStorage', '0x01')
    }
    await until(() => service.connectionCount < 4)
    const other = await Client.open(port)
    expect(await other.call<string>('state_getStorage', '0x01')).toHaveLength(2_000_002)
    for (const client of slow) client.socket.terminate()
    await other.close()
  })

  it('counts messages that are not whole', async () => {
    const { port, service } = await start({ maxTotalBytes: 1_000_000 })
    const other = await Client.open(port)
    const client = await Client.open(port)
    const part = Buffer.alloc(600_000, 0x20)
    client.socket.send(part, { fin: false })
    client.socket.send(part, { fin: false })
    await client.closed
    await until(() => service.connectionCount === 1)
    expect(await other.call('system_name')).toBe('Nodestead')
    await other.close()
  })

  it('bounds what waits for a client by messages, too', async () => {
    const node = fakeNode()
    const { port } = await start({ maxBacklogMessages: 20 }, node)
    const slow = await Client.open(port)
    for (let subscription = 0; subscription < 10; subscription++) await slow.call('state_subscribeStorage', ['0x01'])
    slow.socket.pause()
    for (let round = 0; node.blocks.listeners > 0; round++) {
      if (round > 500) throw new Error('it was never closed')
      node.storage.items.set('0x01', new Uint8Array(60_000).fill(round))
      node.blocks.import()
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    expect(await slow.closed).toMatchObject({ code: 1008 })
  })
})
