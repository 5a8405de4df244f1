import { createServer, request, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, silentLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { CoreTimings } from '../../../node-core/chain/core/timings.ts'
import { coreMetrics } from '../../../node-core/chain/core/metrics.ts'
import { MetricsService } from '../../../node-core/metrics/metrics-service.ts'
import { ProcessMetrics } from '../../../node-core/metrics/process.ts'
import { byLabel, oneOf, type MetricDefinition } from '../../../node-core/base/metric.ts'
import { MAX_SERIES, MetricRegistry } from '../../../node-core/metrics/registry.ts'
import { networkMetrics } from '../../../node-core/network/metrics.ts'
import { declareStateMetrics } from '../../../node-core/chain/state/metrics.ts'
import { joiningMetrics } from '../../../node-core/chain/joining/metrics.ts'
import { syncMetrics } from '../../../node-core/chain/sync/metrics.ts'
import { FakeNetwork, PEERS, fakePeer, fakeTopic } from '../../helpers/fake-network.ts'
import { fetchingState } from '../../helpers/joining-status.ts'
import { parseMetrics, valueOf } from '../../helpers/prometheus.ts'
import { FakeChain, syncStatus } from '../chain/rpc/fakes.ts'
import { grandpaMetrics } from '../../../node-core/chain/core/engines/grandpa/metrics.ts'

const gauge = (name: string, read: MetricDefinition['read'], labels: readonly string[] = []): MetricDefinition => ({ name, help: 'Help.', type: 'gauge', labels, read })

describe('the registry', () => {
  it('reads when it is asked, and writes what Prometheus reads', async () => {
    const registry = new MetricRegistry(silentLogger, { chain: 'dev' })
    let value = 1
    registry.declare(
      gauge('g', () => value),
      { name: 'c_total', help: 'Counts.', type: 'counter', labels: ['direction'], read: () => byLabel('direction', { in: value, out: 10 }) },
    )
    expect(valueOf(parseMetrics(await registry.text()), 'g', { chain: 'dev' })).toBe(1)
    value = 5
    const series = parseMetrics(await registry.text())
    expect([valueOf(series, 'g'), valueOf(series, 'c_total', { direction: 'in' }), valueOf(series, 'c_total', { direction: 'out' })]).toEqual([5, 5, 10])
    expect(await registry.text()).toContain('# TYPE c_total counter')
    expect(registry.read()[1]).toMatchObject({ name: 'c_total', type: 'counter', samples: [{ labels: { direction: 'in' }, value: 5 }, { value: 10 }] })
  })

  it('shows nothing where there is no figure: no zero, no NaN', async () => {
    const registry = new MetricRegistry(silentLogger)
    registry.declare(
      gauge('absent', () => undefined),
      gauge('nan', () => NaN),
      gauge('endless', () => [{ labels: { a: 'b' }, value: Infinity }], ['a']),
      { name: 'absent_total', help: 'Help.', type: 'counter', read: () => undefined },
      { name: 'negative_total', help: 'Help.', type: 'counter', read: () => -1 },
    )
    expect(parseMetrics(await registry.text())).toEqual([])
  })

  it('goes on without a metric that cannot be read, and says so once', async () => {
    const logs: LogRecord[] = []
    const registry = new MetricRegistry(createLogger([(record) => logs.push(record)]))
    registry.declare(gauge('broken', () => { throw new Error('not running') }), gauge('fine', () => 1))
    await registry.text()
    expect(parseMetrics(await registry.text()).map(({ name }) => name)).toEqual(['fine'])
    expect(logs.map(({ fields }) => fields)).toEqual([{ name: 'broken', reason: 'not running' }])
  })

  it('bounds the series of a metric', async () => {
    const registry = new MetricRegistry(silentLogger)
    registry.declare(gauge('many', () => Array.from({ length: 1000 }, (_, i) => ({ labels: { id: String(i) }, value: i })), ['id']))
    expect(parseMetrics(await registry.text())).toHaveLength(MAX_SERIES)
  })

  it('has each name once, and forgets all of them when told', async () => {
    const registry = new MetricRegistry(silentLogger)
    registry.declare(gauge('one', () => 1))
    expect(() => registry.declare(gauge('one', () => 2))).toThrow('one')
    registry.clear()
    expect([await registry.text(), registry.read()]).toEqual(['\n', []])
  })

  it('escapes labels', async () => {
    const registry = new MetricRegistry(silentLogger)
    registry.declare(gauge('odd', () => [{ labels: { name: 'a "b"\n\\c' }, value: 1 }], ['name']))
    expect(parseMetrics(await registry.text())[0]?.labels).toEqual({ name: 'a \\"b\\"\\n\\\\c' })
  })

  it('shows which state it is', () => {
    expect(oneOf('state', ['a', 'b'], 'b')).toEqual([{ labels: { state: 'a' }, value: 0 }, { labels: { state: 'b' }, value: 1 }])
  })
})

describe('the metrics of the folders', () => {
  const collect = async (...definitions: readonly MetricDefinition[]) => {
    const registry = new MetricRegistry(silentLogger)
    registry.declare(...definitions)
    const text = await registry.text()
    return { text, series: parseMetrics(text) }
  }

  it('network: peers, slots, bytes, topics; never who a peer is', async () => {
    const network = new FakeNetwork()
    network.details = [
      fakePeer(PEERS[0], { latencyMs: 10 }),
      fakePeer(PEERS[1], { direction: 'inbound', slot: 'inbound', latencyMs: 500 }),
      fakePeer(PEERS[2], { slot: undefined, topics: [], latencyMs: undefined }),
    ]
    network.bytes = { bytesIn: 7, bytesOut: 9 }
    network.topics = [fakeTopic({ messagesIn: 3, duplicates: 2, bytesOut: 11, subscribers: 2, reasons: { stale: 1 } })]
    const { series, text } = await collect(...networkMetrics(network))
    const value = (name: string, labels = {}) => valueOf(series, name, labels)
    expect(value('substrate_sub_libp2p_peers_count')).toBe(2)
    expect(value('substrate_sub_libp2p_network_bytes_total', { direction: 'out' })).toBe(9)
    expect(value('nodestead_network_connections', { direction: 'outbound' })).toBe(2)
    expect(['inbound', 'outbound', 'reserved', 'none'].map((slot) => value('nodestead_network_slots', { slot }))).toEqual([1, 1, 0, 1])
    expect(value('nodestead_network_peer_latency_seconds')).toBe(0.5)
    expect(value('nodestead_network_topic_messages_total', { topic: 'block-announces', direction: 'in' })).toBe(3)
    expect(value('nodestead_network_topic_outcomes_total', { topic: 'block-announces', outcome: 'duplicates' })).toBe(2)
    expect(value('nodestead_network_topic_reasons_total', { reason: 'stale' })).toBe(1)
    expect(value('nodestead_network_protocol_bytes_total', { protocol: '/sync/2', direction: 'in' })).toBe(7)
    network.natState = { status: 'mapped', mappings: [], reachable: true }
    const later = await collect(...networkMetrics(network))
    expect(['off', 'mapped'].map((state) => valueOf(later.series, 'nodestead_network_nat', { state }))).toEqual([0, 1])
    expect([value('nodestead_network_reachable'), valueOf(later.series, 'nodestead_network_reachable')]).toEqual([0, 1])
    expect(text).not.toMatch(/12D3Koo|192\.0\.2/)
  })

  it('sync: the status, and nothing while the syncer does not run', async () => {
    const running = await collect(...syncMetrics({ status: () => ({ ...syncStatus(0, 5, 50), queuedBlocks: 4, stalled: { reason: 'no-usable-peers', forMs: 1 } }) }, () => false))
    expect(valueOf(running.series, 'substrate_sync_queued_blocks')).toBe(4)
    expect(valueOf(running.series, 'nodestead_sync_state', { state: 'syncing' })).toBe(1)
    expect(valueOf(running.series, 'nodestead_sync_stalled', { reason: 'no-usable-peers' })).toBe(1)
    expect(valueOf(running.series, 'substrate_sub_libp2p_is_major_syncing')).toBe(0)
    const behind = await collect(...syncMetrics({ status: () => ({ ...syncStatus(0, 5, 50), state: 'major-sync' }) }, () => false))
    expect(valueOf(behind.series, 'substrate_sub_libp2p_is_major_syncing')).toBe(1)
    const stopped = await collect(...syncMetrics({ status: () => undefined }, () => false))
    expect(stopped.series.every(({ value }) => value === 0)).toBe(true)
    expect(stopped.series.some(({ name }) => name === 'substrate_sync_peers')).toBe(false)
    const joining = await collect(...syncMetrics({ status: () => undefined }, () => true))
    expect(valueOf(joining.series, 'substrate_sub_libp2p_is_major_syncing')).toBe(1)
  })

  it('joining: the stage and its figures, and nothing once the chain is joined', async () => {
    const { series } = await collect(...joiningMetrics({ status: () => fetchingState() }))
    expect(['proofs', 'state'].map((stage) => valueOf(series, 'nodestead_joining_stage', { stage }))).toEqual([0, 1])
    expect([valueOf(series, 'nodestead_joining_state_bytes'), valueOf(series, 'nodestead_joining_proof_fragments')]).toEqual([412_000_000, 1_604])
    const joined = await collect(...joiningMetrics({ status: () => undefined }))
    expect(joined.series.every(({ name, value }) => name === 'nodestead_joining_stage' && value === 0)).toBe(true)
  })

  it('state: heights, and what happened since the start', async () => {
    const chain = new FakeChain()
    const registry = new MetricRegistry(silentLogger)
    const clock = new FakeClock()
    const detach = declareStateMetrics(registry, chain, clock, () => 10)
    chain.import()
    clock.advance(6_500)
    chain.import()
    const series = parseMetrics(await registry.text())
    expect(['best', 'finalized', 'sync_target'].map((status) => valueOf(series, 'substrate_block_height', { status }))).toEqual([2, 0, 10])
    expect(valueOf(series, 'nodestead_blocks_imported_total')).toBe(2)
    expect(valueOf(series, 'nodestead_best_block_intervals_total')).toBe(1)
    expect(valueOf(series, 'nodestead_best_block_interval_seconds_total')).toBe(6.5)
    detach()
    expect(chain.listeners).toBe(0)
  })

  it('core: the pool, the voter and the role', async () => {
    const pool = { status: () => ({ ready: 3, readyBytes: 300, future: 1, futureBytes: 90 }) }
    const timings = new CoreTimings()
    timings.made(60, 4)
    timings.made(20_000, 2)
    timings.imported(30)
    const { series } = await collect(...coreMetrics({ pool, timings }, 'authority'), ...grandpaMetrics({ position: { round: 8, setId: 2 } }))
    expect(valueOf(series, 'substrate_ready_transactions_number')).toBe(3)
    expect(valueOf(series, 'nodestead_pool_bytes', { queue: 'future' })).toBe(90)
    expect([valueOf(series, 'substrate_finality_grandpa_round'), valueOf(series, 'substrate_node_roles')]).toEqual([8, 4])
    const made = (le: string) => valueOf(series, 'substrate_proposer_block_constructed_bucket', { le })
    expect([made('0.05'), made('0.1'), made('10'), made('+Inf')]).toEqual([0, 1, 1, 2])
    expect(valueOf(series, 'substrate_proposer_block_constructed_sum')).toBeCloseTo(20.06)
    expect(valueOf(series, 'substrate_proposer_number_of_transactions')).toBe(2)
    expect(valueOf(series, 'substrate_block_verification_and_import_time_count')).toBe(1)
  })
})

describe('the process', () => {
  it('is measured while the node runs, and leaves no timer behind', async () => {
    const clock = new FakeClock()
    const metrics = new ProcessMetrics(clock)
    const registry = new MetricRegistry(silentLogger)
    metrics.declare(registry)
    expect(metrics.eventLoopDelay()).toEqual([])
    await metrics.start()
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 12))
    clock.advance(60_000)
    expect(metrics.eventLoopDelay().map(({ labels }) => labels['quantile'])).toEqual(['0.5', '0.99', '1'])
    const series = parseMetrics(await registry.text())
    expect(valueOf(series, 'process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(Math.abs(valueOf(series, 'process_start_time_seconds') - (Date.now() / 1000 - process.uptime()))).toBeLessThan(5)
    await metrics.stop()
    expect([clock.nextDue(), metrics.eventLoopDelay()]).toEqual([undefined, []])
  })
})

describe('the endpoint', () => {
  const cleanUp: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const clean of cleanUp.splice(0).reverse()) await clean()
  })

  const start = async (options: Partial<ConstructorParameters<typeof MetricsService>[1]> = {}, text: () => Promise<string> = async () => 'one 1\n', health = { peers: 3, isSyncing: false, shouldHavePeers: true }) => {
    const logs: LogRecord[] = []
    const service = new MetricsService(
      { source: { contentType: 'text/plain; version=0.0.4', text }, health: () => health, logger: createLogger([(record) => logs.push(record)]) },
      { enabled: true, port: 0, fallback: false, external: false, ...options },
    )
    await service.start()
    cleanUp.push(() => service.stop())
    return { service, logs, address: service.address as string }
  }
  const occupy = async (): Promise<number> => {
    const server: Server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => new Promise((resolve) => server.close(() => resolve())))
    return (server.address() as AddressInfo).port
  }

  it('serves the text at /metrics, on loopback', async () => {
    const { address, service } = await start()
    const response = await fetch(address)
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'text/plain; version=0.0.4', 'one 1\n'])
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(address, { method: 'POST' })).status).toBe(405)
    expect((await fetch(address.replace('metrics', ''))).status).toBe(404)
    await service.stop()
    await service.stop()
    expect(service.address).toBeUndefined()
    await expect(fetch(address)).rejects.toThrow()
  })

  it('tells whether it lives, and whether it is of use', async () => {
    const asked = async (health?: { peers: number; isSyncing: boolean; shouldHavePeers: boolean }) => {
      const { address } = await start({}, undefined, health)
      const [live, ready] = [await fetch(address.replace('metrics', 'health')), await fetch(address.replace('metrics', 'health/readiness'))]
      return [live.status, ready.status, ((await live.json()) as { peers: number }).peers]
    }
    expect(await asked()).toEqual([200, 200, 3])
    expect(await asked({ peers: 0, isSyncing: false, shouldHavePeers: true })).toEqual([200, 503, 0])
    expect(await asked({ peers: 5, isSyncing: true, shouldHavePeers: true })).toEqual([200, 503, 5])
  })

  it('reads once for all who ask at that moment', async () => {
    let reads = 0
    const { address } = await start({}, async () => `x ${++reads}\n`)
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    cleanUp.push(async () => void socket.destroy())
    // Sent at once, they are heard at once.
    socket.write(`GET /metrics HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`.repeat(3))
    let answers = ''
    for await (const chunk of socket) if ((answers += String(chunk)).match(/^x \d+$/gm)?.length === 3) break
    expect([reads, answers.match(/^x \d+$/gm)]).toEqual([1, ['x 1', 'x 1', 'x 1']])
  })

  it('refuses a foreign host name, unless it is there for others', async () => {
    const statusAs = (address: string, host: string) =>
      new Promise<number | undefined>((resolve) => {
        const { port } = new URL(address)
        request({ port, host: '127.0.0.1', path: '/metrics', headers: { host } }, (response) => resolve(response.resume().statusCode)).end()
      })
    const { address } = await start()
    expect([await statusAs(address, 'evil.example'), await statusAs(address, 'localhost:1')]).toEqual([403, 200])
    const open = await start({ external: true })
    expect(await statusAs(open.address, 'node.example')).toBe(200)
  })

  it('says whose port it wanted and what to do', async () => {
    const port = await occupy()
    await expect(start({ port })).rejects.toMatchObject({ code: 'METRICS_PORT_IN_USE', message: expect.stringContaining(String(port)), hint: expect.stringContaining('--prometheus-port') })
  })

  it('takes another port where nobody asked for this one, and says so', async () => {
    const port = await occupy()
    const { address, logs } = await start({ port, fallback: true })
    expect((await fetch(address)).status).toBe(200)
    expect(logs.find(({ level }) => level === 'warn')?.fields).toEqual({ port, address })
  })

  it('is not there where it is off', async () => {
    const { service } = await start({ enabled: false })
    expect(service.address).toBeUndefined()
  })

  it('survives a registry that fails', async () => {
    const { address, logs } = await start({}, () => Promise.reject(new Error('broken')))
    expect((await fetch(address)).status).toBe(500)
    expect(logs.some(({ level, fields }) => level === 'warn' && fields?.['reason'] === 'broken')).toBe(true)
  })
})
