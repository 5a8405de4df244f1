import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RpcOptions } from '../../../../node-core/chain/rpc/options.ts'
import { RpcService } from '../../../../node-core/chain/rpc/rpc-service.ts'
import type { HttpExtension } from '../../../../node-core/chain/rpc/server/server.ts'
import { Client, startService, until, type Running } from './client.ts'
import { fakeNode, type FakeNode } from './fakes.ts'
import { MetricRegistry } from '../../../../node-core/metrics/registry.ts'
import { rpcMetrics } from '../../../../node-core/chain/rpc/metrics.ts'
import { parseMetrics, valueOf } from '../../../helpers/prometheus.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'

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

/** `fetch` does not let go of Host. */
function rawPost(port: number, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers }
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers: all }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
    request.end('{"jsonrpc":"2.0","id":1,"method":"system_name"}')
  })
}

describe('HTTP', () => {
  it('answers a request, a batch and nothing to a notification', async () => {
    const { post } = await start()
    const one = await post('{"jsonrpc":"2.0","id":7,"method":"system_name"}')
    expect(one.headers.get('content-type')).toContain('application/json')
    expect(await one.json()).toEqual({ jsonrpc: '2.0', id: 7, result: 'Nodestead' })
    const jsonrpc = '2.0'
    const requests = [{ jsonrpc, id: 1, method: 'system_chain' }, { jsonrpc, method: 'system_name' }, 3, { jsonrpc, id: 2, method: 'nope' }]
    const batch = await post(JSON.stringify(requests))
    expect(await batch.json()).toMatchObject([
      { id: 1, result: 'Fake' },
      { id: null, error: { code: -32600 } },
      { id: 2, error: { code: -32601, message: 'Method not found' } },
    ])
    const notification = await post('{"jsonrpc":"2.0","method":"system_name"}')
    expect([notification.status, await notification.text()]).toEqual([204, ''])
  })

  it('refuses bad JSON, invalid params and a batch that is too long', async () => {
    const { post, call } = await start({ maxBatch: 2 })
    expect(await (await post('{')).json()).toMatchObject({ id: null, error: { code: -32700 } })
    expect(await call('chain_getHeader', 'x')).toMatchObject({ error: { code: -32602, data: expect.stringContaining('hash') as string } })
    expect(await call('chain_getHeader', null, 1)).toMatchObject({ error: { code: -32602 } })
    expect(await (await post('[1,2,3]')).json()).toMatchObject({ error: { code: -32010 } })
  })

  it('takes params by name', async () => {
    const { post, node } = await start()
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'archive_v1_hashByHeight', params: { height: 0 } })
    expect(await (await post(body)).json()).toMatchObject({ result: [node.blocks.genesisHash] })
  })

  it('stops reading a huge body, announced or not', async () => {
    const { post, port } = await start({ maxRequestBytes: 1000 })
    const announced = await post('x'.repeat(5000))
    expect(announced.status).toBe(413)
    expect(await announced.json()).toMatchObject({ error: { code: -32007 } })
    const chunked = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob(['x'.repeat(5000)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(413)
    expect((await post('{"jsonrpc":"2.0","id":7,"method":"system_name"}')).status).toBe(200)
  })

  it('keeps large answers back', async () => {
    const node = fakeNode()
    node.storage.items.set('0x01', new Uint8Array(1000))
    const { call, post } = await start({ maxResponseBytes: 900 }, node)
    expect(await call('state_getStorage', '0x01')).toMatchObject({ id: 1, error: { code: -32008 } })
    const request = '{"jsonrpc":"2.0","id":1,"method":"rpc_methods"}'
    const name = '{"jsonrpc":"2.0","id":1,"method":"system_name"}'
    expect((await (await post(`[${Array(30).fill(name).join(',')}]`)).json()) as unknown).toMatchObject({ error: { code: -32011 } })
    expect(await (await post(request)).json()).toMatchObject({ error: { code: -32008 } })
  })

  it('wants JSON by POST', async () => {
    const { post, port } = await start()
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(405)
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body: 'x' })).status).toBe(405)
  })

  it('tells its health as Substrate does', async () => {
    const { port } = await start()
    const response = await fetch(`http://127.0.0.1:${port}/health`)
    expect(await response.json()).toEqual({ peers: 1, isSyncing: false, shouldHavePeers: false })
    expect((await fetch(`http://127.0.0.1:${port}/health/readiness`)).status).toBe(200)
  })

  it('checks Host and Origin, and lets allowed pages read the answer', async () => {
    const { port, post } = await start()
    expect(await rawPost(port, { host: `localhost:${port}` })).toBe(200)
    expect(await rawPost(port, { host: 'evil.example' })).toBe(403)
    expect(await rawPost(port, { origin: 'https://evil.example' })).toBe(403)
    const allowed = await post('{"jsonrpc":"2.0","id":1,"method":"system_name"}', { origin: 'https://polkadot.js.org' })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://polkadot.js.org')
    const preflight = await fetch(`http://127.0.0.1:${port}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'POST',
        'access-control-request-private-network': 'true',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
    expect(preflight.headers.get('access-control-allow-private-network')).toBe('true')
  })

  it('gives ids back to the digit, alone, in batches, and over WebSocket', async () => {
    const { post, port } = await start()
    const request = (id: string, method = 'system_name'): string => `{"jsonrpc":"2.0","id":${id},"method":"${method}"}`
    expect(await (await post(request('18446744073709551615'))).text()).toBe('{"jsonrpc":"2.0","id":18446744073709551615,"result":"Nodestead"}')
    const batch = await (await post(`[${request('9007199254740993')},${request('1.50')},${request('"9007199254740993"', 'nope')}]`)).text()
    expect(batch.match(/"id":[^,]+/g)).toEqual(['"id":9007199254740993', '"id":1.50', '"id":"9007199254740993"'])
    const client = await Client.open(port)
    const answer = new Promise<string>((resolve) => client.socket.once('message', (data) => resolve(String(data))))
    client.socket.send(request('9223372036854775807', 'nope'))
    expect(await answer).toBe('{"jsonrpc":"2.0","id":9223372036854775807,"error":{"code":-32601,"message":"Method not found"}}')
    await client.close()
  })

  it('does not know subscriptions', async () => {
    const { call } = await start()
    expect(await call('chain_subscribeNewHeads')).toMatchObject({ error: { code: -32601 } })
    expect(await call('chainHead_v1_follow', true)).toMatchObject({ error: { code: -32601 } })
  })

  it('keeps unsafe methods from others', async () => {
    const { call, post } = await start()
    expect(await call('system_peers')).toMatchObject({ result: [{ peerId: '12D3KooWOther', roles: 'FULL', bestNumber: 41 }] })
    const forwarded = await post('{"jsonrpc":"2.0","id":1,"method":"system_peers"}', { 'x-forwarded-for': '8.8.8.8' })
    expect(await forwarded.json()).toMatchObject({ error: { code: -32601, message: 'RPC call is unsafe to be called externally' } })
    for (const method of ['system_addReservedPeer', 'system_removeReservedPeer']) {
      const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: ['x'] })
      expect(await (await post(request, { 'x-forwarded-for': '8.8.8.8' })).json()).toMatchObject({ error: { code: -32601 } })
      expect(await (await post(request)).json()).toMatchObject({ error: { code: 2002 } })
    }
  })

  it('counts calls by family, unknown ones as one', async () => {
    const { call, service } = await start()
    await call('system_name')
    await call('system_addReservedPeer', 'x')
    for (const name of ['nope', 'nope_a', 'no_b']) await call(name)
    const registry = new MetricRegistry(silentLogger)
    registry.declare(...rpcMetrics(service))
    const series = parseMetrics(await registry.text())
    const calls = (family: string) => ['succeeded', 'failed'].map((outcome) => valueOf(series, 'nodestead_rpc_calls_total', { family, outcome }))
    expect([calls('system'), calls('unknown')]).toEqual([[1, 1], [0, 3]])
    expect(valueOf(series, 'nodestead_rpc_connections')).toBe(0)
  })

  it('counts and times calls by protocol and method, under the names and labels of Substrate', async () => {
    const { call, port, service } = await start({ callsPerMinute: 2, maxResponseBytes: 5_000 })
    await call('system_name')
    await call('nope_a')
    const client = await Client.open(port)
    for (let turn = 0; turn < 2; turn++) await client.call('system_name')
    const waiting = Array.from({ length: 11 }, () => client.request('system_name'))
    expect(await waiting.at(-1)).toMatchObject({ error: { code: -32999 } })
    const registry = new MetricRegistry(silentLogger)
    registry.declare(...rpcMetrics(service))
    const series = parseMetrics(await registry.text())
    const started = (protocol: string, method: string) => valueOf(series, 'substrate_rpc_calls_started', { protocol, method })
    expect([started('http', 'system_name'), started('http', 'unknown'), started('ws', 'system_name')]).toEqual([1, 1, 13])
    expect(series.some(({ labels }) => labels['method'] === 'nope_a')).toBe(false)
    const finished = (protocol: string, method: string, is_error: string, is_rate_limited: string) => valueOf(series, 'substrate_rpc_calls_finished', { protocol, method, is_error, is_rate_limited })
    expect([finished('http', 'system_name', 'false', 'false'), finished('http', 'unknown', 'true', 'false')]).toEqual([1, 1])
    expect([finished('ws', 'system_name', 'false', 'false'), finished('ws', 'system_name', 'true', 'true')]).toEqual([2, 1])
    const time = { protocol: 'ws', method: 'system_name', is_rate_limited: 'false' }
    expect(valueOf(series, 'substrate_rpc_calls_time_count', time)).toBe(2)
    expect(valueOf(series, 'substrate_rpc_calls_time_bucket', { ...time, le: '10000000' })).toBe(2)
    expect(valueOf(series, 'substrate_rpc_calls_time_bucket', { ...time, le: '+Inf' })).toBe(2)
    const micros = valueOf(series, 'substrate_rpc_calls_time_sum', time) ?? 0
    expect(micros > 0 && micros < 20_000_000).toBe(true)
    await client.close()
  })

  it('tells how long sessions were open, in whole seconds, under the names and labels of Substrate', async () => {
    const { port, service, node } = await start()
    const registry = new MetricRegistry(silentLogger)
    registry.declare(...rpcMetrics(service))
    const read = async (name: string, labels: Readonly<Record<string, string>> = {}) => valueOf(parseMetrics(await registry.text()), `substrate_rpc_sessions_${name}`, labels)
    for (const openFor of [4_900, 26_700]) {
      const client = await Client.open(port)
      await client.call('system_name')
      node.clock.skip(openFor)
      await client.close()
      await until(() => service.connectionCount === 0)
    }
    const still = await Client.open(port)
    await still.call('system_name')
    const classes = await Promise.all(['5', '25', '100', '10000000', '+Inf'].map((le) => read('time_bucket', { protocol: 'ws', le })))
    expect(classes).toEqual([1, 1, 2, 2, 2])
    expect([await read('time_sum', { protocol: 'ws' }), await read('time_count', { protocol: 'ws' })]).toEqual([30, 2])
    expect([await read('opened'), await read('closed')]).toEqual([3, 2])
    await still.close()
  })

  it('leaves other paths to an extension', async () => {
    const extension: HttpExtension = {
      request: (request, response) => {
        if (request.url !== '/dashboard') return false
        response.end('mine')
        return true
      },
    }
    const { port, call } = await start({}, { ...fakeNode(), extension })
    expect(await (await fetch(`http://127.0.0.1:${port}/dashboard`)).text()).toBe('mine')
    expect(await call('system_name')).toMatchObject({ result: 'Nodestead' })
  })
})

