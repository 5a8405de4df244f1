/** Two sessions on a line of the test's own, with its time. */
import { describe, expect, test } from 'vitest'
import type { SessionChannel } from '../../../../node-core/net/channels/channel/channel.ts'
import { ChannelError } from '../../../../node-core/net/channels/errors.ts'
import { FAST, SessionPair, settle, type Line } from '../../../helpers/session-pair.ts'

const SLOW: Line = { rate: 2000, delay: 1, buffer: 4_000_000, path: 'direct' }

function message(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

async function connected(line: Line = FAST): Promise<SessionPair> {
  const pair = new SessionPair()
  pair.connect(line)
  await settle()
  return pair
}

describe('channels', () => {
  test('are opened by both sides at the same time under different numbers', async () => {
    const pair = await connected()
    const opened = [...Array(10).keys()].flatMap(() => [pair.open(pair.left), pair.open(pair.right)])
    await pair.until(() => opened.every((channel) => channel.isAccepted))
    const numbers = opened.map(({ init }) => init.number)
    expect(new Set(numbers).size).toBe(20)
    expect(pair.left.session.channels).toHaveLength(20)
    // Both ends have one name for it.
    const names = (channels: readonly SessionChannel[]): string[] => channels.map(({ id }) => id).sort()
    expect(names(pair.left.session.channels)).toEqual(names(pair.right.session.channels))
  })

  test('are refused with a reason', async () => {
    const pair = await connected()
    pair.right.answer = (number) => pair.right.session.refuse(number, 'not-allowed')
    const channel = pair.open(pair.left)
    expect(await Promise.race([channel.closed, pair.run(50).then(() => 'nothing')])).toMatchObject({ code: 'CHANNEL_REFUSED', data: { reason: 'not-allowed' } })
    expect(pair.left.budget.taken).toBe(0)
  })

  test('beyond the bound are refused there, and not asked for here', async () => {
    const pair = await connected()
    for (let i = 0; i < 64; i++) pair.open(pair.left, { maxMessageBytes: 10 })
    expect(() => pair.open(pair.left)).toThrow(/64 channels/)
    const one = pair.open(pair.right)
    await pair.run(20)
    expect(await one.closed).toMatchObject({ data: { reason: 'too-many-channels' } })
  })

  test('end one direction after the other, and what was sent before is read', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    void near.send(message(1, 10))
    const ended = near.end()
    await pair.run(10)
    await ended
    expect(near.state).toMatchObject({ phase: 'receiving', open: false })
    expect(far.state.phase).toBe('sending')
    await expect(near.send(message(2, 10))).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' })
    void far.send(message(3, 10))
    void far.close()
    await pair.run(10)
    const [there, back]: [number[], number[]] = [[], []]
    for await (const each of far) there.push(numberOf(each))
    for await (const each of near) back.push(numberOf(each))
    // Whoever closes reads no more.
    expect([there, back]).toEqual([[], [3]])
    expect([await near.closed, await far.closed]).toEqual([undefined, undefined])
    expect([pair.left.session.channels, pair.right.session.channels]).toEqual([[], []])
    expect([pair.left.budget.taken, pair.right.budget.taken]).toEqual([0, 0])
  })

  test('that are closed there take no more, and say so', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    for (let i = 0; i < 100; i++) near.send(message(i, 60_000)).catch(() => undefined)
    void far.close()
    await pair.run(100)
    expect(await near.closed).toBeUndefined()
    expect(near.metrics.dropped + near.metrics.sent.messages).toBe(100)
    expect(near.metrics.dropped).toBeGreaterThan(0)
    expect(pair.right.budget.taken).toBe(0)
  })

  test('that are reset drop what waits, on both sides', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    const sent = Promise.allSettled([...Array(50).keys()].map((i) => near.send(message(i, 60_000), { confirm: true })))
    await pair.run(2)
    far.reset()
    await pair.run(20)
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_RESET', data: { reason: 'cancelled' } })
    expect((await sent).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
    await expect(near.send(message(1, 5))).rejects.toMatchObject({ code: 'CHANNEL_RESET' })
    expect([pair.left.budget.taken, pair.right.budget.taken]).toEqual([0, 0])
  })

  test('break off where their handler fails', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    far.onMessage(() => Promise.reject(new Error('no')))
    void near.send(message(1, 5))
    await pair.run(20)
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_RESET', data: { reason: 'failed' } })
  })

  test('take no message that is too long, and no more than their queue holds from who does not wait', async () => {
    const pair = await connected()
    pair.maxMessageBytes = 100_000
    const [near] = await pair.pair()
    await expect(near.send(new Uint8Array(100_001))).rejects.toMatchObject({ code: 'CHANNEL_TOO_LARGE' })
    const results = await Promise.allSettled([...Array(100).keys()].map((i) => Promise.race([near.send(message(i, 100_000)), settle()])))
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(20)
    expect(near.metrics.queued.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  })
})

