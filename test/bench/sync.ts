/**
 * Syncing: a node that joins late, in a process of its own and served by another process over loopback; and what the
 * requests for blocks cost above a bare stream, both ends in this process.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { calmMuxer } from '../../node-core/network/host.ts'
import { requestBlocks } from '../../node-core/network/requests/index.ts'
import { syncHandler } from '../../node-core/network/requests/sync.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { BlockChain } from '../helpers/block-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { RecordingTopic, TestNetwork, eventually } from '../helpers/network.ts'
import type { Report } from './report.ts'
import type { FollowSample } from './sync-node.ts'

const BLOCKS = 2000
const GOAL_BLOCKS_PER_SECOND = 300
const GOAL_DELAY_MS = 50
const LATE_NODES = 2

/** Blocks of the transfer, bytes of each body, and how often all of it is moved. */
const TRANSFER = { blocks: 512, bodyBytes: 64 * 1024, rounds: 3 }
const RAW_PROTOCOL = '/raw/1'
const RAW_CHUNK = 64 * 1024

export async function benchSync(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-sync-'))
  let server: ChildProcessByStdio<Writable, Readable, null> | undefined
  try {
    const author = await DevNode.start({ basePath: join(folder, 'served') })
    await author.leaps(BLOCKS, 2)
    const height = author.node.blocks.best().number
    await author.stop()
    server = syncNode('serve', join(folder, 'served'))
    const address = await firstLine(server.stdout)
    for (let late = 1; late <= LATE_NODES; late++) {
      const child = syncNode('follow', join(folder, `late-${late}`), address, String(height))
      const { blocks, seconds, cpuMsPerBlock, delayP99Ms, delayMaxMs } = JSON.parse(await firstLine(child.stdout)) as FollowSample
      const speed = blocks / seconds
      const detail = `${speed.toFixed(0)} blocks/s over ${blocks} blocks, ${cpuMsPerBlock.toFixed(2)} ms of CPU per block`
      report(`late node ${late}: blocks per second / ${GOAL_BLOCKS_PER_SECOND} (goal >= 1)`, speed / GOAL_BLOCKS_PER_SECOND, detail)
      report(`late node ${late}: event-loop delay p99 / ${GOAL_DELAY_MS} ms (goal <= 1)`, delayP99Ms / GOAL_DELAY_MS, `p99 ${delayP99Ms.toFixed(1)} ms, max ${delayMaxMs.toFixed(1)} ms`)
    }
  } finally {
    server?.stdin.end()
    if (server !== undefined) await new Promise((resolve) => server?.once('exit', resolve))
    await rm(folder, { recursive: true, force: true })
  }
}

function syncNode(...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const flags = process.env['NODESTEAD_CPU_PROF'] !== undefined && args[0] === 'follow' ? ['--cpu-prof', `--cpu-prof-dir=${process.env['NODESTEAD_CPU_PROF']}`] : []
  return spawn(process.execPath, [...flags, join(import.meta.dirname, 'sync-node.ts'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line
  throw new Error('the node ended without a word')
}

/** The requests and the bare stream in turns, so that whatever else the computer does burdens both. */
export async function benchTransfer(report: Report): Promise<void> {
  const sync = await syncPair()
  const raw = await rawPair()
  const seconds = { sync: 0, raw: 0 }
  try {
    await sync.move()
    await raw.move()
    for (let round = 0; round < TRANSFER.rounds; round++) {
      seconds.sync += await timed(() => sync.move())
      seconds.raw += await timed(() => raw.move())
    }
  } finally {
    await sync.stop()
    await raw.stop()
  }
  const megabytes = (TRANSFER.rounds * TRANSFER.blocks * TRANSFER.bodyBytes) / 1e6
  report(
    'sync bytes per second / raw libp2p stream (goal >= 0.8)', seconds.raw / seconds.sync,
    `${(megabytes / seconds.sync).toFixed(0)} MB/s against ${(megabytes / seconds.raw).toFixed(0)} MB/s`,
  )
}

interface Pair {
  /** Moves the bodies of the whole chain. */
  readonly move: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** As the syncer does it: 128 blocks to a request, two requests at a time, every response decoded and its hashes checked. */
async function syncPair(): Promise<Pair> {
  const chain = new BlockChain()
  let tip = chain.best()
  for (let i = 0; i < TRANSFER.blocks; i++) {
    tip = chain.add(tip.hash, [new ScaleWriter(TRANSFER.bodyBytes + 8).bytes(new Uint8Array(TRANSFER.bodyBytes - 4).fill(i)).finish()])
  }
  chain.setBest(tip.hash)
  const net = new TestNetwork()
  const server = await net.start([new RecordingTopic()], { requests: [syncHandler({ blocks: chain, authorityChange: () => undefined })] })
  const client = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
  await eventually(() => client.network.openPeers('block-announces').includes(server.id), 'the connection')
  // A response holds as many blocks as fit.
  const fetchRange = async (from: number, to: number): Promise<void> => {
    while (from <= to) {
      const request = { header: true, body: true, justifications: true, from, direction: 'ascending', maxBlocks: Math.min(128, to - from + 1), multipleJustifications: true } as const
      from += (await requestBlocks(client.network, server.id, request)).length
    }
  }
  const middle = TRANSFER.blocks / 2
  return {
    move: async () => void (await Promise.all([fetchRange(1, middle), fetchRange(middle + 1, TRANSFER.blocks)])),
    stop: () => net.stop(),
  }
}

async function rawPair(): Promise<Pair> {
  const create = () =>
    createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [() => calmMuxer()],
    })
  const [server, client] = await Promise.all([create(), create()])
  const chunk = new Uint8Array(RAW_CHUNK).fill(7)
  const total = TRANSFER.blocks * TRANSFER.bodyBytes
  await server.handle(RAW_PROTOCOL, async (stream) => {
    for (let sent = 0; sent < total; sent += RAW_CHUNK) if (!stream.send(chunk)) await stream.onDrain()
    await stream.close()
  })
  const connection = await client.dial(server.getMultiaddrs())
  return {
    move: async () => {
      const stream = await connection.newStream(RAW_PROTOCOL)
      let received = 0
      for await (const part of stream) received += part.byteLength
      if (received !== total) throw new Error(`${received} of ${total} bytes came`)
      await stream.close()
    },
    stop: async () => void (await Promise.all([client.stop(), server.stop()])),
  }
}

async function timed(task: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await task()
  return (performance.now() - start) / 1000
}
