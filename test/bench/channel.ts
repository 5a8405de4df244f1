/**
 * Channels against a bare libp2p stream over the same connection, and how long what is urgent takes while bulk runs as fast as it goes:
 * over loopback, and over a line of 2 MB/s whose buffers would take seconds to empty. Both nodes are in this process.
 *
 * The two of a pair take turns, and each figure is the median of its turns.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Channel, ChannelClass } from '../../node-core/net/channels/types.ts'
import { channelBetween, ChannelNetwork, type ChannelNode } from '../helpers/channel-nodes.ts'
import { eventually } from '../helpers/network.ts'
import { ShapedLine } from '../helpers/shaped-line.ts'
import type { Report } from './report.ts'
import { roomIn } from '../../node-core/network/stream-room.ts'

const NEVER = new AbortController().signal
const RAW_PROTOCOL = '/raw/1'
const CHUNK = new Uint8Array(64 * 1024).fill(7)
const CHUNKS = 1024
const MEGABYTES = (CHUNKS * CHUNK.length) / 1e6
const ROUNDS = 9
const WARM_UPS = 3
const LATENCY_BUDGET_MS = 50
const SLOW = { bytesPerSecond: 2_000_000, bufferBytes: 256 * 1024 }
const PROBES = 300
const PROBE_INTERVAL_MS = 20

export async function benchChannel(report: Report): Promise<void> {
  const net = new ChannelNetwork()
  try {
    const [a, b] = [await net.start(), await net.start()]
    await throughput(report, a, b)
    await urgency(report, 'loopback', await pairs(a, b))
    const far = await net.start()
    const line = await ShapedLine.start(Number(/tcp\/(\d+)/.exec(b.address)?.[1]), SLOW.bytesPerSecond, SLOW.bufferBytes)
    try {
      await urgency(report, 'a line of 2 MB/s', await pairs(far, { ...b, address: line.addressOf(b.address) }))
      await crowded(report, far, b)
    } finally {
      line.stop()
    }
  } finally {
    await net.stop()
  }
}

async function throughput(report: Report, a: ChannelNode, b: ChannelNode): Promise<void> {
  const channel = await bulkMover(a, b)
  const raw = rawMover(a, b)
  const costs: Record<'channel' | 'raw', Cost[]> = { channel: [], raw: [] }
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
    await channel()
    await raw()
  }
  for (let round = 0; round < ROUNDS; round++) {
    costs.channel.push(await measured(channel))
    costs.raw.push(await measured(raw))
  }
  const seconds = { channel: median(costs.channel.map((cost) => cost.seconds)), raw: median(costs.raw.map((cost) => cost.seconds)) }
  const cpu = { channel: median(costs.channel.map((cost) => cost.cpuMs)), raw: median(costs.raw.map((cost) => cost.cpuMs)) }
  report(
    'channel bytes per second / raw libp2p stream (goal >= 0.85)', seconds.raw / seconds.channel,
    `${(MEGABYTES / seconds.channel).toFixed(0)} MB/s against ${(MEGABYTES / seconds.raw).toFixed(0)} MB/s`,
  )
  report(
    'the same by processor time: raw stream / channel', cpu.raw / cpu.channel,
    `${(cpu.channel / MEGABYTES).toFixed(2)} ms per MB against ${(cpu.raw / MEGABYTES).toFixed(2)} ms per MB`,
  )
}

async function bulkMover(a: ChannelNode, b: ChannelNode): Promise<() => Promise<void>> {
  const [near, far] = await channelBetween(a, b, { class: 'bulk' })
  let received = 0
  far.onMessage((message) => void (received += message.length))
  return async () => {
    const wanted = received + CHUNKS * CHUNK.length
    for (let i = 0; i < CHUNKS; i++) await near.send(CHUNK, { confirm: i === CHUNKS - 1 })
    if (received !== wanted) throw new Error(`${received} of ${wanted} bytes came`)
  }
}

function rawMover(a: ChannelNode, b: ChannelNode): () => Promise<void> {
  let received = 0
  b.network.streams.serve(RAW_PROTOCOL, { perPeer: 2, relayed: false }, ({ stream }) => {
    stream.addEventListener('message', ({ data }) => void (received += data.byteLength))
    stream.addEventListener('end', () => void stream.close().catch(() => undefined))
  })
  return async () => {
    const { stream } = await a.network.streams.open(b.id, [RAW_PROTOCOL])
    const wanted = received + CHUNKS * CHUNK.length
    const ended = new Promise((resolve) => stream.addEventListener('remoteCloseWrite', resolve))
    for (let i = 0; i < CHUNKS; i++) if (!stream.send(CHUNK)) await roomIn(stream, NEVER)
    await stream.close()
    await ended
    if (received !== wanted) throw new Error(`${received} of ${wanted} bytes came`)
  }
}

interface Pairs {
  readonly bulk: [Channel, Channel]
  readonly control: [Channel, Channel]
}

async function pairs(a: ChannelNode, b: ChannelNode): Promise<Pairs> {
  const open = (name: ChannelClass): Promise<[Channel, Channel]> => channelBetween(a, b, { class: name })
  return { bulk: await open('bulk'), control: await open('control') }
}

/** One way of a control message, alone and beside bulk at full speed. */
async function urgency(report: Report, where: string, { bulk, control }: Pairs): Promise<void> {
  const alone = await probe(control)
  let received = 0
  const stop = bulk[1].onMessage((message) => void (received += message.length))
  let isRunning = true
  const running = (async () => {
    while (isRunning) await bulk[0].send(CHUNK)
  })()
  await eventually(() => received > 4_000_000, 'bulk')
  const [begin, before] = [performance.now(), received]
  // What the computer itself was late: both ends, and the line, wait for this one process.
  const lateness = monitorEventLoopDelay({ resolution: 2 })
  lateness.enable()
  const beside = await probe(control)
  lateness.disable()
  const rate = (received - before) / (performance.now() - begin) / 1000
  isRunning = false
  await running
  stop()
  bulk[0].reset()
  report(
    `control beside bulk over ${where}, p99 / ${LATENCY_BUDGET_MS} ms (goal <= 1)`, at(beside, 0.99) / LATENCY_BUDGET_MS,
    `p50 ${at(beside, 0.5).toFixed(1)} ms, p99 ${at(beside, 0.99).toFixed(1)} ms, alone p50 ${at(alone, 0.5).toFixed(1)} ms; bulk ${rate.toFixed(1)} MB/s; the process was late by ${(lateness.percentile(99) / 1e6).toFixed(0)} ms at p99`,
  )
}

