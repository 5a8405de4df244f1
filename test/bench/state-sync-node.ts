/**
 * The processes of state-sync.ts:
 *
 *   state-sync-node.ts make <folder> <keys>                 makes the state's database; prints a {@link MadeSample}
 *   state-sync-node.ts serve <folder> <root>                prints its addresses as JSON; serves until its input ends
 *   state-sync-node.ts join <folder> <root> <addresses...>  downloads from them, then takes as many raw bytes; prints a {@link JoinSample}
 */
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { keepBuffersLow } from '../../node-core/base/buffers.ts'
import { fromHex, toHex, type Hash } from '../../node-core/base/bytes.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { StateDownload } from '../../node-core/chain/joining/state/state-download.ts'
import { StateThread } from '../../node-core/chain/joining/state/state-thread.ts'
import { STATE_SPEC, stateHandler } from '../../node-core/chain/protocols/requests/state.ts'
import { META, hashKey, nodeKey } from '../../node-core/chain/state/buckets.ts'
import { encodeRoots } from '../../node-core/chain/state/state-roots.ts'
import { createLevel, encodeNextNode, recordSource } from '../../node-core/chain/state/trie-source.ts'
import { trieRoot } from '../../node-core/chain/trie/build.ts'
import { copyState } from '../../node-core/chain/trie/copy.ts'
import { suffixSize, writeSuffix } from '../../node-core/chain/trie/nodes/record.ts'
import { runSteps } from '../../node-core/chain/trie/steps.ts'
import { calmMuxer } from '../../node-core/network/host/host.ts'
import { toBinaryString } from '../../node-core/base/bytes.ts'
import { AMPLE, RecordingTopic, TestNetwork, eventually } from '../helpers/network.ts'
import { benchState } from './state-sync-data.ts'
import { roomIn } from '../../node-core/network/stream-room.ts'

export interface MadeSample {
  readonly root: Hash
  /** Keys and values. */
  readonly bytes: number
}

export interface JoinSample {
  readonly entries: number
  readonly bytes: number
  /** Bytes of all answers. */
  readonly wire: number
  readonly pieces: number
  readonly downloadSeconds: number
  readonly assembleSeconds: number
  readonly rawSeconds: number
  readonly cpuSeconds: number
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Bytes, and how many of them are pages of files that the system may take back at any time. */
  readonly maxRss: number
  readonly mappedBytes: number
}

const NEVER = new AbortController().signal
const RAW_PROTOCOL = '/raw/1'
const RAW_CHUNK = 64 * 1024
const BLOCK: Hash = `0x${'b1'.repeat(32)}`
const STATE_VERSION = 1

const [, , role, folder = '', given = '', ...addresses] = process.argv
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
if (role === 'make') say(await make(Number(given)))
else if (role === 'serve') await serve(given as Hash)
else say(await join(given as Hash))

async function make(keys: number): Promise<MadeSample> {
  const entries = benchState(keys)
  const nodes = new Map<string, Uint8Array>()
  const root = trieRoot(entries, STATE_VERSION, (hash, node) => nodes.set(toBinaryString(hash), node.slice()))
  const level = createLevel(folder)
  await level.open()
  let next = 1
  let batch = level.batch()
  const written: Promise<void>[] = []
  const put = (record: Uint8Array): number => {
    batch.put(nodeKey(next), record)
    if (next % 20_000 === 0) {
      written.push(batch.write())
      batch = level.batch()
    }
    return next++
  }
  const { id } = runSteps(copyState({ get: (hash) => nodes.get(toBinaryString(hash)) }, root, {
    value: (_, value) => put(value),
    node: (_, encoding, references) => {
      const record = new Uint8Array(encoding.length + suffixSize(references))
      record.set(encoding)
      writeSuffix(references, record, encoding.length)
      return put(record)
    },
  }))
  batch.put(hashKey('stateRoot', root), encodeRoots([{ id, blocks: 1 }])).put(META.nextNode, encodeNextNode(next))
  await Promise.all([...written, batch.write()])
  await level.close()
  return { root: toHex(root), bytes: entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0) }
}

