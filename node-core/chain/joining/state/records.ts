/**
 * The records of a state that is put together, in the node's database: behind the numbers that are given out, so that they belong to no
 * block yet. Whoever makes the state that of a block says in one batch that their numbers are given out, and which of them is the root.
 */
import { BUCKET, META, nodeKey } from '../../state/buckets.ts'
import { FIRST_NODE, decodeNextNode, type Level } from '../../state/trie-source.ts'
import { suffixSize, writeSuffix } from '../../trie/nodes/record.ts'
import type { RecordStore, RecordTarget } from './work.ts'

/** Records that are removed at once. */
const REMOVED_AT_ONCE = 20_000

export function levelRecords(level: Level): RecordStore {
  const first = async (): Promise<number> => {
    const mark = await level.get(META.nextNode)
    return mark === undefined ? FIRST_NODE : decodeNextNode(mark)
  }
  return {
    first,
    has: async (id) => (await level.get(nodeKey(id))) !== undefined,
    begin: async () => new LevelRecords(level, await first()),
    async removeLeftovers() {
      const range = { gte: nodeKey(await first()), lt: Uint8Array.of(BUCKET.node + 1) }
      while ((await level.keys({ ...range, limit: 1 }).all()).length > 0) await level.clear({ ...range, limit: REMOVED_AT_ONCE })
    },
  }
}

class LevelRecords implements RecordTarget {
  readonly first: number
  readonly #level: Level
  #batch: ReturnType<Level['batch']>
  #next: number
  #pendingBytes = 0
  #scratch = new Uint8Array(4096)
  readonly #key = nodeKey(0)

  constructor(level: Level, first: number) {
    this.#level = level
    this.#batch = level.batch()
    this.first = first
    this.#next = first
  }

  get next(): number {
    return this.#next
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  value(_hash: Uint8Array, value: Uint8Array): number {
    return this.#put(value)
  }

  node(_hash: Uint8Array, encoding: Uint8Array, references: readonly number[]): number {
    const size = encoding.length + suffixSize(references)
    if (size > this.#scratch.length) this.#scratch = new Uint8Array(size * 2)
    const record = this.#scratch.subarray(0, size)
    record.set(encoding)
    writeSuffix(references, record, encoding.length)
    return this.#put(record)
  }

  async flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = this.#level.batch()
    this.#pendingBytes = 0
    await batch.write()
  }

  /** The batch copies what it is given. */
  #put(record: Uint8Array): number {
    this.#batch.put(nodeKey(this.#next, this.#key), record)
    this.#pendingBytes += record.length
    return this.#next++
  }
}
