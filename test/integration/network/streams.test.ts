/** Streams of protocols of one's own between network services on loopback, beside topics and without them, and the table in which services are found. */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { concatBytes } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { loadIdentity } from '../../../node-core/network/host/identity.ts'
import type { PathChange, PeerStream } from '../../../node-core/network/streams.ts'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const ECHO = '/echo/1'
const WIDE = { perPeer: 8, relayed: false }

let net = new TestNetwork()
afterEach(async () => {
  await net.stop()
  net = new TestNetwork()
})

function echo({ network }: TestPeer, options = WIDE): { readonly taken: PeerStream[]; readonly end: () => void } {
  const taken: PeerStream[] = []
  const end = network.streams.serve(ECHO, options, (opened) => {
    taken.push(opened)
    opened.stream.addEventListener('message', ({ data }) => void opened.stream.send(data))
  })
  return { taken, end }
}

/** Sends it, and waits for it to come back. */
async function roundTrip({ stream }: PeerStream, text: string): Promise<string> {
  let answer = ''
  stream.addEventListener('message', ({ data }) => (answer += Buffer.from(data.subarray()).toString()))
  stream.send(Buffer.from(text))
  await eventually(() => answer.length >= text.length, 'the answer')
  return answer
}

/** A SHA-256 multihash. */
function keyOf(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(0x12, 32), createHash('sha256').update(text).digest())
}

