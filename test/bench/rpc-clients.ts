/**
 * What a client of JSON-RPC costs while it waits: 1,000 WebSockets, each with a subscription for new heads, against as many on a bare WebSocket
 * server. The servers are processes of their own; their memory is read after a collection, before the clients come and while they are there.
 */
import { WebSocket } from 'ws'
import { BenchChild } from './child.ts'
import type { Report } from './report.ts'

export interface ToRpcNode {
  readonly memory: true
}
export type FromRpcNode = { readonly port: number } | { readonly held: number; readonly rss: number }

const CLIENTS = 1_000
const SUBSCRIBE = '{"jsonrpc":"2.0","id":1,"method":"chain_subscribeNewHeads","params":[]}'

/** `ratio`: bytes for a subscribed client, in those of a bare WebSocket. */
export async function benchRpcClients(report: Report): Promise<void> {
  const [ours, bare] = [await bytesPerClient('ours'), await bytesPerClient('bare')]
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
  report('memory for a subscribed client, in that of a bare WebSocket', ours.held / bare.held, `${kB(ours.held)} (resident ${kB(ours.rss)}) against ${kB(bare.held)} (${kB(bare.rss)})`)
}

async function bytesPerClient(mode: 'ours' | 'bare'): Promise<{ readonly held: number; readonly rss: number }> {
  const child = new BenchChild<ToRpcNode, FromRpcNode>('rpc-clients-node.ts', [mode])
  const clients: WebSocket[] = []
  try {
    const { port } = await child.next('port')
    // What the first client makes the server load is not counted.
    const open = (): Promise<WebSocket> => subscribed(port)
    clients.push(await open())
    const before = await child.ask({ memory: true }, 'held')
    for (let opened = 0; opened < CLIENTS; opened += 50) clients.push(...(await Promise.all(Array.from({ length: 50 }, open))))
    const after = await child.ask({ memory: true }, 'held')
    return { held: (after.held - before.held) / CLIENTS, rss: (after.rss - before.rss) / CLIENTS }
  } finally {
    for (const client of clients) client.terminate()
    child.stop()
  }
}

/** Resolves when the server has answered. */
function subscribed(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
    socket.once('error', reject)
    socket.once('open', () => socket.send(SUBSCRIBE))
    socket.once('message', () => resolve(socket))
  })
}
