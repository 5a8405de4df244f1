/** Channels between nodes on loopback, over real connections that are stopped, cut, and replaced by better ones. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Channel } from '../../../node-core/net/channels/types.ts'
import { channelBetween, ChannelNetwork, keeping } from '../../helpers/channel-nodes.ts'
import { eventually } from '../../helpers/network.ts'
import { ShapedLine } from '../../helpers/shaped-line.ts'

let net: ChannelNetwork
let lines: ShapedLine[]
beforeEach(() => {
  net = new ChannelNetwork()
  lines = []
})
afterEach(async () => {
  for (const line of lines) line.stop()
  await net.stop()
})

async function lineTo(address: string, bytesPerSecond: number): Promise<ShapedLine> {
  const line = await ShapedLine.start(Number(/tcp\/(\d+)/.exec(address)?.[1]), bytesPerSecond, 64 * 1024)
  lines.push(line)
  return line
}

function numbered(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

function numbersIn(channel: Channel): number[] {
  const numbers: number[] = []
  channel.onMessage((bytes) => void numbers.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)))
  return numbers
}

function upTo(count: number): number[] {
  return [...Array(count).keys()]
}

describe('a channel', () => {
  test('carries messages of every length both ways, whole and in order', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const [left, right] = await channelBetween(a, b)
    const lengths = [0, 1, 100, 65_536, 65_537, 200_000, 262_144, 5]
    const messages = lengths.map((length, i) => new Uint8Array(length).fill(i + 1))
    const [there, back]: [Uint8Array[], Uint8Array[]] = [[], []]
    right.onMessage(async (message) => {
      there.push(message)
      await right.send(message)
    })
    left.onMessage((message) => void back.push(message))
    for (const message of messages) await left.send(message)
    await left.end()
    await eventually(() => back.length === messages.length, 'all of them back')
    expect(there).toEqual(messages)
    expect(back).toEqual(messages)
    await right.end()
    expect([await left.closed, await right.closed]).toEqual([undefined, undefined])
    const bytes = lengths.reduce((x, y) => x + y)
    expect(a.channels.peers()).toMatchObject([{ peer: b.id, path: 'direct', channels: 0, sent: { messages: 8, bytes }, received: { messages: 8, bytes } }])
    expect(left.state).toMatchObject({ peer: b.id, direction: 'outbound', phase: 'closed', found: 'peer id' })
    expect(right.state).toMatchObject({ peer: a.id, direction: 'inbound', found: 'inbound' })
    expect(left.id).toBe(right.id)
  })

  test('is refused with the reason', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const taken: Channel[] = []
    b.channels.listen('mine', keeping(taken, { admit: ({ peer, metadata }) => Promise.resolve(peer === a.id && metadata[0] === 7 ? undefined : 'not-allowed') }))
    b.channels.listen('broken', { onChannel: () => expect.fail('never'), admit: () => Promise.reject(new Error('no')) })
    const addresses = [b.address]
    await expect(a.channels.dial(b.id, 'other', { addresses })).rejects.toMatchObject({ code: 'CHANNEL_REFUSED', data: { reason: 'unknown-service' } })
    await expect(a.channels.dial(b.id, 'mine', { addresses })).rejects.toMatchObject({ data: { reason: 'not-allowed' } })
    await expect(a.channels.dial(b.id, 'broken')).rejects.toMatchObject({ data: { reason: 'failed' } })
    const channel = await a.channels.dial(b.id, 'mine', { metadata: Uint8Array.of(7) })
    expect(channel.state.open).toBe(true)
    expect(taken[0]?.metadata).toEqual(Uint8Array.of(7))
    await expect(a.channels.dial(a.id, 'mine')).rejects.toMatchObject({ code: 'CHANNEL_INVALID' })
  })

  test('is opened from both sides at the same time', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const [there, back]: [Channel[], Channel[]] = [[], []]
    b.channels.listen('s', keeping(there))
    a.channels.listen('s', keeping(back))
    await a.network.streams.reach(b.id, [b.address])
    await eventually(() => b.network.streams.connections(a.id).length > 0, 'the connection')
    const opened = await Promise.all(upTo(8).flatMap(() => [a.channels.dial(b.id, 's'), b.channels.dial(a.id, 's')]))
    expect(new Set(opened.map(({ id }) => id)).size).toBe(16)
    await eventually(() => there.length === 8 && back.length === 8, 'all of them')
    expect([a.channels.peers()[0]?.channels, b.channels.peers()[0]?.channels]).toEqual([16, 16])
  })

  test('that nobody reads holds its sender, and no other channel', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const [stopped, unread] = await channelBetween(a, b, { class: 'normal' })
    const [other, read] = await channelBetween(a, b, { class: 'bulk' })
    let sent = 0
    const sending = (async () => {
      for (let i = 0; i < 200; i++, sent++) await stopped.send(numbered(i, 100_000))
    })()
    const numbers = numbersIn(read)
    for (let i = 0; i < 200; i++) await other.send(numbered(i, 100_000))
    await eventually(() => numbers.length === 200, 'everything on the other')
    expect(numbers).toEqual(upTo(200))
    expect(sent).toBeLessThan(200)
    expect(unread.metrics.unread.bytes).toBeLessThan(5 * 1024 * 1024)
    const late = numbersIn(unread)
    await sending
    await eventually(() => late.length === 200, 'the rest')
    expect(late).toEqual(upTo(200))
  })

  test('of control goes before bulk that waits already', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const line = await lineTo(b.address, 2_000_000)
    const [bulk, bulkEnd] = await channelBetween(a, b, { class: 'bulk', addresses: [line.addressOf(b.address)] })
    const [control, controlEnd] = await channelBetween(a, b, { class: 'control' })
    const numbers = numbersIn(bulkEnd)
    const behind: number[] = []
    controlEnd.onMessage(() => void behind.push(bulkEnd.metrics.received.bytes))
    const sending = (async () => {
      for (let i = 0; i < 60; i++) await bulk.send(numbered(i, 65_536))
    })()
    for (let i = 1; i <= 10; i++) {
      await eventually(() => bulkEnd.metrics.received.bytes > i * 150_000, 'bulk on its way')
      const before = bulkEnd.metrics.received.bytes
      await control.send(numbered(i, 100), { confirm: true })
      // What was under way, and not the megabyte that waits.
      expect((behind.at(-1) as number) - before).toBeLessThan(400_000)
    }
    await sending
    await eventually(() => numbers.length === 60, 'all of bulk')
  })
})

describe('a session', () => {
  test('goes on where its connection was cut, and nothing is lost, repeated or out of order', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const line = await lineTo(b.address, 20_000_000)
    const [near, far] = await channelBetween(a, b, { class: 'bulk', addresses: [line.addressOf(b.address)] })
    const [there, back] = [numbersIn(far), numbersIn(near)]
    const sending = Promise.all([
      (async () => {
        for (let i = 0; i < 300; i++) await near.send(numbered(i, 50_000))
      })(),
      (async () => {
        for (let i = 0; i < 300; i++) await far.send(numbered(i, 5000))
      })(),
    ])
    for (const [i, at] of [30, 100, 200].entries()) {
      await eventually(() => there.length > at, `message ${at}`)
      // Behind the first loss it may have come back past the line.
      if (i === 0) line.cut()
      else await a.network.streams.disconnect(b.id)
      await eventually(() => (a.channels.peers()[0]?.resumed ?? 0) > i, 'the next stream')
    }
    await sending
    await eventually(() => there.length === 300 && back.length === 300, 'everything')
    expect([there, back]).toEqual([upTo(300), upTo(300)])
    expect(a.channels.peers()[0]?.resumed).toBeGreaterThanOrEqual(3)
    expect([a.faults, b.faults]).toEqual([[], []])
  })

  test('ends its channels where the connection does not come back in time', async () => {
    const [a, b] = [await net.start({ channels: { resumeMs: 300 } }), await net.start({ channels: { resumeMs: 300 } })]
    const [near, far] = await channelBetween(a, b)
    await b.network.stop()
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_LOST' })
    expect(await far.closed).toMatchObject({ code: 'CHANNEL_LOST' })
    await expect(near.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'CHANNEL_LOST' })
    await eventually(() => a.channels.memory.promised === 0 && b.channels.memory.promised === 0, 'the memory')
  })

  test('moves from a relayed connection to a direct one, in the middle of messages', async () => {
    const relay = await net.start({ relayServer: true })
    const hidden = await net.start({ listenAddrs: ['/ip4/127.0.0.1/tcp/0', `${relay.address}/p2p-circuit`] })
    const relayed = (): string | undefined => hidden.network.state.listenAddresses().find((address) => address.includes('p2p-circuit'))
    await eventually(() => relayed() !== undefined, 'the reservation')
    const direct = hidden.network.state.listenAddresses().find((address) => !address.includes('p2p-circuit')) as string
    const seeker = await net.start()
    const [near, far] = await channelBetween(seeker, { ...hidden, address: relayed() as string }, { found: 'relay' })
    expect(near.state).toMatchObject({ path: 'relayed', found: 'relay' })
    const numbers = numbersIn(far)
    const sending = (async () => {
      for (let i = 0; i < 40; i++) {
        await near.send(numbered(i, 500), { confirm: i % 10 === 0 })
        if (i === 10) await seeker.network.streams.reach(hidden.id, [direct])
      }
    })()
    await eventually(() => near.state.path === 'direct' && far.state.path === 'direct', 'the direct path')
    await sending
    for (let i = 40; i < 100; i++) await near.send(numbered(i, 50_000))
    await eventually(() => numbers.length === 100, 'everything')
    expect(numbers).toEqual(upTo(100))
    expect(seeker.channels.peers()[0]).toMatchObject({ path: 'direct', moved: 1 })
  })

  test('without channels ends, and another begins when it is needed', async () => {
    const [a, b] = [await net.start({ channels: { idleMs: 50 } }), await net.start({ channels: { idleMs: 50 } })]
    const [near, far] = await channelBetween(a, b)
    await Promise.all([near.close(), far.close()])
    await eventually(() => a.channels.peers().length === 0 && b.channels.peers().length === 0, 'the end')
    const [next] = await channelBetween(b, a)
    expect(next.state.open).toBe(true)
    expect([a.faults, b.faults]).toEqual([[], []])
  })

  test('of a node that stops ends for the other one too, which can come back later', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const [near] = await channelBetween(a, b)
    b.channels.stop()
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_RESET', data: { reason: 'stopping' } })
    b.channels.start()
    const [next] = await channelBetween(a, b)
    expect(next.state.open).toBe(true)
  })

  test('that the other side has forgotten is begun anew', async () => {
    const [a, b] = [await net.start(), await net.start()]
    const [near] = await channelBetween(a, b)
    const { stream } = await b.network.streams.open(a.id, ['/nodestead/channels/1'])
    // As a node that was started anew greets: it knows of no session.
    const hello = Uint8Array.of(35, 0, 1, ...new Array<number>(16).fill(5), ...new Array<number>(16).fill(0), 0)
    stream.send(hello)
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_LOST' })
  })
})

describe('a peer that breaks the protocol', () => {
  test.each([
    ['sends what is no frame', [1, 0xff], 'channel-frame'],
    ['sends a length that is too long', [0xff, 0xff, 0x7f], 'channel-frame'],
    ['speaks of a channel that never was', [2, 9, 44], 'channel-protocol'],
  ])('and %s is charged, and its session ends', async (_, bytes, fault) => {
    const [a, b] = [await net.start(), await net.start()]
    await a.network.streams.reach(b.id, [b.address])
    const { stream } = await a.network.streams.open(b.id, ['/nodestead/channels/1'])
    let isClosed = false
    stream.addEventListener('close', () => (isClosed = true))
    stream.send(Uint8Array.of(35, 0, 1, ...new Array<number>(16).fill(5), ...new Array<number>(16).fill(0), 0))
    await eventually(() => b.channels.peers().length === 1, 'the session')
    stream.send(Uint8Array.from(bytes))
    await eventually(() => isClosed && b.channels.peers().length === 0, 'the end')
    expect(b.faults).toEqual([fault])
  })
})
