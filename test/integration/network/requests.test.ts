import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import type { AnswerBudget, RequestAnswer, RequestHandler, RequestSpec } from '../../../node-core/network/contracts.ts'
import { AMPLE, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const SPEC: RequestSpec = { protocol: '/echo/1', maxRequestBytes: 100_000, maxResponseBytes: 200_000, timeoutMs: 5000, perMinute: 6, budget: AMPLE }

let net: TestNetwork
let server: TestPeer
let client: TestPeer
let answer: (request: Uint8Array, signal: AbortSignal) => Promise<RequestAnswer>
let served = 0

beforeEach(async () => {
  net = new TestNetwork()
  served = 0
  answer = (bytes) => Promise.resolve({ kind: 'response', bytes })
  const handler: RequestHandler = {
    spec: SPEC,
    onRequest: (_, request, signal) => {
      served++
      return answer(request, signal)
    },
  }
  server = await net.start([new RecordingTopic()], { requests: [handler] })
  client = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
  await eventually(() => client.network.topics.openPeers('block-announces').length === 1)
})
afterEach(() => net.stop())

const ask = (request: Uint8Array, spec: Partial<RequestSpec> = {}, signal?: AbortSignal) =>
  client.network.requests.request(server.id, { ...SPEC, ...spec }, request, signal)

describe('requests', () => {
  test('are answered, short, empty and long ones', async () => {
    expect(await ask(utf8('hello'))).toEqual(utf8('hello'))
    expect(await ask(new Uint8Array(0))).toEqual(new Uint8Array(0))
    const long = new Uint8Array(90_000).fill(7)
    expect(await ask(long)).toEqual(long)
    // Both sides let go of their streams.
    const streams = () => [...client.network.state.peerDetails(), ...server.network.state.peerDetails()].map(({ streams }) => streams)
    await eventually(() => streams().every((count) => count <= 4), 'closed streams')
  })

  test('that are refused, or on a protocol that nobody speaks, say so', async () => {
    answer = () => Promise.resolve({ kind: 'refuse', fault: { code: 'nonsense', cost: -100 } })
    await expect(ask(utf8('x'))).rejects.toMatchObject({ code: 'NETWORK_REFUSED' })
    await expect(ask(utf8('x'), { protocol: '/nothing/1' })).rejects.toMatchObject({ code: 'NETWORK_REFUSED' })
    await eventually(() => server.network.state.peerDetails()[0]?.reputation === -100, 'the cost')
  })

  test('end in time, and the handler hears of it', async () => {
    let aborted = false
    answer = (_, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(new Error('aborted'))
        }),
      )
    await expect(ask(utf8('x'), { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'NETWORK_TIMEOUT' })
    await eventually(() => aborted, 'the abort at the other side')
  })

  test('can be given up', async () => {
    answer = () => new Promise(() => undefined)
    const controller = new AbortController()
    const pending = ask(utf8('x'), {}, controller.signal)
    await eventually(() => served === 1)
    controller.abort()
    await expect(pending).rejects.toMatchObject({ code: 'NETWORK_ABORTED' })
  })

  test('too large a response ends it and costs the peer; too large a request never reaches the handler', async () => {
    await expect(ask(new Uint8Array(2000), { maxResponseBytes: 1000 })).rejects.toMatchObject({ code: 'NETWORK_TOO_LARGE' })
    expect(client.network.state.peerDetails()[0]?.reputation).toBeLessThan(0)
    served = 0
    await expect(ask(new Uint8Array(SPEC.maxRequestBytes + 1))).rejects.toMatchObject({ code: 'NETWORK_REFUSED' })
    expect(served).toBe(0)
    expect(server.network.state.peerDetails()[0]?.reputation).toBeLessThan(0)
  })

  test('above the rate are refused and cost', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: SPEC.perMinute + 1 }, () => ask(utf8('x'))))
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(served).toBe(SPEC.perMinute)
    await eventually(() => (server.network.state.peerDetails()[0]?.reputation ?? 0) < 0, 'the cost')
  })

  test('that others would hold against us when repeated go out once, also to a peer that went and came back', async () => {
    const once = (text: string) => ask(utf8(text), { noRepeats: true })
    expect(await once('block 5')).toEqual(utf8('block 5'))
    await expect(once('block 5')).rejects.toMatchObject({ code: 'NETWORK_REPEATED' })
    client.network.actions.disconnect(server.id, 'test')
    await eventually(() => client.network.topics.openPeers('block-announces').length === 0)
    client.network.reachability.reconnect()
    await eventually(() => client.network.topics.openPeers('block-announces').length === 1)
    await expect(once('block 5')).rejects.toMatchObject({ code: 'NETWORK_REPEATED' })
    expect(await once('block 6')).toEqual(utf8('block 6'))
    expect(served).toBe(2)
  })

  test('of protocols that name one budget are counted together', async () => {
    // Whoever has had its share would wait for a quarter of an hour: that is refused at once.
    const small = { bytesPerSecond: 1, burstBytes: 100, shares: { subscriber: 1, site: 1 } }
    const spec = (protocol: string, budget: AnswerBudget): RequestSpec => ({ ...SPEC, protocol, budget })
    const specs = [spec('/first/1', small), spec('/second/1', small), spec('/other/1', { ...small })] as const
    const onRequest: RequestHandler['onRequest'] = () => Promise.resolve({ kind: 'response', bytes: new Uint8Array(1000) })
    const sharing = await net.start([new RecordingTopic()], { requests: specs.map((one) => ({ spec: one, onRequest })) })
    await client.network.actions.call(sharing.address)
    const [first, second, other] = specs
    const answerOf = async (one: RequestSpec): Promise<number> => (await client.network.requests.request(sharing.id, one, utf8('x'))).length
    expect(await answerOf(first)).toBe(1000)
    await expect(answerOf(second)).rejects.toMatchObject({ code: 'NETWORK_REFUSED' })
    expect(await answerOf(other)).toBe(1000)
    expect(sharing.network.state.peerDetails()[0]?.reputation).toBe(0)
  })

  test('are registered once', () => {
    const handler: RequestHandler = { spec: SPEC, onRequest: () => Promise.resolve({ kind: 'refuse' }) }
    expect(() => server.network.requests.register(handler)).toThrow('have a handler already')
  })

  test('to a peer that is gone, or goes meanwhile, are rejected', async () => {
    answer = () => new Promise(() => undefined)
    const pending = ask(utf8('x'))
    await eventually(() => served === 1)
    client.network.actions.disconnect(server.id, 'test')
    await expect(pending).rejects.toMatchObject({ code: 'NETWORK_DISCONNECTED' })
    await expect(client.network.requests.request('12D3KooWNobody', SPEC, utf8('x'))).rejects.toMatchObject({ code: 'NETWORK_DISCONNECTED' })
  })

  test('under way are given up when the service stops', async () => {
    answer = () => new Promise(() => undefined)
    const pending = ask(utf8('x'))
    await eventually(() => served === 1)
    const [outcome] = await Promise.allSettled([pending, client.network.stop()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'NETWORK_ABORTED' } })
  })
})
