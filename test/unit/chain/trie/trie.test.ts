import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, fromHex, toBinaryString, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { orderedTrieRoot, trieRoot } from '../../../../node-core/chain/trie/build.ts'
import { CHILD_PREFIX, childRootKey, openChildTrie, putChildRoot } from '../../../../node-core/chain/trie/child.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { EMPTY_ROOT } from '../../../../node-core/chain/trie/nodes/node.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import type { Entry } from '../../../../node-core/chain/trie/types.ts'
import { MapSource } from './map-source.ts'

/** Few different bytes, so that prefixes and near misses are common. */
const byte = fc.constantFrom(0x00, 0x01, 0x0f, 0x10, 0x80, 0xff)
const key = fc.array(byte, { maxLength: 5 }).map((bytes) => Uint8Array.from(bytes))
const value = fc.uint8Array({ maxLength: 40 })
const version = fc.constantFrom(0 as const, 1 as const)

/** Sorted, each key once. */
const entries = fc
  .uniqueArray(fc.tuple(key, value), { maxLength: 40, selector: ([k]) => toHex(k) })
  .map((list) => list.sort((a, b) => compareBytes(a[0], b[0])))

const hexes = (keys: readonly Uint8Array[]): string[] => keys.map(toHex)
const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => compareBytes(bytes.subarray(0, prefix.length), prefix) === 0

