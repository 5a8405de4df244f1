/** The gateway before a stand-in for a node: what is served to whom, how much, and what becomes of it when either end goes away. */
import { readFile } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isNodeError } from '../../../node-core/base/errors.ts'
import { Gateway } from '../../../node-core/gateway/gateway.ts'
import { GATEWAY_LIMITS } from '../../../node-core/gateway/options.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { MetricRegistry } from '../../../node-core/metrics/registry.ts'
import { ASK_EVERY_MS } from '../../../node-core/gateway/node-watch.ts'
import { call, GatewayClient, GatewayLab, type LabOptions } from '../../helpers/gateway-lab.ts'

let lab: GatewayLab
const start = async (options: LabOptions = {}): Promise<GatewayLab> => (lab = await GatewayLab.start(options))
const open: Socket[] = []
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  await lab.stop()
})

/** Other work of the computer may come between. */
const eventually = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, 15_000)

const readiness = async () => {
  const response = await fetch(`${lab.gateway.address}health/readiness`)
  return { status: response.status, ...((await response.json()) as { ready: boolean; node: string }) }
}

describe('a method', () => {
  it('that is not served does not exist, alone, in a batch and over WebSocket, and never reaches the node', async () => {
    const key = await (await start()).key()
    for (const method of ['author_rotateKeys', 'system_peers', 'system_addReservedPeer', 'no_such', 'toString', '__proto__']) {
      const { status, json } = await lab.post(call(method), { key })
      expect([status, json.error?.code]).toEqual([200, -32601])
    }
    const { json } = await lab.post([call('author_insertKey', 'a'), call('system_chain', 'b'), 5, { jsonrpc: '2.0', method: 'system_name' }], { key })
    expect(json.map(({ id, result, error }) => [id, result ?? error?.code])).toEqual([['a', -32601], [null, -32600], ['b', 'system_chain']])
    const client = await lab.webSocket(`k/${key}`)
    client.send([call('author_insertKey', 'a'), call('system_chain', 'b')])
    expect((await client.nextJson()).map(({ id, result, error }) => [id, result ?? error?.code])).toEqual([['a', -32601], ['b', 'system_chain']])
    client.send(call('state_getPairs', 3))
    expect(await client.nextJson()).toMatchObject({ id: 3, error: { code: -32601 } })
    expect(lab.node.asked.map(({ method }) => method).sort()).toEqual(['system_chain', 'system_chain', 'system_name'])
    client.socket.terminate()
  })

  it('is one text for gateway and node: of two names the one that is judged is the one that is asked', async () => {
    const key = await (await start()).key()
    await lab.post('{"jsonrpc":"2.0","id":1,"method":"author_rotateKeys","method":"system_chain"}', { key })
    await lab.post('{"jsonrpc":"2.0","id":1,"method":"system_chain","method":"author_rotateKeys"}', { key })
    expect(lab.node.asked.map(({ method }) => method)).toEqual(['system_chain'])
  })

  it('that is served is in rpc_methods where the node has it, too', async () => {
    const key = await (await start()).key()
    expect((await lab.post(call('rpc_methods'), { key })).json.result).toEqual({ methods: ['rpc_methods', 'system_chain'] })
  })

  it('may be allowed or denied by whoever runs the gateway', async () => {
    const key = await (await start({ allowed: ['archive_v1_*'], denied: ['state_call'] })).key()
    expect((await lab.post(call('archive_v1_body'), { key })).json.result).toBe('archive_v1_body')
    expect((await lab.post(call('state_call'), { key })).json.error?.code).toBe(-32601)
  })
})

