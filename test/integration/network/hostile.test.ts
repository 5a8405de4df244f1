/** Peers that break the rules: a bare libp2p host speaks to a network service and does what no honest node does. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { calmMuxer } from '../../../node-core/network/host/host.ts'
import { ProtobufWriter } from '../../../node-core/chain/protocols/requests/protobuf.ts'
import { SYNC_SPEC, syncHandler } from '../../../node-core/chain/protocols/requests/sync.ts'
import { BlockChain } from '../../helpers/block-chain.ts'
import { PREFIX, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const PROTOCOL = `${PREFIX}/block-announces/1`

let net = new TestNetwork()
const hosts: Libp2p[] = []
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop()
  await net.stop()
  net = new TestNetwork()
})

interface Rogue {
  readonly id: string
  readonly connection: Connection
  /** The streams that our side opened to it. */
  readonly theirs: Stream[]
}

/** Connects; `accept` says whether it answers streams that are opened to it. */
async function rogue(target: TestPeer, { accept = true, read = true } = {}): Promise<Rogue> {
  const host = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => calmMuxer()],
    connectionMonitor: { enabled: false },
  })
  hosts.push(host)
  const theirs: Stream[] = []
  await host.handle(PROTOCOL, (stream) => {
    theirs.push(stream)
    if (accept) stream.send(encodeFrame(Uint8Array.of(9)))
    if (!read) stream.pause()
  })
  const connection = await host.dial(multiaddr(target.address))
  return { id: host.peerId.toString(), connection, theirs }
}

/** Opens the gate as an honest peer does. */
async function open(peer: Rogue, topic: RecordingTopic): Promise<Stream> {
  const stream = await peer.connection.newStream(PROTOCOL)
  stream.send(encodeFrame(Uint8Array.of(9)))
  await eventually(() => topic.opened.includes(peer.id), 'the topic')
  return stream
}

const details = (target: TestPeer, peer: Rogue) => target.network.state.peerDetails().find(({ peerId }) => peerId === peer.id)

describe('a hostile peer', () => {
  test('that announces too long a frame is cut off before a byte of it is kept, and pays', async () => {
    const topic = new RecordingTopic()
    const target = await net.start([topic])
    const peer = await rogue(target)
    const stream = await open(peer, topic)
    // A length of 200 MB, and nothing behind it.
    stream.send(Uint8Array.of(0x80, 0x84, 0xaf, 0x5f))
    await eventually(() => topic.closed.length === 1, 'the end')
    expect(topic.messages).toEqual([])
    expect(details(target, peer)).toMatchObject({ slot: undefined, topics: [], reputation: -400 })
    await eventually(() => peer.theirs[0]?.status !== 'open', 'the end of the other direction')
  })

  test('with too long a handshake, or bytes in the wrong direction, is refused', async () => {
    const topic = new RecordingTopic()
    const target = await net.start([topic])
    const first = await rogue(target)
    const long = await first.connection.newStream(PROTOCOL)
    long.send(encodeFrame(new Uint8Array(topic.spec.maxHandshakeBytes + 1)))
    await eventually(() => details(target, first)?.reputation === -400, 'the cost')
    const second = await rogue(target)
    await open(second, topic)
    second.theirs[0]?.send(encodeFrame(Uint8Array.of(1)))
    await eventually(() => topic.closed.includes(second.id), 'the end')
    expect(topic.messages).toEqual([])
  })

  test('above the rate is read no further, pays each time, and is banned in the end', async () => {
    const topic = new RecordingTopic('block-announces', { rate: { perSecond: 0.001, burst: 3 } })
    const target = await net.start([topic])
    const peer = await rogue(target)
    const stream = await open(peer, topic)
    for (let i = 0; i < 100; i++) stream.send(encodeFrame(Uint8Array.of(i)))
    await eventually(() => target.network.state.bans().length === 1, 'the ban')
    expect(topic.messages).toHaveLength(3)
    expect(target.network.state.bans()).toMatchObject([{ peerId: peer.id, reason: 'rate-exceeded' }])
    await eventually(() => details(target, peer) === undefined, 'the disconnection')
  })

  test('that reads nothing costs one bounded queue, and delays nobody', async () => {
    const topic = new RecordingTopic('block-announces', { queueLength: 8 })
    const target = await net.start([topic])
    const slow = await rogue(target, { read: false })
    await open(slow, topic)
    const honest = new RecordingTopic()
    await net.start([honest], { bootnodes: [target.address] })
    await eventually(() => topic.opened.length === 2 && honest.opened.length === 1)
    const message = new Uint8Array(64 * 1024)
    for (let i = 0; i < 200; i++) {
      message[0] = i
      target.network.topics.send('block-announces', message.slice(), { except: [] })
      await eventually(() => honest.messages.length === i + 1, `message ${i} to the honest peer`)
    }
    expect(target.network.state.queued().messages).toBeLessThanOrEqual(8)
    expect(target.network.state.queued().bytes).toBeLessThanOrEqual(8 * (64 * 1024 + 4))
    expect(target.network.state.topicStatistics()[0]?.dropped).toBeGreaterThan(100)
  })

  test('that ends the direction in which we send ends both, and frees its slot', async () => {
    const topic = new RecordingTopic()
    const target = await net.start([topic], { inPeers: 1 })
    const peer = await rogue(target)
    const stream = await open(peer, topic)
    await peer.theirs[0]?.close()
    await eventually(() => topic.closed.length === 1, 'the end')
    await eventually(() => stream.status !== 'open', 'the other direction')
    expect(details(target, peer)?.slot).toBeUndefined()
    // The slot is there for another.
    await open(await rogue(target), topic)
    expect(topic.opened).toHaveLength(2)
  })

  test('gets no other topic before its status was accepted', async () => {
    const [status, votes] = [new RecordingTopic(), new RecordingTopic('grandpa')]
    const target = await net.start([status, votes])
    const peer = await rogue(target)
    const stream = await peer.connection.newStream(PROTOCOL.replace('block-announces', 'grandpa'))
    await eventually(() => stream.status !== 'open', 'the refusal')
    expect(votes.opened).toEqual([])
  })
})

