/** Limits of bandwidth on real sockets. The clock of the side that is limited is turned by hand: what went through shows in how far. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { RequestHandler, RequestSpec } from '../../../node-core/network/contracts.ts'
import { AMPLE, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const ANSWER = 3_000_000
const LIMIT = 400
const TRANSPORTS = [['TCP', '/ip4/127.0.0.1/tcp/0'], ['WebSocket', '/ip4/127.0.0.1/tcp/0/ws']] as const
/** A slice, a second's worth at the beginning, and what the connection itself takes. */
const SLACK_MS = 1500
const SPEC: RequestSpec = { protocol: '/big/1', maxRequestBytes: 100, maxResponseBytes: 4_000_000, timeoutMs: 60_000, perMinute: 1000, budget: AMPLE }

let net: TestNetwork
beforeEach(() => {
  net = new TestNetwork()
})
afterEach(() => net.stop())

const handler: RequestHandler = { spec: SPEC, onRequest: () => Promise.resolve({ kind: 'response', bytes: new Uint8Array(ANSWER).fill(7) }) }

async function pair(listen: string, limits: { readonly server?: object; readonly client?: object }): Promise<{ readonly server: TestPeer; readonly client: TestPeer }> {
  const server = await net.start([new RecordingTopic()], { requests: [handler], listenAddrs: [listen], ...limits.server })
  const client = await net.start([new RecordingTopic()], { bootnodes: [server.address], ...limits.client })
  await eventually(() => client.network.topics.openPeers('block-announces').length === 1)
  return { server, client }
}

/** Turns the clock until the answer is there; gives the milliseconds that it took by that clock. */
async function answered({ server, client }: { readonly server: TestPeer; readonly client: TestPeer }, clock: FakeClock): Promise<number> {
  const from = clock.now()
  let bytes: number | undefined
  const asked = client.network.requests.request(server.id, SPEC, new Uint8Array(1)).then((answer) => (bytes = answer.length))
  await eventually(() => {
    if (bytes === undefined) clock.advance(50)
    return bytes !== undefined
  }, 'the answer')
  await asked
  expect(bytes).toBe(ANSWER)
  return clock.now() - from
}

describe.each(TRANSPORTS)('over %s', (_, listen) => {
  test('an upload limit holds back what is sent, and all of it arrives', async () => {
    const clock = new FakeClock(Date.now())
    const ms = await answered(await pair(listen, { server: { uploadLimit: LIMIT, clock } }), clock)
    expect(ms).toBeGreaterThan(ANSWER / LIMIT - SLACK_MS)
  })

  test('a download limit holds back what is read, and all of it arrives', async () => {
    const clock = new FakeClock(Date.now())
    const ms = await answered(await pair(listen, { client: { downloadLimit: LIMIT, clock } }), clock)
    // What the sockets of the system hold is read in one go at the end.
    expect(ms).toBeGreaterThan(ANSWER / LIMIT / 2)
  })
})

test('who answers is told how much fits through the limit in ten seconds, and nothing where there is none', async () => {
  const told: (number | undefined)[] = []
  const onRequest: RequestHandler['onRequest'] = async (_peer, bytes, _signal, fitting) => {
    told.push(fitting)
    return { kind: 'response', bytes }
  }
  for (const limits of [{ uploadLimit: LIMIT }, { downloadLimit: LIMIT }]) {
    const server = await net.start([new RecordingTopic()], { requests: [{ spec: SPEC, onRequest }], ...limits })
    const client = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
    await eventually(() => client.network.topics.openPeers('block-announces').length === 1)
    await client.network.requests.request(server.id, SPEC, new Uint8Array(1))
  }
  expect(told).toEqual([LIMIT * 1000 * 10, undefined])
})

test('a short message passes a long answer to somebody else', async () => {
  const clock = new FakeClock(Date.now())
  const topic = new RecordingTopic()
  const server = await net.start([topic], { requests: [handler], uploadLimit: LIMIT, clock })
  const greedy = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
  const voter = new RecordingTopic()
  await net.start([voter], { bootnodes: [server.address] })
  await eventually(() => server.network.topics.openPeers('block-announces').length === 2)
  let done = false
  const given = new AbortController()
  const asked = greedy.network.requests.request(server.id, SPEC, new Uint8Array(1), given.signal).then(() => (done = true), () => undefined)
  await eventually(() => {
    clock.advance(1)
    return greedy.network.state.bandwidth().bytesIn > (LIMIT * 1000) / 2
  }, 'the beginning of the answer')
  server.network.topics.send('block-announces', Uint8Array.of(1), { except: [] })
  await eventually(() => {
    clock.advance(5)
    return voter.messages.length === 1
  }, 'the message')
  expect(done).toBe(false)
  given.abort()
  await asked
})
