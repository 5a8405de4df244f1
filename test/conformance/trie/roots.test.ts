import { describe, expect, it } from 'vitest'
import { compareBytes, fromBinaryString, toBinaryString, toHex } from '../../../node-core/base/bytes.ts'
import { buildTrie, trieRoot } from '../../../node-core/chain/trie/build.ts'
import { NodeStore } from '../../../node-core/chain/trie/nodes/node-store.ts'
import { EMPTY_ROOT } from '../../../node-core/chain/trie/nodes/node.ts'
import { Trie } from '../../../node-core/chain/trie/trie.ts'
import { forEachPackedNode } from '../../../node-core/chain/trie/nodes/packed-nodes.ts'
import type { Entry, NodeSource, StateVersion } from '../../../node-core/chain/trie/types.ts'
import { oracleRoot, randomKey, randomValue, seededRandom } from './oracle.ts'

class MapSource implements NodeSource {
  readonly nodes = new Map<string, Uint8Array>()

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.nodes.get(toBinaryString(hash))
  }

  add(hash: Uint8Array, node: Uint8Array): void {
    this.nodes.set(toBinaryString(hash), node.slice())
  }
}

function entriesOf(state: ReadonlyMap<string, Uint8Array>): Entry[] {
  return [...state].map(([key, value]) => [fromBinaryString(key), value] as const)
}

describe.each([0, 1] as const)('roots of state version %i equal an independent implementation', (version: StateVersion) => {
  it('of the empty trie', async () => {
    expect(toHex(await oracleRoot([], version))).toBe(toHex(EMPTY_ROOT))
    expect(toHex(trieRoot([], version))).toBe(toHex(EMPTY_ROOT))
  })

  it.each([0, 1, 31, 32, 33, 63, 64, 16_383, 16_384, 70_000])('with one value of %i bytes', async (size) => {
    const entries: Entry[] = [[Uint8Array.of(1, 2), new Uint8Array(size).fill(3)]]
    expect(toHex(trieRoot(entries, version))).toBe(toHex(await oracleRoot(entries, version)))
  })

  it.each([7, 8, 15, 16, 31, 32, 63, 64, 159, 160, 300])('with keys of %i bytes', async (size) => {
    const key = new Uint8Array(size).fill(0x5a)
    const leaf: Entry[] = [[key, Uint8Array.of(1)]]
    const hashedLeaf: Entry[] = [[key, new Uint8Array(40)]]
    const branch: Entry[] = [[key, new Uint8Array(40)], [Uint8Array.of(...key, 1), Uint8Array.of(1)]]
    const bare: Entry[] = [[Uint8Array.of(...key, 1), Uint8Array.of(1)], [Uint8Array.of(...key, 0x11), Uint8Array.of(1)]]
    for (const entries of [leaf, hashedLeaf, branch, bare]) {
      expect(toHex(trieRoot(entries, version))).toBe(toHex(await oracleRoot(entries, version)))
    }
  })

  it('after each of many rounds of inserts, overwrites and deletions', async () => {
    const random = seededRandom(20 + version)
    const source = new MapSource()
    const state = new Map<string, Uint8Array>()
    let root: Uint8Array = EMPTY_ROOT
    for (let round = 0; round < 60; round++) {
      // A small cache in every other round, so that nodes are read back from their encodings.
      const trie = new Trie(new NodeStore(source, round % 2 === 0 ? 1 : undefined), root)
      for (let i = 0; i < 60; i++) {
        const known = [...state.keys()]
        const action = random(10)
        // Later rounds shrink the state, down to nothing in the last one.
        if (known.length > 0 && action < (round < 40 ? 3 : 8)) {
          const key = known[random(known.length)] as string
          state.delete(key)
          trie.delete(fromBinaryString(key))
        } else {
          const key = known.length > 0 && action < 5 ? fromBinaryString(known[random(known.length)] as string) : randomKey(random)
          const value = randomValue(random)
          state.set(toBinaryString(key), value)
          trie.put(key, value, version)
        }
        if (i % 20 === 7) expect(toHex(trie.root())).toBe(toHex(trieRoot(entriesOf(state), version)))
      }
      if (round === 59) {
        for (const key of state.keys()) trie.delete(fromBinaryString(key))
        state.clear()
      }
      trie.collect((hash, node) => source.add(hash, node))
      root = trie.root()
      const entries = entriesOf(state)
      expect(toHex(root)).toBe(toHex(await oracleRoot(entries, version)))
      const reread = new Trie(new NodeStore(source), root)
      const seen: string[] = []
      reread.forEach(new Uint8Array(0), (key, value) => {
        seen.push(`${toHex(key)}=${toHex(value)}`)
        return true
      })
      expect(seen).toEqual(entries.toSorted((a, b) => compareBytes(a[0], b[0])).map(([k, v]) => `${toHex(k)}=${toHex(v)}`))
    }
    expect(toHex(root)).toBe(toHex(EMPTY_ROOT))
  })

  it('built at once, with nodes that suffice to read everything', async () => {
    const random = seededRandom(30 + version)
    const state = new Map<string, Uint8Array>()
    for (let i = 0; i < 2000; i++) state.set(toBinaryString(randomKey(random)), randomValue(random))
    const entries = entriesOf(state)
    const { root, nodes } = buildTrie(entries, version)
    expect(toHex(root)).toBe(toHex(await oracleRoot(entries, version)))
    const source = new MapSource()
    forEachPackedNode(nodes, (hash, node) => source.add(hash, node))
    const trie = new Trie(new NodeStore(source), root)
    for (const [key, value] of entries) expect(toHex(trie.get(key) as Uint8Array)).toBe(toHex(value))
  })
})

describe('a state of version 0 under version 1', () => {
  it('moves only the values that are written', async () => {
    const source = new MapSource()
    const entries: Entry[] = [1, 2, 3, 4].map((i) => [Uint8Array.of(i), new Uint8Array(40).fill(i)])
    const old = new Trie(new NodeStore(source))
    old.apply(entries, 0)
    old.collect((hash, node) => source.add(hash, node))
    const trie = new Trie(new NodeStore(source), old.root())
    const mixed = [trie.root()]
    for (const [key, value] of entries) {
      trie.put(key, value, 1)
      mixed.push(trie.root())
    }
    expect(new Set(mixed.map(toHex)).size).toBe(5)
    expect(toHex(mixed[0] as Uint8Array)).toBe(toHex(await oracleRoot(entries, 0)))
    expect(toHex(mixed[4] as Uint8Array)).toBe(toHex(await oracleRoot(entries, 1)))
  })
})
