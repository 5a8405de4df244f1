/**
 * What strangers can make JSON-RPC hold: a server in a process of its own, and clients who send much, read nothing or never end. What it takes in
 * the meantime is bounded, afterwards nothing stays, and others are served all along.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { FromRpcProcess, ToRpcProcess } from '../helpers/rpc-process.ts'

const MEBIBYTE = 1024 * 1024
/** What the server holds for all clients together, and as much again for what is on its way between them. */
const MAX_PEAK_GROWTH = 3 * 64 * MEBIBYTE
/** One message: the engine keeps the text that a regular expression matched last. */
const MAX_LEFT = 20 * MEBIBYTE
const NAME = '{"jsonrpc":"2.0","id":1,"method":"system_name"}'

let server: ChildProcess
let port: number

async function answer<Key extends string>(key: Key): Promise<Extract<FromRpcProcess, Record<Key, unknown>>> {
  for (;;) {
    const [message] = (await once(server, 'message')) as [FromRpcProcess]
    if (key in message) return message as Extract<FromRpcProcess, Record<Key, unknown>>
  }
}

function memory(): Promise<{ readonly held: number; readonly peak: number }> {
  server.send({ memory: true } satisfies ToRpcProcess)
  return answer('held')
}

const isServed = async (): Promise<boolean> => {
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { 'content-type': 'application/json', connection: 'close' }, body: NAME })
  return (await response.text()).includes('Nodestead')
}

beforeAll(async () => {
  server = fork(new URL('../helpers/rpc-process.ts', import.meta.url))
  port = (await answer('port')).port
})

afterAll(() => server.disconnect())

async function opened(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return socket
}

/** As much of `part` as the other side takes, up to `bytes`. */
function pour(socket: Socket, part: Buffer, bytes: number): void {
  for (let sent = 0; sent < bytes && socket.writable; sent += part.length) socket.write(part)
}

async function plain(first: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(first)
  return socket
}

const filler = Buffer.alloc(MEBIBYTE, 0x20)
const POST = (length: number): string => `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
const batchOf = (count: number): string => `[${Array.from({ length: count }, () => NAME).join(',')}]`

/** What each does, with the function that lets go of its clients. */
const ATTACKS: readonly (readonly [what: string, attack: () => Promise<() => void>])[] = [
  ['twenty bodies of 14 MiB that never end', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => plain(POST(15 * MEBIBYTE))))
    for (const socket of sockets) pour(socket, filler, 14 * MEBIBYTE)
    return () => sockets.forEach((socket) => socket.destroy())
  }],
  ['twenty messages of 14 MiB that never end, over WebSocket', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, opened))
    for (const socket of sockets) for (let part = 0; part < 14; part++) socket.send(filler, { binary: false, fin: false })
    return () => sockets.forEach((socket) => socket.terminate())
  }],
  ['deep JSON of 14 MiB, ten times', async () => {
    const socket = await opened()
    for (let round = 0; round < 10; round++) socket.send('['.repeat(14 * MEBIBYTE))
    return () => socket.terminate()
  }],
  ['batches whose answers nobody reads', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, opened))
    const batch = batchOf(1000)
    for (const socket of sockets) {
      socket.pause()
      for (let round = 0; round < 50; round++) socket.send(batch)
    }
    return () => sockets.forEach((socket) => socket.terminate())
  }],
  ['a hundred thousand calls whose answers nobody reads', async () => {
    const socket = await opened()
    socket.pause()
    for (let round = 0; round < 100_000; round++) socket.send(NAME)
    return () => socket.terminate()
  }],
  ['a hundred thousand names of methods that do not exist', async () => {
    const socket = await opened()
    for (let round = 0; round < 100_000; round++) socket.send(`{"jsonrpc":"2.0","id":1,"method":"made_up${round}"}`)
    return () => socket.terminate()
  }],
  ['as many subscriptions as there may be, on fifty connections', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, opened))
    for (const socket of sockets) for (let round = 0; round < 1100; round++) socket.send('{"jsonrpc":"2.0","id":1,"method":"chain_subscribeNewHeads"}')
    return () => sockets.forEach((socket) => socket.terminate())
  }],
]

it.each(ATTACKS)('%s: memory is bounded, nothing stays, others are served', async (_what, attack) => {
  expect(await isServed()).toBe(true)
  const before = await memory()
  const end = await attack()
  for (let client = 0; client < 5; client++) expect(await isServed()).toBe(true)
  const during = await memory()
  expect(during.held - before.held).toBeLessThan(MAX_PEAK_GROWTH)
  end()
  await expect.poll(async () => (await memory()).held - before.held, { timeout: 30_000, interval: 200 }).toBeLessThan(MAX_LEFT)
  expect((await memory()).peak).toBeLessThan(before.peak + MAX_PEAK_GROWTH)
}, 90_000)
