/**
 * A message of 8 MiB in a full mesh of eight, each node in a process of its own: chunk and relay against direct sending, in turns. What its source
 * sends, and when the last of the seven others has it, as medians.
 *
 * Once over loopback as it is, where all eight share the cores of this machine and bytes cost next to nothing: what is measured is the work of
 * all nodes together, and chunk and relay has more of it (about ten messages' worth of bytes instead of seven, and the code). And once with an upload of 4 MB/s for each node, which is what a mesh over home lines has: there the source's line is what takes time.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { BenchChild } from './child.ts'
import type { FromMember, ToMember } from './mesh-node.ts'
import type { Report } from './report.ts'

type Member = BenchChild<ToMember, FromMember>
type MeshWay = 'chunks' | 'direct'

const NODES = 8
const BYTES = 8 * 1024 * 1024
const LIMIT_KB = 4_000
const LINES = [
  { name: 'loopback', limitKb: 0, rounds: 5, quietMs: 1_000 },
  { name: `an upload of ${LIMIT_KB / 1000} MB/s each`, limitKb: LIMIT_KB, rounds: 3, quietMs: 4_000 },
]

interface Turn {
  readonly seconds: number
  /** What the source sent, in messages. */
  readonly topic: number
  readonly wire: number
}

export async function benchMesh(report: Report): Promise<void> {
  for (const { name, limitKb, rounds, quietMs } of LINES) {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-mesh-'))
    const members: Member[] = []
    try {
      await open(members, join(folder, 'topology.json'), limitKb)
      const turns: Record<MeshWay, Turn[]> = { chunks: [], direct: [] }
      for (let round = -1; round < rounds; round++) {
        for (const way of ['chunks', 'direct'] as const) {
          const turn = await take(members, way, quietMs)
          if (round >= 0) turns[way].push(turn)
        }
      }
      const figure = (way: MeshWay, key: keyof Turn): number => turns[way].map((turn) => turn[key]).toSorted((a, b) => a - b)[turns[way].length >> 1] ?? NaN
      report(`${name}: bytes of the source / the message (goal <= 1.6)`, figure('chunks', 'topic'), `${figure('chunks', 'wire').toFixed(2)} over the wire; direct sends ${figure('direct', 'topic').toFixed(2)}`)
      report(
        `${name}: until the last has it / direct (goal <= 0.5)`, figure('chunks', 'seconds') / figure('direct', 'seconds'),
        `${figure('chunks', 'seconds').toFixed(2)} s against ${figure('direct', 'seconds').toFixed(2)} s, load ${(loadavg()[0] as number).toFixed(1)}`,
      )
    } finally {
      for (const member of members) member.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Starts the nodes with an empty list of peers, then writes all of them into it. */
async function open(members: Member[], file: string, limitKb: number): Promise<void> {
  await writeFile(file, JSON.stringify({ peers: [] }))
  const peers: { readonly id: string; readonly addresses: readonly string[] }[] = []
  for (let i = 0; i < NODES; i++) {
    const member: Member = new BenchChild('mesh-node.ts', [file, String(limitKb)])
    members.push(member)
    const { id, address } = await member.next('id')
    peers.push({ id, addresses: [address] })
  }
  await writeFile(file, JSON.stringify({ peers, longestRetrySeconds: 1 }))
  await Promise.all(members.map((member) => member.ask({ do: 'tell when open', peers: NODES - 1 }, 'open')))
}

/** The first sends. What is still under way when everybody has the message is out before the next turn, and a line that was idle has its saved second back. */
async function take([source, ...others]: readonly Member[], way: MeshWay, quietMs: number): Promise<Turn> {
  if (source === undefined) throw new Error('there is no source')
  const before = await source.ask({ do: 'tell what went out' }, 'topicBytes')
  const begin = performance.now()
  const received = others.map((member) => member.next('received'))
  source.tell({ do: 'send', way, bytes: BYTES })
  for (const { received: bytes } of await Promise.all(received)) if (bytes !== BYTES) throw new Error('another message came')
  const seconds = (performance.now() - begin) / 1000
  await new Promise((resolve) => setTimeout(resolve, quietMs))
  const after = await source.ask({ do: 'tell what went out' }, 'topicBytes')
  return { seconds, topic: (after.topicBytes - before.topicBytes) / BYTES, wire: (after.wireBytes - before.wireBytes) / BYTES }
}
