/** Requests that a page of another site, a careless program or an attacker of this computer would send: refused, while others are served. */
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { createClient } from '@connectrpc/connect'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SERVICE_LIMITS } from '../../../node-core/services/limits.ts'
import { Node } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { TestService, TOKEN } from '../../helpers/service-client.ts'

let service: TestService
const open: Socket[] = []
const sessions: ClientHttp2Session[] = []
beforeEach(async () => {
  service = await TestService.start({ limits: { messageBytes: 64 * 1024 } })
})
afterEach(async () => {
  // Others are served all the while.
  expect((await createClient(Node, service.transport('Connect JSON')).info({})).name).toBe('Nodestead')
  for (const socket of open.splice(0)) socket.destroy()
  for (const session of sessions.splice(0)) session.destroy()
  await service.stop()
})

interface Answer { readonly status: number; readonly grpcStatus: string | undefined; readonly body: { readonly code?: string; readonly message?: string } }

/** One request of HTTP/1.1, as it is said. */
function post(headers: Readonly<Record<string, string>>, body: string | Buffer = '{}', path = '/nodestead.v1.Node/Info', method = 'POST'): Promise<Answer> {
  const { port } = new URL(service.api.address)
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}`, ...headers } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        resolve({ status: response.statusCode ?? 0, grpcStatus: /grpc-status: *(\d+)/.exec(text)?.[1] ?? String(response.headers['grpc-status'] ?? ''), body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function raw(): Promise<Socket> {
  const socket = connect(Number(new URL(service.api.address).port), '127.0.0.1')
  open.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** A frame of HTTP/2 (RFC 9113, section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))])

/** Writes what `next` makes, for as long as the other side lets. */
function flood(socket: Socket, next: () => Buffer): Promise<void> {
  const closed = closeOf(socket)
  socket.resume()
  socket.write(PREFACE)
  const write = (): void => {
    if (!socket.destroyed) socket.write(next(), () => setImmediate(write))
  }
  write()
  return closed
}

function http2(): ClientHttp2Session {
  const session = connectHttp2(service.api.address)
  sessions.push(session)
  session.on('error', () => undefined)
  return session
}

const own = (): string => new URL(service.api.address).host

describe('pages of other sites', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '[::2]:1', 'localhost.evil.example:9966', '0x7f000001'])('a name that was re-pointed here is refused: Host %j', async (host) => {
    expect(await post({ Host: host })).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  })
  it.each(['http://evil.example', 'null', 'https://localhost', 'file://', 'http://127.0.0.1:1', 'chrome-extension://abc'])('a foreign origin is refused: %s', async (origin) => {
    expect(await post({ Origin: origin })).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  })
  it('a preflight of CORS gets no leave', async () => {
    expect((await post({ Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' }, '', '/nodestead.v1.Node/Info', 'OPTIONS')).status).toBe(403)
    expect((await post({ 'Access-Control-Request-Method': 'POST' }, '', '/nodestead.v1.Node/Info', 'OPTIONS')).status).toBeGreaterThanOrEqual(400)
  })
  it('the same by HTTP/2', async () => {
    const stream = http2().request({ ':method': 'POST', ':path': '/nodestead.v1.Node/Info', ':authority': 'evil.example', 'content-type': 'application/grpc', te: 'trailers', authorization: `Bearer ${TOKEN}` })
    const [headers] = (await once(stream, 'response')) as [Record<string, string>]
    expect(headers['grpc-status']).toBe('7')
    stream.close()
  })
  it('programs behind a tunnel, and the port’s own origin, are welcome', async () => {
    expect((await post({ Host: 'localhost:1234' })).status).toBe(200)
    expect((await post({ Origin: `http://${own()}` })).status).toBe(200)
  })
})

