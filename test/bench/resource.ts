/**
 * A file of 96 MiB fetched over loopback, all hosts in this process on one core: hashes, proofs and the disk beside what a raw libp2p stream does with the same bytes.
 * Both sides' work is in the figures: the file is read, sent, checked leaf by leaf, written and flushed. Then from three peers beside one: as fast as this one core goes, where
 * three cannot be faster, and where each peer sends no more than a line of its own carries.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BareHost } from '../helpers/bare-host.ts'
import { ResourceHost, streamsOf } from '../helpers/resource-host.ts'
import type { Report } from './report.ts'
import { roomIn } from '../../node-core/network/stream-room.ts'

const NEVER = new AbortController().signal
const BYTES = 96 * 1024 * 1024
const ROUNDS = 3
const RAW = '/raw/1'
const PIECE = 64 * 1024
/** Bytes per second of a peer's line. */
const LINE = 12e6

export async function benchResource(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const content = randomBytes(BYTES)
  const hosts: ResourceHost[] = []
  try {
    for (let i = 0; i < 4; i++) hosts.push(await ResourceHost.start(join(folder, `catalogue-${i}`)))
    const [leecher, ...seeders] = hosts as [ResourceHost, ...ResourceHost[]]
    let [root, line] = ['', 0]
    for (const [i, seeder] of seeders.entries()) {
      const path = join(folder, `offered-${i}`)
      await writeFile(path, content)
      root = (await seeder.catalogue.add(path)).root
      await seeder.serve({ rates: () => ({ bytesPerSecond: line, peerBytesPerSecond: 0 }) })
    }
    const fetchFrom = async (from: readonly ResourceHost[]): Promise<number> => {
      const path = join(folder, 'fetched')
      const begin = performance.now()
      const outcome = await leecher.fetch({ root: Buffer.from(root, 'hex'), path, peers: from.map(({ provider }) => provider) }).run()
      const ms = performance.now() - begin
      if (outcome.kind !== 'done') throw new Error(`the fetch ended as ${JSON.stringify(outcome)}`)
      if (hash(await readFile(path)) !== hash(content)) throw new Error('another file came')
      await leecher.catalogue.remove(root)
      await rm(path)
      return ms
    }
    const [raw, one, three]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await rawStream(content))
      one.push(await fetchFrom(seeders.slice(0, 1)))
      three.push(await fetchFrom(seeders))
    }
    const [rawMs, oneMs, threeMs] = [raw, one, three].map((times) => Math.min(...times)) as [number, number, number]
    report('a file from one peer / raw libp2p stream', rawMs / oneMs, `${speed(oneMs)} against ${speed(rawMs)}, ${BYTES >> 20} MiB, best of ${ROUNDS}`)
    report('from three peers on the same core / from one', oneMs / threeMs, `${speed(threeMs)} against ${speed(oneMs)}`)
    line = LINE
    const [slowOne, slowThree] = [await fetchFrom(seeders.slice(0, 1)), await fetchFrom(seeders)]
    report(`from three peers of ${LINE / 1e6} MB/s each / from one`, slowOne / slowThree, `${speed(slowThree)} against ${speed(slowOne)}`)
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same bytes over a stream of its own: nothing is hashed, nothing is written. */
async function rawStream(content: Buffer): Promise<number> {
  const [from, to] = [await BareHost.start({ listen: true }), await BareHost.start()]
  try {
    await from.host.handle(RAW, async (stream) => {
      for (let at = 0; at < content.length; at += PIECE) if (!stream.send(content.subarray(at, at + PIECE))) await roomIn(stream, NEVER)
      await stream.close()
    })
    await streamsOf(to).reach(from.id, [from.address])
    const begin = performance.now()
    const { stream } = await streamsOf(to).open(from.id, [RAW])
    const { promise, resolve } = Promise.withResolvers<void>()
    let received = 0
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received === content.length) resolve()
    })
    await promise
    return performance.now() - begin
  } finally {
    await Promise.all([from.stop(), to.stop()])
  }
}

function speed(ms: number): string {
  return `${(BYTES / 1e3 / ms).toFixed(0)} MB/s`
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
