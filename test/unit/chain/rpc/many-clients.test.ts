import { afterEach, expect, it } from 'vitest'
import { Client, startService, until, type Running } from './client.ts'

const CLIENTS = 1_000

let running: Running | undefined
let clients: Client[] = []

afterEach(async () => {
  for (const { socket } of clients) socket.terminate()
  clients = []
  await running?.service.stop()
})

it('holds a thousand connections with subscriptions, tells each of a block, and refuses the next one', async () => {
  running = await startService({ maxConnections: CLIENTS })
  const { port, node, service } = running
  for (let opened = 0; opened < CLIENTS; opened += 100) clients.push(...(await Promise.all(Array.from({ length: 100 }, () => Client.open(port)))))
  await Promise.all(clients.map((client) => client.call('chain_subscribeNewHeads')))
  await Promise.all(clients.map((client) => client.next()))
  expect(service.connectionCount).toBe(CLIENTS)
  await expect(Client.open(port)).rejects.toThrow('429')

  node.blocks.import()
  const heads = await Promise.all(clients.map((client) => client.next<{ number: string }>()))
  expect(new Set(heads.map(({ number }) => number))).toEqual(new Set(['0x1']))

  await clients.pop()?.close()
  await until(() => service.connectionCount === CLIENTS - 1)
  const next = await Client.open(port)
  clients.push(next)
  expect(await next.call('system_name')).toBe('Nodestead')
  for (const { socket } of clients) socket.terminate()
  await until(() => service.connectionCount === 0)
  expect(node.blocks.listeners).toBe(0)
}, 60_000)
