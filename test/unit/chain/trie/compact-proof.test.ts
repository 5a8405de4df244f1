import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toBinaryString, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { CHILD_PREFIX, childRootKey } from '../../../../node-core/chain/trie/child.ts'
import { COMPACT_LIMITS, decodeCompact, encodeCompact, type CompactLimits } from '../../../../node-core/chain/trie/proofs/compact-proof.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { EMPTY_ROOT } from '../../../../node-core/chain/trie/nodes/node.ts'
import { recordingSource, generateProof, proofSource } from '../../../../node-core/chain/trie/proofs/proof.ts'
import { runSteps } from '../../../../node-core/chain/trie/steps.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import type { Entry, NodeSource, StateVersion } from '../../../../node-core/chain/trie/types.ts'
import { MapSource } from './map-source.ts'

const encode = (source: NodeSource, root: Uint8Array, limits?: CompactLimits): Uint8Array[] => runSteps(encodeCompact(source, root, limits))
const decode = (items: readonly Uint8Array[], root: Uint8Array, limits?: CompactLimits): NodeSource =>
  runSteps(decodeCompact(items, root, limits))
const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => concatBytes(...parts.map((part) => Uint8Array.from(part)))
const fails = (code: string): Error => expect.objectContaining({ code }) as Error
const at = (key: number, size: number): Entry => [Uint8Array.of(key), new Uint8Array(size).fill(key)]

describe('the bytes of a small trie', () => {
  // Keys 0x1…: a branch at the nibble 1 with a leaf at each second nibble. A leaf without partial key is 0x40, length, value.
  const leaf = (key: number): Uint8Array => bytes([0x40, 32 << 2], new Uint8Array(32).fill(key))
  const branch = (...references: readonly (Uint8Array | readonly number[])[]): Uint8Array => bytes([0x81, 0x01, 0b11, 0], ...references)
  const whole = (keys: readonly number[]): Uint8Array => branch(...keys.map((key) => bytes([32 << 2], blake2b256(leaf(key)))))

  it('are the nodes in pre-order, with nothing in place of what follows', () => {
    const source = new MapSource()
    const root = source.build([at(0x10, 32), at(0x11, 32)], 1)
    expect(toHex(root)).toBe(toHex(blake2b256(whole([0x10, 0x11]))))
    expect(encode(source, root).map(toHex)).toEqual([branch([0], [0]), leaf(0x10), leaf(0x11)].map(toHex))
  })

  it('keep the hash of what is not in the proof', () => {
    const source = new MapSource()
    const root = source.build([at(0x10, 32), at(0x11, 32)], 1)
    const proof = generateProof(source, root, [Uint8Array.of(0x11)])
    const expected = [branch(bytes([32 << 2], blake2b256(leaf(0x10))), [0]), leaf(0x11)]
    expect(encode(proofSource(proof), root).map(toHex)).toEqual(expected.map(toHex))
    const back = decode(expected, root)
    expect(new Trie(new NodeStore(back), root).get(Uint8Array.of(0x11))).toEqual(at(0x11, 32)[1])
    expect(() => new Trie(new NodeStore(back), root).get(Uint8Array.of(0x10))).toThrow(fails('TRIE_MISSING_NODE'))
  })

  it('have values of their own behind their nodes, which are escaped', () => {
    const source = new MapSource()
    const root = source.build([at(0x10, 33), at(0x11, 1)], 1)
    const hashed = bytes([0x20], blake2b256(new Uint8Array(33).fill(0x10)))
    expect(toHex(root)).toBe(toHex(blake2b256(branch(bytes([32 << 2], blake2b256(hashed)), [3 << 2, 0x40, 1 << 2, 0x11]))))
    const expected = [branch([0], [3 << 2, 0x40, 1 << 2, 0x11]), bytes([0x01, 0x40, 0]), new Uint8Array(33).fill(0x10)]
    expect(encode(source, root).map(toHex)).toEqual(expected.map(toHex))
    // Version 0 has the value in the node.
    const old = new MapSource()
    const oldRoot = old.build([at(0x10, 33), at(0x11, 1)], 0)
    expect(encode(old, oldRoot).map(toHex)).toEqual([expected[0], bytes([0x40, 33 << 2], new Uint8Array(33).fill(0x10))].map((item) => toHex(item!)))
  })

  it('escape branches with a value of their own too, whatever the length of their keys', () => {
    // 20 and 40 nibbles: the header of a branch with a hashed value has room for 14, that of one with a value for 62.
    for (const size of [10, 20, 40]) {
      const key = new Uint8Array(size).fill(0xab)
      const source = new MapSource()
      const root = source.build([[key, new Uint8Array(50)], [bytes(key, [0x10]), Uint8Array.of(7)]], 1)
      const header = size * 2 < 63 ? [0xc0 + size * 2] : [0xff, size * 2 - 63]
      const expected = [bytes([0x01], header, key, [0b10, 0, 0], [4 << 2, 0x41, 0x00, 1 << 2, 7]), new Uint8Array(50)]
      expect(encode(source, root).map(toHex)).toEqual(expected.map(toHex))
      expect(new Trie(new NodeStore(decode(expected, root)), root).get(key)).toEqual(new Uint8Array(50))
    }
  })

  it('of the empty trie are one zero', () => {
    expect(encode(new MapSource(), EMPTY_ROOT)).toEqual([Uint8Array.of(0)])
    expect(decode([Uint8Array.of(0)], EMPTY_ROOT).get(EMPTY_ROOT)).toBeUndefined()
  })

  it('have child tries behind the main trie, by the order of their roots, equal ones once', () => {
    const source = new MapSource()
    const roots = [0x51, 0x52, 0x51].map((key) => source.build([at(key, 40)], 0))
    const main = ['c', 'a', 'b'].map((name, i): Entry => [childRootKey(utf8(name)), roots[i] as Uint8Array])
    const root = source.build([...main, at(0xff, 1)], 0)
    const items = encode(source, root)
    const leafOf = (key: number): string => toHex(bytes([0x42, key, 40 << 2], new Uint8Array(40).fill(key)))
    expect(items.slice(-2).map(toHex)).toEqual([leafOf(0x52), leafOf(0x51)])
    // Others write equal ones as often as they occur: both can be read.
    const names = items.slice(0, -2)
    const [a, c] = items.slice(-2) as [Uint8Array, Uint8Array]
    for (const children of [[a, c], [a, c, c], [a], [c], []]) {
      const back = decode([...names, ...children], root)
      expect(back.get(roots[0]!) !== undefined).toBe(children.includes(c))
      expect(back.get(roots[1]!) !== undefined).toBe(children.includes(a))
    }
    for (const children of [[c, a], [a, c, a], [a, c, c, c], [bytes([0x42, 0x53, 40 << 2], new Uint8Array(40))]]) {
      expect(() => decode([...names, ...children], root)).toThrow(fails('TRIE_BAD_PROOF'))
    }
  })
})

