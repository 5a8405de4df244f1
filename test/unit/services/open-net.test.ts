/** Topics, channels, files and the history of figures by the service API: what is sent comes, streams resume or end, refusals say why. */
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NodeError } from '../../../node-core/base/errors.ts'
import { Channels } from '../../../node-core/services/proto/nodestead/v1/channels_pb.ts'
import { ErrorInfoSchema } from '../../../node-core/services/proto/nodestead/v1/errors_pb.ts'
import { HistorySpan, Metrics } from '../../../node-core/services/proto/nodestead/v1/metrics_pb.ts'
import { Network } from '../../../node-core/services/proto/nodestead/v1/network_pb.ts'
import { Resources } from '../../../node-core/services/proto/nodestead/v1/resources_pb.ts'
import { Topics } from '../../../node-core/services/proto/nodestead/v1/topics_pb.ts'
import { FakeNet, NO_TRAFFIC } from '../../helpers/fake-net.ts'
import { TestService } from '../../helpers/service-client.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const OTHER = '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'
const ROOT = 'c4'.repeat(32)

let service: TestService
let net: FakeNet
async function start(limits: NonNullable<Parameters<typeof TestService.start>[0]>['limits'] = {}): Promise<void> {
  service = await TestService.start({ limits })
  net = new FakeNet(service.clock, service.folder)
  await service.manager.start('dev')
  const node = service.manager.node('dev')
  if (node === undefined) throw new Error('it runs')
  node.net = net
}
beforeEach(() => start())
afterEach(() => service.stop())

const network = 'dev'
const topics = () => createClient(Topics, service.transport())
const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const message = (text: string) => ({ topic: 'weather', id: text, source: PEER, payload: bytes(text), way: 'direct' as const })

async function refused(call: Promise<unknown>): Promise<{ status: string; code: string; cursor: string }> {
  const error = ConnectError.from(await call.then(() => new Error('it was answered'), (reason: unknown) => reason))
  const [info] = error.findDetails(ErrorInfoSchema)
  return { status: Code[error.code], code: info?.code ?? error.message, cursor: info?.cursor ?? '' }
}

async function next<T>(stream: AsyncIterator<T>): Promise<T> {
  const item = await stream.next()
  if (item.done === true) throw new Error('the stream ended')
  return item.value
}

const declare = () => topics().declare({ network, topic: 'weather', maxMessageBytes: 1000, messagesPerSecond: 10, burst: 20 })

