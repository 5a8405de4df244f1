/** Strangers who open sockets and say nothing, or little: an honest node gets in beside them, and nothing of them stays. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../node-core/base/bytes.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { DOOR } from '../../../node-core/network/host/host.ts'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

/** With a thousand sockets in the same process; an undisturbed one takes about a tenth. */
const HONEST_MS = 5_000

let net = new TestNetwork()
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await net.stop()
  net = new TestNetwork()
})

const portOf = (address: string): number => Number(/tcp\/(\d+)/.exec(address)?.[1])

interface FloodOptions {
  readonly count: number
  readonly from?: (i: number) => string
  /** What each one says at once. */
  readonly say?: Uint8Array
}

/** Opens sockets and keeps them; those that the node closed are counted by {@link held}. */
async function flood(port: number, { count, from = () => '127.0.0.1', say }: FloodOptions): Promise<void> {
  const opened = Array.from({ length: count }, (_, i) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from(i) })
    socket.on('error', () => undefined)
    // Otherwise the end of the other side would go unnoticed.
    socket.resume()
    sockets.push(socket)
    return new Promise<void>((resolve) => {
      socket.once('connect', () => {
        if (say !== undefined) socket.write(say)
        resolve()
      })
      socket.once('close', () => resolve())
    })
  })
  await Promise.all(opened)
}

const held = (): number => sockets.filter((socket) => !socket.destroyed && socket.readable).length

/** Milliseconds until an honest node's topic is open on both sides. */
async function honestNode(target: TestPeer, topic: RecordingTopic): Promise<number> {
  const mine = new RecordingTopic()
  const begin = performance.now()
  const peer = await net.start([mine], { bootnodes: [target.address] })
  await eventually(() => mine.opened.length === 1 && topic.opened.includes(peer.id), 'the topic of the honest node')
  return performance.now() - begin
}

/** What a listener hears first on the way to noise: multistream, the choice of noise, and the first of its three messages. */
const HALF_A_HANDSHAKE = concatBytes(
  encodeFrame(utf8('/multistream/1.0.0\n')),
  encodeFrame(utf8('/noise\n')),
  Uint8Array.of(0, 32),
  new Uint8Array(32).fill(9),
)

const FLOODS: readonly (readonly [name: string, options: FloodOptions])[] = [
  ['1,000 sockets of one address that say nothing', { count: 1000 }],
  ['1,000 sockets of 200 subnets that say nothing', { count: 1000, from: (i) => `127.0.${i % 200}.${1 + (i % 250)}` }],
  ['1,000 sockets that say one byte', { count: 1000, say: Uint8Array.of(0x13) }],
  ['500 that stop in the middle of a noise handshake', { count: 500, say: HALF_A_HANDSHAKE }],
]

describe('an honest node gets in beside', () => {
  test.each(FLOODS)('%s', async (_, options) => {
    const topic = new RecordingTopic()
    const target = await net.start([topic])
    await flood(portOf(target.address), options)
    await eventually(() => held() <= DOOR.maxPending, 'an end to the oldest')
    expect(await honestNode(target, topic)).toBeLessThan(HONEST_MS)
    // It was among those that waited and no more.
    expect(topic.opened).toHaveLength(1)
    // Who says nothing more is gone in the end.
    await eventually(() => held() === 0, 'the end of all of them')
    expect(target.network.state.peerDetails()).toHaveLength(1)
  })

  test('1,000 sockets that say nothing to the WebSocket port, which lets go of them too', async () => {
    const topic = new RecordingTopic()
    const target = await net.start([topic], { listenAddrs: ['/ip4/127.0.0.1/tcp/0/ws'] })
    await flood(portOf(target.address), { count: 900 })
    await flood(portOf(target.address), { count: 100, say: utf8('GET / HTTP/1.1\r\n') })
    await eventually(() => held() <= DOOR.maxPending, 'an end to the oldest')
    expect(await honestNode(target, topic)).toBeLessThan(HONEST_MS)
    await eventually(() => held() === 0, 'the end of all of them')
    expect(target.network.state.peerDetails()).toHaveLength(1)
  })
})

test('sockets that say a byte now and then do not live longer', async () => {
  const target = await net.start([new RecordingTopic()])
  await flood(portOf(target.address), { count: 50 })
  const words = encodeFrame(utf8('/multistream/1.0.0\n'))
  let said = 0
  const drip = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write(words.subarray(said, said + 1))
    said++
  }, 500)
  await Promise.all(sockets.filter(({ destroyed }) => !destroyed).map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  clearInterval(drip)
  expect(said).toBeLessThan(words.length)
  expect(held()).toBe(0)
})

test('what a flood took is given back', async () => {
  const target = await net.start([new RecordingTopic()])
  const before = handles()
  for (let round = 0; round < 3; round++) {
    await flood(portOf(target.address), { count: 300 })
    for (const socket of sockets.splice(0)) socket.destroy()
  }
  await eventually(() => handles() <= before, 'the end of every socket')
})

function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}
