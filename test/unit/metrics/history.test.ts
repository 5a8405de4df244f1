/** The history of metrics: archives in a file, gaps, restarts, damage, and rates from counters. */
import { mkdtemp, readFile, rm, stat, truncate, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { COUNT_INTERVAL_MS, DiskMeter } from '../../../node-core/metrics/disk-use.ts'
import { RECORD_BYTES } from '../../../node-core/metrics/history/history-archive.ts'
import { fileStore, HISTORY_FILE } from '../../../node-core/metrics/history/history-file.ts'
import { HistorySampler } from '../../../node-core/metrics/history/history-sampler.ts'
import { SPANS, type SeriesId, type SpanId } from '../../../node-core/metrics/history/history-series.ts'
import { MetricsHistory } from '../../../node-core/metrics/history/history.ts'
import type { MetricFamily } from '../../../node-core/metrics/registry.ts'

/** A full quarter of an hour in 2026. */
const START = 1_790_000_100_000
const HEADER_BYTES = 64
const disk = { dataBytes: 5_000, measure: async () => ({ dataBytes: 5_000, freeBytes: 1, totalBytes: 2 }) }

let folder: string
let clock: FakeClock
let logs: LogRecord[]
let history: MetricsHistory

const open = (): MetricsHistory => new MetricsHistory({ store: fileStore(folder), disk, clock, logger: createLogger([(record) => logs.push(record)]) })
const file = () => join(folder, HISTORY_FILE)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-history-'))
  clock = new FakeClock(START)
  logs = []
  history = open()
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** The last `count` values of a series. */
function last(from: MetricsHistory, span: SpanId, series: SeriesId, count: number, stat: 'min' | 'avg' | 'max' = 'avg') {
  return from.table(span).series[series][stat]?.slice(-count)
}

async function fill(values: readonly number[]): Promise<void> {
  for (const [i, peers] of values.entries()) {
    if (i > 0) clock.advance(10_000)
    await history.add({ peers })
  }
}

describe('the archives', () => {
  it('hold the last hour sample by sample, the newest last', async () => {
    await fill([1, 2, 3])
    const table = history.table('hour')
    expect(table.times).toHaveLength(SPANS.hour.slots)
    expect(table.times.at(-1)).toBe(START / 1000 + 20)
    expect(table.times[0]).toBe(START / 1000 + 20 - 3590)
    expect(last(history, 'hour', 'peers', 4)).toEqual([null, 1, 2, 3])
    expect(table.series.peers.min).toBeUndefined()
    expect(last(history, 'hour', 'cpu', 2)).toEqual([null, null])
  })

  it('put longer spans together: least, mean and most', async () => {
    await fill([2, 4, 9, 1])
    expect((['min', 'avg', 'max'] as const).map((stat) => last(history, 'day', 'peers', 1, stat))).toEqual([[1], [4], [9]])
    expect(last(history, 'week', 'peers', 2)).toEqual([null, 4])
    clock.advance(120_000)
    await history.add({ peers: 7 })
    expect(last(history, 'day', 'peers', 2)).toEqual([4, 7])
    expect(last(history, 'week', 'peers', 1)).toEqual([4.6])
  })

  it('show what was not measured as a gap, and forget what is older than the span', async () => {
    await fill([1])
    clock.advance(30_000)
    await history.add({ peers: 2 })
    expect(last(history, 'hour', 'peers', 5)).toEqual([null, 1, null, null, 2])
    clock.advance(3_600_000)
    expect(last(history, 'hour', 'peers', 360)?.every((value) => value === null)).toBe(true)
    await history.add({ peers: 3 })
    expect(last(history, 'hour', 'peers', 360)?.filter((value) => value !== null)).toEqual([3])
    expect(last(history, 'day', 'peers', 31)?.filter((value) => value !== null)).toEqual([1.5, 3])
  })

  it('give the newest slot to whoever watches', async () => {
    let heard = 0
    history.events.on('sample', () => heard++)
    await fill([1, 3])
    expect(heard).toBe(2)
    expect(history.newest('hour')).toEqual({ time: START / 1000 + 10, values: { peers: { min: 3, avg: 3, max: 3 } } })
    expect(history.newest('week')).toEqual({ time: START / 1000, values: { peers: { min: 1, avg: 2, max: 3 } } })
  })
})

describe('the file', () => {
  it('is there after a restart, and a slot that was under way goes on', async () => {
    await fill([2, 4])
    const size = (await stat(file())).size
    clock.advance(20_000)
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 5)).toEqual([null, 2, 4, null, null])
    await history.add({ peers: 9 })
    expect(last(history, 'day', 'peers', 1)).toEqual([5])
    expect((await stat(file())).size).toBe(size)
    expect(size).toBe(HEADER_BYTES + RECORD_BYTES * (360 + 720 + 672))
    expect(logs).toEqual([])
  })

  it('keeps its size however long it runs', async () => {
    await fill([1])
    const { size } = await stat(file())
    for (let i = 0; i < 400; i++) {
      clock.advance(10_000)
      await history.add({ peers: i })
    }
    expect((await stat(file())).size).toBe(size)
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 360)?.[0]).toBe(40)
  })

  it('loses a record to a torn write, and no more', async () => {
    await fill([1, 2, 3])
    const bytes = await readFile(file())
    const place = ((START / 1000 + 10) / 10) % 360
    bytes.fill(0xff, HEADER_BYTES + place * RECORD_BYTES + 20, HEADER_BYTES + place * RECORD_BYTES + 60)
    await writeFile(file(), bytes)
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 3)).toEqual([1, null, 3])
    expect(logs.map(({ level, fields }) => [level, fields])).toEqual([['warn', { records: 1 }]])
  })

  it('that was cut short keeps what is left of it', async () => {
    await fill([1, 2])
    await truncate(file(), HEADER_BYTES + 360 * RECORD_BYTES + 5)
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 2)).toEqual([1, 2])
    expect(last(history, 'day', 'peers', 1)).toEqual([null])
    await history.add({ peers: 3 })
    history = open()
    await history.load()
    expect(last(history, 'day', 'peers', 1)).toEqual([2])
  })

  it.each([
    ['another version', async () => writeFile(file(), Buffer.concat([Buffer.from('NSTDHIST'), Buffer.alloc(300_000, 9)]))],
    ['nothing', async () => writeFile(file(), '')],
    ['a folder', async () => mkdir(file())],
  ])('that is %s costs its history, never the start', async (_what, damage) => {
    await damage()
    await history.load()
    await history.add({ peers: 5 })
    expect(last(history, 'hour', 'peers', 1)).toEqual([5])
    expect(logs[0]?.message).toContain('starts over')
    await rm(file(), { recursive: true, force: true })
    await history.add({ peers: 6 })
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 1)).toEqual([6])
  })

  it('that cannot be written is said once, and comes whole when it can', async () => {
    await rm(folder, { recursive: true })
    await fill([1, 2])
    expect(logs.map(({ message }) => message)).toEqual(['the metrics history cannot be written'])
    await mkdir(folder)
    clock.advance(10_000)
    await history.add({ peers: 3 })
    history = open()
    await history.load()
    expect(last(history, 'hour', 'peers', 3)).toEqual([1, 2, 3])
  })
})