/** Keys of a few nibbles, so that they share beginnings, and values of all the sizes that matter. */
const someKey = fc.array(fc.constantFrom(0, 1, 0x10, 0x11, 0xff), { maxLength: 5 }).map((key) => Uint8Array.from(key))
const someValue = fc.tuple(fc.constantFrom(0, 1, 30, 31, 32, 33, 64, 300), fc.nat(255)).map(([size, byte]) => new Uint8Array(size).fill(byte))
const someEntries = fc.array(fc.tuple(someKey, someValue), { maxLength: 40 })
const someState = fc.record({
  version: fc.constantFrom<StateVersion>(0, 1),
  main: someEntries,
  children: fc.array(fc.tuple(someKey, someEntries), { maxLength: 4 }),
  read: fc.array(fc.nat(), { maxLength: 12 }),
})

describe('random states', () => {
  it('come back with exactly the nodes that were in the proof', () => {
    let childNodes = 0
    fc.assert(
      fc.property(someState, ({ version, main, children, read }) => {
        const source = new MapSource()
        const tries = children.map(([name, entries]) => ({ name, entries, root: source.build(entries, version) }))
        const roots = tries.filter(({ root }) => toHex(root) !== toHex(EMPTY_ROOT)).map(({ name, root }): Entry => [childRootKey(name), root])
        const root = source.build([...main, ...roots], version)
        const recording = recordingSource(source)
        const store = new NodeStore(recording)
        const mainTrie = new Trie(store, root)
        // Some keys of the main trie, and of child tries by way of their roots there.
        for (const i of read) {
          if (main.length > 0) mainTrie.get((main[i % main.length] as Entry)[0])
          const child = roots.length > 0 ? (roots[i % roots.length] as Entry) : undefined
          const childRoot = child && mainTrie.get(child[0])
          const keys = tries.find((trie) => childRoot !== undefined && toHex(trie.root) === toHex(childRoot))?.entries ?? []
          if (childRoot !== undefined && keys.length > 0) new Trie(store, childRoot).get((keys[i % keys.length] as Entry)[0])
        }
        const back = decode(encode(recording.seen(), root), root)
        for (const node of recording.nodes()) expect(toHex(back.get(blake2b256(node))!)).toBe(toHex(node))
        childNodes += roots.length > 0 ? recording.nodes().length : 0
        // Nothing came out that was not recorded.
        const recorded = new Set(recording.nodes().map((node) => toBinaryString(blake2b256(node))))
        for (const key of source.nodes.keys()) {
          if (!recorded.has(key)) expect(back.get(Uint8Array.from(Buffer.from(key, 'latin1')))).toBeUndefined()
        }
        // And the whole.
        const all = decode(encode(source, root), root)
        const trie = new Trie(new NodeStore(all), root)
        const stored = source.open(root)
        for (const [key] of main) expect(toHex(trie.get(key)!)).toBe(toHex(stored.get(key)!))
        for (const [name] of roots) expect(all.get(trie.get(name)!)).toBeDefined()
      }),
      { seed: 11, numRuns: 400 },
    )
    expect(childNodes).toBeGreaterThan(1000)
  })
})