/** The counterpart: an urgent message on a bare stream beside a bare stream that is full. */
async function crowded(report: Report, a: ChannelNode, b: ChannelNode): Promise<void> {
  const times: number[] = []
  b.network.streams.serve('/raw-control/1', { perPeer: 1, relayed: false }, ({ stream }) =>
    stream.addEventListener('message', ({ data }) => void times.push(performance.now() - sentAt(data.subarray()))),
  )
  const control = (await a.network.streams.open(b.id, ['/raw-control/1'])).stream
  const bulk = (await a.network.streams.open(b.id, [RAW_PROTOCOL])).stream
  let isRunning = true
  const running = (async () => {
    for (; isRunning; await new Promise((resolve) => setImmediate(resolve))) if (!bulk.send(CHUNK)) await roomIn(bulk, NEVER)
  })()
  await new Promise((resolve) => setTimeout(resolve, 2000))
  for (let i = 0; i < PROBES / 10; i++) {
    control.send(stamped())
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
  }
  await eventually(() => times.length >= 1, 'a message')
  isRunning = false
  bulk.abort(new Error('measured'))
  control.abort(new Error('measured'))
  await running.catch(() => undefined)
  const sorted = times.toSorted((x, y) => x - y)
  report('the same over bare streams, p99 / 50 ms', at(sorted, 0.99) / LATENCY_BUDGET_MS, `p50 ${at(sorted, 0.5).toFixed(1)} ms, p99 ${at(sorted, 0.99).toFixed(1)} ms, ${sorted.length} came`)
}

/** Sorted milliseconds. */
async function probe([near, far]: [Channel, Channel]): Promise<number[]> {
  const times: number[] = []
  const stop = far.onMessage((message) => void times.push(performance.now() - sentAt(message)))
  for (let i = 0; i < PROBES; i++) {
    await near.send(stamped())
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
  }
  await eventually(() => times.length === PROBES, 'every message')
  stop()
  return times.sort((a, b) => a - b)
}

function stamped(): Uint8Array {
  const message = new Uint8Array(100)
  new DataView(message.buffer).setFloat64(0, performance.now())
  return message
}

function sentAt(message: Uint8Array): number {
  return new DataView(message.buffer, message.byteOffset).getFloat64(0)
}

interface Cost {
  readonly seconds: number
  readonly cpuMs: number
}

async function measured(task: () => Promise<void>): Promise<Cost> {
  const start = performance.now()
  const cpu = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - start) / 1000, cpuMs: (user + system) / 1000 }
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.floor(part * (sorted.length - 1))] as number
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
