/** The local socket: sessions, what is left when a program is gone, and the end of the service. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Request_Type } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { Channels, Node, Topics, type TopicMessage } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { IpcLab, served } from '../../helpers/ipc-lab.ts'
import { eventually } from '../../helpers/network.ts'

let lab: IpcLab
beforeEach(async () => {
  lab = await IpcLab.open()
})
afterEach(() => lab.close())

describe('a session', () => {
  it('asks for the node, its peers and its figures', async () => {
    const { node, other, path } = await lab.pair()
    const session = await (await lab.at(path)).session()
    expect(await session.call(Node.method.status, {})).toMatchObject({ peerId: node.net.id, connectedPeers: 1, addresses: [node.net.address] })
    expect((await session.call(Node.method.peers, {})).connections).toMatchObject([{ peer: other.id, inbound: false, path: 1 }])
    expect((await session.call(Node.method.metrics, { prefix: 'nodestead_test' })).families).toMatchObject([{ name: 'nodestead_test_answer', counter: false, samples: [{ value: 42, labels: { of: 'everything' } }] }])
    expect((await session.call(Node.method.metrics, { prefix: 'other' })).families).toEqual([])
  })

  it('hears of connections until it has heard enough', async () => {
    const { node, other, path } = await lab.pair()
    const session = await (await lab.at(path)).session()
    const events = session.stream(Node.method.events, {})
    await session.call(Node.method.disconnect, { peer: other.id })
    await eventually(() => events.items.length === 2, 'the end of the connection')
    expect((await session.call(Node.method.connect, { peer: other.id, addresses: [other.address] })).path).toBe(1)
    await eventually(() => events.items.length === 3, 'the connection')
    expect(events.items.map(({ message }) => message.event)).toMatchObject([
      { case: 'ready' },
      { case: 'disconnected', value: { peer: other.id } },
      { case: 'connected', value: { peer: other.id, path: 1 } },
    ])
    events.cancel()
    await eventually(() => events.end !== undefined, 'the end of the call')
    expect(events.end).toMatchObject({ code: 'NET_CALL_CANCELLED' })
    expect(node.net.streams.events.listenerCount('connected')).toBe(0)
  })

  it('is refused what its program may not use, and what is not there', async () => {
    const node = await lab.start()
    const session = await (await lab.at(await node.ownSocket('program', ['topics']))).session()
    await expect(session.call(Node.method.metrics, {})).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'metrics' }, hint: expect.stringContaining('settings') } })
    await expect(session.call(Channels.method.dial, { address: 'x' })).rejects.toMatchObject({ failure: { code: 'NET_METHOD_UNAVAILABLE' } })
    const topic = session.stream(Topics.method.subscribe, { topic: 'x' })
    await eventually(() => topic.end !== undefined, 'the answer')
    expect(topic.end).toMatchObject({ code: 'NET_METHOD_UNAVAILABLE' })
    expect((await session.call(Node.method.status, {})).peerId).toBe(node.net.id)
  })

  it('runs many calls at the same time, up to a limit, and answers each with its own', async () => {
    const node = await lab.start({ limits: { callsPerSession: 10 } })
    const gates: (() => void)[] = []
    node.service.methods.register(Channels.method.state, { scopes: [] }, async ({ channel }) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      return { channel }
    })
    const session = await (await lab.at(await node.ownSocket('program', []))).session()
    const calls = Array.from({ length: 12 }, (_, i) => session.call(Channels.method.state, { channel: String(i) }).then(({ channel }) => channel, (error: Error) => error.message))
    await eventually(() => gates.length === 10, 'the calls')
    expect(await calls[11]).toContain('NET_TOO_MANY_CALLS')
    for (const open of gates.toReversed()) open()
    expect(await Promise.all(calls.slice(0, 10))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  it('loses its own oldest items where a method drops, and holds the method where that holds', async () => {
    const node = await lab.start()
    let held = 0
    node.service.methods.registerStream(Topics.method.subscribe, { scopes: ['topics'], queueItems: 4, whenSlow: 'drop' }, async ({ topic }, { signal }, sink) => {
      for (let i = 0; i < 20; i++) void sink.send({ event: { case: 'message', value: { topic, data: Uint8Array.of(i) } } })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    })
    node.service.methods.registerStream(Channels.method.receive, { scopes: ['topics'], queueItems: 4, whenSlow: 'hold' }, async (_request, _call, sink) => {
      for (held = 0; held < 20; held++) await sink.send({ data: Uint8Array.of(held) })
    })
    const session = await (await lab.at(await node.ownSocket('program', ['topics']))).session()
    const dropping = session.stream(Topics.method.subscribe, { topic: 'x' }, 1)
    await eventually(() => dropping.items.length === 1, 'the first item')
    dropping.grant(100)
    await eventually(() => (dropping.items.at(-1)?.message.event.value as TopicMessage | undefined)?.data[0] === 19, 'the last item')
    expect(dropping.items.reduce((sum, { dropped }) => sum + dropped + 1, 0)).toBe(20)
    expect(dropping.items.length).toBeLessThan(20)

    const holding = session.stream(Channels.method.receive, { channel: 'x' }, 3)
    await eventually(() => holding.items.length === 3, 'the first items')
    expect(held).toBeLessThan(8)
    holding.grant(100)
    await eventually(() => holding.end !== undefined, 'the end')
    expect([holding.end, holding.items.map(({ message }) => message.data[0])]).toEqual(['end', Array.from({ length: 20 }, (_, i) => i)])
    expect(node.service.dropped).toBe(20 - dropping.items.length)
  })

  it('takes with it what rooms keep for it, when its program is gone or ended', async () => {
    const node = await lab.start()
    const kept = new Set<number>()
    node.service.methods.register(Channels.method.dial, { scopes: [] }, ({ address }, { session }) => {
      kept.add(session.id)
      session.ended.addEventListener('abort', () => kept.delete(session.id))
      return { state: { channel: address } }
    })
    const path = await node.ownSocket('program', [])
    const [first, second] = [await lab.at(path), await lab.at(path)]
    await (await first.session()).call(Channels.method.dial, { address: 'a' })
    await (await second.session()).call(Channels.method.dial, { address: 'b' })
    expect(kept.size).toBe(2)
    first.close()
    await eventually(() => kept.size === 1, 'the end of the first')
    node.service.end('program')
    await eventually(() => kept.size === 0, 'the end of the second')
  })

  it('ends where what comes is no frame, or an id is used twice', async () => {
    const node = await lab.start()
    node.service.methods.register(Channels.method.state, { scopes: [] }, (_request, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))))
    const path = await node.ownSocket('program', [])
    for (const [bytes, code] of [[Uint8Array.of(1, 2, 3), 'NET_MESSAGE_MALFORMED'], [Uint8Array.of(8, 1), 'NET_MESSAGE_MALFORMED'], [Uint8Array.of(8, 0, 0x1a, 0), 'NET_MESSAGE_MALFORMED']] as const) {
      const client = await lab.at(path)
      await client.request({ type: Request_Type.SESSION })
      client.send(bytes)
      expect((await client.response()).error?.code).toBe(code)
      expect(await client.read()).toBeUndefined()
    }
    const client = await lab.at(path)
    await client.request({ type: Request_Type.SESSION })
    const call = Buffer.concat([Buffer.from([8, 1, 0x12, 2 + 'nodestead.net.v1.Channels/State'.length, 0x0a, 'nodestead.net.v1.Channels/State'.length]), Buffer.from('nodestead.net.v1.Channels/State')])
    client.send(call)
    client.send(call)
    let last: Uint8Array | undefined
    for (let bytes = await client.read(); bytes !== undefined; bytes = await client.read()) last = bytes
    expect(Buffer.from(last as Uint8Array).toString()).toContain('NET_CALL_ID_TAKEN')
  })
})

describe('a program that is killed', () => {
  it('leaves nothing: no stream, no handler, no subscription, no session', async () => {
    const { node, other, path } = await lab.pair()
    const streams = served(other, '/open/1')
    const child = spawn(process.execPath, [join(import.meta.dirname, 'ipc-program.ts'), path, other.id, join(lab.folder, 'handler.sock')], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve())
        child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)))
      })
      const { stream: handled } = await other.streams.open(node.net.id, ['/handled/1'])
      await eventually(() => streams.length === 1 && node.service.heldBy('program').streams === 2, 'the streams')
      expect(node.service.heldBy('program').protocols).toEqual(['/handled/1'])
      expect(node.service.clients.list().map(({ kind }) => kind).toSorted()).toEqual(['session', 'stream', 'topic'])
      expect([node.net.pubsub().topics(), node.net.streams.events.listenerCount('connected')]).toEqual([['news'], 1])

      child.kill('SIGKILL')
      // What peers still say is for nobody.
      await eventually(() => {
        for (const stream of [handled, streams[0] as Stream]) if (stream.writeStatus === 'writable') stream.send(Buffer.from('hello?'))
        return node.service.heldBy('program').streams === 0 && node.service.clients.size === 0
      }, 'the end of streams and connections')
      expect([node.net.pubsub().topics(), node.net.streams.events.listenerCount('connected')]).toEqual([[], 0])
      // It left the file of its socket behind: a further stream finds that nobody is there, where the system did not tell before.
      await other.streams.open(node.net.id, ['/handled/1']).catch(() => undefined)
      await eventually(() => node.service.heldBy('program').protocols.length === 0, 'the end of the handler')
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('the service', () => {
  it('has figures', async () => {
    const node = await lab.start()
    const path = await node.ownSocket('program', [])
    await (await lab.at(path)).session()
    const figures = Object.fromEntries(node.service.metrics().map(({ name, read }) => [name, read()]))
    expect(figures).toMatchObject({ nodestead_ipc_clients_refused_total: 0, nodestead_ipc_dropped_total: 0 })
    expect(figures.nodestead_ipc_clients).toContainEqual({ labels: { kind: 'session' }, value: 1 })
  })

  it('stops with everything that is open, and again without consequence', async () => {
    const { node, other, path } = await lab.pair()
    served(other, '/open/1')
    const socket = await lab.openStream(path, other, '/open/1')
    const session = await (await lab.at(path)).session()
    const events = session.stream(Node.method.events, {})
    await node.service.stop()
    await node.service.stop()
    socket.resume()
    await eventually(() => events.end === 'gone' && (socket.destroyed || socket.readableEnded), 'the end of all')
    expect([node.service.clients.size, node.service.path, node.service.heldBy('program').streams]).toEqual([0, undefined, 0])
  })
})
