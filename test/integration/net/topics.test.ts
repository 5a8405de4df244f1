/** Topics of services between network services on loopback: declared late, taken back, and seen by the inspector. */
import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { NET_GATE } from '../../helpers/net-gate.ts'
import type { TopicDescriptor } from '../../../node-core/net/topics/descriptor.ts'
import { TopicTable } from '../../../node-core/net/topics/topic-table.ts'
import { DirectSpreader } from '../../../node-core/network/spread/direct.ts'
import type { InspectedMessage } from '../../../node-core/network/topics/message-types.ts'
import { TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const CHAT: TopicDescriptor = { name: 'chat', maxMessageBytes: 100_000, rate: { perSecond: 1000, burst: 1000 }, describe: (payload) => ({ kind: Buffer.from(payload).toString() }) }
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

interface Member extends TestPeer {
  readonly topics: TopicTable
}

let net = new TestNetwork()
let members: Member[] = []
afterEach(async () => {
  await Promise.all(members.map(({ topics }) => topics.stop()))
  await net.stop()
  net = new TestNetwork()
  members = []
})

async function member(...reserved: readonly TestPeer[]): Promise<Member> {
  const peer = await net.start([NET_GATE], { reservedNodes: reserved.map(({ address }) => address) })
  const topics = new TopicTable({
    clock: systemClock,
    logger: createLogger([], { default: 'error' }),
    door: peer.network.topics,
    localPeer: () => peer.id,
    random: (length) => new Uint8Array(randomBytes(length)),
    ways: (links, sink) => [new DirectSpreader({ links: links('direct'), sink })],
  })
  const made = { ...peer, topics }
  members.push(made)
  return made
}

const peersOf = ({ topics }: Member): number => topics.figures()[0]?.peers.length ?? 0

test('a topic is open between those who declare it, whenever they do, and closes when it is taken back', async () => {
  const a = await member()
  const b = await member(a)
  const c = await member(a, b)
  await eventually(() => members.every(({ network }) => network.state.peers().length === 2), 'the mesh')
  a.topics.declare(CHAT)
  const undeclare = b.topics.declare(CHAT)
  await eventually(() => peersOf(a) === 1 && peersOf(b) === 1, 'the topic')
  const got: string[] = []
  b.topics.subscribe('chat', 'reader', ({ payload, source }) => void got.push(`${source === a.id ? 'a' : 'c'}:${Buffer.from(payload).toString()}`))
  await expect(a.topics.publish('chat', bytes('one'), { to: { only: [b.id, c.id] } })).resolves.toMatchObject({ taken: [b.id], undelivered: [{ peer: c.id, reason: 'not-connected' }] })
  c.topics.declare(CHAT)
  await eventually(() => peersOf(b) === 2 && peersOf(c) === 2, 'the third')
  await expect(c.topics.publish('chat', bytes('two'), { to: { only: [a.id, b.id] } })).resolves.toMatchObject({ taken: [b.id], undelivered: [{ peer: a.id, reason: 'no-service' }] })
  expect(got).toEqual(['a:one', 'c:two'])

  undeclare()
  await eventually(() => peersOf(a) === 1 && peersOf(c) === 1, 'the end of it there')
  expect(b.network.state.topicStatistics().map(({ topic }) => topic)).toEqual(['net'])
  expect(b.network.state.peers().length).toBe(2)
  b.topics.declare(CHAT)
  await eventually(() => peersOf(b) === 2, 'the topic anew')
})

test('what goes by is seen by the inspector in the words of its owner', async () => {
  const a = await member()
  const b = await member(a)
  for (const { topics } of [a, b]) topics.declare(CHAT)
  await eventually(() => peersOf(a) === 1 && peersOf(b) === 1, 'the topic')
  b.topics.subscribe('chat', 'reader', () => undefined)
  const seen: InspectedMessage[] = []
  const stop = b.network.state.inspectTopic('net/chat', { onMessage: (message) => void seen.push(message), onSkipped: () => undefined })
  await a.topics.publish('chat', bytes('look'), { to: { only: [b.id] } })
  await eventually(() => seen.length === 2, 'the message and its receipt')
  stop()
  expect(seen.map(({ direction, fate, content }) => [direction, fate, content.kind])).toEqual(expect.arrayContaining([['in', 'accepted', 'look'], ['out', 'sent', 'receipt']]))
})

test('a member who goes is told of, while a message waits for its receipt', async () => {
  const a = await member()
  const b = await member(a)
  const c = await member(a)
  for (const { topics } of [a, b, c]) topics.declare(CHAT)
  await eventually(() => peersOf(a) === 2, 'both')
  b.topics.declare(CHAT)
  c.topics.subscribe('chat', 'reader', () => undefined)
  b.topics.subscribe('chat', 'reader', () => undefined)
  await b.network.stop()
  const { taken, undelivered } = await a.topics.publish('chat', bytes('x'), { to: { only: [b.id, c.id] } })
  expect(taken).toEqual([c.id])
  expect(undelivered).toMatchObject([{ peer: b.id }])
  expect(['lost', 'not-connected']).toContain(undelivered[0]?.reason)
})