describe('credit', () => {
  test('holds the sender of a channel that nobody reads, and nobody else', async () => {
    const pair = await connected()
    const [stopped, unread] = await pair.pair({ class: 'normal' })
    const [other, read] = await pair.pair({ class: 'bulk' })
    let received = 0
    read.onMessage((bytes) => void (received += bytes.length))
    const sending = (async () => {
      for (let i = 0; i < 500; i++) await stopped.send(message(i, 60_000))
    })()
    void (async () => {
      for (let i = 0; i < 500; i++) await other.send(message(i, 60_000))
    })()
    await pair.until(() => received === 500 * 60_000)
    expect(unread.metrics.unread.bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
    expect(stopped.metrics.queued.messages).toBeGreaterThan(0)
    // As soon as somebody reads, everything comes, in order.
    const numbers: number[] = []
    unread.onMessage((bytes) => void numbers.push(numberOf(bytes)))
    await pair.until(() => numbers.length === 500)
    await sending
    expect(numbers).toEqual([...Array(500).keys()])
  })

  test('waits for a handler, one message after the other', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    const release: (() => void)[] = []
    far.onMessage(() => new Promise<void>((resolve) => release.push(resolve)))
    for (let i = 0; i < 5; i++) void near.send(message(i, 10))
    await pair.run(20)
    expect(release).toHaveLength(1)
    release[0]?.()
    await pair.run(5)
    expect(release).toHaveLength(2)
    expect(() => far.onMessage(() => undefined)).toThrow(/reader already/)
  })
})

describe('the line', () => {
  test.each([
    ['2 MB/s', SLOW, 50],
    ['200 kB/s and 20 ms', { rate: 200, delay: 20, buffer: 4_000_000, path: 'direct' } as const, 110],
    ['300 MB/s', FAST, 15],
  ])('of %s: what is urgent overtakes bulk, and bulk fills the line', async (_, line, most) => {
    const pair = await connected(line)
    const [bulk, bulkEnd] = await pair.pair({ class: 'bulk' })
    const [control, controlEnd] = await pair.pair({ class: 'control' })
    bulkEnd.onMessage(() => undefined)
    const received = (): number => bulkEnd.metrics.received.bytes
    const times: number[] = []
    controlEnd.onMessage((bytes) => void times.push(pair.clock.now() - new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)))
    let isRunning = true
    void (async () => {
      for (let i = 0; isRunning; i++) await bulk.send(message(i, 60_000))
    })().catch(() => undefined)
    const step = line === FAST ? 0.25 : 1
    await pair.run(line === FAST ? 100 : 2000, step)
    const [begin, before] = [pair.clock.now(), received()]
    for (let i = 0; i < 100; i++) {
      const bytes = new Uint8Array(100)
      new DataView(bytes.buffer).setFloat64(0, pair.clock.now())
      void control.send(bytes)
      await pair.run(line === FAST ? 2 : 50, step)
    }
    const rate = (received() - before) / (pair.clock.now() - begin)
    isRunning = false
    times.sort((a, b) => a - b)
    expect(times.length).toBeGreaterThan(95)
    expect(times[98]).toBeLessThan(most)
    expect(rate / line.rate).toBeGreaterThan(0.85)
    bulk.reset()
  })

  test('that gets faster is filled again, and one that gets slower has its queue emptied', async () => {
    const pair = await connected(SLOW)
    const [bulk, end] = await pair.pair({ class: 'bulk' })
    let received = 0
    end.onMessage((bytes) => void (received += bytes.length))
    void (async () => {
      for (let i = 0; i < 5000; i++) await bulk.send(message(i, 60_000))
    })().catch(() => undefined)
    await pair.run(1000)
    const line = { ...SLOW, rate: 2000 }
    pair.connect(line)
    await pair.run(500)
    ;(line as { rate: number }).rate = 20_000
    await pair.run(1000)
    const fast = received
    await pair.run(500)
    expect((received - fast) / 500).toBeGreaterThan(17_000)
    ;(line as { rate: number }).rate = 2000
    await pair.run(1500)
    expect(pair.left.link?.queuedBytes).toBeLessThan(2000 * 40)
    bulk.reset()
  })
})