describe('who says no token that counts', () => {
  it.each([['none', ''], ['another scheme', 'Basic YTpi'], ['an empty one', 'Bearer '], ['one of nobody', `Bearer ${'z'.repeat(43)}`], ['a long one', `Bearer ${'a'.repeat(5_000)}`], ['two', `Bearer ${TOKEN} ${TOKEN}`], ['characters that none has', 'Bearer ../../etc']])('%s', async (_, authorization) => {
    expect(await post({ Authorization: authorization })).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
  it('the OpenAPI document and reflection are not told either', async () => {
    expect((await post({ Authorization: '' }, '', '/openapi.json', 'GET')).status).toBe(401)
    expect((await post({}, '', '/openapi.json', 'GET')).status).toBe(200)
    const stream = http2().request({ ':method': 'POST', ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 'content-type': 'application/grpc', te: 'trailers' })
    const [trailers] = (await once(stream.resume(), 'trailers')) as [Record<string, string>]
    expect(trailers['grpc-status']).toBe('16')
  })
})

describe('what cannot be meant', () => {
  it.each([
    ['no JSON', '{', 400], ['another shape', '[1,2]', 400], ['another type', '{"network":5}', 400], ['nothing', '', 400], ['deep JSON', `${'['.repeat(30_000)}`, 400], ['deep JSON behind text with brackets', `{"network":"\\"[[","a":${'['.repeat(30_000)}`, 400],
    ['a path', '{"network":"../../etc/passwd"}', 400], ['a newline', '{"network":"dev\\n"}', 400], ['a long name', `{"network":"${'a'.repeat(65)}"}`, 400],
  ])('%s is refused with the reason', async (_, body, status) => {
    const answer = await post({}, body, '/nodestead.v1.Node/Status')
    expect([answer.status, answer.body.code, (answer.body.message ?? '').length > 10]).toEqual([status, 'invalid_argument', true])
  })
  it.each([['/nodestead.v1.Node/Nothing'], ['/'], ['/../../etc/passwd'], ['/nodestead.v1.Node/Info/'], ['/nodestead.v2.Node/Info'], [`/${'a'.repeat(4_000)}`]])('no method: %s', async (path) => {
    expect(await post({}, '{}', path)).toMatchObject({ status: 404, body: { code: 'unimplemented' } })
  })
  it.each([['none', ''], ['a form', 'application/x-www-form-urlencoded'], ['text', 'text/plain'], ['a page', 'text/html'], ['parts', 'multipart/form-data; boundary=x'], ['XML', 'application/xml']])('a body that is no message: %s', async (_, type) => {
    const answer = await post({ 'Content-Type': type })
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([415, 'invalid_argument', expect.stringContaining('Content-Type: application/json')])
  })
  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'TRACE'])('a method that is called by %s', async (method) => {
    const answer = await post({}, '', '/nodestead.v1.Node/Stop', method)
    expect([answer.status, answer.body.code]).toEqual([405, 'invalid_argument'])
  })
  it('what changes nothing may be asked by GET, as Connect writes it', async () => {
    expect((await post({ 'Connect-Protocol-Version': '1' }, '', '/nodestead.v1.Node/Networks?connect=v1&encoding=json&message=%7B%7D', 'GET')).status).toBe(200)
    expect((await post({}, '', '/nodestead.v1.Node/Networks', 'GET')).status).toBe(405)
  })
  it('a field that there is not: a mistyped one is not taken for one that is left out', async () => {
    expect(await post({}, '{"network":"dev","exept":[]}', '/nodestead.v1.Topics/Publish')).toMatchObject({ status: 400, body: { message: expect.stringContaining('exept') } })
    expect(await post({}, '{"name":"a","scopes":["SCOPE_READ","SCOPE_ALL"]}', '/nodestead.v1.Admin/CreateClient')).toMatchObject({ status: 400, body: { message: expect.stringContaining('SCOPE_ALL') } })
  })
  it.each([['a varint without end', Buffer.alloc(16, 0xff)], ['a length beyond the message', Buffer.from([0x0a, 0x7f, 0x61])], ['field number zero', Buffer.from([0x02, 0x01, 0x61])], ['groups that are not ended', Buffer.alloc(1000, 0x0b)], ['a name that is no UTF-8', Buffer.from([0x0a, 0x02, 0xc3, 0x28])]])('bytes that are no message: %s', async (_, bytes) => {
    const answer = await post({ 'Content-Type': 'application/proto' }, bytes, '/nodestead.v1.Node/Status')
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([400, 'invalid_argument', expect.stringContaining('encoding of protobuf')])
  })
  it.each([['longer than any', [0, 0x7f, 0xff, 0xff, 0xff]], ['that is cut off', [0, 0, 0, 0, 9, 1]], ['packed by nothing known', [1, 0, 0, 0, 1, 0]], ['of two messages', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]])('a frame of gRPC-web %s', async (_, bytes) => {
    const answer = await post({ 'Content-Type': 'application/grpc-web+proto' }, Buffer.from(bytes), '/nodestead.v1.Node/Networks')
    expect([answer.status, answer.grpcStatus]).toEqual([200, expect.stringMatching(/^(3|8|12|13)$/)])
  })
  it('a message longer than any is refused, packed or not', async () => {
    expect((await post({}, JSON.stringify({ network: 'x'.repeat(100_000) }), '/nodestead.v1.Node/Status')).status).toBe(429)
    const { gzipSync } = await import('node:zlib')
    const bomb = gzipSync(Buffer.alloc(20_000_000, 32))
    expect((await post({ 'Content-Encoding': 'gzip' }, bomb, '/nodestead.v1.Node/Status')).status).toBe(429)
    expect((await post({ 'Content-Encoding': 'zip' }, '{}')).status).toBeGreaterThanOrEqual(400)
  })
  it('headers longer than any are refused', async () => {
    expect((await post({ 'X-Long': 'x'.repeat(32 * 1024) })).status).toBe(431)
  })
})