describe('an answer', () => {
  it('has the id exactly as it was sent', async () => {
    const key = await (await start()).key()
    const client = await lab.webSocket(`k/${key}`)
    for (const id of ['12345678901234567890', '1.0', '"a\\"b"', 'null']) {
      expect((await lab.post(`{"jsonrpc":"2.0","id":${id},"method":"author_rotateKeys"}`, { key })).text).toContain(`"id":${id},`)
      client.send(`{"jsonrpc":"2.0","id":${id},"method":"system_chain"}`)
      expect(await client.next()).toBe(`{"jsonrpc":"2.0","id":${id},"result":"system_chain"}`)
    }
    client.socket.terminate()
  })

  it('is of a client of its own: each WebSocket has one at the node, and the node knows it for a stranger', async () => {
    const key = await (await start({ trustedProxies: ['127.0.0.1'] })).key()
    const [one, two] = [await lab.webSocket(`k/${key}`, { 'x-forwarded-for': '192.0.2.5' }), await lab.webSocket(`k/${key}`)]
    expect(lab.node.open.size).toBe(2)
    const [, second] = [...lab.node.open]
    second?.send('{"jsonrpc":"2.0","method":"chain_newHead","params":{"subscription":"x","result":1}}')
    expect(await two.next()).toContain('chain_newHead')
    expect(lab.node.headers.filter(({ upgrade }) => upgrade !== undefined).map((headers) => headers['x-forwarded-for'])).toEqual(['192.0.2.5', '127.0.0.1'])
    await lab.post(call('system_chain'), { key })
    expect(lab.node.headers.at(-1)).toMatchObject({ 'x-forwarded-for': '127.0.0.1' })
    expect(lab.node.headers.at(-1)?.authorization).toBeUndefined()
    one.socket.close()
    await eventually(() => expect(lab.node.open.size).toBe(1))
    two.socket.terminate()
  })
})

describe('a client', () => {
  it('needs a key unless others are let in, sends it in three ways, and none of them is in the log', async () => {
    const key = await (await start()).key()
    const ways = [{ headers: { authorization: `Bearer ${key}` } }, { headers: { 'x-api-key': key } }, { path: `k/${key}/` }]
    for (const way of ways) expect((await lab.post(call('system_chain'), way)).json.result).toBe('system_chain')
    for (const way of [{}, { key: 'wrong' }, { path: 'k/' }, { path: 'k/wrong/' }, { headers: { authorization: 'Basic YTpi' } }]) {
      const { status, json, headers } = await lab.post(call('system_chain'), way)
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(json.error?.data?.['code']).toMatch(/^GATEWAY_KEY_(MISSING|REFUSED)$/)
    }
    await expect(lab.webSocket('k/wrong')).rejects.toThrow('status 401')
    await expect(lab.webSocket()).rejects.toThrow('status 401')
    await lab.gateway.stop()
    const log = await readFile(lab.requestLog, 'utf8')
    expect(log.trim().split('\n')).toHaveLength(10)
    expect(log).toContain('"key":"wallet"')
    expect(log + JSON.stringify(lab.logs)).not.toContain(key)
  })

  it('without one has its rate by address, where that is allowed', async () => {
    await start({ anonymousPerMinute: 2, trustedProxies: ['127.0.0.1'] })
    const from = (address: string) => lab.post(call('system_chain'), { headers: { 'x-forwarded-for': address } })
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('2001:db8::1'), await from('2001:db8::2')].map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const { status, headers, json } = await from('192.0.2.1')
    expect([status, headers.get('retry-after'), json.error?.code, json.error?.data?.['code']]).toEqual([429, '30', -32999, 'GATEWAY_RATE_LIMITED'])
    // The network of 64 bits is one client.
    expect((await from('2001:db8::3')).status).toBe(429)
    expect((await from('2001:db8:0:1::1')).status).toBe(200)
    lab.clock.advance(30_000)
    expect((await from('192.0.2.1')).status).toBe(200)
  })

  it('with one has its rate and its quota, which a restart does not give back', async () => {
    await start()
    const key = await lab.key('wallet', { perMinute: 3, perDay: 5 })
    const answers = (await lab.post([1, 2, 3, 4].map((id) => call('system_chain', id)), { key })).json
    expect(answers.map(({ error }) => error?.code).sort()).toEqual([-32999, undefined, undefined, undefined])
    lab.clock.advance(60_000)
    expect((await lab.post([1, 2].map((id) => call('system_chain', id)), { key })).status).toBe(200)
    const used = await lab.post(call('system_chain'), { key })
    expect([used.status, used.json.error?.data?.['code'], Number(used.headers.get('retry-after'))]).toEqual([429, 'GATEWAY_QUOTA_USED', expect.any(Number)])
    await lab.gateway.stop()
    await lab.startGateway()
    expect((await lab.post(call('system_chain'), { key })).json.error?.data?.['code']).toBe('GATEWAY_QUOTA_USED')
    lab.clock.advance(12 * 3_600_000)
    expect((await lab.post(call('system_chain'), { key })).json.result).toBe('system_chain')
  })

  it('is told over WebSocket, too, and hung up on when its key is revoked', async () => {
    await start()
    const key = await lab.key('wallet', { perMinute: 2 })
    const client = await lab.webSocket(`k/${key}`)
    client.send(call('system_chain', 1))
    expect(await client.nextJson()).toMatchObject({ id: 1, result: 'system_chain' })
    client.send(call('system_chain', 2))
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: -32999, data: { code: 'GATEWAY_RATE_LIMITED', retryAfterMs: 30_000 } } })
    await lab.keys.revoke('wallet')
    lab.clock.advance(1_001)
    expect((await lab.post(call('system_chain'), { key })).status).toBe(401)
    expect(await client.closed).toEqual({ code: 1008, reason: 'the key was revoked' })
  })

  it('has as many WebSockets as an address may', async () => {
    const key = await (await start({ limits: { webSocketsPerAddress: 2 } })).key()
    const clients = [await lab.webSocket(`k/${key}`), await lab.webSocket(`k/${key}`)]
    await expect(lab.webSocket(`k/${key}`)).rejects.toThrow('status 503')
    for (const { socket } of clients) socket.terminate()
    await eventually(async () => (await lab.webSocket(`k/${key}`)).socket.terminate())
  })
})

