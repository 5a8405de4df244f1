/**
 * What the requests for blocks cost above a bare stream: the same bytes, over connections that are set up alike, both ends
 * in this process. Ours are framed, decoded, copied into blocks and checked; the bare stream's are counted.
 *
 * The two take turns, and each figure is the median of its turns, so that whatever else the computer does burdens both.
 * Time on the processor, of every thread of the process, is the steadier figure where other programs run; the clock is
 * what a user sees.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { Hash } from '../../node-core/base/bytes.ts'
import type { RequestSender } from '../../node-core/network/contracts.ts'
import { calmMuxer } from '../../node-core/network/host/host.ts'
import { requestBlocks } from '../../node-core/chain/protocols/requests/index.ts'
import { syncHandler, type SyncDependencies } from '../../node-core/chain/protocols/requests/sync.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { BlockChain } from '../helpers/block-chain.ts'
import { AMPLE, RecordingTopic, TestNetwork, eventually } from '../helpers/network.ts'
import type { Report } from './report.ts'
import { roomIn } from '../../node-core/network/stream-room.ts'

const NEVER = new AbortController().signal
/** Blocks of the transfer, bytes of each body, and how often all of it is moved. */
const TRANSFER = { blocks: 512, bodyBytes: 64 * 1024, rounds: 15 }
const MEGABYTES = (TRANSFER.blocks * TRANSFER.bodyBytes) / 1e6
const RAW_PROTOCOL = '/raw/1'
const RAW_CHUNK = 64 * 1024

export async function benchTransfer(report: Report): Promise<void> {
  const sync = await syncPair()
  const raw = await rawPair()
  const costs: Record<'sync' | 'raw', Cost[]> = { sync: [], raw: [] }
  try {
    for (let warmUp = 0; warmUp < 3; warmUp++) {
      await sync.move()
      await raw.move()
    }
    for (let round = 0; round < TRANSFER.rounds; round++) {
      costs.sync.push(await measured(sync.move))
      costs.raw.push(await measured(raw.move))
    }
  } finally {
    await sync.stop()
    await raw.stop()
  }
  const seconds = { sync: median(costs.sync.map((cost) => cost.seconds)), raw: median(costs.raw.map((cost) => cost.seconds)) }
  const cpu = { sync: median(costs.sync.map((cost) => cost.cpuMs)), raw: median(costs.raw.map((cost) => cost.cpuMs)) }
  report(
    'sync bytes per second / raw libp2p stream (goal >= 0.8)', seconds.raw / seconds.sync,
    `${(MEGABYTES / seconds.sync).toFixed(0)} MB/s against ${(MEGABYTES / seconds.raw).toFixed(0)} MB/s`,
  )
  report(
    'the same by processor time: raw stream / sync', cpu.raw / cpu.sync,
    `${(cpu.sync / MEGABYTES).toFixed(2)} ms per MB against ${(cpu.raw / MEGABYTES).toFixed(2)} ms per MB`,
  )
}

interface Pair {
  /** Moves the bodies of the whole chain. */
  readonly move: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A chain to read from as one reads from the block store: every answer is at hand. */
function served(chain: BlockChain): SyncDependencies['blocks'] {
  const byNumber: Hash[] = []
  for (let hash: Hash | undefined = chain.best().hash; hash !== undefined; ) {
    const header = chain.header(hash)
    if (header === undefined) break
    byNumber[header.number] = hash
    hash = header.number === 0 ? undefined : header.parentHash
  }
  return {
    header: (hash) => chain.header(hash),
    hashByNumber: (number) => byNumber[number],
    body: (hash) => chain.body(hash),
    justifications: () => chain.justifications(),
  }
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
  const handler = syncHandler({ blocks: served(chain), authorityChange: () => undefined })
  // The same blocks over and over are no sync: what one peer may have of them, and ask again, is left aside.
  const server = await net.start([new RecordingTopic()], { requests: [{ ...handler, spec: { ...handler.spec, budget: AMPLE } }] })
  const client = await net.start([new RecordingTopic()], { bootnodes: [server.address] })
  await eventually(() => client.network.topics.openPeers('block-announces').includes(server.id), 'the connection')
  const sender: RequestSender = { request: (peer, spec, ...rest) => client.network.requests.request(peer, { ...spec, noRepeats: false }, ...rest) }
  // A response holds as many blocks as fit.
  const fetchRange = async (from: number, to: number): Promise<void> => {
    while (from <= to) {
      const request = { header: true, body: true, justifications: true, from, direction: 'ascending', maxBlocks: Math.min(128, to - from + 1), multipleJustifications: true } as const
      from += (await requestBlocks(sender, server.id, request)).length
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
    for (let sent = 0; sent < total; sent += RAW_CHUNK) if (!stream.send(chunk)) await roomIn(stream, NEVER)
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
