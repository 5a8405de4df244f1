/**
 * What anybody can make a gateway hold, from as many addresses as they like: the gateway in a process of its own, and requests that never end, answers that nobody reads, on
 * each of its doors. What it takes in the meantime is bounded, afterwards nothing stays, and others are served all along, also while the few connections to the node are asked for.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { FromGatewayProcess, GatewayProcessOptions } from '../../helpers/gateway-process.ts'
import { call } from '../../helpers/gateway-lab.ts'
import { TestService, TOKEN } from '../../helpers/service-client.ts'

const MEBIBYTE = 1024 * 1024
/** For all clients together. */
const HELD_BYTES = 32 * MEBIBYTE
/** As much again for what is on its way, and for what waits to be collected beside it. */
const MAX_HELD = 4 * HELD_BYTES
const MAX_PEAK_GROWTH = 16 * HELD_BYTES
const MAX_LEFT = 12 * MEBIBYTE
/** Of a client that does nothing bad. */
const SERVED_MS = 60_000
const filler = Buffer.alloc(MEBIBYTE, 0x20)
const large = (mebibytes: number): Buffer => Buffer.alloc(mebibytes * MEBIBYTE, 0x78)
const [MESSAGE, BODY] = [large(1), large(8)]

/** Of the node: a short answer to `system_chain`, and one of 1 MiB (WebSocket) or 8 MiB (POST) to everything else. */
const node = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const text = Buffer.concat(parts).toString()
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') response.end('{"peers":1,"isSyncing":false,"shouldHavePeers":true}')
    else if (!text.includes('state_getMetadata')) response.end('{"jsonrpc":"2.0","id":1,"result":"Development"}')
    else {
      response.write('{"jsonrpc":"2.0","id":1,"result":"')
      response.write(BODY)
      response.end('"}')
    }
  })
})
const webSockets = new WebSocketServer({ server: node })
let questions = 0
webSockets.on('connection', (socket) => {
  socket.on('error', () => undefined)
  socket.on('message', (data) => {
    questions++
    const { id } = JSON.parse((data as Buffer).toString()) as { readonly id: number }
    socket.send(Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":"`), MESSAGE, Buffer.from('"}')]), { binary: false })
  })
})

let service: TestService
let gateway: ChildProcess
let url: URL

async function answer<Key extends string>(key: Key): Promise<Extract<FromGatewayProcess, Record<Key, unknown>>> {
  for (;;) {
    const [message] = (await once(gateway, 'message')) as [FromGatewayProcess]
    if (key in message) return message as Extract<FromGatewayProcess, Record<Key, unknown>>
  }
}

function memory(): Promise<{ readonly held: number; readonly peak: number }> {
  gateway.send('memory')
  return answer('held')
}

async function post(path: string, body: string): Promise<string> {
  const response = await fetch(new URL(path, url), { method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1', connection: 'close' }, body, signal: AbortSignal.timeout(SERVED_MS) })
  return response.text()
}

/** What others get. */
const served = async (): Promise<readonly string[]> => [await post('/', JSON.stringify(call('system_chain'))), await post('/nodestead.v1.Node/Info', '{}')]
const SERVED = [expect.stringContaining('Development'), expect.stringContaining('Nodestead')]

beforeAll(async () => {
  service = await TestService.start()
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  const options: GatewayProcessOptions = { heldBytes: HELD_BYTES, rpcUrl: `http://127.0.0.1:${(node.address() as AddressInfo).port}`, service: { url: service.api.address, token: TOKEN } }
  gateway = fork(new URL('../../helpers/gateway-process.ts', import.meta.url), [JSON.stringify(options)])
  url = new URL((await answer('address')).address)
  // What is loaded with the first calls is not what anybody makes it hold.
  for (let round = 0; round < 20; round++) await served()
})
afterAll(async () => {
  gateway?.disconnect()
  webSockets.close()
  node.closeAllConnections()
  node.close()
  await service?.stop()
})

let clients = 0
/** Each from a network of its own. */
const nextAddress = (): string => `10.${(++clients >> 8) & 255}.${clients & 255}.1`

async function http1(path: string, type: string, about: string): Promise<Socket> {
  const socket = connect(Number(url.port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nX-Forwarded-For: ${nextAddress()}\r\nContent-Type: ${type}\r\n${about}\r\n\r\n`)
  return socket
}

/** What it has of them, it has taken; or it has hung up. */
async function sent(sockets: readonly Socket[], parts: readonly Buffer[]): Promise<void> {
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    for (const part of parts.slice(0, -1)) socket.write(part)
    socket.write(parts.at(-1) as Buffer, () => resolve())
  })))
}

const endOf = (sockets: readonly Socket[]) => (): void => sockets.forEach((socket) => socket.destroy())
const many = <One>(count: number, make: () => Promise<One>): Promise<One[]> => Promise.all(Array.from({ length: count }, make))
const envelope = (length: number): Buffer => Buffer.from([0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255])

/** Over HTTP/2: calls by gRPC of that method on each of four connections, as they are begun by `begin`. */
async function grpcCalls(path: string, perSession: number, begin: (stream: ReturnType<ReturnType<typeof connectHttp2>['request']>) => void): Promise<() => void> {
  const sessions = Array.from({ length: 4 }, () => connectHttp2(url))
  for (const session of sessions) {
    session.on('error', () => undefined)
    await once(session, 'connect')
    for (let one = 0; one < perSession; one++) {
      const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', 'x-forwarded-for': nextAddress() })
      stream.on('error', () => undefined)
      begin(stream)
    }
  }
  return () => sessions.forEach((session) => session.destroy())
}

function webSocket(): Promise<WebSocket> {
  const socket = new WebSocket(url.href.replace('http', 'ws'), { headers: { 'x-forwarded-for': nextAddress() }, perMessageDeflate: false })
  socket.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
  })
}

/** What each does, with the function that lets go of its clients. */
const ATTACKS: readonly (readonly [what: string, attack: () => Promise<() => void>])[] = [
  ['sixty bodies of JSON-RPC that stop short of their end', async () => {
    const sockets = await many(60, () => http1('/', 'application/json', `Content-Length: ${4 * MEBIBYTE}`))
    await sent(sockets, [filler, filler, filler])
    return endOf(sockets)
  }],
  ['twenty bodies without an end', async () => {
    const sockets = await many(20, () => http1('/', 'application/json', 'Transfer-Encoding: chunked'))
    await sent(sockets, Array.from({ length: 8 }, () => Buffer.concat([Buffer.from('100000\r\n'), filler, Buffer.from('\r\n')])))
    return endOf(sockets)
  }],
  ['sixty requests of gRPC that never end', () => grpcCalls('/nodestead.v1.Chain/Head', 15, (stream) => {
    stream.write(envelope(4 * MEBIBYTE - 10))
    for (let part = 0; part < 3; part++) stream.write(filler)
  })],
  ['streams of the service API that nobody reads while much is said', async () => {
    const sockets = await many(80, () => http1('/nodestead.v1.Node/WatchLogs', 'application/connect+json', 'Content-Length: 7'))
    for (const socket of sockets) socket.pause().write(Buffer.concat([envelope(2), Buffer.from('{}')]))
    const end = await grpcCalls('/nodestead.v1.Node/WatchLogs', 25, (stream) => stream.pause().end(envelope(0)))
    for (let line = 0; line < 4_000; line++) service.manager.log('info', 'test', `line ${line} ${'x'.repeat(2_000)}`)
    return () => {
      end()
      endOf(sockets)()
    }
  }],
  ['sixty answers to JSON-RPC that nobody reads', async () => {
    const body = JSON.stringify(call('state_getMetadata'))
    const sockets = await many(60, () => http1('/', 'application/json', `Content-Length: ${body.length}`))
    for (const socket of sockets) socket.pause().write(body)
    return endOf(sockets)
  }],
  ['sixty messages by WebSocket that never end', async () => {
    const sockets = await many(60, webSocket)
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => {
      for (let part = 0; part < 3; part++) socket.send(filler, { fin: false }, () => part === 2 && resolve())
    })))
    return () => sockets.forEach((socket) => socket.terminate())
  }],
  ['sixty WebSockets that ask much and read nothing', async () => {
    const sockets = await many(60, webSocket)
    const before = questions
    for (const socket of sockets) {
      socket.pause()
      for (let id = 0; id < 8; id++) socket.send(JSON.stringify(call('state_getMetadata', id)))
    }
    await expect.poll(() => questions - before, { timeout: 60_000 }).toBeGreaterThan(60)
    return () => sockets.forEach((socket) => socket.terminate())
  }],
]

it.each(ATTACKS)('%s: memory is bounded, nothing stays, others are served', async (_what, attack) => {
  expect(await served()).toEqual(SERVED)
  const before = await memory()
  const end = await attack()
  for (let client = 0; client < 5; client++) expect(await served()).toEqual(SERVED)
  const during = await memory()
  expect(during.held - before.held).toBeLessThan(MAX_HELD)
  end()
  await expect.poll(async () => (await memory()).held - before.held, { timeout: 30_000, interval: 200 }).toBeLessThan(MAX_LEFT)
  expect((await memory()).peak).toBeLessThan(before.peak + MAX_PEAK_GROWTH)
}, 120_000)
