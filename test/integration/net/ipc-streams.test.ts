/** The local socket: streams of peers joined to sockets of programs, opened by them and for them. */
import { createServer, type Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { fromBinary } from '@bufbuild/protobuf'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeRequest, peerBytes } from '../../../node-core/net/ipc/daemon/messages.ts'
import { Request_Type, StreamInfoSchema } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { FrameReader } from '../../../node-core/network/framing.ts'
import { IpcLab, served } from '../../helpers/ipc-lab.ts'
import { ALL_SCOPES } from '../../helpers/ipc-node.ts'
import { eventually } from '../../helpers/network.ts'
import { digestOf, echo, sendChunk, sendPattern } from '../../helpers/stream-ends.ts'

let lab: IpcLab
beforeEach(async () => {
  lab = await IpcLab.open()
})
afterEach(() => lab.close())

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

describe('a stream that a program opens', () => {
  it('carries bytes both ways, also what is sent before the answer', async () => {
    const { other, path } = await lab.pair()
    other.streams.serve('/echo/1', { perPeer: 4, relayed: false }, ({ stream }) => void echo(stream))
    const client = await lab.at(path)
    client.send(encodeRequest({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/none/1', '/echo/1'] } }))
    client.socket.end('early')
    expect((await client.response()).streamInfo).toMatchObject({ peer: peerBytes(other.id), addr: multiaddr(other.address).bytes, proto: '/echo/1' })
    const { socket, rest } = client.take()
    expect(Buffer.concat([rest, ...((await socket.toArray()) as Buffer[])]).toString()).toBe('early')
  })

  it('is ended by halves: by the program first', async () => {
    const { node, other, path } = await lab.pair()
    const streams = served(other, '/half/1')
    const socket = await lab.openStream(path, other, '/half/1')
    socket.end('question')
    await eventually(() => streams[0]?.remoteWriteStatus === 'closed', 'the end of the program’s half')
    expect((await digestOf(streams[0] as Stream)).bytes).toBe(8)
    streams[0]?.send(Buffer.from('answer'))
    await streams[0]?.close()
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toBe('answer')
    await eventually(() => node.service.heldBy('program').streams === 0 && node.service.clients.size === 0, 'the end of the stream')
  })

  it('is ended by halves: by the peer first', async () => {
    const { node, other, path } = await lab.pair()
    const streams = served(other, '/half/1')
    const socket = await lab.openStream(path, other, '/half/1')
    await eventually(() => streams.length === 1, 'the stream')
    streams[0]?.send(Buffer.from('hello'))
    await streams[0]?.close()
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toBe('hello')
    socket.end('and bye')
    expect((await digestOf(streams[0] as Stream)).bytes).toBe(7)
    await eventually(() => node.service.heldBy('program').streams === 0, 'the end of the stream')
  })

  it('that the peer resets closes the socket', async () => {
    const { node, other, path } = await lab.pair()
    const streams = served(other, '/reset/1')
    const socket = await lab.openStream(path, other, '/reset/1')
    await eventually(() => streams.length === 1, 'the stream')
    streams[0]?.abort(new Error('no more'))
    socket.resume()
    await eventually(() => socket.readableEnded || socket.destroyed, 'the end of the socket')
    await eventually(() => node.service.heldBy('program').streams === 0 && node.service.clients.size === 0, 'the end of the stream')
  })

  it('whose program dies at once still has sent what it sent, and is then free', async () => {
    const { node, other, path } = await lab.pair()
    const streams = served(other, '/last-words/1')
    const socket = await lab.openStream(path, other, '/last-words/1')
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
    const { other, path } = await lab.pair()
    const streams = served(other, '/slow/1')
    const socket = await lab.openStream(path, other, '/slow/1')
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
    const { other, path } = await lab.pair()
    const streams = served(other, '/slow/1')
    const socket = await lab.openStream(path, other, '/slow/1')
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
    const { node, other, path } = await lab.pair()
    served(other, '/again/1')
    await node.net.host.hangUp(node.net.host.getPeers()[0] as never)
    await eventually(() => node.net.streams.connections().length === 0, 'the end of the connection')
    await lab.openStream(path, other, '/again/1')
  })

  it('counts, and is refused above the limit', async () => {
    const { other, path } = await lab.pair(ALL_SCOPES, { limits: { streamsPerProgram: 2 } })
    served(other, '/many/1')
    const [first] = [await lab.openStream(path, other, '/many/1'), await lab.openStream(path, other, '/many/1')]
    const client = await lab.at(path)
    const request = { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/many/1'] } }
    expect((await client.request(request)).error?.code).toBe('NET_TOO_MANY_STREAMS')
    first.destroy()
  })

  it('speaks no protocol of the node, nor one that the peer does not', async () => {
    const { other, path } = await lab.pair(ALL_SCOPES, { isReserved: (protocol) => protocol === '/chain/grandpa/1' })
    const client = await lab.at(path)
    const code = async (proto: string): Promise<string | undefined> => (await client.request({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: [proto] } })).error?.code
    for (const own of ['/chain/grandpa/1', '/nodestead/channels/1', '/ipfs/id/push/1.0.0', '/meshsub/1.2.0', '/libp2p/circuit/relay/0.2.0/hop']) expect(await code(own), own).toBe('NET_PROTOCOL_RESERVED')
    expect(await code('/unknown/1')).toBe('NETWORK_PROTOCOL_UNSUPPORTED')
  })
})

describe('a protocol that a program handles', () => {
  const register = async (path: string, address: Uint8Array, ...proto: string[]): Promise<string | undefined> => {
    const client = await lab.at(path)
    const { error } = await client.request({ type: Request_Type.STREAM_HANDLER, streamHandler: { addr: address, proto } })
    client.close()
    return error?.code
  }

  it('brings streams of peers to its socket, and says from whom', async () => {
    const { node, other, path } = await lab.pair()
    const { address, sockets } = await lab.listening('handler')
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
    const { node, other, path } = await lab.pair()
    const server = createServer((socket) => socket.end('from tcp'))
    lab.keep(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(await register(path, multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`).bytes, '/tcp/1')).toBeUndefined()
    const { stream } = await other.streams.open(node.net.id, ['/tcp/1'])
    expect((await digestOf(stream)).bytes).toBe(8)
  })

  it('is handled by one program; the same program moves it', async () => {
    const { node, other, path } = await lab.pair()
    const another = await node.ownSocket('another', ['streams'])
    const [first, second] = [await lab.listening('first'), await lab.listening('second')]
    expect(await register(path, first.address, '/one/1')).toBeUndefined()
    expect(await register(another, second.address, '/free/1', '/one/1')).toBe('NET_PROTOCOL_TAKEN')
    expect(node.service.heldBy('another').protocols).toEqual([])
    expect(await register(path, second.address, '/one/1')).toBeUndefined()
    await other.streams.open(node.net.id, ['/one/1'])
    await eventually(() => second.sockets.length === 1, 'the connection')
    expect(first.sockets).toEqual([])
  })

  it('is refused elsewhere, at the node’s own sockets, where it is the node’s, and above the limit', async () => {
    const { node, path } = await lab.pair(ALL_SCOPES, { limits: { handlersPerProgram: 2 }, isReserved: (protocol) => protocol === '/own/1' })
    node.net.streams.serve('/served/1', { perPeer: 1, relayed: false }, () => undefined)
    const { address } = await lab.listening('handler')
    const own = node.service.path as string
    expect(await register(path, multiaddr('/ip4/10.0.0.1/tcp/80').bytes, '/a/1')).toBe('NET_ADDRESS_NOT_LOCAL')
    expect(await register(path, Uint8Array.from([0x90, 0x03, own.length, ...Buffer.from(own)]), '/a/1')).toBe('NET_ADDRESS_NOT_LOCAL')
    expect(await register(path, address, '/own/1')).toBe('NET_PROTOCOL_RESERVED')
    expect(await register(path, address, '/a/1', '/served/1')).toBe('NET_PROTOCOL_TAKEN')
    expect(await register(path, address, '/a/1', '/b/1', '/c/1')).toBe('NET_TOO_MANY_HANDLERS')
    expect(node.service.heldBy('program').protocols).toEqual([])
  })

  it('is given up when nobody listens any more: at the next stream, at the latest', async () => {
    const { node, other, path } = await lab.pair()
    const { address, server } = await lab.listening('handler')
    await register(path, address, '/gone/1')
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const { stream } = await other.streams.open(node.net.id, ['/gone/1'])
    await eventually(() => stream.status === 'reset', 'the reset')
    await eventually(() => node.service.heldBy('program').protocols.length === 0, 'the end of the handler')
  })

  it('goes with the program that is ended, and its streams', async () => {
    const { node, other, path } = await lab.pair()
    const { address, sockets } = await lab.listening('handler')
    await register(path, address, '/end/1')
    const { stream } = await other.streams.open(node.net.id, ['/end/1'])
    await eventually(() => sockets.length === 1 && node.service.heldBy('program').streams === 1, 'the stream')
    node.service.end('program')
    await eventually(() => stream.status === 'reset', 'the reset')
    expect(node.service.heldBy('program')).toEqual({ streams: 0, protocols: [] })
  })
})
