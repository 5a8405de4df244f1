/**
 * What the trie costs: inserting into a stored trie against a raw batch of the same nodes, a root from nothing against
 * chopsticks', and edits at 1, 10 and 100 times the state. Runs on its own: `node test/bench/trie.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { calculate_state_root } from '@acala-network/chopsticks-executor'
import { ClassicLevel } from 'classic-level'
import { toHex } from '../../node-core/base/bytes.ts'
import { buildTrie, trieRoot } from '../../node-core/trie/build.ts'
import { NodeStore } from '../../node-core/trie/node-store.ts'
import { forEachPackedNode } from '../../node-core/trie/packed-nodes.ts'
import { Trie } from '../../node-core/trie/trie.ts'
import type { Entry, NodeSource } from '../../node-core/trie/types.ts'
import type { PackedNodes } from '../../node-core/state/types.ts'

export type Report = (name: string, ratio: number, detail: string) => void

type Level = ClassicLevel<Uint8Array, Uint8Array>

const ROUNDS = 9

let seed = 1

function random(length: number): Uint8Array {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    out[i] = seed >>> 24
  }
  return out
}

function entries(count: number): Entry[] {
  return Array.from({ length: count }, () => [random(32), random(100)] as const)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number
}

async function writePacked(level: Level, nodes: PackedNodes): Promise<void> {
  const key = new Uint8Array(33)
  const batch = level.batch()
  forEachPackedNode(nodes, (hash, encoding) => {
    key.set(hash, 1)
    batch.put(key, encoding)
  })
  await batch.write()
}

function levelSource(level: Level): NodeSource {
  const key = new Uint8Array(33)
  return {
    get(hash) {
      key.set(hash, 1)
      return level.getSync(key)
    },
  }
}

async function withLevel<T>(use: (level: Level) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const level: Level = new ClassicLevel(folder, { keyEncoding: 'view', valueEncoding: 'view' })
  try {
    await level.open()
    return await use(level)
  } finally {
    await level.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Inserts 1,000 keys into a stored trie of 10,000 and commits; against writing exactly those nodes. */
async function insertAgainstRaw(report: Report, cached: boolean): Promise<void> {
  const ours: number[] = []
  const raw: number[] = []
  let nodeCount = 0
  await withLevel(async (level) => {
    const { root, nodes } = buildTrie(entries(10_000), 1)
    await writePacked(level, nodes)
    const source = levelSource(level)
    const store = new NodeStore(source)
    for (let round = 0; round < ROUNDS; round++) {
      const changes = entries(1_000)
      const begin = performance.now()
      const trie = new Trie(cached ? store : new NodeStore(source), root)
      trie.apply(changes, 1)
      const packed = trie.collectPacked()
      await writePacked(level, packed)
      ours.push(performance.now() - begin)

      const list: [Uint8Array, Uint8Array][] = []
      forEachPackedNode(packed, (hash, encoding) => list.push([Uint8Array.of(1, ...hash), encoding]))
      nodeCount = list.length
      const rawBegin = performance.now()
      await level.batch(list.map(([key, value]) => ({ type: 'put' as const, key, value })))
      raw.push(performance.now() - rawBegin)
    }
  })
  const [a, b] = [median(ours), median(raw)]
  const name = `trie: 1,000 inserts into a stored trie, raw batch / ours (${cached ? 'warm' : 'cold'} cache)`
  report(name, b / a, `${a.toFixed(1)} ms against ${b.toFixed(1)} ms for ${nodeCount} nodes`)
}

async function rootAgainstChopsticks(report: Report): Promise<void> {
  const list = entries(10_000)
  const pairs = list.map(([key, value]) => [toHex(key), toHex(value)])
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now()
    const root = toHex(trieRoot(list, 1))
    ours.push(performance.now() - begin)
    const theirBegin = performance.now()
    const theirRoot: unknown = await calculate_state_root(pairs, 1)
    theirs.push(performance.now() - theirBegin)
    if (root !== theirRoot) throw new Error(`roots differ: ${root} and ${String(theirRoot)}`)
  }
  const [a, b] = [median(ours), median(theirs)]
  report('trie: root of 10,000 entries, chopsticks / ours', b / a, `${a.toFixed(1)} ms against ${b.toFixed(1)} ms`)
}

/** 100 edits (half new keys, half overwrites) in one block on states of several sizes; each block from the last one's root. */
async function growth(report: Report): Promise<void> {
  const costs = new Map<number, number>()
  for (const size of [1_000, 10_000, 100_000]) {
    await withLevel(async (level) => {
      const list = entries(size)
      const built = buildTrie(list, 1)
      await writePacked(level, built.nodes)
      const store = new NodeStore(levelSource(level))
      let root = built.root
      const times: number[] = []
      for (let block = 0; block < 200; block++) {
        const changes = Array.from({ length: 100 }, (_, i): Entry => {
          const old = (list[(block * 7919 + i * 104_729) % size] as Entry)[0]
          return [i % 2 === 0 ? random(32) : old, random(100)]
        })
        const begin = performance.now()
        const trie = new Trie(store, root)
        trie.apply(changes, 1)
        const packed = trie.collectPacked()
        await writePacked(level, packed)
        if (block >= 50) times.push(performance.now() - begin)
        root = trie.root()
      }
      costs.set(size, median(times))
    })
  }
  const base = costs.get(1_000) as number
  for (const size of [10_000, 100_000]) {
    const cost = costs.get(size) as number
    report(`trie: block of 100 edits, ${size} entries / 1,000`, cost / base, `${cost.toFixed(2)} ms against ${base.toFixed(2)} ms`)
  }
}

export async function benchTrie(report: Report): Promise<void> {
  await insertAgainstRaw(report, true)
  await insertAgainstRaw(report, false)
  await rootAgainstChopsticks(report)
  await growth(report)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await benchTrie((name, ratio, detail) => process.stdout.write(`${name}: ${ratio.toFixed(2)} (${detail})\n`))
}