describe('WebSocket', () => {
  it('checks Host and Origin', async () => {
    const { port } = await start()
    await expect(Client.open(port, { origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(Client.open(port, { host: 'evil.example' })).rejects.toThrow('403')
    const client = await Client.open(port, { origin: 'http://localhost:1234' })
    expect(await client.call('system_name')).toBe('Nodestead')
    await client.close()
  })

  it('subscribes, notifies in order, unsubscribes and forgets', async () => {
    const { port, node } = await start()
    const client = await Client.open(port)
    const id = await client.call('chain_subscribeNewHeads')
    expect(await client.next()).toMatchObject({ number: '0x0' })
    node.blocks.import()
    node.blocks.import({ best: false })
    node.blocks.import()
    expect([await client.next(), await client.next()]).toMatchObject([{ number: '0x1' }, { number: '0x2' }])
    expect(node.blocks.listeners).toBe(1)
    expect(await client.call('chain_unsubscribeFinalizedHeads', id)).toBe(false)
    expect(await client.call('chain_unsubscribeNewHead', id)).toBe(true)
    expect(await client.call('chain_unsubscribeNewHeads', id)).toBe(false)
    expect(node.blocks.listeners).toBe(0)
    node.blocks.import()
    await client.call('system_name')
    expect(client.pendingNotifications).toBe(0)
    await client.close()
  })

  it('leaves no listener behind when the client goes', async () => {
    const { port, node, service } = await start()
    const client = await Client.open(port)
    const heads = ['NewHeads', 'AllHeads', 'FinalizedHeads'].map((name) => `chain_subscribe${name}`)
    for (const name of [...heads, 'state_subscribeRuntimeVersion']) await client.call(name)
    await client.call('state_subscribeStorage', ['0x01'])
    await client.call('chainHead_v1_follow', true)
    await client.call('transaction_v1_broadcast', '0x0401')
    expect(node.blocks.listeners).toBe(9)
    client.socket.terminate()
    await until(() => service.connectionCount === 0)
    expect(node.blocks.listeners).toBe(0)
  })

  it('limits subscriptions and connections', async () => {
    const { port } = await start({ maxSubscriptionsPerConnection: 2, maxConnections: 2 })
    const client = await Client.open(port)
    const first = await client.call('chain_subscribeNewHeads')
    await client.call('chain_subscribeNewHeads')
    expect(await client.request('chain_subscribeNewHeads')).toMatchObject({ error: { code: -32006 } })
    await client.call('chain_unsubscribeNewHeads', first)
    await client.call('chain_subscribeNewHeads')
    const second = await Client.open(port)
    await expect(Client.open(port)).rejects.toThrow('429')
    await Promise.all([client.close(), second.close()])
  })

  it('runs only so many calls at a time, and all in the end', async () => {
    const node = fakeNode()
    let running = 0
    let most = 0
    node.runtime.answers.set('Slow_call', async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return Uint8Array.of(1)
    })
    const { port } = await start({ maxConcurrentCalls: 4 }, node)
    const client = await Client.open(port)
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.call('state_call', 'Slow_call', '0x')))
    expect(answers).toEqual(Array(50).fill('0x01'))
    const request = { jsonrpc: '2.0', method: 'state_call', params: ['Slow_call', '0x'] }
    const batch = Array.from({ length: 50 }, (_, id) => ({ ...request, id: id + 1000 }))
    const answered = new Promise((resolve) => client.socket.once('message', (data) => resolve(JSON.parse(String(data)))))
    client.socket.send(JSON.stringify(batch))
    expect(await answered).toHaveLength(50)
    expect(most).toBe(4)
    await client.close()
  })

  it('lets others have their turn while one has much to ask', async () => {
    const node = fakeNode()
    const { port } = await start({}, node)
    const get = node.storage.get.bind(node.storage)
    vi.spyOn(node.storage, 'get').mockImplementation((...asked) => {
      for (const until = performance.now() + 4; performance.now() < until; );
      return get(...asked)
    })
    const [many, one] = [await Client.open(port), await Client.open(port)]
    const order: string[] = []
    // They arrive in one piece, as one read of the socket.
    const { _socket: line } = many.socket as unknown as { _socket: Socket }
    line.cork()
    const asked = Array.from({ length: 60 }, (_, index) => many.request('state_getStorage', '0x01').then(() => order.push(`many ${index}`)))
    line.uncork()
    await Promise.all([...asked, one.request('system_name').then(() => order.push('one'))])
    expect(order.indexOf('one')).toBeLessThan(55)
    await Promise.all([many.close(), one.close()])
  })

  it('closes on a client that does not read its notifications', async () => {
    const node = fakeNode()
    const { port, service } = await start({ maxBacklogBytes: 64 * 1024 }, node)
    const slow = await Client.open(port)
    await slow.call('state_subscribeStorage', ['0x01'])
    await slow.next()
    slow.socket.pause()
    for (let round = 0; node.blocks.listeners > 0; round++) {
      if (round > 500) throw new Error('it was never closed')
      node.storage.items.set('0x01', new Uint8Array(100_000).fill(round))
      node.blocks.import()
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Whether it takes what is left and the reason behind it, or never reads again: the place is free in a moment.
    node.clock.advance(1000)
    await until(() => service.connectionCount === 0)
  })

  it('tells a slow client the reason when it reads on', async () => {
    const node = fakeNode()
    const { port } = await start({ maxBacklogBytes: 64 * 1024 }, node)
    const slow = await Client.open(port)
    await slow.call('state_subscribeStorage', ['0x01'])
    slow.socket.pause()
    for (let round = 0; node.blocks.listeners > 0; round++) {
      node.storage.items.set('0x01', new Uint8Array(100_000).fill(round))
      node.blocks.import()
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    expect(await slow.closed).toEqual({ code: 1008, reason: 'too slow: too many notifications were waiting to be sent' })
  })

  it('drops a client that gives no sign of life', async () => {
    const { port, node, service } = await start()
    const client = await Client.open(port)
    await client.call('system_name')
    node.clock.advance(30_000)
    // The ping came before the first answer, so the pong went out before the second request.
    await client.call('system_name')
    await client.call('system_name')
    node.clock.advance(30_000)
    expect(await client.call('system_name')).toBe('Nodestead')
    client.socket.pause()
    node.clock.advance(30_000)
    node.clock.advance(30_000)
    await until(() => service.connectionCount === 0)
    client.socket.terminate()
  })

  it('refuses a message that is too large', async () => {
    const { port } = await start({ maxRequestBytes: 1000 })
    const client = await Client.open(port)
    const answer = new Promise((resolve) => client.socket.once('message', (data) => resolve(JSON.parse(String(data)))))
    client.socket.send('x'.repeat(2000))
    expect(await answer).toEqual({ jsonrpc: '2.0', id: null, error: { code: -32007, message: 'Request is too big', data: 'Exceeded max limit of 1000' } })
    expect(await client.closed).toEqual({ code: 1009, reason: 'the message is larger than 1000 bytes' })
  })
})

describe('start and stop', () => {
  it('says that the port is in use, by whom, and what to do', async () => {
    const { port } = await start()
    const second = new RpcService(fakeNode(), { port })
    const failed = second.start()
    const hint = expect.stringContaining('--rpc-port') as string
    await expect(failed).rejects.toMatchObject({ code: 'RPC_PORT_IN_USE', data: { port }, hint })
    const holder = expect.stringContaining(`(pid ${process.pid})`) as string
    if (process.platform === 'linux') await expect(failed).rejects.toMatchObject({ data: { holder } })
    await second.stop()
  })

  it('skips an address that the machine lacks, but not all of them', async () => {
    const { call } = await start({ listen: ['127.0.0.1', '192.0.2.1'] })
    expect(await call('system_name')).toMatchObject({ result: 'Nodestead' })
    const nowhere = new RpcService(fakeNode(), { port: 0, listen: ['192.0.2.1'] })
    await expect(nowhere.start()).rejects.toMatchObject({ code: 'RPC_LISTEN_FAILED' })
  })

  it('stops promptly: clients hear why, listeners go, the port is free', async () => {
    const { port, service, node } = await start()
    const client = await Client.open(port)
    await client.call('chain_subscribeNewHeads')
    const idle = connect(port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const idleClosed = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => {})
    const stopped = service.stop()
    expect(await client.closed).toEqual({ code: 1001, reason: 'the node is stopping' })
    // The silent socket is not waited for longer than the grace.
    node.clock.advance(500)
    await Promise.all([stopped, idleClosed])
    expect([service.port, service.address, node.blocks.listeners]).toEqual([undefined, undefined, 0])
    await service.stop()
    const again = new RpcService(fakeNode(), { port })
    await again.start()
    await again.stop()
  })

  it('does not wait for a call that hangs', async () => {
    const node = fakeNode()
    let called = false
    node.runtime.answers.set('Hangs', () => {
      called = true
      return new Promise(() => {})
    })
    const { service, post } = await start({}, node)
    const answer = post('{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Hangs","0x"]}').catch(() => 'cut off')
    await until(() => called)
    const stopped = service.stop()
    await new Promise((resolve) => setImmediate(resolve))
    node.clock.advance(500)
    await stopped
    expect(await answer).toBe('cut off')
  })

  it('may be stopped without having been started', async () => {
    await new RpcService(fakeNode()).stop()
  })
})
