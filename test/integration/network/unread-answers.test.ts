/** Strangers who ask for the largest answers and read none of them, and the honest node beside them. */
import type { Connection, Stream } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { RequestHandler, RequestSpec } from '../../../node-core/network/contracts.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { ROOM } from '../../../node-core/network/requests/serving/options.ts'
import { BareHost } from '../../helpers/bare-host.ts'
import { AMPLE, PREFIX, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const MIB = 1024 * 1024
const SPEC: RequestSpec = {
  protocol: '/big/1', maxRequestBytes: 100, maxResponseBytes: 16 * MIB, timeoutMs: 60_000, perMinute: 1000, places: { total: 8, perPeer: 2 }, usualResponseBytes: 8 * MIB,
  budget: AMPLE,
}
const PROTOCOL = `${PREFIX}${SPEC.protocol}`
const [CONNECTIONS, STREAMS] = [16, 8]

let net: TestNetwork
let clock: FakeClock
let server: TestPeer
let made = 0
const hosts: BareHost[] = []

beforeEach(async () => {
  net = new TestNetwork()
  clock = new FakeClock()
  made = 0
  const handler: RequestHandler = {
    spec: SPEC,
    onRequest: (_, [size = 0]) => {
      made++
      return Promise.resolve({ kind: 'response', bytes: new Uint8Array(size * MIB).fill(1) })
    },
  }
  server = await net.start([new RecordingTopic()], { requests: [handler], clock })
})
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop()
  await net.stop()
})

/** A stranger's connection and its streams: each asks for `size` MiB, and nothing of it is read. */
async function stranger(streams: number, size: number): Promise<{ readonly id: string; readonly connection: Connection; readonly streams: Stream[] }> {
  const host = await BareHost.start()
  hosts.push(host)
  const connection = await host.dial(server.address)
  const opened: Stream[] = []
  for (let i = 0; i < streams; i++) {
    const stream = await connection.newStream(PROTOCOL)
    stream.pause()
    stream.send(encodeFrame(Uint8Array.of(size)))
    opened.push(stream)
  }
  return { id: host.id, connection, streams: opened }
}

const held = (): number => process.memoryUsage().arrayBuffers
const traffic = () => server.network.state.protocolTraffic().find(({ protocol }) => protocol === SPEC.protocol) ?? { bytesIn: 0, bytesOut: 0 }

test('128 answers of 16 MiB that nobody reads hold what there is room for, and no more', { timeout: 60_000 }, async () => {
  const before = held()
  for (let i = 0; i < CONNECTIONS; i++) await stranger(STREAMS, 16)
  await eventually(() => server.network.state.peerDetails().reduce((sum, { streams }) => sum + streams, 0) >= CONNECTIONS * STREAMS && made >= 3, 'every question')
  expect(server.network.state.queued().bytes).toBeGreaterThan(0)
  expect(server.network.state.queued().bytes).toBeLessThanOrEqual(ROOM.total)
  // Both ends are in this process: the strangers' windows are among it.
  expect(held() - before).toBeLessThan(ROOM.total + 128 * MIB)
})

test('an honest node is served beside them, and who reads nothing is cut off in the end', { timeout: 60_000 }, async () => {
  const strangers = await Promise.all(Array.from({ length: 4 }, () => stranger(STREAMS, 12)))
  await eventually(() => server.network.state.queued().bytes >= 4 * 12 * MIB, 'the room to be full')
  const honest = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
  await eventually(() => honest.network.topics.openPeers('block-announces').length === 1)
  const { bytesIn } = traffic()
  let answer: Uint8Array | undefined
  const asked = honest.network.requests.request(server.id, SPEC, Uint8Array.of(16)).then((bytes) => (answer = bytes))
  await eventually(() => traffic().bytesIn > bytesIn, 'its question')
  await eventually(() => {
    clock.advance(20)
    return answer !== undefined
  }, 'its answer')
  await asked
  expect([answer?.length, clock.now() < 8_000]).toEqual([16 * MIB, true])
  await eventually(() => {
    clock.advance(200)
    return server.network.state.queued().bytes === 0 && strangers.every(({ streams }) => streams.every(({ status }) => status !== 'open'))
  }, 'the end of everything unread')
})

test('a stream that is not read is ended after ten seconds and costs; four in a row end the connection', async () => {
  const { id, connection, streams } = await stranger(3, 1)
  const other = await stranger(4, 1)
  await eventually(() => server.network.state.queued().messages === 7, 'seven answers')
  clock.advance(9_999)
  expect(server.network.state.queued().messages).toBe(7)
  clock.advance(1)
  expect(server.network.state.queued()).toEqual({ messages: 0, bytes: 0 })
  await eventually(() => streams.every(({ status }) => status !== 'open') && other.connection.status !== 'open', 'the end')
  expect(connection.status).toBe('open')
  expect(server.network.state.peerDetails().map(({ peerId, reputation }) => [peerId, reputation])).toEqual([[id, -60]])
})

test('rates outlive a connection', async () => {
  const spec = { ...SPEC, protocol: '/few/1', perMinute: 3 }
  const topic = new RecordingTopic()
  const few = await net.start([topic], { requests: [{ spec, onRequest: (_, bytes) => Promise.resolve({ kind: 'response', bytes }) }] })
  const host = await BareHost.start()
  hosts.push(host)
  const outcomes: string[] = []
  for (let i = 0; i < 5; i++) {
    const connection = await host.dial(few.address)
    const stream = await connection.newStream(`${PREFIX}/few/1`)
    const outcome = new Promise<string>((resolve) => {
      stream.addEventListener('message', () => resolve('answered'), { once: true })
      stream.addEventListener('close', () => resolve('refused'), { once: true })
      if (stream.status !== 'open') resolve('refused')
      else stream.send(encodeFrame(utf8('hello')))
    })
    outcomes.push(await outcome)
    await connection.close()
    await eventually(() => few.network.state.peerDetails().length === 0, 'the end of the connection')
  }
  expect(outcomes).toEqual(['answered', 'answered', 'answered', 'refused', 'refused'])
})

test('a handler that never answers gives its places back', async () => {
  const spec = { ...SPEC, protocol: '/stuck/1', timeoutMs: 1_000, places: { total: 2, perPeer: 2 } }
  let asked = 0
  const onRequest: RequestHandler['onRequest'] = (_, bytes) => (++asked <= 2 ? new Promise(() => undefined) : Promise.resolve({ kind: 'response', bytes }))
  const stuck = await net.start([new RecordingTopic()], { requests: [{ spec, onRequest }], clock })
  const peer = await net.start([new RecordingTopic()], { bootnodes: [stuck.address] })
  await eventually(() => peer.network.topics.openPeers('block-announces').length === 1)
  const ask = () => peer.network.requests.request(stuck.id, { ...spec, timeoutMs: 10_000 }, utf8('hello'))
  const unanswered = Promise.allSettled([ask(), ask()])
  await eventually(() => asked === 2, 'two requests that hang')
  clock.advance(1_000)
  expect((await unanswered).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  clock.advance(5_000)
  expect(await ask()).toEqual(utf8('hello'))
})
