/**
 * Clients of the libp2p daemon, as their authors published them, on the socket of a node: identify, connect, 100 MiB over a stream that they open and 100 MiB over one that a
 * peer opens to them, the routing table, topics, and the connection manager.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goClient, pythonClient } from '../helpers/daemon-clients.ts'
import { ALL_SCOPES, IpcNode, NetHost } from '../helpers/ipc-node.ts'
import { eventually } from '../helpers/network.ts'
import { digestOf, echo, eachChunk, sendPattern } from '../helpers/stream-ends.ts'

const TRANSFER = 100 * 1024 * 1024

const CLIENTS = [
  { name: 'p2pclient of PyPI', program: 'from-python', client: pythonClient() },
  { name: 'p2pclient of go-libp2p-daemon', program: 'from-go', client: goClient() },
]

describe.each(CLIENTS)('$name', ({ name, program, client }) => {
  let node: IpcNode
  let other: NetHost
  const heard: string[] = []
  beforeEach(async () => {
    node = await IpcNode.start()
    other = await NetHost.start()
    heard.length = 0
    other.pubsub().subscribe('news', ({ from, data }) => heard.push(`${from} ${Buffer.from(data).toString()}`))
    other.streams.serve('/echo/1', { perPeer: 4, relayed: false }, ({ stream }) => void echo(stream))
    // Opens a stream of the protocol that it reads in a line, sends much on it, and says what that was.
    other.streams.serve('/open-to-me/1', { perPeer: 4, relayed: false }, ({ stream: ask, peer }) => {
      let line = ''
      void eachChunk(ask, async (chunk) => {
        line += Buffer.from(chunk).toString()
        if (!line.endsWith('\n')) return
        const { stream } = await other.streams.open(peer, [line.trim()])
        const [sent, answer] = await Promise.all([sendPattern(stream, TRANSFER), digestOf(stream)])
        expect(answer.bytes).toBe(64)
        ask.send(Buffer.from(sent))
        await ask.close()
      })
    })
  })
  afterEach(async () => {
    await node.stop()
    await other.stop()
  })

  it.skipIf(client.missing !== undefined)(client.missing === undefined ? 'speaks to a node as it is' : `(skipped: ${client.missing})`, async () => {
    if (client.missing !== undefined) return
    const [command, ...args] = client.command as [string, ...string[]]
    const { stdout } = await promisify(execFile)(command, [...args, await node.ownSocket(program, ALL_SCOPES), other.id, other.address], { timeout: 110_000 })
    const said = JSON.parse(stdout) as Record<string, never>
    expect(said).toMatchObject({
      id: node.net.id,
      opened: [other.id, other.address, '/echo/1'],
      echo: { same: true, bytes: TRANSFER },
      handled: { peer: other.id, protocol: '/take/1', bytes: TRANSFER },
      answered: true,
      value: 'hello',
      providers: [node.net.id],
      closest: [other.id],
      topics: ['news'],
      heard: [node.net.id, expect.stringMatching(/^from /), ...(program === 'from-go' ? ['news'] : [['news']])],
      ...(program === 'from-go'
        ? { found: `[${other.address.replace(/\/p2p\/.*/, '')}]`, searched: 'hello', key: true }
        : { peers: [other.id], found: [other.address.replace(/\/p2p\/.*/, '')], values: ['hello'], key: [1, 32], unsupported: expect.stringContaining('NET_NOT_SUPPORTED'), disconnected: true }),
    })
    await eventually(() => heard.length > 0, `${name}'s message at the peer`)
    expect(heard).toEqual([`${node.net.id} from ${program === 'from-go' ? 'go' : 'python'}`])
    // The client is gone, and what it held with it.
    await eventually(() => node.service.clients.size === 0 && node.service.heldBy(program).streams === 0, 'the end of what the client held')
    expect(node.net.pubsub().topics()).toEqual([])
  })
})
