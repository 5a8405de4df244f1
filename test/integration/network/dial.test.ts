/** A person calls a peer on loopback: each reason why it may not be reached, told by its code, and what stays of the wish. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const NOBODY = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const OTHER_PREFIX = `/${'77'.repeat(32)}`

let net = new TestNetwork()
const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  await net.stop()
  net = new TestNetwork()
})

/** Something that listens and is no node. Its address promises {@link NOBODY}. */
async function listener(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    // Otherwise the end of the other side would go unnoticed.
    sockets.push(socket.on('error', () => undefined).resume())
    onSocket(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${NOBODY}`
}

const me = (): Promise<TestPeer> => net.start([new RecordingTopic()])

describe('a call', () => {
  test('resolves when the topics are open, and knows whom it has already', async () => {
    const [there, mine] = [new RecordingTopic(), new RecordingTopic()]
    const target = await net.start([there])
    const caller = await net.start([mine])
    await expect(caller.network.actions.call(target.address)).resolves.toBe('connected')
    expect(mine.opened).toEqual([target.id])
    expect(caller.network.state.peerDetails()[0]).toMatchObject({ slot: 'reserved', direction: 'outbound' })
    await expect(caller.network.actions.call(target.address)).resolves.toBe('already')
  })

  test('where nothing listens', async () => {
    const gone = await net.start([new RecordingTopic()])
    const { address } = gone
    await gone.network.stop()
    const caller = await me()
    await expect(caller.network.actions.call(address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_REFUSED' })
    expect(caller.network.state.reservedPeers()).toEqual([gone.id])
  })

  test('to an address where another peer lives, who is named', async () => {
    const target = await net.start([new RecordingTopic()])
    const caller = await me()
    await expect(caller.network.actions.call(target.address.replace(target.id, NOBODY))).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_PEER', data: { found: target.id } })
    expect(caller.network.state.reservedPeers()).toEqual([NOBODY])
  })

  test('to a socket that says nothing ends within seconds', async () => {
    const address = await listener(() => undefined)
    const caller = await me()
    const begun = performance.now()
    await expect(caller.network.actions.call(address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_SILENT' })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('to a program of another kind', async () => {
    const address = await listener((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect((await me()).network.actions.call(address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_HUNG_UP' })
  })

  test('to a WebSocket that is none', async () => {
    const address = await listener((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect((await me()).network.actions.call(address.replace('/p2p/', '/ws/p2p/'))).rejects.toMatchObject({ code: 'NETWORK_DIAL_NO_WEBSOCKET' })
  })

  test('to a node of another genesis', async () => {
    const target = await net.start([new RecordingTopic()], { namespace: { prefix: OTHER_PREFIX } })
    const caller = await me()
    await expect(caller.network.actions.call(target.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
    expect(caller.network.state.reservedPeers()).toEqual([target.id])
    await eventually(() => caller.network.state.peerDetails().length === 0, 'hanging up')
  })

  test('to a node whose handshake is of another network', async () => {
    const [there, mine] = [new RecordingTopic(), new RecordingTopic()]
    there.greeting = utf8('other chain')
    mine.judgeHandshake = (_, handshake) => (handshake.length === 3 ? { kind: 'accept' } : { kind: 'reject', fault: { code: 'wrong-genesis', cost: -100 } })
    const target = await net.start([there])
    const caller = await net.start([mine])
    await expect(caller.network.actions.call(target.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
  })

  test('to a node that has no place left', async () => {
    const target = await net.start([new RecordingTopic()], { inPeers: 0 })
    await expect((await me()).network.actions.call(target.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_DECLINED' })
  })

  test.each([
    ['a transport that it has not', '/ip4/127.0.0.1/udp/30333/quic-v1', 'NETWORK_DIAL_NO_WAY'],
    ['a name that nobody has', '/dns4/nowhere.invalid/tcp/30333', 'NETWORK_DIAL_NAME'],
  ])('over %s', async (_, address, code) => {
    await expect((await me()).network.actions.call(`${address}/p2p/${NOBODY}`)).rejects.toMatchObject({ code })
  })

  test('to itself or to whom it banned reserves nothing', async () => {
    const caller = await me()
    await expect(caller.network.actions.call(caller.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_SELF' })
    caller.network.actions.ban(NOBODY, 60_000)
    await expect(caller.network.actions.call(`/ip4/127.0.0.1/tcp/1/p2p/${NOBODY}`)).rejects.toMatchObject({ code: 'NETWORK_DIAL_BANNED' })
    await expect(caller.network.actions.call('/ip4/127.0.0.1/tcp/1')).rejects.toMatchObject({ code: 'NETWORK_ADDRESS_INVALID' })
    expect(caller.network.state.reservedPeers()).toEqual([])
  })

  test('is given up at once, and the peer stays reserved', async () => {
    const address = await listener(() => undefined)
    const caller = await me()
    const abort = new AbortController()
    const call = expect(caller.network.actions.call(address, abort.signal)).rejects.toMatchObject({ code: 'NETWORK_DIAL_CANCELLED' })
    await eventually(() => sockets.length === 1, 'the dial')
    abort.abort()
    await call
    expect(caller.network.state.reservedPeers()).toEqual([NOBODY])
    await eventually(() => sockets[0]?.destroyed === true, 'the end of its socket')
  })

  test('that failed is made again without being asked', async () => {
    const gone = await net.start([new RecordingTopic()], { nodeKey: '03'.repeat(32) })
    const { address, id } = gone
    await gone.network.stop()
    const caller = await me()
    await expect(caller.network.actions.call(address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_REFUSED' })
    await net.start([new RecordingTopic()], { nodeKey: '03'.repeat(32), listenAddrs: [address.replace(/\/p2p\/.*/, '')] })
    caller.network.reachability.reconnect()
    await eventually(() => caller.network.state.peerDetails().some(({ peerId, slot }) => peerId === id && slot === 'reserved'), 'the reserved peer')
  })
})