describe('topics', () => {
  it('are declared, listed with their figures, and taken back', async () => {
    await declare()
    await declare()
    net.topicFigures = [{
      name: 'weather', peers: [PEER], services: [{ service: 'station', received: 5, dropped: 1, waiting: 2, waitingBytes: 30 }],
      senders: [{ peer: OTHER, messages: 5, bytes: 70, lastAt: 1_750_000_000_000 }], ways: [{ way: 'gossip', delivered: 5, duplicates: 3 }],
    }]
    expect((await topics().listTopics({ network })).topics).toMatchObject([{
      name: 'weather', peers: [PEER], declaredHere: true, subscribers: [{ service: 'station', received: 5n, dropped: 1n, waiting: 2n, waitingBytes: 30n }],
      senders: [{ peerId: OTHER, messages: 5n, bytes: 70n, last: { seconds: 1_750_000_000n } }], ways: [{ way: 'gossip', delivered: 5n, duplicates: 3n }],
    }])
    expect(await topics().undeclare({ network, topic: 'weather' })).toMatchObject({ wasDeclared: true })
    expect(await topics().undeclare({ network, topic: 'weather' })).toMatchObject({ wasDeclared: false })
    expect((await topics().listTopics({ network })).topics).toEqual([])
  })

  it('a message goes to all, to a list or to all but a list, and what became of it is told', async () => {
    await declare()
    const sent = { network, topic: 'weather', message: bytes('rain') }
    net.delivery = { id: '0x5a', way: 'direct', sent: [PEER, OTHER], taken: [PEER], undelivered: [{ peer: OTHER, reason: 'no-service' }] }
    expect(await topics().publish(sent)).toMatchObject({ messageId: '0x5a', way: 'direct', sent: [PEER, OTHER], taken: [PEER], undelivered: [{ peerId: OTHER, reason: 'no-service' }] })
    await topics().publish({ ...sent, only: [PEER] })
    await topics().publish({ ...sent, except: [OTHER] })
    expect(net.published.map(({ options }) => options.to)).toEqual(['everybody', { only: [PEER] }, { except: [OTHER] }])
    expect(await refused(topics().publish({ ...sent, only: [PEER], except: [OTHER] }))).toMatchObject({ status: 'InvalidArgument', code: 'SERVICE_BAD_REQUEST' })
    expect(await refused(topics().publish({ ...sent, only: ['../etc'] }))).toMatchObject({ status: 'InvalidArgument' })
    expect(await refused(topics().publish({ ...sent, topic: 'nobody' }))).toMatchObject({ status: 'NotFound', code: 'NET_TOPIC_UNKNOWN' })
  })

  it('messages come as a stream, and its cursor goes on without a gap: nobody else subscribes meanwhile', async () => {
    await declare()
    const first = topics().watchTopic({ network, topic: 'weather' })[Symbol.asyncIterator]()
    const { cursor: begin } = await next(first)
    net.receive(message('one'))
    const one = await next(first)
    expect(one.message).toMatchObject({ messageId: 'one', source: PEER, way: 'direct', received: { seconds: 1_750_000_000n } })
    await first.return?.()
    net.receive(message('two'))
    net.receive(message('three'))
    const again = topics().watchTopic({ network, topic: 'weather', cursor: one.cursor })[Symbol.asyncIterator]()
    expect((await next(again)).message).toBeUndefined()
    expect([await next(again), await next(again)].map(({ message: came }) => came?.messageId)).toEqual(['two', 'three'])
    const whole = topics().watchTopic({ network, topic: 'weather', cursor: begin })[Symbol.asyncIterator]()
    await next(whole)
    expect((await next(whole)).message?.messageId).toBe('one')
    expect(net.subscribers.size).toBe(1)
    await Promise.all([again.return?.(), whole.return?.()])
    await vi.waitFor(() => {
      service.clock.advance(6 * 60_000)
      expect(net.subscribers.size).toBe(0)
    })
    expect(await refused(topics().watchTopic({ network, topic: 'weather', cursor: one.cursor })[Symbol.asyncIterator]().next())).toMatchObject({ status: 'OutOfRange', code: 'SERVICE_CURSOR_EXPIRED' })
  })

  it('whoever is too slow by bytes is ended with a cursor that goes on', async () => {
    await service.stop()
    await start({ topicBytes: 32 * 1024 * 1024 })
    await declare()
    const stream = topics().watchTopic({ network, topic: 'weather' })[Symbol.asyncIterator]()
    await next(stream)
    // More than the system's buffers take of a client that does not read, and less than is kept.
    for (let i = 0; i < 400; i++) net.receive({ ...message(`m${i}`), payload: new Uint8Array(64 * 1024) })
    let read = 0
    const end = await refused((async () => { for (let item = await stream.next(); item.done !== true; item = await stream.next()) read++ })())
    expect(end).toMatchObject({ status: 'ResourceExhausted', code: 'SERVICE_CLIENT_TOO_SLOW' })
    const again = topics().watchTopic({ network, topic: 'weather', cursor: end.cursor })[Symbol.asyncIterator]()
    await next(again)
    expect((await next(again)).message?.messageId).toBe(`m${read}`)
    await again.return?.()
  })

  it('one whose next messages are not kept any more is told how to go on with those that are', async () => {
    await service.stop()
    await start({ topicBytes: 1024 * 1024 })
    await declare()
    const stream = topics().watchTopic({ network, topic: 'weather' })[Symbol.asyncIterator]()
    await next(stream)
    for (let i = 0; i < 1_000; i++) net.receive({ ...message(`m${i}`), payload: new Uint8Array(64 * 1024) })
    const end = await refused((async () => { for (let item = await stream.next(); item.done !== true; item = await stream.next()) continue })())
    expect(end).toMatchObject({ status: 'ResourceExhausted', code: 'SERVICE_CLIENT_TOO_SLOW' })
    const again = topics().watchTopic({ network, topic: 'weather', cursor: end.cursor })[Symbol.asyncIterator]()
    await next(again)
    expect((await next(again)).message?.messageId).toBe('m984')
    await again.return?.()
  })

  it('a stream ends when the topic is taken back, and none begins without one', async () => {
    await declare()
    const stream = topics().watchTopic({ network, topic: 'weather' })[Symbol.asyncIterator]()
    await next(stream)
    net.closeTopic('weather')
    expect(await refused(stream.next())).toMatchObject({ status: 'Unavailable', code: 'SERVICE_TOPIC_CLOSED' })
    expect(await refused(topics().watchTopic({ network, topic: 'weather' })[Symbol.asyncIterator]().next())).toMatchObject({ status: 'NotFound', code: 'NET_TOPIC_UNKNOWN' })
  })

  it('are not there where the network is not open, and not for those without the scope', async () => {
    const { token } = await service.api.clients.add('reader', ['read'])
    const reader = createClient(Topics, service.transport('gRPC', token))
    expect(await refused(reader.publish({ network, topic: 'weather' }))).toMatchObject({ status: 'PermissionDenied' })
    expect(await refused(reader.declare({ network, topic: 'weather', maxMessageBytes: 1, messagesPerSecond: 1, burst: 1 }))).toMatchObject({ status: 'PermissionDenied' })
    expect(await refused(topics().declare({ network, topic: 'Weather!', maxMessageBytes: 1, messagesPerSecond: 1, burst: 1 }))).toMatchObject({ status: 'InvalidArgument' })
    expect(await refused(topics().declare({ network, topic: 'weather', maxMessageBytes: 1, messagesPerSecond: 0, burst: 1 }))).toMatchObject({ status: 'InvalidArgument' })
    const node = service.manager.node('dev')
    if (node !== undefined) node.net = undefined
    expect(await refused(topics().listTopics({ network }))).toMatchObject({ status: 'FailedPrecondition', code: 'API_NET_OFF' })
  })
})

