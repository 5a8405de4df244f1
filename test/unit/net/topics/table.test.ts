/** Topics of services over a network in memory: who gets what, what a list is told, and that nobody waits for anybody. */
import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { createLogger } from '../../../../node-core/base/logger.ts'
import { checkDescriptor, type TopicDescriptor, type TopicMessage } from '../../../../node-core/net/topics/descriptor.ts'
import { decodeEnvelope, decodeReceipt, encodeEnvelope, encodeReceipt } from '../../../../node-core/net/topics/envelope.ts'
import { TopicTable } from '../../../../node-core/net/topics/topic-table.ts'
import type { Recipients, TopicDoor, TopicHandler } from '../../../../node-core/network/contracts.ts'
import { DirectSpreader } from '../../../../node-core/network/spread/direct.ts'

const CHAT: TopicDescriptor = { name: 'chat', maxMessageBytes: 1024, rate: { perSecond: 100, burst: 100 } }
const text = (message: TopicMessage): string => Buffer.from(message.payload).toString()
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

/** Nodes that hear each other at once, by name; a link may be cut. */
class Net {
  readonly clock = new FakeClock(1_000_000)
  readonly nodes = new Map<string, { readonly handlers: Map<string, TopicHandler>; readonly table: TopicTable }>()
  readonly verdicts: unknown[] = []
  readonly muted = new Set<string>()
  #counter = 0