describe('a proof that is not one', () => {
  const source = new MapSource()
  const child = source.build([at(1, 40), at(2, 40), at(0x21, 3)], 1)
  const root = source.build([at(0x10, 40), at(0x11, 20), at(0x12, 2), [childRootKey(utf8('kid')), child], [CHILD_PREFIX, Uint8Array.of(1)]], 1)
  const items = encode(source, root)
  const typed = { name: 'NodeError', code: expect.stringMatching(/^TRIE_/) as string }

  it('is refused whichever byte is another', () => {
    for (const [i, item] of items.entries()) {
      for (let offset = 0; offset < item.length; offset++) {
        for (const bit of [1, 0x10, 0x80]) {
          const changed = item.slice()
          changed[offset] = (changed[offset] as number) ^ bit
          expect(() => decode(items.with(i, changed), root)).toThrow(expect.objectContaining(typed))
        }
      }
    }
  })

  it('is refused where it is cut off, goes on, is in another order, or of another root', () => {
    expect(() => decode(items, child)).toThrow(fails('TRIE_BAD_PROOF'))
    expect(() => decode([], root)).toThrow(fails('TRIE_BAD_PROOF'))
    for (const [i, item] of items.entries()) {
      expect(() => decode([...items, item], root)).toThrow(expect.objectContaining(typed))
      // A proof may end before its child tries, which stay behind their roots.
      const childAt = items.length - encode(source, child).length
      if (i !== childAt) expect(() => decode(items.slice(0, i), root)).toThrow(expect.objectContaining(typed))
      if (i > 0) expect(() => decode([...items.slice(0, i - 1), item, items[i - 1] as Uint8Array, ...items.slice(i + 1)], root)).toThrow(expect.objectContaining(typed))
    }
  })

  it('is refused where a node says two values, or is empty', () => {
    for (const bad of [[0x01, 0x41, 0x01, 4, 9], [0x01, 0x80, 1, 0, 8, 0x40, 0], [0x01, 0], [0x01], [], [0x81, 1, 1, 0, 4, 0]]) {
      expect(() => decode([Uint8Array.from(bad), Uint8Array.of(1), Uint8Array.of(1)], root)).toThrow(expect.objectContaining(typed))
    }
  })

  it('is refused by its counts before anything is made of it', () => {
    const branch = Uint8Array.of(0x80, 1, 0, 0)
    const deep = new Array<Uint8Array>(100_000).fill(branch)
    expect(() => decode(deep, root)).toThrow(fails('TRIE_PROOF_LIMIT'))
    expect(() => decode(deep.slice(0, 2047), root)).toThrow(fails('TRIE_BAD_PROOF'))
    const wide = new Array<Uint8Array>(COMPACT_LIMITS.nodes + 1).fill(Uint8Array.of(0x40, 0))
    expect(() => decode(wide, root)).toThrow(fails('TRIE_PROOF_LIMIT'))
    const started = performance.now()
    expect(() => decode(wide.slice(0, -1), root)).toThrow(fails('TRIE_BAD_PROOF'))
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('limits of what is written', () => {
  it('leave the rest behind its hashes', () => {
    const source = new MapSource()
    const root = source.build(Array.from({ length: 200 }, (_, i) => at(i, 100)), 1)
    const whole = encode(source, root).length
    for (const limits of [{ nodes: 60, bytes: 1e9 }, { nodes: 1e9, bytes: 5000 }]) {
      const items = encode(source, root, limits)
      expect(items.length).toBeLessThanOrEqual(limits.nodes)
      expect(items.reduce((size, item) => size + item.length, 0)).toBeLessThanOrEqual(limits.bytes)
      expect(items.length).toBeGreaterThan(10)
      expect(items.length).toBeLessThan(whole)
      expect(new Trie(new NodeStore(decode(items, root)), root).get(Uint8Array.of(0))).toEqual(new Uint8Array(100))
    }
    expect(() => encode(source, blake2b256(root))).toThrow(fails('TRIE_MISSING_NODE'))
  })

  it('let others have their turn', () => {
    const source = new MapSource()
    const root = source.build(Array.from({ length: 256 }, (_, i) => at(i, 3000)), 0)
    const steps = encodeCompact(source, root)
    let turns = 0
    while (steps.next().done !== true) turns++
    expect(turns).toBeGreaterThan(8)
  })
})