it('channels are listed with state, path and figures, and closed or broken off', async () => {
  const channels = createClient(Channels, service.transport())
  const state = { id: 'c-1', peer: PEER, service: 'chat', class: 'normal', direction: 'inbound', open: true, phase: 'open', found: 'inbound', path: 'relayed' } as const
  net.openChannels = [{ state, metrics: { ...NO_TRAFFIC, sent: { messages: 3, bytes: 300 }, rttMs: 12.5 } }, { state: { ...state, id: 'c-2', peer: OTHER, path: undefined }, metrics: { ...NO_TRAFFIC, rttMs: undefined } }]
  net.peerLines = [{ ...NO_TRAFFIC, peer: PEER, channels: 1, path: 'relayed', inFlight: 10, window: Infinity, bytesPerSecond: 1.5, resumed: 1, moved: 2 }]
  expect((await channels.listChannels({ network })).channels.map(({ id }) => id)).toEqual(['c-1', 'c-2'])
  expect((await channels.listChannels({ network, peerId: OTHER })).channels.map(({ id, path, figures }) => [id, path, figures?.roundTripMs])).toEqual([['c-2', '', undefined]])
  expect((await channels.channel({ network, id: 'c-1' })).channel).toMatchObject({ peerId: PEER, service: 'chat', class: 'normal', inbound: true, phase: 'open', path: 'relayed', figures: { messagesSent: 3n, bytesSent: 300n, roundTripMs: 12.5 } })
  expect((await channels.channelPeers({ network })).peers).toMatchObject([{ peerId: PEER, inFlight: 10n, window: BigInt(Number.MAX_SAFE_INTEGER), resumed: 1n, moved: 2n }])
  await channels.closeChannel({ network, id: 'c-1' })
  await channels.closeChannel({ network, id: 'c-2', reset: true })
  expect(net.asked).toEqual(['close c-1', 'reset c-2'])
  expect(await refused(channels.closeChannel({ network, id: 'c-1' }))).toMatchObject({ status: 'NotFound', code: 'SERVICE_CHANNEL_UNKNOWN' })
})