test('a topic that a peer closes alone is opened to it again after a while, and its status stays open', async () => {
  const clock = new FakeClock()
  const [status, votes] = [new RecordingTopic(), new RecordingTopic('grandpa')]
  const target = await net.start([status, votes], { clock })
  const peer = await rogue(target)
  const protocol = PROTOCOL.replace('block-announces', 'grandpa')
  const theirs: Stream[] = []
  await hosts[0]?.handle(protocol, (stream) => {
    theirs.push(stream)
    stream.send(encodeFrame(Uint8Array.of(9)))
  })
  await open(peer, status)
  for (const [i, wait] of [5_000, 10_000].entries()) {
    await eventually(() => votes.opened.length === i + 1, 'the topic')
    theirs.at(-1)?.abort(new Error('enough'))
    await eventually(() => votes.closed.length === i + 1, 'the end')
    clock.advance(wait - 1)
    expect(theirs).toHaveLength(i + 1)
    clock.advance(1)
  }
  await eventually(() => votes.opened.length === 3, 'the topic')
  expect([status.opened.length, status.closed.length]).toEqual([1, 0])
})

test('a request of a thousand entries, within the length that is allowed, is refused by their count, and costs', async () => {
  const target = await net.start([], { requests: [syncHandler({ blocks: new BlockChain(), authorityChange: () => undefined })] })
  const ask = async (peer: Rogue, entries: number): Promise<string> => {
    const stream = await peer.connection.newStream(`${PREFIX}${SYNC_SPEC.protocol}`)
    const answered = new Promise<string>((resolve) => {
      stream.addEventListener('message', () => resolve('an answer'), { once: true })
      stream.addEventListener('close', () => resolve('the end'), { once: true })
    })
    const message = new ProtobufWriter().uint32(1, 0x0100_0000).bytes(3, new Uint8Array(4))
    for (let i = 0; i < entries; i++) message.uint32(15, 0)
    expect(message.size).toBeLessThan(SYNC_SPEC.maxRequestBytes)
    stream.send(encodeFrame(message.finish()))
    return answered
  }
  const [honest, bomber] = [await rogue(target), await rogue(target)]
  expect(await ask(honest, 10)).toBe('an answer')
  expect(await ask(bomber, 1000)).toBe('the end')
  await eventually(() => details(target, bomber)?.reputation === -200, 'the cost')
  expect(details(target, honest)?.reputation).toBe(0)
})

describe('the routing table', () => {
  const KAD = `${PREFIX}/kad`
  const PUT_VALUE = 0
  const ADD_PROVIDER = 2
  const FIND_NODE = 4
  /** Version 1, raw, identity, no bytes. */
  const CID = Uint8Array.of(1, 0x55, 0, 0)

  test('answers who looks for nodes, and keeps no records for anybody', async () => {
    const target = await net.start([])
    const peer = await rogue(target)
    const ask = async (message: ProtobufWriter): Promise<string> => {
      const stream = await peer.connection.newStream(KAD)
      const answered = new Promise<string>((resolve) => {
        stream.addEventListener('message', () => resolve('an answer'), { once: true })
        stream.addEventListener('close', () => resolve('the end'), { once: true })
      })
      stream.send(encodeFrame(message.finish()))
      return answered
    }
    const id = hosts[0]?.peerId.toMultihash().bytes ?? new Uint8Array(0)
    const provider = new ProtobufWriter().bytes(1, id).bytes(2, multiaddr('/ip4/192.0.2.1/tcp/1').bytes)
    // A public key under its own hash: the one kind of value that libp2p takes from anybody.
    const key = concatBytes(utf8('/pk/'), id)
    const record = new ProtobufWriter().bytes(1, key).bytes(2, hosts[0]?.peerId.toMultihash().digest ?? new Uint8Array(0)).string(5, new Date(0).toISOString())
    expect(await ask(new ProtobufWriter().uint32(1, FIND_NODE).bytes(2, id))).toBe('an answer')
    expect(await ask(new ProtobufWriter().uint32(1, ADD_PROVIDER).bytes(2, CID).message(9, provider))).toBe('the end')
    expect(await ask(new ProtobufWriter().uint32(1, PUT_VALUE).bytes(2, key).message(3, record))).toBe('the end')
    expect(target.network.state.peerDetails()).toMatchObject([{ peerId: peer.id }])
  })
})