describe('a page in a browser', () => {
  const origin = 'https://wallet.example'

  it('may ask where its site is on the list, and read the answer', async () => {
    const key = await (await start({ origins: [origin] })).key()
    const preflight = await fetch(lab.gateway.address, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    expect((await lab.post(call('system_chain'), { key, headers: { origin } })).headers.get('access-control-allow-origin')).toBe(origin)
    const foreign = await lab.post(call('system_chain'), { key, headers: { origin: 'https://other.example' } })
    expect([foreign.status, foreign.json.error?.data?.['code'], foreign.headers.get('access-control-allow-origin')]).toEqual([403, 'GATEWAY_FOREIGN_ORIGIN', null])
    await expect(lab.webSocket(`k/${key}`, { origin: 'https://other.example' })).rejects.toThrow('status 403')
    const client = await lab.webSocket(`k/${key}`, { origin })
    client.socket.terminate()
  })

  it('gets nowhere by a name that was re-pointed at this computer', async () => {
    const key = await (await start()).key()
    const { port } = new URL(lab.gateway.address)
    const status = await new Promise((resolve, reject) => {
      const asked = ask({ port, host: '127.0.0.1', method: 'POST', headers: { host: 'rebound.example', 'content-type': 'application/json', authorization: `Bearer ${key}` } }, (response) => resolve(response.resume().statusCode))
      asked.on('error', reject)
      asked.end(JSON.stringify(call('system_chain')))
    })
    expect(status).toBe(403)
  })
})

describe('behind a reverse proxy', () => {
  it.each([['that passes its path on', ''], ['that takes its path off', '/rpc']])('%s, a gateway is found under the path, by POST and WebSocket', async (_, off) => {
    const key = await (await start({ publicUrl: 'https://node.example/rpc/', trustedProxies: ['127.0.0.1'] })).key()
    const { port } = new URL(lab.gateway.address)
    const proxy = createServer((request, response) => {
      const { headers, method } = request
      const passed = ask({ port, host: '127.0.0.1', method, path: request.url?.slice(off.length), headers: { ...headers, host: 'node.example', 'x-forwarded-for': '192.0.2.9' } }, (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)))
      request.pipe(passed)
    })
    proxy.on('upgrade', (request, socket) => {
      const passed = connect(Number(port), '127.0.0.1', () => passed.write(`GET ${request.url?.slice(off.length) ?? ''} HTTP/1.1\r\nHost: node.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${request.headers['sec-websocket-key'] ?? ''}\r\n\r\n`))
      open.push(passed)
      passed.on('error', () => undefined)
      passed.pipe(socket).pipe(passed)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const outside = `127.0.0.1:${(proxy.address() as AddressInfo).port}/rpc/`
    const response = await fetch(`http://${outside}`, { method: 'POST', body: JSON.stringify(call('system_chain')), headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` } })
    expect(await response.json()).toMatchObject({ result: 'system_chain' })
    expect((await fetch(`http://${outside}health/readiness`)).status).toBe(200)
    const client = await GatewayClient.open(`ws://${outside}k/${key}`)
    client.send(call('system_name', 7))
    expect(await client.nextJson()).toMatchObject({ id: 7, result: 'system_name' })
    client.socket.terminate()
    proxy.closeAllConnections()
    proxy.close()
    await lab.gateway.stop()
    expect(await readFile(lab.requestLog, 'utf8')).toContain('"address":"192.0.2.9"')
  })
})

describe('the node', () => {
  it('that dies takes its clients with it, who are told; readiness says so and comes back with it', async () => {
    const key = await (await start()).key()
    expect(await readiness()).toEqual({ status: 200, ready: true, node: 'ready' })
    const client = await lab.webSocket(`k/${key}`)
    const { port } = new URL(lab.node.url)
    for (const webSocket of lab.node.open) webSocket.terminate()
    await lab.node.stop()
    expect(await client.closed).toEqual({ code: 1014, reason: 'the connection to the node has ended' })
    await eventually(async () => expect(await readiness()).toEqual({ status: 503, ready: false, node: 'unreachable' }))
    const { status, json, headers } = await lab.post(call('system_chain'), { key })
    expect([status, json.error?.data?.['code'], headers.get('retry-after')]).toEqual([502, 'GATEWAY_NODE_UNREACHABLE', '5'])
    await expect(lab.webSocket(`k/${key}`)).rejects.toThrow('status 502')
    expect((await fetch(`${lab.gateway.address}health`)).status).toBe(200)
    await lab.node.start(Number(port))
    await eventually(async () => {
      lab.clock.advance(ASK_EVERY_MS)
      expect(await readiness()).toEqual({ status: 200, ready: true, node: 'ready' })
    })
    expect((await lab.post(call('system_chain'), { key })).json.result).toBe('system_chain')
  })

  it('that closed an idle connection meanwhile is asked over another one', async () => {
    const key = await (await start()).key()
    lab.node.closesIdle = true
    for (const method of ['system_chain', 'system_name', 'system_version']) expect((await lab.post(call(method), { key })).json.result).toBe(method)
    expect(lab.node.asked.filter(({ method }) => method.startsWith('system_')).map(({ method }) => method)).toEqual(['system_chain', 'system_name', 'system_version'])
  })

  it('that is behind or alone is not ready', async () => {
    await start()
    for (const [health, node] of [[{ peers: 3, isSyncing: true, shouldHavePeers: true }, 'syncing'], [{ peers: 0, isSyncing: false, shouldHavePeers: true }, 'lonely'], [{ peers: 0, isSyncing: false, shouldHavePeers: false }, 'ready']] as const) {
      lab.node.health = health
      await eventually(async () => {
        lab.clock.advance(ASK_EVERY_MS)
        expect((await readiness()).node).toBe(node)
      })
    }
  })
})

describe('a gateway that stops', () => {
  it('takes nothing more, answers what is under way, and closes WebSockets as one that goes away', async () => {
    const key = await (await start()).key()
    const client = await lab.webSocket(`k/${key}`)
    client.send(call('state_call', 1))
    await eventually(() => expect(lab.node.asked).toHaveLength(1))
    const [address, stopped] = [lab.gateway.address, lab.gateway.stop()]
    expect(lab.gateway.health()).toEqual({ ready: false, node: 'stopping' })
    await expect(fetch(address)).rejects.toThrow()
    client.send(call('system_chain', 2))
    const [upstream] = [...lab.node.open]
    upstream?.send('{"jsonrpc":"2.0","id":1,"result":"late"}')
    expect(await client.nextJson()).toMatchObject({ id: 1, result: 'late' })
    expect(await client.closed).toEqual({ code: 1001, reason: 'the gateway stops' })
    await stopped
    expect(lab.node.asked).toHaveLength(1)
  })

  it('answers a request by POST that is under way', async () => {
    const key = await (await start()).key()
    const answered = lab.post(call('state_call', 5), { key })
    await eventually(() => expect(lab.node.waiting).toHaveLength(1))
    const stopped = lab.gateway.stop()
    lab.node.waiting[0]?.end('{"jsonrpc":"2.0","id":5,"result":"late"}')
    expect((await answered).json).toMatchObject({ id: 5, result: 'late' })
    await stopped
  })

  it('waits no longer than it was told', async () => {
    const key = await (await start({ limits: { drainMs: 5_000 } })).key()
    const client = await lab.webSocket(`k/${key}`)
    client.send(call('state_call', 1))
    await eventually(() => expect(lab.node.asked).toHaveLength(1))
    const stopped = lab.gateway.stop()
    lab.clock.advance(5_000)
    expect((await client.closed).code).toBe(1001)
    await stopped
  })
})

describe('too much', () => {
  it('in a request is refused: its size, its depth, its entries, and a type that is none', async () => {
    const key = await (await start({ limits: { messageBytes: 10_000, batch: 5 } })).key()
    expect((await lab.post(`"${'x'.repeat(20_000)}"`, { key })).status).toBe(413)
    expect((await lab.post('['.repeat(5_000), { key })).json.error?.code).toBe(-32700)
    expect((await lab.post(Array.from({ length: 6 }, (_, id) => call('system_chain', id)), { key })).json.error?.code).toBe(-32010)
    expect((await lab.post(call('system_chain'), { key, headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    const client = await lab.webSocket(`k/${key}`)
    client.send(`"${'x'.repeat(20_000)}"`)
    expect(await client.nextJson()).toMatchObject({ error: { code: -32007 } })
    expect((await client.closed).code).toBe(1009)
    expect((await lab.post(call('system_chain'), { key })).json.result).toBe('system_chain')
  })

  it('time for a body, or for first bytes, ends the connection', async () => {
    const key = await (await start()).key()
    const { port } = new URL(lab.gateway.address)
    const raw = (text: string): Socket => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
      open.push(socket)
      return socket.on('error', () => undefined).resume()
    }
    const sockets = [raw(''), raw(`POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"js`)]
    await eventually(() => {
      lab.clock.advance(10_000)
      expect(sockets.map(({ closed }) => closed)).toEqual([true, true])
    })
    expect((await lab.post(call('system_chain'), { key })).json.result).toBe('system_chain')
  })

  it('at once over WebSocket waits at the gateway, in order', async () => {
    const key = await (await start({ limits: { pendingPerWebSocket: 4 } })).key()
    const client = await lab.webSocket(`k/${key}`)
    for (let id = 1; id <= 10; id++) client.send(call('state_call', `call ${id}`))
    const asked = () => lab.node.asked.filter(({ method }) => method === 'state_call').length
    await eventually(() => expect(asked()).toBe(4))
    for (let count = 0; count < 10; count++) expect((await lab.post(call('system_chain'), { key })).status).toBe(200)
    expect(asked()).toBe(4)
    const [upstream] = [...lab.node.open]
    upstream?.send('{"jsonrpc":"2.0","id":2,"result":"done"}')
    expect(await client.nextJson()).toMatchObject({ id: 'call 2', result: 'done' })
    await eventually(() => expect(asked()).toBe(5))
    client.socket.terminate()
  })

  it('opening and cancelling of requests by HTTP/2 ends the connection, and others are served', async () => {
    const key = await (await start({ limits: { resetBurst: 20, resetsPerSecond: 1 } })).key()
    // RFC 9113, section 4.1.
    const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
      const head = Buffer.alloc(9)
      head.writeUIntBE(payload.length, 0, 3)
      head.set([type, flags], 3)
      head.writeUInt32BE(stream, 5)
      return Buffer.concat([head, payload])
    }
    // By POST, with http, of /, to localhost: whoever names no host is refused by the protocol itself.
    const headers = Buffer.concat([Buffer.from([0x83, 0x86, 0x84, 0x01, 0x09]), Buffer.from('localhost')])
    const pairs = Array.from({ length: 500 }, (_, count) => [frame(1, 4, count * 2 + 1, headers), frame(3, 0, count * 2 + 1, Buffer.from([0, 0, 0, 8]))]).flat()
    const socket = connect(Number(new URL(lab.gateway.address).port), '127.0.0.1')
    open.push(socket)
    const closed = new Promise<void>((resolve) => socket.on('error', () => undefined).once('close', () => resolve()))
    socket.resume().write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0)), ...pairs]))
    await closed
    expect((await lab.post(call('system_chain'), { key })).json.result).toBe('system_chain')
  })

  it('unread by a client stops the reading of the node, and the node’s word to the slow one reaches it', async () => {
    const key = await (await start({ limits: { backlogBytes: 64 * 1024 } })).key()
    const client = await lab.webSocket(`k/${key}`)
    client.socket.pause()
    const [upstream] = [...lab.node.open]
    const text = `{"jsonrpc":"2.0","method":"chain_newHead","params":{"subscription":"x","result":"${'x'.repeat(256 * 1024)}"}}`
    for (let count = 0; count < 200; count++) upstream?.send(text)
    // What the node has not sent shows that the gateway takes no more of it.
    for (let count = 0; count < 20; count++) expect((await lab.post(call('system_chain'), { key })).status).toBe(200)
    expect(upstream?.bufferedAmount).toBeGreaterThan(20 * 1024 * 1024)
    upstream?.close(1008, 'too slow')
    client.socket.resume()
    expect(await client.closed).toEqual({ code: 1008, reason: 'too slow' })
  })
})

it('notes who left before an answer was whole, although all of it was there', async () => {
  const key = await (await start()).key()
  const { hostname, port } = new URL(lab.gateway.address)
  const client = connect(Number(port), hostname)
  client.on('error', () => undefined)
  const body = JSON.stringify(call('state_call', 5))
  client.write(`POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  await eventually(() => expect(lab.node.waiting).toHaveLength(1))
  // More than the sockets between take.
  const answer = new Promise((resolve) => lab.node.waiting[0]?.end(`{"jsonrpc":"2.0","id":5,"result":"${'x'.repeat(16 * 1024 * 1024)}"}`, () => resolve(undefined)))
  client.once('data', () => client.pause())
  await answer
  client.destroy()
  await lab.gateway.stop()
  expect(await readFile(lab.requestLog, 'utf8')).toMatch(/"status":499,/)
})

it('counts requests by the way they came and how they ended', async () => {
  const key = await (await start()).key()
  const registry = new MetricRegistry(silentLogger)
  registry.declare(...lab.gateway.metrics())
  await lab.post(call('system_chain'), { key })
  await lab.post(call('system_chain'))
  const client = await lab.webSocket(`k/${key}`)
  client.send(call('author_rotateKeys'))
  await client.next()
  const text = await registry.text()
  expect(text).toContain('nodestead_gateway_requests_total{by="json-rpc",outcome="answered"} 1')
  expect(text).toContain('nodestead_gateway_requests_total{by="json-rpc",outcome="refused"} 1')
  expect(text).toContain('nodestead_gateway_requests_total{by="websocket",outcome="refused"} 1')
  expect(text).toContain('nodestead_gateway_web_sockets 1')
  expect(text).toContain('nodestead_gateway_node{state="ready"} 1')
  client.socket.terminate()
})

it('does not begin without TLS where others can reach it, or with a method that no gateway serves', async () => {
  await start()
  const options = { port: 0, tls: undefined, publicUrl: undefined, trustedProxies: [], origins: [], upstream: { rpcUrl: lab.node.url, service: undefined }, keysFile: lab.keysFile, folder: lab.folder, requestLog: undefined, loggedAddresses: 'full', anonymousPerMinute: 0, addressPerMinute: 1, denied: [], limits: GATEWAY_LIMITS } as const
  const codeOf = (make: () => unknown): string | undefined => {
    try {
      make()
    } catch (error) {
      return isNodeError(error) ? error.code : String(error)
    }
    return undefined
  }
  for (const host of ['0.0.0.0', '::', '192.0.2.1']) expect(codeOf(() => new Gateway({ logger: silentLogger }, { ...options, host, allowed: [] }))).toBe('GATEWAY_TLS_MISSING')
  expect(codeOf(() => new Gateway({ logger: silentLogger }, { ...options, host: '127.0.0.1', allowed: ['author_rotateKeys'] }))).toBe('GATEWAY_METHOD_REFUSED')
  expect(codeOf(() => new Gateway({ logger: silentLogger }, { ...options, host: '127.0.0.1', allowed: [], publicUrl: 'ftp://node.example' }))).toBe('GATEWAY_OPTION_INVALID')
})
