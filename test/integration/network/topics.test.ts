import { afterEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import type { RequestSpec } from '../../../node-core/network/contracts.ts'
import { AMPLE, RecordingTopic, TestNetwork, eventually } from '../../helpers/network.ts'

let net = new TestNetwork()
afterEach(async () => {
  await net.stop()
  net = new TestNetwork()
})

async function pair(a: RecordingTopic, b: RecordingTopic) {
  const first = await net.start([a])
  const second = await net.start([b], { bootnodes: [first.address] })
  return { first, second }
}

describe('a topic between two nodes', () => {
  test('opens in both directions, and messages flow both ways', async () => {
    const [a, b] = [new RecordingTopic(), new RecordingTopic()]
    const { first, second } = await pair(a, b)
    await eventually(() => a.opened.length === 1 && b.opened.length === 1, 'open')
    expect(first.network.topics.openPeers('block-announces')).toEqual([second.id])
    first.network.topics.send('block-announces', utf8('from a'), { except: [] })
    second.network.topics.send('block-announces', utf8('from b'), { only: [first.id] })
    second.network.topics.send('block-announces', utf8('not for a'), { except: [first.id] })
    await eventually(() => a.messages.length === 1 && b.messages.length === 1, 'messages')
    expect(a.messages).toEqual([{ peer: second.id, message: utf8('from b') }])
    expect(b.messages).toEqual([{ peer: first.id, message: utf8('from a') }])
    expect(first.network.state.peers().map(({ peerId }) => peerId)).toEqual([second.id])
    await eventually(() => first.network.state.peerDetails()[0]?.agent !== undefined, 'identify')
    await eventually(() => second.network.state.peerDetails()[0]?.latencyMs !== undefined, 'ping')
    expect(first.network.state.peerDetails()[0]).toMatchObject({ direction: 'inbound', slot: 'inbound', agent: expect.stringMatching(/^nodestead\//), topics: ['block-announces'] })
    expect(second.network.state.peerDetails()[0]).toMatchObject({ direction: 'outbound', slot: 'outbound' })
    expect(first.network.state.topicStatistics()[0]).toMatchObject({ messagesIn: 1, messagesOut: 1, accepted: 1 })
  })

  test('opens with who is here where it is registered while the service runs, as requests are answered from then on', async () => {
    const [a, b] = [new RecordingTopic(), new RecordingTopic()]
    const { first, second } = await pair(a, b)
    await eventually(() => a.opened.length === 1 && b.opened.length === 1, 'the gate')
    const spec: RequestSpec = { protocol: '/late/1', maxRequestBytes: 8, maxResponseBytes: 8, timeoutMs: 5_000, perMinute: 60, budget: AMPLE }
    await expect(second.network.requests.request(first.id, spec, utf8('?'))).rejects.toMatchObject({ code: 'NETWORK_REFUSED' })
    const [votes, theirs] = [new RecordingTopic('grandpa'), new RecordingTopic('grandpa')]
    first.network.topics.register(votes)
    second.network.topics.register(theirs)
    first.network.requests.register({ spec, onRequest: async (_, bytes) => ({ kind: 'response', bytes }) })
    await eventually(() => votes.opened.length === 1 && theirs.opened.length === 1, 'the late topic')
    second.network.topics.send('grandpa', utf8('vote'), { except: [] })
    await eventually(() => votes.messages.length === 1, 'a message on it')
    expect(await second.network.requests.request(first.id, spec, utf8('now'))).toEqual(utf8('now'))
    await second.network.stop()
    await eventually(() => votes.closed.length === 1, 'its end')
  })

  test('keeps every message of a fast peer whose messages are dealt with slowly', async () => {
    const spec = { maxMessageBytes: 16 * 1024 * 1024, inHand: 4, queueLength: 200 }
    const [a, b] = [new RecordingTopic('block-announces', spec), new RecordingTopic('block-announces', spec)]
    const { first, second } = await pair(a, b)
    await eventually(() => a.opened.length === 1 && b.opened.length === 1, 'open')
    a.judge = () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'accept' }), 2))
    for (let i = 0; i < 100; i++) second.network.topics.send('block-announces', new Uint8Array(256 * 1024).fill(i), { except: [] })
    const dropped = (): number => second.network.state.topicStatistics()[0]?.dropped ?? 0
    await eventually(() => a.messages.length + dropped() === 100, 'all that was not dropped for want of room')
    expect(a.closed).toEqual([])
    const order = a.messages.map(({ message }) => message[0] as number)
    expect(order).toEqual([...order].sort((x, y) => x - y))
    expect(first.network.state.peers().length).toBe(1)
  })

  test('a stop of one closes it at the other, within two seconds', async () => {
    const [a, b] = [new RecordingTopic(), new RecordingTopic()]
    const first = await net.start([a])
    const told: unknown[] = []
    first.network.state.peerEvents.on('changed', ({ peer, connected }) => told.push([peer, connected, first.network.state.peers().length]))
    const second = await net.start([b], { bootnodes: [first.address] })
    await eventually(() => a.opened.length === 1 && b.opened.length === 1)
    const begun = performance.now()
    await second.network.stop()
    expect(performance.now() - begun).toBeLessThan(2000)
    await eventually(() => a.closed.length === 1)
    expect(b.closed).toEqual([first.id])
    await eventually(() => first.network.state.peerDetails().length === 0)
    expect(told).toEqual([[second.id, true, 1], [second.id, false, 0]])
  })

  test('a refused handshake closes it and frees the slot', async () => {
    const [a, b] = [new RecordingTopic(), new RecordingTopic()]
    b.greeting = utf8('other chain')
    a.judgeHandshake = (_, handshake) =>
      handshake.length === 3 ? { kind: 'accept' } : { kind: 'reject', fault: { code: 'wrong-genesis', cost: -100 } }
    const { first, second } = await pair(a, b)
    await eventually(() => first.network.state.topicStatistics()[0]?.reasons['wrong-genesis'] === 1, 'the refusal')
    await eventually(() => second.network.state.peerDetails().length === 0, 'hanging up')
    expect(a.opened).toEqual([])
    expect(b.opened).toEqual([])
    expect(first.network.state.peerDetails().filter(({ slot }) => slot !== undefined)).toEqual([])
  })

  test('further topics open behind the gate, and close with it', async () => {
    const [a, aVotes, b, bVotes] = [new RecordingTopic(), new RecordingTopic('grandpa'), new RecordingTopic(), new RecordingTopic('grandpa')]
    const first = await net.start([a, aVotes])
    const second = await net.start([b, bVotes], { bootnodes: [first.address] })
    await eventually(() => aVotes.opened.length === 1 && bVotes.opened.length === 1, 'the second topic')
    expect(first.network.state.peerDetails()[0]?.topics).toEqual(['block-announces', 'grandpa'])
    first.network.actions.disconnect(second.id, 'test')
    await eventually(() => bVotes.closed.length === 1 && b.closed.length === 1)
    expect(aVotes.closed).toEqual([second.id])
  })

  test('where no slot is free the next one is refused, but a reserved peer is not', async () => {
    const a = new RecordingTopic()
    const first = await net.start([a], { inPeers: 1 })
    const b = new RecordingTopic()
    await net.start([b], { bootnodes: [first.address] })
    await eventually(() => a.opened.length === 1)
    const c = new RecordingTopic()
    const third = await net.start([c], { nodeKey: '01'.repeat(32), bootnodes: [first.address] })
    await eventually(() => third.logs.some(({ message }) => message === 'block-announces closed'), 'the refusal')
    expect(a.opened).toHaveLength(1)
    await third.network.stop()
    first.network.actions.addReserved(`/ip4/127.0.0.1/tcp/1/p2p/${third.id}`)
    await net.start([c], { nodeKey: '01'.repeat(32), bootnodes: [first.address] })
    await eventually(() => c.opened.length === 1, 'the reserved peer')
    expect(first.network.state.peerDetails().find(({ peerId }) => peerId === third.id)?.slot).toBe('reserved')
  })
})
