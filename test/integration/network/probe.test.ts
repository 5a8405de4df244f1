/** Who of a network answers to somebody who is not in it: nodes on loopback, places where nobody is, and an end that is kept. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { probe } from '../../../node-core/network/host/probe.ts'
import { eventually, PREFIX, RecordingTopic, TestNetwork } from '../../helpers/network.ts'

const NOBODY = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const OTHER_PREFIX = `/${'77'.repeat(32)}`
const namespace = { prefix: PREFIX }

let net = new TestNetwork()
const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  await net.stop()
  net = new TestNetwork()
})

/** Takes connections and says nothing. */
async function silent(): Promise<string> {
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined).resume()))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${NOBODY}`
}

describe('a probe', () => {
  test('finds whoever answers at an address, and who that one is connected to; nobody else', async () => {
    const topic = new RecordingTopic()
    const [builder, member, stranger] = [await net.start([topic]), await net.start([new RecordingTopic()]), await net.start([new RecordingTopic()])]
    await member.network.actions.call(builder.address)
    await eventually(() => topic.opened.includes(member.id), 'the topic')
    const told: string[] = []
    const question = { namespace, addresses: [builder.address], peers: [builder.id, member.id, stranger.id] }
    // The builder's table learns of the member when the member has said where it listens.
    await eventually(async () => (await probe(question)).has(member.id), 'the member')
    const found = await probe(question, { onFound: (peerId) => told.push(peerId) })
    expect([...found].sort()).toEqual([builder.id, member.id].sort())
    expect(told.sort()).toEqual([...found].sort())
    // It was nobody's peer.
    expect(topic.opened).toEqual([member.id])
    await eventually(() => builder.network.state.peerDetails().every(({ peerId }) => peerId === member.id), 'the end of the probe')
  })

  test('takes no node of another network for one of this, nor another key for the one that was promised', async () => {
    const other = await net.start([new RecordingTopic()], { namespace: { prefix: OTHER_PREFIX } })
    const here = await net.start([new RecordingTopic()])
    expect((await probe({ namespace, addresses: [other.address], peers: [other.id] })).size).toBe(0)
    expect((await probe({ namespace, addresses: [here.address.replace(here.id, NOBODY)], peers: [NOBODY, here.id] })).size).toBe(0)
  })

  test('leaves out what is no address, and dials nobody where nothing is asked', async () => {
    const topic = new RecordingTopic()
    const here = await net.start([topic])
    const found = await probe({ namespace, addresses: ['nonsense', '/ip4/127.0.0.1/tcp/1', here.address], peers: [here.id] })
    expect([...found]).toEqual([here.id])
    const address = await silent()
    await probe({ namespace, addresses: [address], peers: [] })
    expect(sockets).toEqual([])
  })

  test('ends at its limit, with what it has', async () => {
    const here = await net.start([new RecordingTopic()])
    const found = await probe({ namespace, addresses: [await silent(), here.address], peers: [NOBODY, here.id] }, { limitMs: 1_500 })
    expect([...found]).toEqual([here.id])
  })

  test('is called off at once', async () => {
    const cancel = new AbortController()
    const running = probe({ namespace, addresses: [await silent()], peers: [NOBODY] }, { signal: cancel.signal, limitMs: 600_000 })
    await eventually(() => sockets.length === 1, 'the dial')
    cancel.abort()
    expect((await running).size).toBe(0)
  })
})