describe('slow and endless clients', () => {
  it('a connection that says nothing ends', async () => {
    const socket = await raw()
    const closed = closeOf(socket)
    await vi.waitFor(() => expect(service.clock.nextDue()).toBeDefined())
    service.clock.advance(SERVICE_LIMITS.firstBytesMs)
    await closed
  })
  it('one that begins with a part of HTTP/2’s preface, and goes on with nothing, ends too', async () => {
    const socket = await raw()
    const closed = closeOf(socket)
    socket.write('PRI * HT')
    await vi.waitFor(() => expect(service.clock.nextDue()).toBeDefined())
    service.clock.advance(SERVICE_LIMITS.firstBytesMs)
    await closed
  })
  it('a body that does not come ends the request', async () => {
    const socket = await raw()
    const closed = closeOf(socket)
    socket.write(`POST /nodestead.v1.Node/Info HTTP/1.1\r\nHost: ${own()}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n{`)
    await once(socket, 'data')
    service.clock.advance(SERVICE_LIMITS.bodyMs)
    await closed
  })
  it('what is no HTTP is told so, and ends', async () => {
    const socket = await raw()
    const closed = closeOf(socket)
    let said = ''
    socket.on('data', (part: Buffer) => (said += part.toString()))
    socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n')
    await closed
    expect(said).toMatch(/^HTTP\/1.1 400/)
  })
  it('streams that are opened to be cancelled cost their connection (rapid reset)', async () => {
    // By POST, with http, of /, to localhost: whoever names no host is refused by the protocol itself.
    const headers = Buffer.concat([Buffer.from([0x83, 0x86, 0x84, 0x01, 0x09]), Buffer.from('localhost')])
    let stream = -1
    const socket = await raw()
    await flood(socket, () => Buffer.concat(Array.from({ length: 32 }, () => {
      stream += 2
      return Buffer.concat([frame(1, 4, stream, headers), frame(3, 0, stream, Buffer.from([0, 0, 0, 8]))])
    })))
    expect(stream).toBeLessThan(100_000)
  })
  it('headers without end cost their connection (continuation flood)', async () => {
    const value = Buffer.concat([Buffer.from([0x00, 0x05]), Buffer.from('x-abc'), Buffer.from([0x7f, 0x81, 0x1f]), Buffer.alloc(4096, 0x61)])
    let begun = false
    await flood(await raw(), () => {
      if (begun) return frame(9, 0, 1, value)
      begun = true
      return frame(1, 0, 1, Buffer.from([0x82, 0x86, 0x84]))
    })
  })
  it('settings without end cost their connection', async () => {
    const settings = frame(4, 0, 0, Buffer.alloc(240).fill(Buffer.from([0, 3, 0, 0, 0, 100])))
    await flood(await raw(), () => Buffer.concat(Array.from({ length: 64 }, () => settings)))
  })
})

describe('many at once', () => {
  it('more connections than there may be are not taken', async () => {
    await service.stop()
    service = await TestService.start({ limits: { connections: 8 } })
    const sockets = await Promise.all(Array.from({ length: 12 }, raw))
    for (const socket of sockets) socket.resume()
    await vi.waitFor(() => expect(sockets.filter((socket) => socket.destroyed)).toHaveLength(4))
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(async () => expect((await post({})).status).toBe(200))
  })
  it('a client has so many calls, and others are served', async () => {
    await service.stop()
    service = await TestService.start({ limits: { callsPerClient: 3 } })
    const { token } = await service.api.clients.add('greedy', ['read'])
    const node = createClient(Node, service.transport('gRPC', token))
    const ends = Array.from({ length: 3 }, () => new AbortController())
    for (const { signal } of ends) await node.watchStatus({}, { signal })[Symbol.asyncIterator]().next()
    await expect(node.info({})).rejects.toThrow('calls open')
    ends[0]?.abort()
    await vi.waitFor(async () => expect((await node.info({})).client).toBe('greedy'), { timeout: 20_000 })
    for (const end of ends) end.abort()
  })
})
