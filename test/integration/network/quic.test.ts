/** QUIC between network services on loopback: streams, topics, slow readers, streams and connections that are cut, and who is kept out. */
import { createHash } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { loadQuic } from '../../../node-core/network/host/quic.ts'
import type { PeerStream } from '../../../node-core/network/streams.ts'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'
import { writeNetworkKey } from '../../helpers/network-key-file.ts'
import { roomIn } from '../../../node-core/network/stream-room.ts'

const TALK = '/talk/1'
const QUIC = { quic: true, listenAddrs: ['/ip4/127.0.0.1/udp/0/quic-v1'] }
const MIB = 1024 * 1024
const NEVER = new AbortController().signal
const quic = await loadQuic()

let net = new TestNetwork()
let sockets: Socket[] = []
afterEach(async () => {
  await net.stop()
  for (const socket of sockets) socket.close()
  net = new TestNetwork()
  sockets = []
})

/** Two peers and a stream between them, as each sees it. */
async function stream(options: { readonly here?: object; readonly there?: object } = {}): Promise<{ readonly here: TestPeer; readonly there: TestPeer; readonly ours: PeerStream; readonly theirs: PeerStream }> {
  const [there, here] = [await net.start([], { ...QUIC, ...options.there }), await net.start([], { ...QUIC, ...options.here })]
  const taken: PeerStream[] = []
  there.network.streams.serve(TALK, { perPeer: 8, relayed: false }, (opened) => taken.push(opened))
  await here.network.streams.reach(there.id, [there.address])
  const ours = await here.network.streams.open(there.id, [TALK])
  await eventually(() => taken.length > 0, 'the stream')
  return { here, there, ours, theirs: taken[0] as PeerStream }
}

/** Sends it as fast as the stream takes it. */
async function pour({ stream }: PeerStream, bytes: number, onSent: (sent: number) => void = () => undefined): Promise<string> {
  const hash = createHash('sha256')
  for (let sent = 0; sent < bytes; sent += MIB / 4) {
    const piece = Buffer.alloc(Math.min(MIB / 4, bytes - sent), sent / 1024)
    hash.update(piece)
    stream.send(piece)
    await roomIn(stream, NEVER)
    onSent(sent + piece.length)
  }
  return hash.digest('hex')
}