describe('a ban', () => {
  test('survives a restart', async () => {
    const topic = new RecordingTopic()
    topic.judge = () => ({ kind: 'reject', fault: { code: 'forged', cost: -1, ban: true } })
    const target = await net.start([topic])
    const other = new RecordingTopic()
    const peer = await net.start([other], { nodeKey: '02'.repeat(32), bootnodes: [target.address] })
    await eventually(() => other.opened.length === 1)
    peer.network.topics.send('block-announces', Uint8Array.of(1), { except: [] })
    await eventually(() => other.closed.length === 1, 'the disconnection')
    expect(target.network.state.bans()).toMatchObject([{ peerId: peer.id, reason: 'forged' }])
    await Promise.all([target.network.stop(), peer.network.stop()])

    const again = new RecordingTopic()
    const restarted = await net.start([again], { dataPath: target.dataPath })
    expect(restarted.network.state.bans()).toMatchObject([{ peerId: peer.id }])
    const banned = await net.start([new RecordingTopic()], { nodeKey: '02'.repeat(32), bootnodes: [restarted.address] })
    await eventually(() => banned.logs.some(({ message }) => message === 'a peer could not be reached' || message === 'block-announces closed'), 'the refusal')
    expect(again.opened).toEqual([])
  })
})

describe('a handler', () => {
  test('that fails costs the peer nothing; one that takes long slows its peer down and not the node', async () => {
    const topic = new RecordingTopic()
    const target = await net.start([topic])
    const peer = await rogue(target)
    const stream = await open(peer, topic)
    topic.judge = () => {
      throw new Error('a fault of ours')
    }
    stream.send(encodeFrame(Uint8Array.of(0)))
    await eventually(() => target.network.state.topicStatistics()[0]?.reasons['handler-error'] === 1)
    expect(details(target, peer)?.reputation).toBe(0)
    const releases: (() => void)[] = []
    topic.judge = () => new Promise((resolve) => releases.push(() => resolve({ kind: 'ignore', reason: 'duplicate' })))
    for (let i = 1; i <= 40; i++) stream.send(encodeFrame(Uint8Array.of(i)))
    await eventually(() => releases.length === 16, 'as many as are handled at once')
    // Another peer's message comes through meanwhile, and a seventeenth of this one's does not.
    const other = await rogue(target)
    const otherStream = await open(other, topic)
    topic.judge = (_, message) => (message[0] === 99 ? { kind: 'accept' } : new Promise((resolve) => releases.push(() => resolve({ kind: 'ignore', reason: 'duplicate' }))))
    otherStream.send(encodeFrame(Uint8Array.of(99)))
    await eventually(() => topic.messages.some((one) => one.peer === other.id), 'the other message')
    expect(releases).toHaveLength(16)
    for (let released = 0; released < 40; released++) {
      await eventually(() => releases.length > released)
      releases[released]?.()
    }
    await eventually(() => target.network.state.topicStatistics()[0]?.duplicates === 40)
    expect(topic.messages.filter((one) => one.peer === peer.id).map(({ message }) => message[0])).toEqual(Array.from({ length: 41 }, (_, i) => i))
  })
})

test('a port in use is named, with what to do', async () => {
  const first = await net.start([])
  const port = /tcp\/(\d+)/.exec(first.address)?.[1] ?? ''
  await expect(net.start([], { listenAddrs: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toMatchObject({
    code: 'NETWORK_PORT_IN_USE',
    data: { port: Number(port) },
    hint: expect.stringContaining('--port'),
  })
})

test('by default it listens on TCP and WebSocket, and topics open over WebSocket too', async () => {
  const topic = new RecordingTopic()
  const target = await net.start([topic], { listenAddrs: [] })
  const addresses = target.network.state.listenAddresses()
  expect(addresses.some((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))).toBe(true)
  const ws = addresses.find((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\//.test(address))
  const other = new RecordingTopic()
  await net.start([other], { bootnodes: [ws ?? 'no WebSocket address'] })
  await eventually(() => topic.opened.length === 1 && other.opened.length === 1)
  expect(target.network.state.peerDetails()[0]?.address).toContain('/ws')
})
