/**
 * What a client of the service API can make it hold, though it has a token: a server in a process of its own, and requests that never end, answers that nobody reads, streams without
 * number, JSON without bottom. What it takes in the meantime is bounded, afterwards nothing stays, and others are served all along.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TOKEN } from '../../helpers/service-client.ts'
import type { FromServiceProcess, ToServiceProcess } from '../../helpers/service-process.ts'

const MEBIBYTE = 1024 * 1024
/** What the server holds for all clients together, and as much again for what is on its way between them. */
const MAX_HELD = 3 * 64 * MEBIBYTE
/** Of the process: with what waits for a collection. */
const MAX_PEAK_GROWTH = 8 * 64 * MEBIBYTE
const MAX_LEFT = 20 * MEBIBYTE

let server: ChildProcess
let url: URL
/** Of a client that does nothing bad. */
let other: string

async function answer<Key extends string>(key: Key): Promise<Extract<FromServiceProcess, Record<Key, unknown>>> {
  for (;;) {
    const [message] = (await once(server, 'message')) as [FromServiceProcess]
    if (key in message) return message as Extract<FromServiceProcess, Record<Key, unknown>>
  }
}

function memory(): Promise<{ readonly held: number; readonly peak: number }> {
  server.send({ memory: true } satisfies ToServiceProcess)
  return answer('held')
}

const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }

const isServed = async (): Promise<boolean> => {
  const response = await fetch(new URL('/nodestead.v1.Node/Info', url), { method: 'POST', headers: { ...HEADERS, authorization: `Bearer ${other}`, connection: 'close' }, body: '{}' })
  return (await response.text()).includes('Nodestead')
}

beforeAll(async () => {
  server = fork(new URL('../../helpers/service-process.ts', import.meta.url))
  const { address, token } = await answer('address')
  ;[url, other] = [new URL(address), token]
  // What is loaded with the first calls is not what anybody makes it hold.
  for (let call = 0; call < 20; call++) await isServed()
})
afterAll(() => server.disconnect())

async function http1(path: string, type: string, length: number): Promise<Socket> {
  const socket = connect(Number(url.port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`)
  return socket
}

async function http2(): Promise<ClientHttp2Session> {
  const session = connectHttp2(url)
  session.on('error', () => undefined)
  await once(session, 'connect')
  return session
}

function envelope(length: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, bytes])
}

const filler = Buffer.alloc(MEBIBYTE, 0x20)

/** Of HTTP/2: calls by gRPC of that method on each of four connections, as they are begun by `begin`. */
async function grpcCalls(path: string, perSession: number, begin: (stream: ReturnType<ClientHttp2Session['request']>) => void): Promise<() => void> {
  const sessions = await Promise.all(Array.from({ length: 4 }, http2))
  for (const session of sessions) {
    for (let call = 0; call < perSession; call++) {
      const stream = session.request({ ':method': 'POST', ':path': path, ...HEADERS, 'content-type': 'application/grpc', te: 'trailers' })
      stream.on('error', () => undefined)
      begin(stream)
    }
  }
  return () => sessions.forEach((session) => session.destroy())
}

/** What each does, with the function that lets go of its clients. */
const ATTACKS: readonly (readonly [what: string, attack: () => Promise<() => void>])[] = [
  ['sixty bodies of 7 MiB that never end', async () => {
    const sockets = await Promise.all(Array.from({ length: 60 }, () => http1('/nodestead.v1.Node/Status', 'application/json', 8 * MEBIBYTE)))
    for (const socket of sockets) for (let part = 0; part < 7; part++) socket.write(filler)
    return () => sockets.forEach((socket) => socket.destroy())
  }],
  ['sixty requests of gRPC of 7 MiB that never end', () => grpcCalls('/nodestead.v1.Node/Status', 15, (stream) => {
    stream.write(envelope(8 * MEBIBYTE - 1, filler))
    for (let part = 0; part < 6; part++) stream.write(filler)
  })],
  ['streams of requests without end, whose answers nobody reads', () => grpcCalls('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 4, (stream) => {
    const question = Buffer.from('\x3a\x01*')
    stream.pause()
    stream.write(Buffer.concat(Array.from({ length: 2000 }, () => envelope(question.length, question))))
  })],
  ['as many streams as there may be, of which nothing is read while much is said', async () => {
    const path = '/nodestead.v1.Node/WatchLogs'
    const body = envelope(2, Buffer.from('{}'))
    const sockets = await Promise.all(Array.from({ length: 150 }, () => http1(path, 'application/connect+json', body.length)))
    for (const socket of sockets) socket.pause().write(body)
    const end = await grpcCalls(path, 25, (stream) => stream.pause().end(envelope(0, Buffer.alloc(0))))
    server.send({ lines: 6_000 } satisfies ToServiceProcess)
    await answer('logged')
    return () => {
      end()
      sockets.forEach((socket) => socket.destroy())
    }
  }],
  ['deep JSON of 7 MiB, ten times', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => http1('/nodestead.v1.Node/Status', 'application/json', 7 * MEBIBYTE)))
    for (const socket of sockets) for (let part = 0; part < 7; part++) socket.write(Buffer.alloc(MEBIBYTE, 0x5b))
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    return () => sockets.forEach((socket) => socket.destroy())
  }],
]

it.each(ATTACKS)('%s: memory is bounded, nothing stays, others are served', async (_what, attack) => {
  expect(await isServed()).toBe(true)
  const before = await memory()
  const end = await attack()
  for (let client = 0; client < 5; client++) expect(await isServed()).toBe(true)
  const during = await memory()
  expect(during.held - before.held).toBeLessThan(MAX_HELD)
  end()
  await expect.poll(async () => (await memory()).held - before.held, { timeout: 30_000, interval: 200 }).toBeLessThan(MAX_LEFT)
  expect((await memory()).peak).toBeLessThan(before.peak + MAX_PEAK_GROWTH)
}, 120_000)