/** What a state is served with; the raw stream comes over a host of its own, set up alike. */
async function serve(root: Hash): Promise<void> {
  const level = createLevel(folder)
  await level.open()
  const header = { parentHash: BLOCK, number: 1, stateRoot: root, extrinsicsRoot: BLOCK, digest: [] }
  const handler = stateHandler({ blocks: { header: () => header }, proofs: { nodes: () => recordSource(level) } })
  const net = new TestNetwork()
  const { address } = await net.start([new RecordingTopic()], { requests: [{ ...handler, spec: { ...handler.spec, budget: AMPLE } }] })
  const raw = await rawHost()
  const chunk = new Uint8Array(RAW_CHUNK).fill(7)
  await raw.handle(RAW_PROTOCOL, async (stream) => {
    let wanted = 0
    for await (const part of stream) wanted = Number(new TextDecoder().decode(part.subarray()))
    for (let sent = 0; sent < wanted; sent += RAW_CHUNK) if (!stream.send(chunk)) await roomIn(stream, NEVER)
    await stream.close()
  })
  say([address, raw.getMultiaddrs()[0]?.toString() ?? ''])
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('end', resolve))
  await Promise.all([net.stop(), raw.stop()])
  await level.close()
}

async function join(root: Hash): Promise<JoinSample> {
  // As a node does.
  keepBuffersLow()
  const level = createLevel(folder)
  await level.open()
  const hosts = addresses.map((pair) => JSON.parse(pair) as [string, string])
  const net = new TestNetwork()
  const { network } = await net.start([new RecordingTopic()], { bootnodes: hosts.map(([address]) => address) })
  const peers = (): readonly string[] => network.topics.openPeers('block-announces')
  await eventually(() => peers().length === hosts.length, 'the connections')

  let maxRss = 0
  let mappedBytes = 0
  const sampler = setInterval(() => {
    const rss = process.memoryUsage.rss()
    if (rss <= maxRss) return
    maxRss = rss
    mappedBytes = mappedFiles()
  }, 20)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const work = new StateThread({ logger: silentLogger }, { dataPath: folder })
  let wire = 0
  let pieces = 0
  let assembling = 0
  const download = new StateDownload({
    request: async (peer, bytes, signal) => {
      const answer = await network.requests.request(peer, STATE_SPEC, bytes, signal)
      wire += answer.length
      pieces++
      return answer
    },
    peers, judge: { report: (peer, fault) => process.stderr.write(`${peer} ${fault.code}\n`) },
    work: {
      open: (of) => work.open(of),
      piece: (start, response) => work.piece(start, response),
      assemble: (onProgress) => {
        assembling = performance.now()
        return work.assemble(onProgress)
      },
      clear: (withState) => work.clear(withState),
    },
    clock: systemClock, logger: silentLogger,
  })
  const began = performance.now()
  const cpu = process.cpuUsage()
  delay.enable()
  const made = await download.run({ hash: BLOCK, number: 1, stateRoot: root }, new AbortController().signal)
  delay.disable()
  const ended = performance.now()
  const { user, system } = process.cpuUsage(cpu)
  if (recordSource(level).node(made.root, fromHex(root)) === undefined) throw new Error('the root is not there')
  clearInterval(sampler)
  const { entries, bytes } = download.status() ?? { entries: 0, bytes: 0 }
  await work.close()
  const rawSeconds = await takeRaw(hosts.map(([, raw]) => raw), wire)
  await net.stop()
  await level.close()
  return {
    entries, bytes, wire, pieces, downloadSeconds: (assembling - began) / 1000, assembleSeconds: (ended - assembling) / 1000, rawSeconds,
    cpuSeconds: (user + system) / 1e6, delayP99Ms: delay.percentile(99) / 1e6, delayMaxMs: delay.max / 1e6, maxRss, mappedBytes,
  }
}

/** Of the process's memory; 0 where the system does not tell. */
function mappedFiles(): number {
  if (process.platform !== 'linux') return 0
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024
}

/** The same bytes from the same hosts at the same time, and nothing done with them. */
async function takeRaw(hosts: readonly string[], bytes: number): Promise<number> {
  const host = await rawHost()
  const connections = await Promise.all(hosts.map((address) => host.dial(multiaddr(address))))
  const share = Math.ceil(bytes / hosts.length)
  const take = async (): Promise<number> => {
    const start = performance.now()
    await Promise.all(connections.map(async (connection) => {
      const stream = await connection.newStream(RAW_PROTOCOL)
      stream.send(new TextEncoder().encode(String(share)))
      await stream.close()
      let received = 0
      for await (const part of stream) received += part.byteLength
      if (received < share) throw new Error(`${received} of ${share} bytes came`)
    }))
    return (performance.now() - start) / 1000
  }
  await take()
  const seconds = [await take(), await take(), await take()].sort((a, b) => a - b)[1] as number
  await host.stop()
  return seconds
}

function rawHost(): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }, transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [() => calmMuxer()],
  })
}
