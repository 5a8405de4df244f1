/** The local socket over real hosts on loopback: who is let in, what it may use and how much, streams joined to sockets, sessions, and what is left when a program is gone. */
import { spawn } from 'node:child_process'
import { createServer, type Server, type Socket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { fromBinary } from '@bufbuild/protobuf'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeRequest, peerBytes } from '../../../node-core/net/ipc/daemon/messages.ts'
import { DHTRequest_Type, ConnManagerRequest_Type, PeerstoreRequest_Type, PSMessageSchema, PSRequest_Type, Request_Type, StreamInfoSchema } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { Channels, Node, Topics, type TopicMessage } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeFrame, FrameReader } from '../../../node-core/network/framing.ts'
import { IpcClient } from '../../helpers/ipc-client.ts'
import { ALL_SCOPES, IpcNode, NetHost, type IpcNodeOptions } from '../../helpers/ipc-node.ts'
import { eventually } from '../../helpers/network.ts'
import { digestOf, echo, sendChunk, sendPattern } from '../../helpers/stream-ends.ts'

const nodes: { stop(): Promise<void> }[] = []
const clients: IpcClient[] = []
const servers: Server[] = []
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-ipc-test-'))
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) server.close()
  for (const node of nodes.splice(0)) await node.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(options: IpcNodeOptions = {}): Promise<IpcNode> {
  const node = await IpcNode.start(options)
  nodes.push(node)
  return node
}

async function peer(): Promise<NetHost> {
  const host = await NetHost.start()
  nodes.push(host)
  return host
}

async function at(path: string | undefined): Promise<IpcClient> {
  const client = await IpcClient.connect(path as string)
  clients.push(client)
  return client
}

/** A node with a program on a socket of its own that is connected to a peer. */
async function pair(scopes: readonly string[] = ALL_SCOPES, options: IpcNodeOptions = {}): Promise<{ readonly node: IpcNode; readonly other: NetHost; readonly path: string }> {
  const [node, other] = [await start(options), await peer()]
  const path = await node.ownSocket('program', scopes)
  await node.net.streams.reach(other.id, [other.address])
  return { node, other, path }
}

/** Opens a stream to the peer: the socket is the stream. */
async function openStream(path: string, other: NetHost, protocol: string): Promise<Socket> {
  const client = await at(path)
  const { error, streamInfo } = await client.request({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: [protocol] } })
  expect([error, streamInfo?.proto]).toEqual([undefined, protocol])
  const { socket, rest } = client.take()
  if (rest.length > 0) socket.unshift(rest)
  return socket
}

/** Streams that a peer gets under a protocol. */
function served(host: NetHost, protocol: string): Stream[] {
  const streams: Stream[] = []
  host.streams.serve(protocol, { perPeer: 64, relayed: false }, ({ stream }) => streams.push(stream))
  return streams
}

/** Much more than windows and buffers on the way take. */
const SIZE = 64 * 1024 * 1024
const BLOCK = new Uint8Array(65_536)

/** Resolves when the figure has not changed for a while. */
async function standsStill(figure: () => number): Promise<void> {
  let [last, times] = [-1, 0]
  await eventually(() => {
    times = figure() === last ? times + 1 : 0
    last = figure()
    return times > 40
  }, 'a standstill')
}

/** A program's listening socket, and what connects to it. */
async function listening(name: string): Promise<{ readonly server: Server; readonly sockets: Socket[]; readonly address: Uint8Array; readonly path: string }> {
  const path = join(folder, name)
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => sockets.push(socket.on('error', () => undefined)))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return { server, sockets, path, address: Uint8Array.from([0x90, 0x03, path.length, ...Buffer.from(path)]) }
}

