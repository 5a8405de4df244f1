/** A database and records in memory, for downloads without a disk. */
import { compareBytes, equalBytes, fromBinaryString, toBinaryString } from '../../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { JoiningDatabase } from '../../../../../node-core/chain/joining/state/store.ts'
import type { RecordStore, RecordTarget } from '../../../../../node-core/chain/joining/state/work.ts'
import { MapSource } from '../../trie/map-source.ts'

type Puts = readonly (readonly [key: Uint8Array, value: Uint8Array])[]

export class MemoryDatabase implements JoiningDatabase {
  readonly records = new Map<string, Uint8Array>()
  /** Sees each batch before it is written; may throw, as a disk does. */
  onWrite: (puts: Puts) => void = () => undefined
  writes = 0

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.records.get(toBinaryString(key))
  }

  async write(puts: Puts, deletes: readonly Uint8Array[]): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.onWrite(puts)
    this.writes++
    for (const [key, value] of puts) this.records.set(toBinaryString(key), value)
    for (const key of deletes) this.records.delete(toBinaryString(key))
  }

  async *read(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
    for (const name of this.#between(from, to)) yield [fromBinaryString(name), this.records.get(name) as Uint8Array]
  }

  async lastKey(from: Uint8Array, to: Uint8Array): Promise<Uint8Array | undefined> {
    const last = this.#between(from, to).at(-1)
    return last === undefined ? undefined : fromBinaryString(last)
  }

  async clear(from: Uint8Array, to: Uint8Array, limit: number): Promise<boolean> {
    const all = this.#between(from, to)
    for (const name of all.slice(0, limit)) this.records.delete(name)
    return all.length > limit
  }

  #between(from: Uint8Array, to: Uint8Array): string[] {
    return [...this.records.keys()].filter((name) => compareBytes(fromBinaryString(name), from) >= 0 && compareBytes(fromBinaryString(name), to) < 0).sort()
  }
}

/** Checks what it takes: hashes, and that each node refers to what came before it and is referred to once. */
export class MemoryRecords implements RecordStore {
  readonly source = new MapSource()
  /** Hashes by number; the first number is 5. */
  readonly hashes: Uint8Array[] = []
  readonly #free = new Set<number>()
  next = 5
  leftoversRemoved = 0
  begun = 0

  async first(): Promise<number> {
    return this.next
  }

  async has(id: number): Promise<boolean> {
    return this.hashes[id - this.next] !== undefined
  }

  async begin(): Promise<RecordTarget> {
    this.begun++
    const { next: first, source, hashes } = this
    hashes.length = 0
    this.#free.clear()
    source.nodes.clear()
    const free = this.#free
    let pending = 0
    const take = (hash: Uint8Array, bytes: Uint8Array): number => {
      if (!equalBytes(blake2b256(bytes), hash)) throw new Error('a wrong hash')
      source.add(hash, bytes)
      pending += bytes.length
      const id = first + hashes.push(hash.slice()) - 1
      free.add(id)
      return id
    }
    return {
      first,
      get next() {
        return first + hashes.length
      },
      get pendingBytes() {
        return pending
      },
      flush: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        pending = 0
      },
      value: take,
      node: (hash, encoding, references) => {
        for (const reference of references) {
          if (!free.delete(reference)) throw new Error('a reference to what is not there, or is referred to already')
          if (toBinaryString(encoding).indexOf(toBinaryString(hashes[reference - first] as Uint8Array)) === -1) throw new Error('a reference to something else')
        }
        return take(hash, encoding)
      },
    }
  }

  /** What nothing refers to: the root alone. */
  get unreferenced(): readonly number[] {
    return [...this.#free]
  }

  async removeLeftovers(): Promise<void> {
    this.leftoversRemoved++
  }
}
