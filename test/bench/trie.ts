/**
 * What the trie costs: inserting into a stored trie against a raw batch of the same nodes, a root from nothing against
 * chopsticks', and edits at 1, 10 and 100 times the state. Runs on its own: `node test/bench/trie.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { calculate_state_root } from '@acala-network/chopsticks-executor'
import { toHex } from '../../node-core/base/bytes.ts'
import { nodeKey } from '../../node-core/chain/state/buckets.ts'
import { createLevel, recordSource, type Level } from '../../node-core/chain/state/trie-source.ts'
import { trieRoot } from '../../node-core/chain/trie/build.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { RecordPacker, forEachPackedRecord, type NodeCounter } from '../../node-core/chain/trie/nodes/packed-records.ts'
import { Trie } from '../../node-core/chain/trie/trie.ts'
import type { Change, Entry, TrieRoot } from '../../node-core/chain/trie/types.ts'

export type Report = (name: string, ratio: number, detail: string) => void

const ROUNDS = 9
const BLOCKS = 300
const WARM_UP_BLOCKS = 100

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

/** Stores what is new in a trie, and returns where its root is. */
async function write(level: Level, trie: Trie, counter: NodeCounter): Promise<TrieRoot> {
  const packer = new RecordPacker(counter)
  trie.store(packer)
  const key = nodeKey(0)
  const batch = level.batch()
  forEachPackedRecord(packer.finish(), packer.first, (id, record) => batch.put(nodeKey(id, key), record))
  await batch.write()
  return { hash: trie.root(), id: trie.rootId }
}

async function built(level: Level, list: readonly Entry[], counter: NodeCounter): Promise<TrieRoot> {
  const trie = new Trie(new NodeStore(recordSource(level)))
  trie.apply(list, 1)
  return write(level, trie, counter)
}

async function withLevel<T>(use: (level: Level) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const level = createLevel(folder)
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
    const counter = { next: 1 }
    const root = await built(level, entries(10_000), counter)
    const source = recordSource(level)
    const store = new NodeStore(source)
    for (let round = 0; round < ROUNDS; round++) {
      const changes = entries(1_000)
      const begin = performance.now()
      const trie = new Trie(cached ? store : new NodeStore(source), root)
      trie.apply(changes, 1)
      const first = counter.next
      await write(level, trie, counter)
      ours.push(performance.now() - begin)

      const list: [Uint8Array, Uint8Array][] = []
      for (let id = first; id < counter.next; id++) list.push([nodeKey(id), level.getSync(nodeKey(id)) as Uint8Array])
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

interface BlockCost {
  readonly milliseconds: number
  readonly nodes: number
}

/** A block of 100 edits on a state that keeps its size: 50 overwrites, 25 new keys, and 25 deletions of those of the block before. */
async function blockCost(size: number): Promise<BlockCost> {
  return withLevel(async (level) => {
    const list = entries(size)
    const counter = { next: 1 }
    let root = await built(level, list, counter)
    const store = new NodeStore(recordSource(level))
    let added: Uint8Array[] = []
    const times: number[] = []
    let nodes = 0
    for (let block = 0; block < BLOCKS; block++) {
      const fresh = entries(25)
      const overwritten = Array.from({ length: 50 }, (_, i): Change => [
        (list[(block * 7919 + i * 104_729) % size] as Entry)[0],
        random(100),
      ])
      const removed = added.map((key): Change => [key, undefined])
      added = fresh.map(([key]) => key)
      const begin = performance.now()
      const trie = new Trie(store, root)
      trie.apply([...overwritten, ...fresh, ...removed], 1)
      const first = counter.next
      root = await write(level, trie, counter)
      if (block >= WARM_UP_BLOCKS) {
        times.push(performance.now() - begin)
        nodes += counter.next - first
      }
    }
    return { milliseconds: median(times), nodes: nodes / times.length }
  })
}

function describe({ milliseconds, nodes }: BlockCost): string {
  return `${milliseconds.toFixed(2)} ms for ${nodes.toFixed(0)} new nodes`
}

async function growth(report: Report): Promise<void> {
  await blockCost(1_000)
  const base = await blockCost(1_000)
  for (const size of [10_000, 100_000]) {
    const cost = await blockCost(size)
    const detail = `${describe(cost)} against ${describe(base)}`
    report(`trie: block of 100 edits with ${size} entries, against 1,000`, cost.milliseconds / base.milliseconds, detail)
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