describe('a lost line', () => {
  test.each([...Array(40).keys()])('loses, repeats and reorders nothing, cut at frame %i', async (at) => {
    const pair = await connected({ ...SLOW, buffer: 20_000 })
    let frames = 0
    let isCut = false
    const cutAt = (): void => {
      if (frames++ !== at || isCut) return
      isCut = true
      queueMicrotask(() => pair.cut())
    }
    pair.left.onFrame = pair.right.onFrame = cutAt
    const near = pair.open(pair.left)
    const [there, back]: [number[], number[]] = [[], []]
    pair.right.answer = (number) => {
      const far = pair.right.session.accept(number, pair.maxMessageBytes) as SessionChannel
      far.onMessage(async (bytes) => {
        there.push(numberOf(bytes))
        await far.send(bytes)
      })
    }
    near.onMessage((bytes) => void back.push(numberOf(bytes)))
    void (async () => {
      while (!near.isAccepted) await settle()
      for (let i = 0; i < 12; i++) await near.send(message(i, 9000))
      await near.end()
    })()
    await pair.run(100)
    if (isCut) pair.connect(SLOW)
    await pair.until(() => back.length === 12)
    const expected = [...Array(12).keys()]
    expect([there, back]).toEqual([expected, expected])
    expect(isCut).toBe(true)
  })

  test('again and again still brings everything once', async () => {
    const pair = await connected(SLOW)
    const [near, far] = await pair.pair({ class: 'bulk' })
    const numbers: number[] = []
    far.onMessage((bytes) => void numbers.push(numberOf(bytes)))
    let isDone = false
    void (async () => {
      for (let i = 0; i < 200; i++) await near.send(message(i, 4 + ((i * 7919) % 30_000)), { confirm: i === 199 })
      isDone = true
    })()
    for (let i = 0; !isDone && i < 200; i++) {
      await pair.run(7 + (i % 13) * 5)
      if (!isDone) pair.connect({ ...SLOW, path: i % 2 === 0 ? 'relayed' : 'direct' })
    }
    expect(isDone).toBe(true)
    expect(numbers).toEqual([...Array(200).keys()])
  })

  test('tells by which path bytes go now', async () => {
    const pair = await connected({ ...FAST, path: 'relayed' })
    const [near] = await pair.pair()
    expect(near.state.path).toBe('relayed')
    pair.cut()
    expect(near.state.path).toBeUndefined()
    pair.connect(FAST)
    expect(near.state.path).toBe('direct')
  })

  test('is another session where one side began anew, and an old greeting is told from that', async () => {
    const pair = await connected()
    const [near] = await pair.pair()
    const early = pair.left.session.hello()
    await near.send(message(1, 10), { confirm: false })
    await pair.run(10)
    const other = new SessionPair(7)
    expect(pair.right.session.judge(pair.left.session.hello())).toBe('fits')
    expect(other.right.session.judge(pair.left.session.hello())).toBe('other')
    expect(pair.right.session.judge({ ...early, received: 0 })).toBe('stale')
    expect(pair.right.session.judge({ ...early, received: 99 })).toBe('stale')
  })

  test('that is given up ends every channel, and everybody who waits', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    const waiting = near.send(message(1, 10), { confirm: true })
    const reading = far[Symbol.asyncIterator]().next()
    pair.cut()
    const error = new ChannelError('CHANNEL_LOST', 'The connection was lost.')
    pair.left.session.fail(error)
    pair.right.session.fail(error)
    await expect(waiting).rejects.toMatchObject({ code: 'CHANNEL_LOST' })
    await expect(reading).rejects.toMatchObject({ code: 'CHANNEL_LOST' })
    expect(await near.closed).toMatchObject({ code: 'CHANNEL_LOST' })
    expect([pair.left.budget.taken, pair.right.budget.taken]).toEqual([0, 0])
  })
})

describe('the end of a session', () => {
  test('comes when neither side has a channel', async () => {
    const pair = await connected()
    const [near, far] = await pair.pair()
    void near.close()
    void far.close()
    await pair.until(() => pair.left.session.isIdle && pair.right.session.isIdle)
    pair.left.session.leave()
    await pair.run(10)
    expect([pair.left.session.isOver, pair.right.session.isOver]).toEqual([true, true])
  })

  test('does not come where the other side opens one meanwhile', async () => {
    const pair = await connected()
    pair.left.session.leave()
    const channel = pair.open(pair.right)
    expect(pair.left.session.isLeaving).toBe(true)
    await pair.until(() => channel.isAccepted)
    expect([pair.left.session.isLeaving, pair.left.session.isOver, pair.right.session.isOver]).toEqual([false, false, false])
  })
})

describe('a peer that breaks the rules', () => {
  test.each([
    ['opens a channel under our number', { kind: 'open', channel: 2, class: 'bulk', window: 1, maxMessageBytes: 1, service: 'a', metadata: new Uint8Array(0) }, /may not use/],
    ['speaks of a channel of ours that never was', { kind: 'blocked', channel: 44 }, /never was/],
    ['speaks of a channel of its own that never was', { kind: 'blocked', channel: 45 }, /never was/],
    ['accepts twice', { kind: 'accept', channel: 0, window: 1, maxMessageBytes: 1 }, /not asked/],
    ['takes credit back', { kind: 'credit', channel: 0, limit: 1 }, /took credit back/],
    ['took what it was not sent', { kind: 'ack', received: 1000 }, /not sent/],
    ['greets again', { kind: 'hello', nonce: new Uint8Array(16), peerNonce: new Uint8Array(16), received: 0 }, /greeted twice/],
  ] as const)('%s', async (_, frame, text) => {
    const pair = await connected()
    await pair.pair()
    expect(() => pair.left.session.receive(frame, 0)).toThrow(text)
  })

  test('uses what was not accepted', async () => {
    const pair = await connected()
    const channel = pair.open(pair.left)
    expect(() => pair.left.session.receive({ kind: 'blocked', channel: channel.init.number }, 0)).toThrow(/before it accepted/)
  })

  test('and speaks of a channel that was is ignored', async () => {
    const pair = await connected()
    const [near] = await pair.pair()
    near.reset()
    await pair.run(10)
    expect(() => pair.left.session.receive({ kind: 'blocked', channel: near.init.number }, 0)).not.toThrow()
  })
})