describe('reading', () => {
  it('finds exactly the keys that are there', () => {
    fc.assert(
      fc.property(entries, fc.array(key), version, (list, others, v) => {
        const source = new MapSource()
        const trie = source.open(source.build(list, v))
        for (const [k, val] of list) expect(toHex(trie.get(k) as Uint8Array)).toBe(toHex(val))
        const known = new Set(list.map(([k]) => toHex(k)))
        for (const other of others) expect(trie.has(other)).toBe(known.has(toHex(other)))
      }),
    )
  })

  it('gives the next key like a sorted array does', () => {
    fc.assert(
      fc.property(entries, fc.array(key, { minLength: 1 }), version, (list, probes, v) => {
        const source = new MapSource()
        const trie = source.open(source.build(list, v))
        for (const probe of [...probes, ...list.map(([k]) => k)]) {
          const expected = list.find(([k]) => compareBytes(k, probe) > 0)?.[0]
          const next = trie.nextKey(probe)
          expect(next && toHex(next)).toBe(expected && toHex(expected))
        }
      }),
    )
  })

  it('lists keys by prefix, start and count like a sorted array does', () => {
    fc.assert(
      fc.property(entries, key, fc.option(key, { nil: undefined }), fc.nat(6), (list, prefix, start, count) => {
        const source = new MapSource()
        const trie = source.open(source.build(list, 1))
        const all = list.map(([k]) => k).filter((k) => startsWith(k, prefix) && (start === undefined || compareBytes(k, start) > 0))
        expect(hexes(trie.keys(prefix, count, start))).toEqual(hexes(all.slice(0, count)))
        expect(hexes(trie.keys(prefix, undefined, start))).toEqual(hexes(all))
      }),
    )
  })

  it('loads nothing outside the prefix', () => {
    const source = new MapSource()
    const list = Array.from({ length: 500 }, (_, i): Entry => [
      concatBytes(Uint8Array.of(i % 2), blake2b256(Uint8Array.of(i & 255, i >> 8))),
      new Uint8Array(60),
    ])
    const root = source.build(list, 0)
    source.reads = 0
    const trie = source.open(root)
    expect(trie.keys(Uint8Array.of(0), 3)).toHaveLength(3)
    expect(source.reads).toBeLessThan(12)
    expect(trie.keys(Uint8Array.of(2))).toEqual([])
  })

  it('gives the Merkle value at a key, or of the closest one below it', () => {
    fc.assert(
      fc.property(entries, key, version, (list, prefix, v) => {
        const source = new MapSource()
        const root = source.build(list, v)
        const found = source.open(root).closestMerkleValue(prefix)
        expect(found !== undefined).toBe(list.some(([k]) => startsWith(k, prefix)))
        if (found === undefined) return
        // Walked by hand: whatever holds all keys below the prefix, and nothing else, is a child of some node by this value.
        if (prefix.length === 0) expect(toHex(found)).toBe(toHex(root))
        else if (found.length === 32) expect([...source.nodes.keys()]).toContain(toBinaryString(found))
        else expect([...source.nodes.values()].some((node) => toHex(node).includes(toHex(found).slice(2)))).toBe(true)
      }),
    )
  })

  it('changes that Merkle value with everything below the key', () => {
    fc.assert(
      fc.property(entries, key, fc.nat(), version, (list, prefix, which, v) => {
        const below = list.filter(([k]) => startsWith(k, prefix))
        const changed = below[which % below.length]
        if (changed === undefined) return
        const source = new MapSource()
        const trie = source.open(source.build(list, v))
        const before = trie.closestMerkleValue(prefix)
        trie.put(changed[0], concatBytes(changed[1], Uint8Array.of(1)), v)
        expect(toHex(trie.closestMerkleValue(prefix) as Uint8Array)).not.toBe(toHex(before as Uint8Array))
      }),
    )
  })

  it('gives the encoding itself as the Merkle value of a node that lies in its parent', () => {
    const source = new MapSource()
    const trie = source.open(source.build([[Uint8Array.of(0x10), Uint8Array.of(1)], [Uint8Array.of(0x20, 0x30), Uint8Array.of(2)]], 1))
    // A leaf (01) with three nibbles 0, 3, 0 and the value 0x02 behind its length.
    expect(toHex(trie.closestMerkleValue(Uint8Array.of(0x20)) as Uint8Array)).toBe('0x4300300402')
    expect(trie.closestMerkleValue(Uint8Array.of(0x20, 0x31))).toBeUndefined()
    expect(trie.closestMerkleValue(Uint8Array.of(0x20, 0x30, 0x00))).toBeUndefined()
    expect(source.open(EMPTY_ROOT).closestMerkleValue(Uint8Array.of())).toBeUndefined()
  })

  it('finds what two tries differ in, in order, also below some prefixes alone', () => {
    const text = (bytes: Uint8Array | undefined): string | undefined => bytes && toHex(bytes)
    fc.assert(
      fc.property(entries, entries, fc.array(key, { maxLength: 2 }), version, (before, changes, prefixes, v) => {
        const source = new MapSource()
        const old = new Map(before.map(([k, val]) => [toHex(k), toHex(val)]))
        const now = new Map(old)
        // Some keys change, some go, some come.
        changes.forEach(([k, val], i) => (i % 3 === 0 ? now.delete(toHex(before[i % before.length]?.[0] ?? k)) : now.set(toHex(k), toHex(val))))
        const list = (map: Map<string, string>): Entry[] => [...map].map(([k, val]) => [fromHex(k), fromHex(val)])
        const [from, to] = [source.open(source.build(list(old), v)), source.open(source.build(list(now), v))]
        const asked = (k: string): boolean => prefixes.length === 0 || prefixes.some((prefix) => k.startsWith(toHex(prefix)))
        const expected = [...new Set([...old.keys(), ...now.keys()])].filter((k) => asked(k) && old.get(k) !== now.get(k)).sort()
        const found = [...from.differences(to, prefixes)].map((entry) => [toHex(entry.key), text(entry.before), text(entry.after)])
        expect(found).toEqual(expected.map((k) => [k, old.get(k), now.get(k)]))
      }),
    )
  })

  it('looks for differences only where there are some', () => {
    const source = new MapSource()
    const list = Array.from({ length: 2000 }, (_, i): Entry => [blake2b256(Uint8Array.of(i & 255, i >> 8)), new Uint8Array(40)])
    const before = source.build(list, 1)
    const after = source.build([...list.slice(1), [(list[0] as Entry)[0], new Uint8Array(3)]], 1)
    source.reads = 0
    expect([...source.open(before).differences(source.open(after))]).toHaveLength(1)
    expect(source.reads).toBeLessThan(20)
  })

  it('says which node is missing', () => {
    const source = new MapSource()
    const root = source.build([[Uint8Array.of(1), new Uint8Array(50)]], 1)
    source.nodes.delete([...source.nodes.keys()].find((hash) => source.nodes.get(hash)?.length === 50) as string)
    const trie = source.open(root)
    expect(trie.has(Uint8Array.of(1))).toBe(true)
    const hash = toHex(blake2b256(new Uint8Array(50)))
    expect(() => trie.get(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE', data: { hash } }))
    expect(() => source.open(blake2b256(root))).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE' }))
  })
})

describe('changing', () => {
  const change = fc.tuple(key, fc.option(value, { nil: undefined }))
  const changes = fc.array(change, { minLength: 1, maxLength: 20 })

  it('gives the root that building from nothing gives, at every step', () => {
    fc.assert(
      fc.property(entries, fc.array(change, { maxLength: 30 }), version, (list, edits, v) => {
        const source = new MapSource()
        const trie = source.open(source.build(list, v))
        const state = new Map(list.map(([k, val]) => [toHex(k), [k, val] as Entry]))
        for (const [k, val] of edits) {
          trie.apply([[k, val]], v)
          if (val === undefined) state.delete(toHex(k))
          else state.set(toHex(k), [k, val])
          expect(toHex(trie.root())).toBe(toHex(trieRoot([...state.values()], v)))
        }
        trie.collect(source.add)
        expect(hexes(source.open(trie.root()).keys(new Uint8Array(0)))).toEqual([...state.keys()].sort())
      }),
    )
  })

  it('hands out only what is new, and nothing of intermediate roots', () => {
    const source = new MapSource()
    const list = Array.from({ length: 1000 }, (_, i): Entry => [
      blake2b256(Uint8Array.of(i & 255, i >> 8)),
      new Uint8Array(60).fill(i),
    ])
    const trie = source.open(source.build(list, 1))
    const changed = (list[7] as Entry)[0]
    for (let i = 0; i < 50; i++) {
      trie.put(changed, new Uint8Array(60).fill(200 + i), 1)
      trie.root()
    }
    const sizes: number[] = []
    trie.collect((hash, node) => {
      expect(toHex(blake2b256(node))).toBe(toHex(hash))
      sizes.push(node.length)
    })
    // The way down (three or four branches and a leaf), and the value.
    expect(sizes.length).toBeLessThanOrEqual(6)
    expect(sizes.filter((size) => size === 60)).toHaveLength(1)
    trie.collect(() => expect.fail('nothing is left to hand out'))
  })

  it('writes nothing where a value stays the same', () => {
    for (const v of [0, 1] as const) {
      const source = new MapSource()
      const list = Array.from({ length: 50 }, (_, i): Entry => [Uint8Array.of(i), new Uint8Array(i).fill(i)])
      const trie = source.open(source.build(list, v))
      trie.apply(list, v)
      trie.delete(Uint8Array.of(99))
      trie.collect(() => expect.fail('nothing has changed'))
    }
  })

  it('in a fork does not show in the other', () => {
    fc.assert(
      fc.property(entries, changes, changes, fc.boolean(), (list, one, two, early) => {
        const source = new MapSource()
        const trie = new Trie(new NodeStore(source))
        trie.apply(list, 1)
        if (early) trie.root()
        const fork = trie.fork()
        trie.apply(one, 1)
        if (early) trie.collect(source.add)
        fork.apply(two, 1)
        for (const [side, edits] of [[trie, one], [fork, two]] as const) {
          const alone = new Trie(new NodeStore(new MapSource()))
          alone.apply(list, 1)
          alone.apply(edits, 1)
          expect(toHex(side.root())).toBe(toHex(alone.root()))
        }
        fork.collect(source.add)
        expect(hexes(source.open(fork.root()).keys(new Uint8Array(0)))).toEqual(hexes(fork.keys(new Uint8Array(0))))
      }),
    )
  })

  it('everything away leaves the empty trie', () => {
    const source = new MapSource()
    const list = Array.from({ length: 40 }, (_, i): Entry => [Uint8Array.of(i, i), new Uint8Array(i)])
    const trie = source.open(source.build(list, 1))
    for (const [k] of list) trie.delete(k)
    expect(toHex(trie.root())).toBe(toHex(EMPTY_ROOT))
    trie.collect(() => expect.fail('an empty trie has no nodes'))
    expect(source.open(trie.root()).nextKey(new Uint8Array(0))).toBeUndefined()
  })
})

describe('value references', () => {
  it('stay while the value stays, and do not load a value of its own', () => {
    const code = utf8(':code')
    const list: Entry[] = [[code, new Uint8Array(5000)], [utf8(':other'), Uint8Array.of(1)]]
    for (const v of [0, 1] as const) {
      const source = new MapSource()
      const root = source.build(list, v)
      const trie = source.open(root)
      const before = trie.valueRef(code) as Uint8Array
      expect(before).toHaveLength(32)
      trie.put(utf8(':other'), Uint8Array.of(2), v)
      trie.collect(source.add)
      expect(toHex(source.open(trie.root()).valueRef(code) as Uint8Array)).toBe(toHex(before))
      trie.put(code, new Uint8Array(5000).fill(1), v)
      expect(toHex(trie.valueRef(code) as Uint8Array)).not.toBe(toHex(before))
      trie.root()
      expect(toHex(trie.valueRef(code) as Uint8Array)).not.toBe(toHex(before))
      expect(trie.valueRef(utf8(':nothing'))).toBeUndefined()
    }
    const source = new MapSource()
    const root = source.build(list, 1)
    source.nodes.delete([...source.nodes.keys()].find((hash) => source.nodes.get(hash)?.length === 5000) as string)
    expect(source.open(root).valueRef(code)).toEqual(blake2b256(new Uint8Array(5000)))
  })
})

describe('child tries', () => {
  it('have their root in the main trie while they are not empty', () => {
    const source = new MapSource()
    const store = new NodeStore(source)
    const main = new Trie(store)
    const child = openChildTrie(store, main, utf8('crowd'))
    child.put(utf8('a'), Uint8Array.of(1), 1)
    putChildRoot(main, utf8('crowd'), child, 1)
    main.collect(source.add)
    child.collect(source.add)
    expect(hexes(main.keys(CHILD_PREFIX))).toEqual([toHex(utf8(':child_storage:default:crowd'))])

    const again = source.open(main.root())
    expect(openChildTrie(store, again, utf8('crowd')).get(utf8('a'))).toEqual(Uint8Array.of(1))
    expect(openChildTrie(store, again, utf8('other')).get(utf8('a'))).toBeUndefined()
    putChildRoot(again, utf8('crowd'), new Trie(store), 1)
    expect(toHex(again.root())).toBe(toHex(EMPTY_ROOT))
    again.put(childRootKey(utf8('bad')), Uint8Array.of(1), 1)
    expect(() => openChildTrie(store, again, utf8('bad'))).toThrow(expect.objectContaining({ code: 'TRIE_BAD_NODE' }))
  })
})

describe('building', () => {
  it('does not depend on the order, and takes the last of several values', () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(1000)), version, (list, stream, v) => {
        const shuffled = list.map((entry) => [stream.next().value as number, entry] as const).sort((a, b) => a[0] - b[0])
        const doubled = [...list.map(([k]): Entry => [k, Uint8Array.of(99)]), ...shuffled.map(([, entry]) => entry)]
        expect(toHex(trieRoot(doubled, v))).toBe(toHex(trieRoot(list, v)))
      }),
    )
  })

  it('of a list uses compact indices as keys', () => {
    const values = Array.from({ length: 70 }, (_, i) => Uint8Array.of(i, 1))
    const list = values.map((val, i): Entry => [i < 64 ? Uint8Array.of(i << 2) : Uint8Array.of(((i << 2) | 1) & 255, i >> 6), val])
    expect(toHex(orderedTrieRoot(values, 0))).toBe(toHex(trieRoot(list, 0)))
    expect(toHex(orderedTrieRoot([], 1))).toBe('0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314')
  })
})