describe('who is let in', () => {
  it('says a token on the common socket, and is told what it may use', async () => {
    const node = await start()
    const { token } = await node.programs.add('mailer', ['streams'])
    const client = await at(node.service.path)
    expect(await client.hello(token)).toMatchObject({ version: 1, program: 'mailer', scopes: ['streams'], peerId: node.net.id })
    expect((await client.request({ type: Request_Type.IDENTIFY })).identify?.id).toEqual(peerBytes(node.net.id))
    expect(node.service.clients.list()).toMatchObject([{ program: 'mailer', software: 'a test 1', kind: 'requests' }])
  })

  it('is nobody with another token, or none, or of another version, and is hung up on', async () => {
    const node = await start()
    const { token } = await node.programs.add('mailer', ['streams'])
    for (const [wrong, version, code] of [['no token', 1, 'NET_TOKEN_UNKNOWN'], ['', 1, 'NET_TOKEN_UNKNOWN'], [token, 2, 'NET_VERSION_UNSUPPORTED']] as const) {
      const client = await at(node.service.path)
      expect(await client.hello(wrong, version)).toBe(code)
      expect(await client.read()).toBeUndefined()
    }
    for (const type of [Request_Type.IDENTIFY, Request_Type.SESSION]) {
      const client = await at(node.service.path)
      expect((await client.request({ type })).error?.code).toBe('NET_HELLO_MISSING')
      expect(await client.read()).toBeUndefined()
    }
    await eventually(() => node.service.clients.size === 0, 'the end of all of them')
  })

  it('needs no token on a socket of its own, which is there only while it is switched on', async () => {
    const node = await start()
    const path = await node.ownSocket('old-client', [])
    const client = await at(path)
    expect((await client.request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
    await node.programs.change('old-client', { ownSocket: false })
    expect(await client.read()).toBeUndefined()
    await eventually(() => node.service.pathOf('old-client') === undefined, 'the end of the socket')
    await expect(IpcClient.connect(path)).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  })

  it('is out when it is revoked, with all of its connections', async () => {
    const node = await start()
    const { token } = await node.programs.add('mailer', ['events'])
    const client = await at(node.service.path)
    await client.hello(token)
    const events = (await client.session()).stream(Node.method.events, {})
    await node.programs.revoke('mailer')
    await eventually(() => events.end === 'gone', 'the end of the session')
    expect(await (await at(node.service.path)).hello(token)).toBe('NET_TOKEN_UNKNOWN')
  })

  it('has to say something soon', async () => {
    const node = await start({ limits: { firstRequestMs: 20 } })
    const client = await at(node.service.path)
    expect((await client.response()).error?.code).toBe('NET_TIMEOUT')
    expect(await client.read()).toBeUndefined()
  })

  it('has no more than a short message before it is known', async () => {
    const node = await start()
    const client = await at(node.service.path)
    client.socket.write(encodeFrame(new Uint8Array(5000)).subarray(0, 10))
    expect((await client.response()).error?.code).toBe('FRAME_TOO_LONG')
    expect(await client.read()).toBeUndefined()
  })

  it('finds no place where there are enough', async () => {
    const node = await start({ limits: { strangers: 1, clientsPerProgram: 1 } })
    await at(node.service.path)
    await eventually(() => node.service.clients.size === 1, 'the first')
    expect((await (await at(node.service.path)).response()).error?.code).toBe('NET_TOO_MANY_CLIENTS')
    const path = await node.ownSocket('program', [])
    const first = await at(path)
    await first.request({ type: Request_Type.IDENTIFY })
    expect((await (await at(path)).response()).error?.code).toBe('NET_TOO_MANY_CLIENTS')
    first.close()
    await eventually(() => node.service.clients.list().every(({ program }) => program !== 'program'), 'the end of the first')
    expect((await (await at(path)).request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
    expect(node.service.clients.refused).toBe(2)
  })
})

describe('a program without the scope', () => {
  it.each([
    ['connects to nobody', { type: Request_Type.CONNECT, connect: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz') } }],
    ['opens no stream', { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'), proto: ['/a/1'] } }],
    ['handles nothing', { type: Request_Type.STREAM_HANDLER, streamHandler: { addr: multiaddr('/ip4/127.0.0.1/tcp/9').bytes, proto: ['/a/1'] } }],
    ['sees no peers', { type: Request_Type.LIST_PEERS }],
    ['ends no connection', { type: Request_Type.DISCONNECT, disconnect: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz') } }],
    ['manages no connections', { type: Request_Type.CONNMANAGER, connManager: { type: ConnManagerRequest_Type.TRIM } }],
    ['asks no table', { type: Request_Type.DHT, dht: { type: DHTRequest_Type.GET_VALUE, key: Uint8Array.of(1) } }],
    ['hears no topic', { type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'a' } }],
    ['sees no book of peers', { type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PROTOCOLS } }],
  ] as const)('%s, and may go on', async (_name, request) => {
    const node = await start()
    const client = await at(await node.ownSocket('program', ['metrics']))
    expect((await client.request(request as never)).error?.code).toBe('NET_SCOPE_MISSING')
    expect((await client.request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
  })

  it('of a name uses other names only: topics and protocols', async () => {
    const { node, other, path } = await pair(['topics:mine/*', 'streams:/mine/*'])
    served(other, '/other/1')
    const client = await at(path)
    const code = async (request: Parameters<IpcClient['request']>[0]): Promise<string | undefined> => (await client.request(request)).error?.code
    node.net.pubsub().subscribe('other/secret', () => undefined)
    node.net.pubsub().subscribe('mine/open', () => undefined)
    const topic = (type: PSRequest_Type, name: string) => ({ type: Request_Type.PUBSUB, pubsub: { type, topic: name, data: Uint8Array.of(1) } }) as const
    expect(await code(topic(PSRequest_Type.PUBLISH, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.SUBSCRIBE, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.LIST_PEERS, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.PUBLISH, 'mine/open'))).toBeUndefined()
    expect((await client.request(topic(PSRequest_Type.GET_TOPICS, ''))).pubsub?.topics).toEqual(['mine/open'])
    expect(await code({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/mine/1', '/other/1'] } })).toBe('NET_SCOPE_MISSING')
    expect(await code({ type: Request_Type.STREAM_HANDLER, streamHandler: { addr: (await listening('l')).address, proto: ['/mine/1', '/other/1'] } })).toBe('NET_SCOPE_MISSING')
    expect(node.service.heldBy('program').protocols).toEqual([])
  })
})

describe('a request', () => {
  it('that is none ends the connection; one that is wrong does not', async () => {
    const { path } = await pair()
    const client = await at(path)
    for (const request of [{ type: Request_Type.CONNECT }, { type: Request_Type.STREAM_OPEN, streamOpen: { peer: Uint8Array.of(1, 2), proto: ['/a'] } }, { type: Request_Type.DHT }, { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'), proto: [] } }]) {
      expect((await client.request(request)).error?.code).toBe('NET_REQUEST_INVALID')
    }
    client.send(Uint8Array.of(8, 1, 0x12, 5))
    expect((await client.response()).error?.code).toBe('NET_MESSAGE_MALFORMED')
    expect(await client.read()).toBeUndefined()
  })

  it('longer than 4 MiB ends the connection before it is kept', async () => {
    const { path } = await pair()
    const client = await at(path)
    client.socket.write(Uint8Array.of(0x81, 0x80, 0x80, 0x02))
    expect((await client.response()).error?.code).toBe('FRAME_TOO_LONG')
    expect(await client.read()).toBeUndefined()
  })

  it('may be sent before the one in front is answered', async () => {
    const { path, node } = await pair()
    const client = await at(path)
    for (let i = 0; i < 100; i++) client.send(encodeRequest({ type: Request_Type.IDENTIFY }))
    for (let i = 0; i < 100; i++) expect((await client.response()).identify?.id).toEqual(peerBytes(node.net.id))
  })

  it('of another kind of the daemon is answered: list, book of peers, worth, disconnect', async () => {
    const { node, other, path } = await pair()
    const client = await at(path)
    const id = peerBytes(other.id)
    expect((await client.request({ type: Request_Type.LIST_PEERS })).peers.map((info) => info.id)).toEqual([id])
    await eventually(async () => ((await client.request({ type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PROTOCOLS, id } })).peerStore?.protos.length ?? 0) > 0, 'protocols of the peer')
    expect((await client.request({ type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PEER_INFO, id } })).peerStore?.peer?.id).toEqual(id)
    const tag = (type: ConnManagerRequest_Type, weight = 5n) => client.request({ type: Request_Type.CONNMANAGER, connManager: { type, peer: id, tag: 'friend', weight } })
    const tags = async (): Promise<string[]> => [...((await node.net.host.peerStore.get(node.net.host.getConnections()[0]?.remotePeer as never)).tags ?? new Map<string, unknown>()).entries()].filter(([name]) => name.startsWith('program')).map(([name, value]) => `${name} ${value.value}`)
    expect((await tag(ConnManagerRequest_Type.TAG_PEER, 1000n)).error).toBeUndefined()
    expect(await tags()).toEqual(['program:program:friend 100'])
    expect((await tag(ConnManagerRequest_Type.UNTAG_PEER)).error).toBeUndefined()
    expect(await tags()).toEqual([])
    await tag(ConnManagerRequest_Type.TAG_PEER)
    node.service.end('program')
    await eventually(async () => (await tags()).length === 0, 'the end of the tag')
    expect((await (await at(path)).request({ type: Request_Type.DISCONNECT, disconnect: { peer: id } })).error).toBeUndefined()
    await eventually(() => node.net.streams.connections().length === 0, 'the end of the connection')
  })

  it('that takes too long ends with its time, or with the program', async () => {
    const { path, node } = await pair()
    const unknown = '12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'
    // A listener that never says a word: the dial waits for it.
    const silent = createServer()
    servers.push(silent)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { readonly port: number }
    const request = (timeout: bigint) => ({ type: Request_Type.CONNECT, connect: { peer: peerBytes(unknown), addrs: [multiaddr(`/ip4/127.0.0.1/tcp/${port}`).bytes], timeout } })
    expect((await (await at(path)).request(request(1n))).error?.code).toBe('NET_TIMEOUT')
    const leaving = await at(path)
    leaving.send(encodeRequest(request(600n)))
    await eventually(() => node.service.clients.list().some(({ kind }) => kind === 'requests'), 'the request')
    leaving.close()
    await eventually(() => node.service.clients.size <= 1 && node.net.host.getDialQueue().length === 0, 'the end of the dial')
  })
})

describe('a stream that a program opens', () => {
  it('carries bytes both ways, also what is sent before the answer', async () => {
    const { other, path } = await pair()
    other.streams.serve('/echo/1', { perPeer: 4, relayed: false }, ({ stream }) => void echo(stream))
    const client = await at(path)
    client.send(encodeRequest({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/none/1', '/echo/1'] } }))
    client.socket.end('early')
    expect((await client.response()).streamInfo).toMatchObject({ peer: peerBytes(other.id), addr: multiaddr(other.address).bytes, proto: '/echo/1' })
    const { socket, rest } = client.take()
    expect(Buffer.concat([rest, ...((await socket.toArray()) as Buffer[])]).toString()).toBe('early')
  })

  it('is ended by halves: by the program first', async () => {
    const { node, other, path } = await pair()
    const streams = served(other, '/half/1')
    const socket = await openStream(path, other, '/half/1')
    socket.end('question')
    await eventually(() => streams[0]?.remoteWriteStatus === 'closed', 'the end of the program’s half')
    expect((await digestOf(streams[0] as Stream)).bytes).toBe(8)
    streams[0]?.send(Buffer.from('answer'))
    await streams[0]?.close()
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toBe('answer')
    await eventually(() => node.service.heldBy('program').streams === 0 && node.service.clients.size === 0, 'the end of the stream')
  })

  it('is ended by halves: by the peer first', async () => {
    const { node, other, path } = await pair()
    const streams = served(other, '/half/1')
    const socket = await openStream(path, other, '/half/1')
    await eventually(() => streams.length === 1, 'the stream')
    streams[0]?.send(Buffer.from('hello'))
    await streams[0]?.close()
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toBe('hello')
    socket.end('and bye')
    expect((await digestOf(streams[0] as Stream)).bytes).toBe(7)
    await eventually(() => node.service.heldBy('program').streams === 0, 'the end of the stream')
  })

  it('that the peer resets closes the socket', async () => {
    const { node, other, path } = await pair()
    const streams = served(other, '/reset/1')
    const socket = await openStream(path, other, '/reset/1')
    await eventually(() => streams.length === 1, 'the stream')
    streams[0]?.abort(new Error('no more'))
    socket.resume()
    await eventually(() => socket.readableEnded || socket.destroyed, 'the end of the socket')
    await eventually(() => node.service.heldBy('program').streams === 0 && node.service.clients.size === 0, 'the end of the stream')
  })

  it('whose program dies at once still has sent what it sent, and is then free', async () => {
    const { node, other, path } = await pair()
    const streams = served(other, '/last-words/1')
    const socket = await openStream(path, other, '/last-words/1')
    await new Promise<void>((resolve) => socket.write('last words', () => resolve()))
    socket.destroy()
    await eventually(() => streams[0]?.remoteWriteStatus === 'closed', 'the end')
    expect((await digestOf(streams[0] as Stream)).bytes).toBe(10)
    // What the peer says now is for nobody.
    streams[0]?.send(Buffer.from('who is there?'))
    await eventually(() => streams[0]?.status === 'reset' || streams[0]?.status === 'closed', 'the reset')
    await eventually(() => node.service.heldBy('program').streams === 0 && node.service.clients.size === 0, 'the end of what it held')
  })

  it('holds the peer while the program reads nothing', async () => {
    const { other, path } = await pair()
    const streams = served(other, '/slow/1')
    const socket = await openStream(path, other, '/slow/1')
    await eventually(() => streams.length === 1, 'the stream')
    const stream = streams[0] as Stream
    let sent = 0
    const all = (async () => {
      for (; sent < SIZE; sent += BLOCK.length) await sendChunk(stream, BLOCK)
      await stream.close()
    })()
    await standsStill(() => sent)
    expect(sent).toBeLessThan(SIZE / 2)
    let got = 0
    for await (const chunk of socket) got += (chunk as Buffer).length
    await all
    expect(got).toBe(SIZE)
  })

  it('holds the program while the peer reads nothing', async () => {
    const { other, path } = await pair()
    const streams = served(other, '/slow/1')
    const socket = await openStream(path, other, '/slow/1')
    await eventually(() => streams.length === 1, 'the stream')
    streams[0]?.pause()
    let sent = 0
    const all = (async () => {
      for (; sent < SIZE; sent += BLOCK.length) if (!socket.write(BLOCK)) await new Promise((resolve) => socket.once('drain', resolve))
      socket.end()
    })()
    await standsStill(() => sent)
    expect(sent).toBeLessThan(SIZE / 2)
    const taken = digestOf(streams[0] as Stream)
    await all
    expect((await taken).bytes).toBe(SIZE)
  })

  it('connects where there is no connection and the node knows the way', async () => {
    const { node, other, path } = await pair()
    served(other, '/again/1')
    await node.net.host.hangUp(node.net.host.getPeers()[0] as never)
    await eventually(() => node.net.streams.connections().length === 0, 'the end of the connection')
    await openStream(path, other, '/again/1')
  })

  it('counts, and is refused above the limit', async () => {
    const { other, path } = await pair(ALL_SCOPES, { limits: { streamsPerProgram: 2 } })
    served(other, '/many/1')
    const [first] = [await openStream(path, other, '/many/1'), await openStream(path, other, '/many/1')]
    const client = await at(path)
    const request = { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/many/1'] } }
    expect((await client.request(request)).error?.code).toBe('NET_TOO_MANY_STREAMS')
    first.destroy()
  })

  it('speaks no protocol of the node, nor one that the peer does not', async () => {
    const { other, path } = await pair(ALL_SCOPES, { isReserved: (protocol) => protocol === '/chain/grandpa/1' })
    const client = await at(path)
    const code = async (proto: string): Promise<string | undefined> => (await client.request({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: [proto] } })).error?.code
    for (const own of ['/chain/grandpa/1', '/nodestead/channels/1', '/ipfs/id/push/1.0.0', '/meshsub/1.2.0', '/libp2p/circuit/relay/0.2.0/hop']) expect(await code(own), own).toBe('NET_PROTOCOL_RESERVED')
    expect(await code('/unknown/1')).toBe('NETWORK_PROTOCOL_UNSUPPORTED')
  })
})

describe('a protocol that a program handles', () => {
  const register = async (path: string, address: Uint8Array, ...proto: string[]): Promise<string | undefined> => {
    const client = await at(path)
    const { error } = await client.request({ type: Request_Type.STREAM_HANDLER, streamHandler: { addr: address, proto } })
    client.close()
    return error?.code
  }

  it('brings streams of peers to its socket, and says from whom', async () => {
    const { node, other, path } = await pair()
    const { address, sockets } = await listening('handler')
    expect(await register(path, address, '/take/1', '/take/2')).toBeUndefined()
    await eventually(() => node.service.clients.size === 0, 'the end of the request')
    const { stream } = await other.streams.open(node.net.id, ['/take/2'])
    const answer = digestOf(stream)
    await sendPattern(stream, 1_000_000)
    await eventually(() => sockets.length === 1, 'the connection')
    const socket = sockets[0] as Socket
    const reader = new FrameReader()
    const bytes = Buffer.concat((await socket.toArray()) as Buffer[])
    reader.push(bytes)
    const info = fromBinary(StreamInfoSchema, reader.next(1000) as Uint8Array)
    expect([info.peer, info.proto, reader.takeRest().length]).toEqual([peerBytes(other.id), '/take/2', 1_000_000])
    socket.end('thanks')
    expect((await answer).bytes).toBe(6)
    expect(node.service.heldBy('program').protocols).toEqual(['/take/1', '/take/2'])
  })

  it('may be on TCP of this computer', async () => {
    const { node, other, path } = await pair()
    const server = createServer((socket) => socket.end('from tcp'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(await register(path, multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`).bytes, '/tcp/1')).toBeUndefined()
    const { stream } = await other.streams.open(node.net.id, ['/tcp/1'])
    expect((await digestOf(stream)).bytes).toBe(8)
  })

  it('is handled by one program; the same program moves it', async () => {
    const { node, other, path } = await pair()
    const another = await node.ownSocket('another', ['streams'])
    const [first, second] = [await listening('first'), await listening('second')]
    expect(await register(path, first.address, '/one/1')).toBeUndefined()
    expect(await register(another, second.address, '/free/1', '/one/1')).toBe('NET_PROTOCOL_TAKEN')
    expect(node.service.heldBy('another').protocols).toEqual([])
    expect(await register(path, second.address, '/one/1')).toBeUndefined()
    await other.streams.open(node.net.id, ['/one/1'])
    await eventually(() => second.sockets.length === 1, 'the connection')
    expect(first.sockets).toEqual([])
  })

  it('is refused elsewhere, at the node’s own sockets, where it is the node’s, and above the limit', async () => {
    const { node, path } = await pair(ALL_SCOPES, { limits: { handlersPerProgram: 2 }, isReserved: (protocol) => protocol === '/own/1' })
    node.net.streams.serve('/served/1', { perPeer: 1, relayed: false }, () => undefined)
    const { address } = await listening('handler')
    const own = node.service.path as string
    expect(await register(path, multiaddr('/ip4/10.0.0.1/tcp/80').bytes, '/a/1')).toBe('NET_ADDRESS_NOT_LOCAL')
    expect(await register(path, Uint8Array.from([0x90, 0x03, own.length, ...Buffer.from(own)]), '/a/1')).toBe('NET_ADDRESS_NOT_LOCAL')
    expect(await register(path, address, '/own/1')).toBe('NET_PROTOCOL_RESERVED')
    expect(await register(path, address, '/a/1', '/served/1')).toBe('NET_PROTOCOL_TAKEN')
    expect(await register(path, address, '/a/1', '/b/1', '/c/1')).toBe('NET_TOO_MANY_HANDLERS')
    expect(node.service.heldBy('program').protocols).toEqual([])
  })

  it('is given up when nobody listens any more: at the next stream, at the latest', async () => {
    const { node, other, path } = await pair()
    const { address, server } = await listening('handler')
    await register(path, address, '/gone/1')
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const { stream } = await other.streams.open(node.net.id, ['/gone/1'])
    await eventually(() => stream.status === 'reset', 'the reset')
    await eventually(() => node.service.heldBy('program').protocols.length === 0, 'the end of the handler')
  })

  it('goes with the program that is ended, and its streams', async () => {
    const { node, other, path } = await pair()
    const { address, sockets } = await listening('handler')
    await register(path, address, '/end/1')
    const { stream } = await other.streams.open(node.net.id, ['/end/1'])
    await eventually(() => sockets.length === 1 && node.service.heldBy('program').streams === 1, 'the stream')
    node.service.end('program')
    await eventually(() => stream.status === 'reset', 'the reset')
    expect(node.service.heldBy('program')).toEqual({ streams: 0, protocols: [] })
  })
})

describe('a topic', () => {
  it('is heard by its subscriber until that is gone, each subscriber for itself', async () => {
    const { node, other, path } = await pair()
    other.pubsub().subscribe('news', () => undefined)
    const subscribe = async (): Promise<IpcClient> => {
      const client = await at(path)
      expect((await client.request({ type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'news' } })).error).toBeUndefined()
      return client
    }
    const [first, second] = [await subscribe(), await subscribe()]
    await eventually(() => other.pubsub().peers('news').includes(node.net.id) && node.net.pubsub().peers('news').includes(other.id), 'the subscriptions')
    await eventually(async () => {
      await other.pubsub().publish('news', Buffer.from(String(Math.random())))
      return Promise.race([first.read().then((message) => message !== undefined), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50))])
    }, 'a message')
    const message = fromBinary(PSMessageSchema, (await second.read()) as Uint8Array)
    expect([message.from, message.topicIDs, message.seqno.length]).toEqual([peerBytes(other.id), ['news'], 8])
    first.close()
    second.close()
    await eventually(() => !node.net.pubsub().topics().includes('news') && node.service.clients.size === 0, 'the end of the subscriptions')
  })

  it('drops a slow subscriber’s oldest messages, and delays nobody', async () => {
    const { node, path } = await pair(ALL_SCOPES, { limits: { waitingMessages: 8 } })
    const subscribe = async (): Promise<IpcClient> => {
      const client = await at(path)
      await client.request({ type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'flood' } })
      return client
    }
    const [slow, quick] = [await subscribe(), await subscribe()]
    slow.socket.pause()
    const pubsub = node.net.pubsub()
    for (let i = 0; i < 100; i++) {
      await pubsub.publish('flood', Buffer.alloc(50_000, i))
      expect(fromBinary(PSMessageSchema, (await quick.read()) as Uint8Array).data[0]).toBe(i)
    }
    expect(node.service.dropped).toBeGreaterThan(50)
    slow.socket.resume()
    const seen: number[] = []
    while (seen.at(-1) !== 99) seen.push(fromBinary(PSMessageSchema, (await slow.read()) as Uint8Array).data[0] as number)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.slice(-8)).toEqual([92, 93, 94, 95, 96, 97, 98, 99])
  })
})

describe('a session', () => {
  it('asks for the node, its peers and its figures', async () => {
    const { node, other, path } = await pair()
    const session = await (await at(path)).session()
    expect(await session.call(Node.method.status, {})).toMatchObject({ peerId: node.net.id, connectedPeers: 1, addresses: [node.net.address] })
    expect((await session.call(Node.method.peers, {})).connections).toMatchObject([{ peer: other.id, inbound: false, path: 1 }])
    expect((await session.call(Node.method.metrics, { prefix: 'nodestead_test' })).families).toMatchObject([{ name: 'nodestead_test_answer', counter: false, samples: [{ value: 42, labels: { of: 'everything' } }] }])
    expect((await session.call(Node.method.metrics, { prefix: 'other' })).families).toEqual([])
  })

  it('hears of connections until it has heard enough', async () => {
    const { node, other, path } = await pair()
    const session = await (await at(path)).session()
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
    const node = await start()
    const session = await (await at(await node.ownSocket('program', ['topics']))).session()
    await expect(session.call(Node.method.metrics, {})).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'metrics' }, hint: expect.stringContaining('settings') } })
    await expect(session.call(Channels.method.dial, { address: 'x' })).rejects.toMatchObject({ failure: { code: 'NET_METHOD_UNAVAILABLE' } })
    const topic = session.stream(Topics.method.subscribe, { topic: 'x' })
    await eventually(() => topic.end !== undefined, 'the answer')
    expect(topic.end).toMatchObject({ code: 'NET_METHOD_UNAVAILABLE' })
    expect((await session.call(Node.method.status, {})).peerId).toBe(node.net.id)
  })

  it('runs many calls at the same time, up to a limit, and answers each with its own', async () => {
    const node = await start({ limits: { callsPerSession: 10 } })
    const gates: (() => void)[] = []
    node.service.methods.register(Channels.method.state, { scopes: [] }, async ({ channel }) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      return { channel }
    })
    const session = await (await at(await node.ownSocket('program', []))).session()
    const calls = Array.from({ length: 12 }, (_, i) => session.call(Channels.method.state, { channel: String(i) }).then(({ channel }) => channel, (error: Error) => error.message))
    await eventually(() => gates.length === 10, 'the calls')
    expect(await calls[11]).toContain('NET_TOO_MANY_CALLS')
    for (const open of gates.toReversed()) open()
    expect(await Promise.all(calls.slice(0, 10))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  it('loses its own oldest items where a method drops, and holds the method where that holds', async () => {
    const node = await start()
    let held = 0
    node.service.methods.registerStream(Topics.method.subscribe, { scopes: ['topics'], queueItems: 4, whenSlow: 'drop' }, async ({ topic }, { signal }, sink) => {
      for (let i = 0; i < 20; i++) void sink.send({ event: { case: 'message', value: { topic, data: Uint8Array.of(i) } } })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    })
    node.service.methods.registerStream(Channels.method.receive, { scopes: ['topics'], queueItems: 4, whenSlow: 'hold' }, async (_request, _call, sink) => {
      for (held = 0; held < 20; held++) await sink.send({ data: Uint8Array.of(held) })
    })
    const session = await (await at(await node.ownSocket('program', ['topics']))).session()
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
    const node = await start()
    const kept = new Set<number>()
    node.service.methods.register(Channels.method.dial, { scopes: [] }, ({ address }, { session }) => {
      kept.add(session.id)
      session.ended.addEventListener('abort', () => kept.delete(session.id))
      return { state: { channel: address } }
    })
    const path = await node.ownSocket('program', [])
    const [first, second] = [await at(path), await at(path)]
    await (await first.session()).call(Channels.method.dial, { address: 'a' })
    await (await second.session()).call(Channels.method.dial, { address: 'b' })
    expect(kept.size).toBe(2)
    first.close()
    await eventually(() => kept.size === 1, 'the end of the first')
    node.service.end('program')
    await eventually(() => kept.size === 0, 'the end of the second')
  })

  it('ends where what comes is no frame, or an id is used twice', async () => {
    const node = await start()
    node.service.methods.register(Channels.method.state, { scopes: [] }, (_request, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))))
    const path = await node.ownSocket('program', [])
    for (const [bytes, code] of [[Uint8Array.of(1, 2, 3), 'NET_MESSAGE_MALFORMED'], [Uint8Array.of(8, 1), 'NET_MESSAGE_MALFORMED'], [Uint8Array.of(8, 0, 0x1a, 0), 'NET_MESSAGE_MALFORMED']] as const) {
      const client = await at(path)
      await client.request({ type: Request_Type.SESSION })
      client.send(bytes)
      expect((await client.response()).error?.code).toBe(code)
      expect(await client.read()).toBeUndefined()
    }
    const client = await at(path)
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
    const { node, other, path } = await pair()
    const streams = served(other, '/open/1')
    const child = spawn(process.execPath, [join(import.meta.dirname, 'ipc-program.ts'), path, other.id, join(folder, 'handler.sock')], { stdio: ['ignore', 'pipe', 'inherit'] })
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
    const node = await start()
    const path = await node.ownSocket('program', [])
    await (await at(path)).session()
    const figures = Object.fromEntries(node.service.metrics().map(({ name, read }) => [name, read()]))
    expect(figures).toMatchObject({ nodestead_ipc_clients_refused_total: 0, nodestead_ipc_dropped_total: 0 })
    expect(figures.nodestead_ipc_clients).toContainEqual({ labels: { kind: 'session' }, value: 1 })
  })

  it('stops with everything that is open, and again without consequence', async () => {
    const { node, other, path } = await pair()
    served(other, '/open/1')
    const socket = await openStream(path, other, '/open/1')
    const session = await (await at(path)).session()
    const events = session.stream(Node.method.events, {})
    await node.service.stop()
    await node.service.stop()
    socket.resume()
    await eventually(() => events.end === 'gone' && (socket.destroyed || socket.readableEnded), 'the end of all')
    expect([node.service.clients.size, node.service.path, node.service.heldBy('program').streams]).toEqual([0, undefined, 0])
  })
})