  add(name: string): TopicTable {
    const handlers = new Map<string, TopicHandler>()
    const others = (topic: string): string[] => [...this.nodes].flatMap(([other, node]) => (other !== name && node.handlers.has(topic) && handlers.has(topic) ? [other] : []))
    const door: TopicDoor = {
      register: (handler) => {
        handlers.set(handler.spec.name, handler)
        return () => handlers.delete(handler.spec.name)
      },
      openPeers: others,
      send: (topic: string, frame: Uint8Array, to: Recipients) => {
        const peers = 'only' in to ? to.only.filter((peer) => others(topic).includes(peer)) : others(topic).filter((peer) => !to.except.includes(peer))
        for (const peer of peers) queueMicrotask(() => void this.#arrive(name, peer, topic, frame))
        return peers
      },
    }
    const table = new TopicTable({
      clock: this.clock,
      logger: createLogger([], { default: 'error' }),
      door,
      localPeer: () => name,
      random: (length) => Uint8Array.from({ length }, (_, i) => (i === 0 ? ++this.#counter & 255 : (this.#counter >> 8) & 255)),
      ways: (links, sink) => [new DirectSpreader({ links: links('direct'), sink })],
    })
    this.nodes.set(name, { handlers, table })
    return table
  }

  closed(at: string, peer: string, topic = 'net/chat'): void {
    this.nodes.get(at)?.handlers.get(topic)?.onClosed(peer)
  }

  async #arrive(from: string, to: string, topic: string, frame: Uint8Array): Promise<void> {
    if (this.muted.has(to)) return
    this.verdicts.push(await this.nodes.get(to)?.handlers.get(topic)?.onMessage(from, frame))
  }
}

/** Until all that was sent in memory has arrived. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let net = new Net()
afterEach(async () => {
  for (const { table } of net.nodes.values()) await table.stop()
  net = new Net()
})

function listen(table: TopicTable, service: string): TopicMessage[] {
  const got: TopicMessage[] = []
  table.subscribe('chat', service, (message) => void got.push(message))
  return got
}

describe('a message', () => {
  test('to everybody reaches every service of every node once, and the sender not at all', async () => {
    const tables = ['a', 'b', 'c'].map((name) => net.add(name))
    for (const table of tables) table.declare(CHAT)
    const [a, b, c] = tables as [TopicTable, TopicTable, TopicTable]
    const heard = { own: listen(a, 'me'), beside: listen(a, 'other'), one: listen(b, 'one'), two: listen(b, 'two'), three: listen(c, 'one') }
    const delivery = await a.publish('chat', bytes('hello'), { service: 'me' })
    await settle()
    expect(delivery).toMatchObject({ way: 'direct', sent: ['b', 'c'], taken: [], undelivered: [] })
    expect(Object.entries(heard).map(([who, got]) => [who, got.map(text)])).toEqual([['own', []], ['beside', ['hello']], ['one', ['hello']], ['two', ['hello']], ['three', ['hello']]])
    expect(heard.one[0]).toMatchObject({ source: 'a', way: 'direct', topic: 'chat', id: delivery.id })
    expect(heard.beside[0]).toMatchObject({ source: 'a', way: undefined, id: delivery.id })
  })

  test('to a list tells for each peer what became of it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const [a, b, c, , e] = names.map((name) => net.add(name)) as [TopicTable, TopicTable, TopicTable, TopicTable, TopicTable]
    for (const table of [a, b, c]) table.declare(CHAT)
    e.declare({ ...CHAT, validate: () => ({ kind: 'ignore', reason: 'not now' }) })
    const heard = listen(b, 'reader')
    listen(e, 'reader')
    const delivery = await a.publish('chat', bytes('x'), { to: { only: ['b', 'c', 'd', 'e', 'nobody', 'b'] } })
    expect(delivery.taken).toEqual(['b'])
    expect([...delivery.undelivered].sort((x, y) => (x.peer < y.peer ? -1 : 1))).toEqual([
      { peer: 'c', reason: 'no-service' },
      { peer: 'd', reason: 'not-connected' },
      { peer: 'e', reason: 'refused' },
      { peer: 'nobody', reason: 'not-connected' },
    ])
    expect(heard.map(text)).toEqual(['x'])
  })

  test('to a list is settled where a peer says nothing, or goes', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => net.add(name)) as [TopicTable, TopicTable, TopicTable]
    for (const table of [a, b, c]) table.declare(CHAT)
    net.muted.add('b').add('c')
    const delivery = a.publish('chat', bytes('x'), { to: { only: ['b', 'c'] } })
    await settle()
    net.closed('a', 'c')
    net.clock.advance(9_999)
    let settled = false
    void delivery.then(() => (settled = true))
    await settle()
    expect(settled).toBe(false)
    net.clock.advance(1)
    expect((await delivery).undelivered).toEqual([{ peer: 'c', reason: 'lost' }, { peer: 'b', reason: 'silent' }])
  })

  test('to all but a list leaves them out', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => net.add(name)) as [TopicTable, TopicTable, TopicTable]
    for (const table of [a, b, c]) table.declare(CHAT)
    const [own, left, got] = [listen(a, 'x'), listen(b, 'x'), listen(c, 'x')]
    await a.publish('chat', bytes('1'), { to: { except: ['b', 'a'] } })
    await settle()
    expect([own, left, got].map((each) => each.length)).toEqual([0, 0, 1])
  })

  test('to this node alone goes to its services', async () => {
    const a = net.add('a')
    a.declare(CHAT)
    const got = listen(a, 'x')
    await expect(a.publish('chat', bytes('note'), { to: { only: ['a'] } })).resolves.toMatchObject({ way: undefined, sent: [], undelivered: [] })
    await settle()
    expect(got.map(text)).toEqual(['note'])
  })

  test('that is too long, or on no topic, is refused by its reason', async () => {
    const a = net.add('a')
    a.declare(CHAT)
    await expect(a.publish('chat', new Uint8Array(1025))).rejects.toMatchObject({ code: 'NET_MESSAGE_TOO_LONG' })
    await expect(a.publish('other', bytes('x'))).rejects.toMatchObject({ code: 'NET_TOPIC_UNKNOWN' })
  })

  test('that the owner rejects costs the peer, and reaches no service', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    a.declare(CHAT)
    b.declare({ ...CHAT, validate: ({ payload }) => (payload[0] === 0x21 ? { kind: 'reject', fault: { code: 'shouting', cost: -10 } } : { kind: 'accept' }) })
    const got = listen(b, 'x')
    await a.publish('chat', bytes('!'))
    await a.publish('chat', bytes('.'))
    await settle()
    expect(got.map(text)).toEqual(['.'])
    expect(net.verdicts).toEqual([{ kind: 'reject', fault: { code: 'shouting', cost: -10 } }, { kind: 'accept' }])
  })
})

describe('a slow service', () => {
  test('loses its own oldest, counted, and delays nobody', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    for (const table of [a, b]) table.declare(CHAT)
    const quick = listen(b, 'quick')
    const slow: string[] = []
    let release: (() => void) | undefined
    b.subscribe('chat', 'slow', (message) => {
      slow.push(text(message))
      return new Promise<void>((resolve) => (release = resolve))
    }, { limits: { messages: 3, bytes: 1024 } })
    for (let i = 0; i < 10; i++) await a.publish('chat', bytes(String(i)))
    await settle()
    expect(quick.map(text).join('')).toBe('0123456789')
    expect(b.figures()[0]?.services).toEqual([
      { service: 'quick', received: 10, dropped: 0, waiting: 0, waitingBytes: 0 },
      { service: 'slow', received: 10, dropped: 6, waiting: 3, waitingBytes: 3 },
    ])
    for (let i = 0; i < 4; i++) {
      release?.()
      await settle()
    }
    expect(slow).toEqual(['0', '7', '8', '9'])
  })

  test('is bounded by bytes too, and one that throws goes on', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    for (const table of [a, b]) table.declare(CHAT)
    const got: number[] = []
    let release: (() => void) | undefined
    b.subscribe('chat', 'slow', ({ payload }) => {
      got.push(payload.length)
      if (got.length === 1) return new Promise<void>((resolve) => (release = resolve))
      throw new Error('no')
    }, { limits: { messages: 100, bytes: 1000 } })
    for (const length of [1, 600, 300, 500]) await a.publish('chat', new Uint8Array(length))
    await settle()
    expect(b.figures()[0]?.services[0]).toMatchObject({ dropped: 1, waiting: 2, waitingBytes: 800 })
    release?.()
    await settle()
    expect(got).toEqual([1, 300, 500])
  })
})

describe('a declaration', () => {
  test('is shared by owners who mean the same, until the last one goes', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    const [first, second] = [a.declare(CHAT), a.declare(CHAT)]
    expect(() => a.declare({ ...CHAT, maxMessageBytes: 5 })).toThrow(expect.objectContaining({ code: 'NET_TOPIC_DIFFERS' }))
    b.declare(CHAT)
    first()
    first()
    await expect(b.publish('chat', bytes('x'))).resolves.toMatchObject({ sent: ['a'] })
    second()
    await expect(b.publish('chat', bytes('x'))).resolves.toMatchObject({ sent: [] })
    expect(() => a.subscribe('chat', 'x', () => undefined)).toThrow(expect.objectContaining({ code: 'NET_TOPIC_UNKNOWN' }))
  })

  test('has a service of one name once, and lets it come again', async () => {
    const a = net.add('a')
    a.declare(CHAT)
    const unsubscribe = a.subscribe('chat', 'x', () => undefined)
    expect(() => a.subscribe('chat', 'x', () => undefined)).toThrow(expect.objectContaining({ code: 'NET_SERVICE_TAKEN' }))
    unsubscribe()
    a.subscribe('chat', 'x', () => undefined)
    unsubscribe()
    expect(a.figures()[0]?.services.map(({ service }) => service)).toEqual(['x'])
  })

  test.each([
    ['a name', { name: 'No Spaces' }],
    ['no name', { name: '' }],
    ['a long name', { name: 'a'.repeat(65) }],
    ['a name that ends with a slash', { name: 'a/' }],
    ['no length', { maxMessageBytes: 0 }],
    ['too long', { maxMessageBytes: 2 ** 30 }],
    ['no rate', { rate: { perSecond: 0, burst: 1 } }],
    ['a rate that is no number', { rate: { perSecond: Number.NaN, burst: 1 } }],
    ['half a queue', { queueLength: 0.5 }],
    ['chunks where not all are connected', { way: 'chunks' as const }],
    ['a tree where all are', { topology: 'mesh' as const, way: 'tree' as const }],
    ['gossip over plain links', { over: 'plain' as const, way: 'gossip' as const }],
  ])('is refused with %s', (_what, change) => {
    expect(() => checkDescriptor({ ...CHAT, ...change })).toThrow(expect.objectContaining({ code: 'NET_TOPIC_INVALID' }))
  })

  test('over plain links needs them', () => {
    const a = net.add('a')
    expect(() => a.declare({ ...CHAT, over: 'plain' })).toThrow(expect.objectContaining({ code: 'NET_NO_PLAIN_LINKS' }))
    expect(checkDescriptor({ ...CHAT, over: 'plain' })).toMatchObject({ topology: 'mesh' })
  })

  test('is one of 64', () => {
    const a = net.add('a')
    for (let i = 0; i < 64; i++) a.declare({ ...CHAT, name: `t${i}` })
    expect(() => a.declare(CHAT)).toThrow(expect.objectContaining({ code: 'NET_TOPICS_TOO_MANY' }))
  })
})

describe('on the wire', () => {
  test('envelopes and receipts are what they were, and nothing else is one', () => {
    const ticket = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    for (const envelope of [{ ticket, payload: bytes('x') }, { ticket: undefined, payload: new Uint8Array() }]) expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope)
    expect(decodeReceipt(encodeReceipt(ticket, 'refused'))).toEqual({ ticket, outcome: 3 })
    for (const wrong of [[], [2], [1, 1, 2, 3], [255, ...ticket]]) expect(() => decodeEnvelope(Uint8Array.from(wrong))).toThrow('service topic')
    for (const wrong of [[16], [16, ...ticket], [16, ...ticket, 1, 0]]) expect(() => decodeReceipt(Uint8Array.from(wrong))).toThrow('A receipt has')
  })

  test('a receipt that nobody asked for changes nothing', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    for (const table of [a, b]) table.declare(CHAT)
    const handler = net.nodes.get('a')?.handlers.get('net/chat')
    expect(handler?.onMessage('b', encodeReceipt(new Uint8Array(8), 'taken'))).toEqual({ kind: 'ignore', reason: 'receipt-not-asked' })
    expect(() => handler?.onMessage('b', Uint8Array.of(16, 1))).toThrow('A receipt has')
  })

  test('messages are described by their owner, and parts and receipts as such', async () => {
    const [a, b] = ['a', 'b'].map((name) => net.add(name)) as [TopicTable, TopicTable]
    a.declare(CHAT)
    b.declare({ ...CHAT, describe: (payload) => ({ kind: Buffer.from(payload).toString() }) })
    const frames: Uint8Array[] = []
    const handler = net.nodes.get('b')?.handlers.get('net/chat') as TopicHandler
    const heard = handler.onMessage.bind(handler)
    handler.onMessage = (peer, frame) => {
      frames.push(frame)
      return heard(peer, frame)
    }
    await a.publish('chat', bytes('hi'))
    await settle()
    expect(frames.map((frame) => handler.describe?.(frame))).toEqual([{ kind: 'hi' }])
    expect(handler.describe?.(encodeReceipt(new Uint8Array(8), 'taken'))).toEqual({ kind: 'receipt', ticket: '0x0000000000000000', outcome: 1 })
    expect(handler.describe?.(Uint8Array.of(2, 1))).toEqual({ kind: 'part' })
    expect((net.nodes.get('a')?.handlers.get('net/chat') as TopicHandler).describe?.(frames[0] as Uint8Array)).toEqual({ kind: 'message', bytes: 2 })
  })
})

test('who sends is known, the newest first, and no more than 128', async () => {
  const a = net.add('a')
  a.declare(CHAT)
  for (let i = 0; i < 130; i++) net.add(`p${i}`).declare(CHAT)
  for (let i = 0; i < 130; i++) await net.nodes.get(`p${i}`)?.table.publish('chat', bytes('xy'), { to: { only: ['a'] } })
  await net.nodes.get('p5')?.table.publish('chat', bytes('xy'), { to: { only: ['a'] } })
  const senders = a.figures()[0]?.senders ?? []
  expect(senders.length).toBe(128)
  expect(senders[0]).toEqual({ peer: 'p5', messages: 2, bytes: 4, lastAt: 1_000_000 })
  expect(senders.some(({ peer }) => peer === 'p0')).toBe(false)
})
