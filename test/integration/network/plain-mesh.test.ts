/** Plain links between fixed peers over real sockets: topics of services on them, cut, replaced, and refused to who is no peer. */
import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { TopicTable } from '../../../node-core/net/topics/topic-table.ts'
import { DirectSpreader } from '../../../node-core/network/spread/direct.ts'
import { encodeWireFrame } from '../../../node-core/network/wire/frame.ts'
import { encodeGreeting } from '../../../node-core/network/wire/greeting.ts'
import { PlainMesh, type PlainPeer } from '../../../node-core/network/wire/plain-mesh.ts'
import { eventually, freePorts, RecordingTopic } from '../../helpers/network.ts'

const logger = createLogger([], { default: 'error' })
const meshes: PlainMesh[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(meshes.splice(0).map((mesh) => mesh.stop()))
})

async function peersNamed(...names: string[]): Promise<PlainPeer[]> {
  const at = await freePorts(names.length)
  return names.map((name, i) => ({ name, host: '127.0.0.1', port: at[i] as number }))
}

async function member(name: string, all: readonly PlainPeer[], topics: readonly RecordingTopic[] = []): Promise<PlainMesh> {
  const mesh = new PlainMesh({ clock: systemClock, logger }, { name, network: 'lab', listen: { host: '127.0.0.1', port: all.find((peer) => peer.name === name)?.port ?? 0 }, peers: all.filter((peer) => peer.name !== name), longestRetryMs: 200, keepAliveMs: 1_000 })
  for (const topic of topics) mesh.register(topic)
  await mesh.start()
  meshes.push(mesh)
  return mesh
}

describe('a mesh', () => {
  test('connects everybody with one link each, and carries topics both ways', async () => {
    const all = await peersNamed('a', 'b', 'c')
    const topics = all.map(() => new RecordingTopic('votes'))
    const members = await Promise.all(all.map(({ name }, i) => member(name, all, [topics[i] as RecordingTopic])))
    await eventually(() => members.every((mesh) => mesh.openPeers('votes').length === 2), 'the mesh')
    await eventually(() => members.every((mesh) => mesh.figures().length === 2), 'one link for each')
    for (const [i, mesh] of members.entries()) expect(mesh.send('votes', Uint8Array.of(i), { except: [] })).toHaveLength(2)
    await eventually(() => topics.every(({ messages }) => messages.length === 2), 'all votes')
    expect(topics[0]?.messages.map(({ peer, message }) => `${peer}${message[0]}`).sort()).toEqual(['b1', 'c2'])
    expect(members[0]?.send('votes', Uint8Array.of(9), { only: ['b', 'x'] })).toEqual(['b'])
    expect(members[0]?.send('votes', new Uint8Array(64 * 1024 + 1), { except: [] })).toEqual([])
  })

  test('is whole again after a member was stopped and came back', async () => {
    const all = await peersNamed('a', 'b')
    const [first, second] = [new RecordingTopic('votes'), new RecordingTopic('votes')]
    const a = await member('a', all, [first])
    const b = await member('b', all, [second])
    await eventually(() => a.openPeers('votes').length === 1 && b.openPeers('votes').length === 1, 'the link')
    await b.stop()
    await eventually(() => a.openPeers('votes').length === 0, 'the end of it')
    expect(first.closed).toContain('b')
    const again = new RecordingTopic('votes')
    const b2 = await member('b', all, [again])
    await eventually(() => a.openPeers('votes').length === 1 && b2.openPeers('votes').length === 1, 'the new link')
    a.send('votes', Uint8Array.of(5), { except: [] })
    await eventually(() => again.messages.length === 1, 'the message')
  })

  test('carries topics of services as the network does, declared and taken back while it runs', async () => {
    const all = await peersNamed('a', 'b')
    const tables = await Promise.all(
      all.map(async ({ name }) => new TopicTable({ clock: systemClock, logger, door: await member(name, all), localPeer: () => name, random: (n) => new Uint8Array(randomBytes(n)), ways: (links, sink) => [new DirectSpreader({ links: links('direct'), sink })] })),
    )
    const [a, b] = tables as [TopicTable, TopicTable]
    const descriptor = { name: 'chat', maxMessageBytes: 20_000_000, rate: { perSecond: 100, burst: 100 } }
    a.declare(descriptor)
    const undeclare = b.declare(descriptor)
    const got: number[] = []
    b.subscribe('chat', 'reader', ({ payload }) => void got.push(payload.length))
    await eventually(() => a.figures()[0]?.peers.length === 1, 'the topic')
    for (const length of [0, 1, 20_000_000]) await expect(a.publish('chat', new Uint8Array(length), { to: { only: ['b'] } })).resolves.toMatchObject({ taken: ['b'] })
    expect(got).toEqual([0, 1, 20_000_000])
    undeclare()
    await eventually(() => a.figures()[0]?.peers.length === 0, 'the end of it')
    await expect(a.publish('chat', Uint8Array.of(1), { to: { only: ['b'] } })).resolves.toMatchObject({ undelivered: [{ peer: 'b', reason: 'not-connected' }] })
    await Promise.all(tables.map((table) => table.stop()))
  })

  test('tells a port that is taken, and names that are', async () => {
    const all = await peersNamed('a', 'b')
    await member('a', all)
    const other = new PlainMesh({ clock: systemClock, logger }, { name: 'x', network: 'lab', listen: { host: '127.0.0.1', port: all[0]?.port ?? 0 }, peers: [] })
    await expect(other.start()).rejects.toMatchObject({ code: 'NETWORK_PLAIN_PORT' })
    const twice = new PlainMesh({ clock: systemClock, logger }, { name: 'a', network: 'lab', listen: { host: '127.0.0.1', port: 0 }, peers: all })
    await expect(twice.start()).rejects.toMatchObject({ code: 'NETWORK_PLAIN_NAME' })
  })
})

describe('who is no peer', () => {
  const ended = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once('close', () => resolve()).on('error', () => undefined).resume())

  test.each([
    ['is of another network', encodeWireFrame({ isLink: true, topic: 0, payload: encodeGreeting({ network: 'other', name: 'b' }) }).bytes],
    ['has a name that is not listed', encodeWireFrame({ isLink: true, topic: 0, payload: encodeGreeting({ network: 'lab', name: 'mallory' }) }).bytes],
    ['comes from another address than its name has', encodeWireFrame({ isLink: true, topic: 0, payload: encodeGreeting({ network: 'lab', name: 'far' }) }).bytes],
    ['sends a topic before its greeting', encodeWireFrame({ isLink: false, topic: 1, payload: Uint8Array.of(1) }).bytes],
    ['speaks HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['says who it is in no known form', encodeWireFrame({ isLink: true, topic: 0, payload: Uint8Array.of(9) }).bytes],
  ])('because it %s is cut off, and nobody hears of it', async (_what, bytes) => {
    const all = [...(await peersNamed('a', 'b')), { name: 'far', host: '192.0.2.1', port: 9 }]
    const topic = new RecordingTopic('votes')
    const a = await member('a', all, [topic])
    const socket = connect(all[0]?.port ?? 0, '127.0.0.1')
    sockets.push(socket)
    socket.write(bytes)
    await ended(socket)
    expect([a.figures(), topic.opened]).toEqual([[], []])
  })
})