describe.skipIf(quic.state === 'unavailable')(`QUIC${quic.state === 'unavailable' ? ` (skipped: ${quic.reason})` : ''}`, () => {
  test('carries streams, is told as a state and announced', async () => {
    const { here, there, ours, theirs } = await stream()
    expect(here.network.state.quic()).toEqual({ state: 'available' })
    expect(there.address).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/p2p\//)
    expect(here.network.streams.connections(there.id)).toMatchObject([{ address: there.address, path: 'direct', direction: 'outbound' }])
    const heard: string[] = []
    theirs.stream.addEventListener('message', ({ data }) => heard.push(Buffer.from(data.subarray()).toString()))
    ours.stream.send(Buffer.from('hello'))
    await eventually(() => heard.length > 0, 'the message')
    expect(heard).toEqual(['hello'])
  })

  test('listens besides TCP and WebSocket on both versions of IP where it is asked for, and only then', async () => {
    const [plain, both] = [await net.start([], { listenAddrs: [] }), await net.start([], { listenAddrs: [], quic: true })]
    expect(plain.network.state.quic()).toEqual({ state: 'off' })
    expect(plain.network.state.listenAddresses().filter((address) => address.includes('/quic-v1'))).toEqual([])
    const addresses = both.network.state.listenAddresses()
    for (const kind of [/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p/, /\/ws\//, /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/p2p/]) expect(addresses.some((address) => kind.test(address))).toBe(true)
  })

  test('opens topics', async () => {
    const [left, right] = [new RecordingTopic(), new RecordingTopic()]
    const [there, here] = [await net.start([left], QUIC), await net.start([right], QUIC)]
    await expect(here.network.actions.call(there.address)).resolves.toBe('connected')
    await eventually(() => left.opened.length === 1 && right.opened.length === 1, 'the topics')
    here.network.topics.send('block-announces', Buffer.from('block'), { except: [] })
    await eventually(() => left.messages.length > 0, 'the announcement')
    expect(left.messages).toMatchObject([{ peer: here.id, message: new Uint8Array(Buffer.from('block')) }])
    expect(here.network.state.peerDetails()).toMatchObject([{ address: there.address, bytesOut: expect.any(Number) as unknown }])
  })

  test('makes who sends wait for who does not read, and loses nothing', async () => {
    const { ours, theirs } = await stream()
    const hash = createHash('sha256')
    let received = 0
    theirs.stream.pause()
    theirs.stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      hash.update(data.subarray())
      theirs.stream.pause()
      setImmediate(() => theirs.stream.resume())
    })
    let sent = 0
    const total = 48 * MIB
    const poured = pour(ours, total, (bytes) => (sent = bytes))
    // What there is room for has gone, and no more goes.
    let [before, looks] = [0, 0]
    await eventually(() => {
      looks = sent > 0 && sent === before ? looks + 1 : 0
      before = sent
      return looks === 20
    }, 'the sender to wait')
    // Two windows: of the stream here, and of what waits there to be sent.
    expect(sent).toBeLessThan(16 * MIB)
    expect((theirs.stream as unknown as { readonly readBufferLength: number }).readBufferLength).toBeLessThanOrEqual(64 * 1024)
    theirs.stream.resume()
    const sum = await poured
    await ours.stream.close()
    await eventually(() => received === total, 'all of it')
    expect(hash.digest('hex')).toBe(sum)
    expect(theirs.stream.status).not.toBe('aborted')
  })

  test('tells an end from a cut', async () => {
    const { here, there, ours, theirs } = await stream()
    const ended: (string | undefined)[] = []
    theirs.stream.addEventListener('close', ({ error }) => ended.push(error?.name))
    theirs.stream.addEventListener('message', () => undefined)
    await pour(ours, MIB)
    ours.stream.abort(new Error('no more'))
    await eventually(() => ended.length > 0, 'the reset')
    expect(ended).toEqual(['StreamResetError'])
    const second = await here.network.streams.open(there.id, [TALK])
    second.stream.addEventListener('close', ({ error }) => ended.push(error?.name))
    await there.network.streams.disconnect(here.id)
    await eventually(() => ended.length > 1, 'the end of the connection')
    expect(ended[1]).toBe('StreamResetError')
    await expect(here.network.streams.open(there.id, [TALK])).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
  })

  test('gives back what came before the end, after both have said theirs', async () => {
    const { ours, theirs } = await stream()
    let received = 0
    ours.stream.addEventListener('message', ({ data }) => (received += data.byteLength))
    let closed: unknown = 'open'
    ours.stream.addEventListener('close', ({ error }) => (closed = error))
    await ours.stream.close()
    await pour(theirs, 3 * MIB)
    await theirs.stream.close()
    await eventually(() => closed !== 'open', 'the end')
    expect([received, closed]).toEqual([3 * MIB, undefined])
  })

  test('is counted and held back as TCP is', async () => {
    const clock = new FakeClock()
    const { here, there, ours, theirs } = await stream({ here: { uploadLimit: 4_000, clock } })
    let received = 0
    theirs.stream.addEventListener('message', ({ data }) => (received += data.byteLength))
    const poured = pour(ours, 8 * MIB)
    // A second's worth is saved up; what was said before is part of it.
    const first = (): boolean => received > 3_900_000 && here.network.state.bandwidth().bytesOut === 4_000_000
    await eventually(first, 'the first second')
    clock.advance(100)
    await eventually(() => here.network.state.bandwidth().bytesOut > 4_000_000, 'a little more')
    expect(here.network.state.bandwidth().bytesOut).toBeLessThanOrEqual(4_400_000)
    await eventually(() => {
      clock.advance(100)
      return received === 8 * MIB
    }, 'all of it')
    await poured
    expect(here.network.state.bandwidth().bytesOut).toBeGreaterThanOrEqual(8 * MIB)
    expect(there.network.state.peerDetails()).toMatchObject([{ peerId: here.id, bytesIn: here.network.state.peerDetails()[0]?.bytesOut }])
  })

  test('keeps out whom the node does not want', async () => {
    const [there, here] = [await net.start([new RecordingTopic()], QUIC), await net.start([new RecordingTopic()], QUIC)]
    there.network.actions.ban(here.id, 60_000)
    await expect(here.network.actions.call(there.address)).rejects.toMatchObject({ code: expect.stringMatching(/^NETWORK_DIAL_/) as unknown })
    expect(there.network.state.peerDetails()).toEqual([])
  })

  test('lets others in while handshakes stall', async () => {
    const there = await net.start([], QUIC)
    const port = Number(/\/udp\/(\d+)\//.exec(there.address)?.[1])
    for (const hello of await firstPackets(3)) {
      const socket = createSocket('udp4')
      sockets.push(socket)
      socket.send(hello, port, '127.0.0.1')
      // It is answered, and says no more.
      await once(socket, 'message')
    }
    const here = await net.start([], QUIC)
    await expect(here.network.streams.reach(there.id, [there.address])).resolves.toBe('direct')
  })

  test('is not to be had in a network with a key of its own, and the node runs without', async () => {
    const key = join(await net.folder(), 'swarm.key')
    await writeNetworkKey(key)
    const options = { networkKeyFile: key, quic: true, listenAddrs: ['/ip4/127.0.0.1/tcp/0', ...QUIC.listenAddrs] }
    const [there, here] = [await net.start([], options), await net.start([], options)]
    expect(here.network.state.quic()).toMatchObject({ state: 'unavailable', reason: expect.stringContaining('key') as unknown })
    expect(there.network.state.listenAddresses()).toHaveLength(1)
    await expect(here.network.streams.reach(there.id, [there.address])).resolves.toBe('direct')
    expect(here.logs.filter(({ message }) => message.includes('QUIC'))).toHaveLength(1)
  })

  test('says which port is taken', async () => {
    const taken = await net.start([], QUIC)
    const port = Number(/\/udp\/(\d+)\//.exec(taken.address)?.[1])
    await expect(net.start([], { ...QUIC, listenAddrs: [`/ip4/127.0.0.1/udp/${port}/quic-v1`] })).rejects.toMatchObject({ code: 'NETWORK_PORT_IN_USE', data: { port } })
  })
})

/** The first packets of dials. */
async function firstPackets(count: number): Promise<Buffer[]> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const dialler = await net.start([], QUIC)
  const packets = new Map<string, Buffer>()
  // By the identifier of the connection, eight bytes or more, whose length is at byte 5.
  socket.on('message', (packet) => packets.set(packet.subarray(6, 14).toString('hex'), packet))
  for (let i = 0; i < count; i++) {
    const giveUp = new AbortController()
    const dial = dialler.network.streams.reach('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', [`/ip4/127.0.0.1/udp/${socket.address().port}/quic-v1`], { signal: giveUp.signal })
    dial.catch(() => undefined)
    await eventually(() => packets.size > i, 'a packet')
    giveUp.abort()
    await expect(dial).rejects.toMatchObject({ code: 'NETWORK_DIAL_CANCELLED' })
  }
  return [...packets.values()].slice(0, count)
}