describe('sampling', () => {
  const reading = (families: () => readonly MetricFamily[]) => ({ read: families })
  const gauge = (name: string, value: number): MetricFamily => ({ name, help: '', type: 'gauge', samples: [{ labels: {}, value }] })

  it('happens once in every slot while the node runs, and leaves no timer behind', async () => {
    let peers = 1
    clock.advance(3_333)
    history.start(reading(() => [gauge('substrate_sub_libp2p_peers_count', peers++)]))
    clock.advance(60_000)
    await history.stop()
    expect(clock.nextDue()).toBeUndefined()
    expect(last(history, 'hour', 'peers', 7)).toEqual([null, 2, 3, 4, 5, 6, null])
    expect(last(history, 'hour', 'dataSize', 2)).toEqual([5000, null])
    clock.advance(60_000)
    expect(last(history, 'hour', 'peers', 1)).toEqual([null])
  })

  const counters = (bytesIn: number, cpu: number, more: readonly MetricFamily[] = []): MetricFamily[] => [
    { name: 'substrate_sub_libp2p_network_bytes_total', help: '', type: 'counter', samples: [{ labels: { direction: 'in' }, value: bytesIn }, { labels: { direction: 'out' }, value: 0 }] },
    gauge('process_cpu_seconds_total', cpu),
    ...more,
  ]

  it('makes rates of counters, and none up', () => {
    const sampler = new HistorySampler()
    expect(sampler.sample(counters(1_000, 1), 100)).toEqual({})
    expect(sampler.sample(counters(6_000, 1.5), 110)).toEqual({ bytesIn: 500, bytesOut: 0, cpu: 0.05 })
    // The node was started again: its counters are others.
    expect(sampler.sample(counters(100, 2), 120)).toEqual({ bytesOut: 0, cpu: 0.05 })
    // The computer slept.
    expect(sampler.sample(counters(900_000, 3), 9_000)).toEqual({})
    // Its clock was turned back.
    expect(sampler.sample(counters(900_100, 4), 8_000)).toEqual({})
    expect(sampler.sample(counters(900_200, 5), 8_010)).toEqual({ bytesIn: 10, bytesOut: 0, cpu: 0.1 })
  })

  it('tells the time between blocks, also while one is late, and none while it catches up', () => {
    const sampler = new HistorySampler()
    const blocks = (count: number, seconds: number, isBehind = 0) => [
      gauge('nodestead_best_block_intervals_total', count),
      gauge('nodestead_best_block_interval_seconds_total', seconds),
      gauge('substrate_sub_libp2p_is_major_syncing', isBehind),
    ]
    const times = [blocks(0, 0, 1), blocks(500, 10, 1), blocks(501, 16), blocks(503, 28), blocks(503, 28), blocks(503, 28), blocks(504, 51)]
    expect(times.map((families, i) => sampler.sample(families, i * 10).blockTime)).toEqual([undefined, undefined, 6, 6, 10, 20, 23])
  })

  it('reads the finality lag, the pool, and the pace of a sync while there is one', () => {
    const state = (syncing: number, best = 12, finalized = 9): MetricFamily[] => [
      { name: 'substrate_block_height', help: '', type: 'gauge', samples: [{ labels: { status: 'best' }, value: best }, { labels: { status: 'finalized' }, value: finalized }] },
      { name: 'nodestead_pool_transactions', help: '', type: 'gauge', samples: [{ labels: { queue: 'ready' }, value: 3 }, { labels: { queue: 'future' }, value: 1 }] },
      { name: 'nodestead_sync_state', help: '', type: 'gauge', samples: [{ labels: { state: 'syncing' }, value: syncing }] },
      gauge('nodestead_sync_blocks_per_second', 80),
    ]
    expect(new HistorySampler().sample(state(1), 0)).toEqual({ finalityLag: 3, poolReady: 3, poolFuture: 1, syncRate: 80 })
    expect(new HistorySampler().sample(state(0), 0).syncRate).toBeUndefined()
    expect(new HistorySampler().sample(state(1, 0, 0), 0).finalityLag).toBeUndefined()
  })
})

describe('the room on disk', () => {
  it('is counted once in a while, and free space is of the nearest folder that exists', async () => {
    const meter = new DiskMeter(folder, clock)
    await mkdir(join(folder, 'db'))
    await writeFile(join(folder, 'db', 'a'), Buffer.alloc(1000))
    await writeFile(join(folder, 'b'), Buffer.alloc(234))
    expect(meter.dataBytes).toBeUndefined()
    const [use] = await Promise.all([meter.measure(), meter.measure()])
    expect(use.dataBytes).toBe(1234)
    expect(use.freeBytes).toBeGreaterThan(0)
    expect(use.totalBytes).toBeGreaterThanOrEqual(use.freeBytes ?? Infinity)
    await writeFile(join(folder, 'c'), Buffer.alloc(1))
    expect((await meter.measure()).dataBytes).toBe(1234)
    clock.advance(COUNT_INTERVAL_MS)
    expect((await meter.measure()).dataBytes).toBe(1235)
    const absent = await new DiskMeter(join(folder, 'not', 'there'), clock).measure()
    expect([absent.dataBytes, absent.totalBytes]).toEqual([0, use.totalBytes])
  })
})