describe('files', () => {
  const resources = () => createClient(Resources, service.transport())
  const progress = { state: 'fetching', length: 1000, wantedBytes: 1000, hadBytes: 250, bytesPerSecond: 50, secondsLeft: 15, peers: [] } as const

  it('are shared, listed and withdrawn', async () => {
    expect((await resources().share({ network, path: '/tmp/a.bin' })).file).toMatchObject({ root: ROOT, size: 48_000_000n, withdrawn: '' })
    net.adding = { path: '/tmp/b.bin', bytes: 5, of: 10 }
    expect(await resources().listShared({ network })).toMatchObject({ files: [{ path: '/tmp/a.bin' }], hashing: { path: '/tmp/b.bin', bytesDone: 5n, bytesTotal: 10n } })
    expect((await resources().unshare({ network, root: `0x${ROOT.toUpperCase()}` })).wasShared).toBe(true)
    expect((await resources().unshare({ network, root: ROOT })).wasShared).toBe(false)
  })

  it('a fetch is watched to its end', async () => {
    await resources().fetch({ network, root: ROOT, path: '/tmp/c.bin', peers: [PEER], size: 1000n, range: { from: 0n, to: 500n } })
    expect(net.fetched[0]?.request).toMatchObject({ root: ROOT, length: 1000, range: { from: 0, to: 500 }, peers: [{ peer: PEER }] })
    const steps = resources().watchFetch({ network, path: '/tmp/c.bin' })[Symbol.asyncIterator]()
    expect((await next(steps)).fetch).toMatchObject({ state: 'waiting', bytesDone: 0n })
    net.change('/tmp/c.bin', { progress: progress as never })
    expect((await next(steps)).fetch).toMatchObject({ state: 'fetching', bytesDone: 250n, bytesTotal: 1000n, bytesPerSecond: 50, secondsLeft: 15 })
    await resources().pause({ network, path: '/tmp/c.bin' })
    expect((await next(steps)).fetch).toMatchObject({ state: 'paused' })
    net.change('/tmp/c.bin', { isPaused: false, outcome: { kind: 'failed', error: new NodeError('NET_RESOURCE_NOBODY', 'Nobody has it.') } as never })
    expect((await next(steps)).fetch).toMatchObject({ state: 'failed', problem: 'Nobody has it.', problemCode: 'NET_RESOURCE_NOBODY' })
    expect((await steps.next()).done).toBe(true)
  })

  it('one that is discarded ends cancelled; what nobody fetches is not watched', async () => {
    await resources().fetch({ network, root: ROOT, path: '/tmp/d.bin' })
    const steps = resources().watchFetch({ network, path: '/tmp/d.bin' })[Symbol.asyncIterator]()
    await next(steps)
    await resources().discard({ network, path: '/tmp/d.bin' })
    expect((await next(steps)).fetch).toMatchObject({ state: 'cancelled' })
    expect((await steps.next()).done).toBe(true)
    expect((await resources().listFetches({ network })).fetches).toEqual([])
    expect(await refused(resources().watchFetch({ network, path: '/tmp/d.bin' })[Symbol.asyncIterator]().next())).toMatchObject({ status: 'NotFound', code: 'SERVICE_FETCH_UNKNOWN' })
    expect(await refused(resources().fetch({ network, root: ROOT, path: '/tmp/d.bin', range: { from: 5n, to: 5n } }))).toMatchObject({ status: 'InvalidArgument' })
  })
})

it('the history of figures: spans, chosen series, and each new sample', async () => {
  const metrics = createClient(Metrics, service.transport())
  const history = service.manager.history('dev')
  await history.load()
  await history.add({ peers: 3, memory: 1000 })
  service.clock.advance(10_000)
  await history.add({ peers: 5 })
  const hour = await metrics.history({ network, series: ['peers', 'memory'] })
  expect([hour.stepSeconds, hour.series.map(({ name, points }) => [name, points.map(({ average }) => average)])]).toEqual([10, [['memory', [1000]], ['peers', [3, 5]]]])
  expect(Number(hour.to?.seconds) - Number(hour.from?.seconds)).toBe(359 * 10)
  const week = await metrics.history({ network, span: HistorySpan.WEEK, series: ['peers'] })
  expect([week.stepSeconds, week.series[0]?.points.map(({ minimum, average, maximum }) => [minimum, average, maximum])]).toEqual([900, [[3, 4, 5]]])
  const watched = metrics.watchHistory({ network })[Symbol.asyncIterator]()
  const sample = watched.next()
  await vi.waitFor(() => expect(history.events.listenerCount('sample')).toBeGreaterThan(0))
  service.clock.advance(10_000)
  await history.add({ peers: 7 })
  expect((await sample).value?.series).toMatchObject([{ name: 'peers', points: [{ average: 7 }] }])
  await watched.return?.()
})

it('traffic is told by protocol and by topic', async () => {
  const traffic = await createClient(Network, service.transport()).traffic({ network })
  expect(traffic.protocols).toHaveLength(1)
  expect(traffic.topics.length).toBe(service.manager.node('dev')?.network.topicStatistics().length)
})