describe('a stream', () => {
  test('is opened with a peer that has no topics with us', async () => {
    const [there, here] = [await net.start([]), await net.start([])]
    const { taken } = echo(there)
    await expect(here.network.streams.reach(there.id, [there.address])).resolves.toBe('direct')
    const opened = await here.network.streams.open(there.id, ['/other/1', ECHO])
    expect(opened).toMatchObject({ peer: there.id, protocol: ECHO, path: 'direct' })
    await expect(roundTrip(opened, 'hello')).resolves.toBe('hello')
    expect(taken).toMatchObject([{ peer: here.id, protocol: ECHO, path: 'direct' }])
    expect(here.network.streams.connections(there.id)).toMatchObject([{ peer: there.id, path: 'direct', direction: 'outbound' }])
    expect(here.network.streams.addresses().every((address) => address.endsWith(`/p2p/${here.id}`))).toBe(true)
  })

  test('keeps its connection where topics are refused', async () => {
    const clock = new FakeClock()
    const [there, here] = [await net.start([new RecordingTopic()]), await net.start([new RecordingTopic('block-announces', { protocol: '/another/1' })], { clock })]
    echo(there)
    await here.network.streams.reach(there.id, [there.address])
    const opened = await here.network.streams.open(there.id, [ECHO])
    await expect(here.network.actions.call(there.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
    await expect(roundTrip(opened, 'still here')).resolves.toBe('still here')
    // Its service has gone, and nobody has asked for the peer for a while.
    opened.stream.abort(new Error('done'))
    await expect(here.network.actions.call(there.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
    expect(here.network.streams.connections(there.id)).toHaveLength(1)
    clock.advance(30_000)
    await expect(here.network.actions.call(there.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
    await eventually(() => here.network.streams.connections(there.id).length === 0, 'the end of the connection')
  })

  test('is refused by its reason', async () => {
    const [there, here] = [await net.start([]), await net.start([])]
    await expect(here.network.streams.open(there.id, [ECHO])).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
    await here.network.streams.reach(there.id, [there.address])
    await expect(here.network.streams.open(there.id, [ECHO])).rejects.toMatchObject({ code: 'NETWORK_PROTOCOL_UNSUPPORTED' })
    await expect(here.network.streams.reach(there.id.replace(/.$/, there.id.endsWith('a') ? 'b' : 'a'), ['/ip4/127.0.0.1/tcp/1'])).rejects.toMatchObject({ code: expect.stringMatching(/^NETWORK_DIAL_/) as unknown })
  })

  test('comes no more when its service ended, and a name is served once', async () => {
    const [there, here] = [await net.start([]), await net.start([])]
    const { end } = echo(there)
    expect(() => echo(there)).toThrow(expect.objectContaining({ code: 'NETWORK_PROTOCOL_TAKEN' }))
    await here.network.streams.reach(there.id, [there.address])
    await expect(roundTrip(await here.network.streams.open(there.id, [ECHO]), 'one')).resolves.toBe('one')
    end()
    await eventually(() => here.network.streams.open(there.id, [ECHO]).then(() => false, () => true), 'the end of the service')
    const again = echo(there)
    await eventually(() => here.network.streams.open(there.id, [ECHO]).then(() => true, () => false), 'the new service')
    expect(again.taken.length).toBeGreaterThan(0)
  })

  test('is one too many beyond what one peer may have', async () => {
    const [there, here] = [await net.start([]), await net.start([])]
    echo(there, { perPeer: 2, relayed: false })
    await here.network.streams.reach(there.id, [there.address])
    const open = (): Promise<PeerStream> => here.network.streams.open(there.id, [ECHO])
    for (const opened of [await open(), await open()]) await expect(roundTrip(opened, 'x')).resolves.toBe('x')
    const third = await open().catch(() => undefined)
    if (third !== undefined) await eventually(() => third.stream.status !== 'open', 'the reset')
  })
})

describe('connections', () => {
  test('are told as they come and go', async () => {
    const [there, here] = [await net.start([]), await net.start([])]
    const told: [string, PathChange][] = []
    for (const name of ['connected', 'path', 'disconnected'] as const) here.network.streams.events.on(name, (change) => told.push([name, change]))
    await here.network.streams.reach(there.id, [there.address])
    await here.network.streams.disconnect(there.id)
    await eventually(() => told.length === 2, 'both events')
    expect(told).toEqual([
      ['connected', { peer: there.id, path: 'direct' }],
      ['disconnected', { peer: there.id, path: undefined }],
    ])
  })

  test('over a relay carry streams of who allows it, and say so', async () => {
    const relay = await net.start([], { relayServer: true })
    const hidden = await net.start([], { listenAddrs: [`${relay.address}/p2p-circuit`] })
    await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
    const here = await net.start([])
    const { taken } = echo(hidden, { perPeer: 8, relayed: true })
    const address = hidden.network.state.listenAddresses()[0] ?? ''
    await expect(here.network.streams.reach(hidden.id, [address], { relayed: true })).resolves.toBe('relayed')
    await expect(here.network.streams.open(hidden.id, [ECHO])).rejects.toMatchObject({ code: 'NETWORK_NOT_CONNECTED' })
    const opened = await here.network.streams.open(hidden.id, [ECHO], { relayed: true })
    await expect(roundTrip(opened, 'over a relay')).resolves.toBe('over a relay')
    expect([opened.path, taken[0]?.path]).toEqual(['relayed', 'relayed'])
    expect(here.network.streams.connections(hidden.id)).toMatchObject([{ path: 'relayed' }])
  })

  test('over a relay are longer where the relay trusts the peer with the place, and the relay tells what it gives', async () => {
    const relay = await net.start([], { relayServer: true })
    expect((await net.start([])).network.state.relay()).toBeUndefined()
    expect(relay.network.state.relay()).toMatchObject({ reservations: [], maxReservations: 32, budget: { connectionBytes: 131_072 }, relayedBytes: 0 })
    const dataPath = await net.folder()
    const { peerId } = await loadIdentity(dataPath, undefined)
    relay.network.actions.addReserved(`/p2p/${peerId}`)
    const hidden = await net.start([], { dataPath, listenAddrs: [`${relay.address}/p2p-circuit`] })
    await eventually(() => relay.network.state.relay()?.reservations.length === 1, 'the reservation')
    expect(relay.network.state.relay()?.reservations).toMatchObject([{ peer: peerId, trusted: true }])
    const here = await net.start([])
    echo(hidden, { perPeer: 8, relayed: true })
    await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the address')
    await here.network.streams.reach(hidden.id, [hidden.network.state.listenAddresses()[0] ?? ''], { relayed: true })
    // More than a stranger's connection carries.
    const long = 'x'.repeat(400_000)
    await expect(roundTrip(await here.network.streams.open(hidden.id, [ECHO], { relayed: true }), long)).resolves.toBe(long)
    expect(relay.network.state.relay()?.relayedBytes).toBeGreaterThan(800_000)
  })
})

describe('the open table', () => {
  test('finds who provides what, and where a peer is', async () => {
    const options = { openTable: true }
    const first = await net.start([], options)
    const [provider, seeker] = [await net.start([], options), await net.start([], options)]
    await provider.network.streams.reach(first.id, [first.address])
    await seeker.network.streams.reach(first.id, [first.address])
    const key = keyOf('nodestead/service/chess')
    const providers = async (): Promise<string[]> => {
      const found: string[] = []
      for await (const { peer } of seeker.network.streams.routing.findProviders(key)) found.push(peer)
      return found
    }
    // Who speaks it is learnt by identify, a moment after the connection.
    await eventually(async () => {
      await provider.network.streams.routing.provide(key)
      return (await providers()).includes(provider.id)
    }, 'the provider')
    await expect(seeker.network.streams.routing.findPeer(provider.id)).resolves.toMatchObject({ peer: provider.id })
    await expect(seeker.network.streams.routing.findPeer(first.id)).resolves.toMatchObject({ peer: first.id, addresses: expect.arrayContaining([expect.stringContaining('/ip4/127.0.0.1/tcp/')]) as unknown })
  })

  test('is there only where it was asked for', async () => {
    const here = await net.start([])
    await expect(here.network.streams.routing.provide(keyOf('x'))).rejects.toMatchObject({ code: 'NETWORK_NO_TABLE' })
  })
})
