/** Tries in records: each record has one position, and an edit says exactly which records it wrote and which it ended. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { fromHex, toBinaryString, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { trieRoot } from '../../../../node-core/chain/trie/build.ts'
import { childRootKey, openChildTrie, putChildRoot } from '../../../../node-core/chain/trie/child.ts'
import { copyState } from '../../../../node-core/chain/trie/copy.ts'
import { StateInspector } from '../../../../node-core/chain/trie/inspector.ts'
import { packIds, unpackIds } from '../../../../node-core/chain/trie/nodes/id-list.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { packedSource } from '../../../../node-core/chain/trie/nodes/packed-nodes.ts'
import { RecordPacker, forEachPackedRecord } from '../../../../node-core/chain/trie/nodes/packed-records.ts'
import { MAX_ID, decodeRecord, encodingOf, readId, suffixSize, writeId, writeSuffix } from '../../../../node-core/chain/trie/nodes/record.ts'
import { generateChildProof, generateProof, verifyChildProof, verifyProof } from '../../../../node-core/chain/trie/proofs/proof.ts'
import { runSteps } from '../../../../node-core/chain/trie/steps.ts'
import { EMPTY_ROOT, Trie } from '../../../../node-core/chain/trie/trie.ts'
import type { Change, RecordSource, StateVersion, TrieRoot } from '../../../../node-core/chain/trie/types.ts'
import { recordsOfState } from '../../../helpers/record-walk.ts'
import { MapSource } from './map-source.ts'

class MapRecords implements RecordSource {
  readonly records = new Map<number, Uint8Array>()
  readonly counter = { next: 1 }
  readonly roots = new Map<string, number>()
  readonly get = (id: number): Uint8Array | undefined => this.records.get(id)
  readonly node = this.get
  readonly value = this.get

  rootId(hash: Uint8Array): number | undefined {
    return this.roots.get(toBinaryString(hash))
  }

  /** Stores tries, children first; returns the numbers of the new records. */
  store(...tries: readonly Trie[]): Set<number> {
    const packer = new RecordPacker(this.counter)
    for (const trie of tries) trie.store(packer)
    const written = new Set<number>()
    forEachPackedRecord(packer.finish(), packer.first, (id, record) => {
      this.records.set(id, record.slice())
      written.add(id)
    })
    expect(written.size).toBe(packer.next - packer.first)
    return written
  }
}

const key = fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => byte & 0x13))
const value = fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 30, maxLength: 40 }))
const changes = fc.array(fc.tuple(key, fc.option(value, { nil: undefined })), { maxLength: 12 })
const version = fc.constantFrom<StateVersion>(0, 1)
const block = fc.record({ main: changes, child: changes, version })

function without(all: ReadonlySet<number>, some: ReadonlySet<number>): number[] {
  return [...all].filter((id) => !some.has(id)).sort((a, b) => a - b)
}

describe('an edit', () => {
  it('writes what is new in the state and ends what is not in it any more, child tries included', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 0, max: 1 }), (blocks, cached) => {
        const source = new MapRecords()
        const shared = new NodeStore(source)
        let root: TrieRoot = { hash: EMPTY_ROOT, id: 0 }
        let before = new Set<number>()
        for (const { main, child, version: v } of blocks) {
          const store = cached === 1 ? shared : new NodeStore(source)
          const trie = new Trie(store, root)
          const inner = openChildTrie(store, trie, utf8('kid'))
          inner.apply(child as Change[], v)
          trie.apply(main as Change[], v)
          putChildRoot(trie, utf8('kid'), inner, v)
          const written = source.store(inner, trie)
          const ended = [...inner.takeEnded(), ...trie.takeEnded()]
          root = { hash: trie.root(), id: trie.rootId }
          const after = recordsOfState(source.get, root.id)
          expect(without(after, before)).toEqual([...written])
          expect(without(before, after)).toEqual(ended.sort((a, b) => a - b))
          before = after
        }
      }),
      { numRuns: 300, examples: [[[{ main: [], child: [[new Uint8Array(0), new Uint8Array(0)]], version: 0 }, { main: [], child: [[new Uint8Array(0), undefined], [new Uint8Array(0), new Uint8Array(0)]], version: 0 }], 0]] },
    )
  })

  it('reads as a trie by hash does, and has its root', () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 8 }), version, (blocks, v) => {
        const source = new MapRecords()
        const model = new Map<string, [Uint8Array, Uint8Array]>()
        let root: TrieRoot = { hash: EMPTY_ROOT, id: 0 }
        for (const list of blocks) {
          const trie = new Trie(new NodeStore(source), root)
          for (const [k, content] of list) {
            if (content === undefined) model.delete(toHex(k))
            else model.set(toHex(k), [k, content])
          }
          trie.apply(list as Change[], v)
          source.store(trie)
          root = { hash: trie.root(), id: trie.rootId }
          expect(toHex(root.hash)).toBe(toHex(trieRoot([...model.values()], v)))
          const again = new Trie(new NodeStore(source), root)
          for (const [k, content] of model.values()) expect(again.get(k)).toEqual(content)
          expect(again.keys(new Uint8Array(0)).map(toHex)).toEqual([...model.keys()].sort())
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('a record', () => {
  it('has the encoding and the numbers of what it refers to', () => {
    for (const id of [1, 255, 2 ** 31, 2 ** 32, 2 ** 40 + 7, MAX_ID]) {
      const bytes = new Uint8Array(8)
      expect(writeId(id, bytes, 1)).toBe(7)
      expect(readId(bytes, 1)).toBe(id)
    }
  })

  it('that does not fit its encoding is malformed', () => {
    const source = new MapRecords()
    const trie = new Trie(new NodeStore(source))
    for (let i = 0; i < 4; i++) trie.put(Uint8Array.of(i << 4), new Uint8Array(40).fill(i), 1)
    source.store(trie)
    const record = source.get(trie.rootId) as Uint8Array
    const encoding = encodingOf(record)
    expect(decodeRecord(record).ids?.filter((id) => id !== 0)).toHaveLength(4)
    for (const references of [[], [1], [1, 2, 3], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]]) {
      const bad = new Uint8Array(encoding.length + suffixSize(references))
      bad.set(encoding)
      writeSuffix(references, bad, encoding.length)
      expect(() => decodeRecord(bad)).toThrow(expect.objectContaining({ code: 'TRIE_BAD_NODE' }))
    }
    expect(() => decodeRecord(Uint8Array.of(3))).toThrow(expect.objectContaining({ code: 'TRIE_BAD_NODE' }))
    expect(() => decodeRecord(new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'TRIE_BAD_NODE' }))
  })
})

describe('a state by hash', () => {
  it('becomes records, each position its own, and proves and checks as before', async () => {
    // The same large value and the same subtree at several keys.
    const same = new Uint8Array(50).fill(7)
    const entries = Array.from({ length: 40 }, (_, i) => [Uint8Array.of(i & 3, i), same] as const)
    const byHash = new MapSource()
    const child = byHash.build(entries, 1)
    const nodes = new Trie(new NodeStore(byHash))
    nodes.apply([...entries, [childRootKey(utf8('kid')), child], [childRootKey(utf8('kid2')), child], [childRootKey(utf8('none')), new Uint8Array(32)]], 1)
    nodes.collect(byHash.add)
    const records = new MapRecords()
    const packer = new RecordPacker(records.counter)
    const root = runSteps(copyState(byHash, nodes.root(), packer))
    forEachPackedRecord(packer.finish(), packer.first, (id, record) => records.records.set(id, record.slice()))
    expect(toHex(root.hash)).toBe(toHex(nodes.root()))
    expect(recordsOfState(records.get, root.id).size).toBe(records.records.size)

    const trie = new Trie(new NodeStore(records), root)
    const keys = entries.map(([k]) => k)
    expect(keys.map((k) => trie.get(k))).toEqual(entries.map(() => same))
    const proof = generateProof(records, root, keys)
    expect(new Set(proof.map(toHex)).size).toBe(proof.length)
    expect(verifyProof(proof, nodes.root(), keys)).toEqual(entries.map(() => same))
    const inChild = generateChildProof(records, root, utf8('kid2'), keys)
    expect(verifyChildProof(inChild, nodes.root(), utf8('kid2'), keys)).toEqual(entries.map(() => same))

    const inspector = new StateInspector(records)
    expect(await inspector.isWhole(toHex(root.hash), root.id)).toBe(false) // `none` is no trie
    const whole = new Trie(new NodeStore(records), root)
    whole.delete(childRootKey(utf8('none')))
    records.store(whole)
    expect(await inspector.isWhole(toHex(whole.root()), whole.rootId)).toBe(true)
    for (const id of [...recordsOfState(records.get, whole.rootId)].slice(0, 30)) {
      const record = records.get(id) as Uint8Array
      records.records.set(id, record.map((byte, i) => (i === 0 ? byte ^ 1 : byte)))
      expect(await inspector.isWhole(toHex(whole.root()), whole.rootId)).toBe(false)
      records.records.set(id, record)
    }
  })

  it('may be empty', () => {
    const packer = new RecordPacker({ next: 5 })
    expect(runSteps(copyState(packedSource(new Uint8Array(0)), EMPTY_ROOT, packer))).toEqual({ hash: EMPTY_ROOT, id: 0 })
    expect(packer.finish()).toHaveLength(0)
    expect(() => runSteps(copyState(packedSource(new Uint8Array(0)), fromHex(`0x${'11'.repeat(32)}`), packer))).toThrow(
      expect.objectContaining({ code: 'TRIE_MISSING_NODE' }),
    )
  })
})

it('lists of numbers are packed in ascending order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.maxSafeInteger().map((n) => Math.abs(n) % MAX_ID)), (ids) => {
      const sorted = [...ids].sort((a, b) => a - b)
      const packed = packIds([...ids])
      expect(unpackIds(packed)).toEqual(sorted)
      if (packed.length > 0) expect(() => unpackIds(Uint8Array.from([...packed.subarray(0, -1), 0x80]))).toThrow(expect.objectContaining({ code: 'TRIE_BAD_PACK' }))
    }),
  )
})

it('packs of records are cut off nowhere', () => {
  const packer = new RecordPacker({ next: 9 })
  packer.value(new Uint8Array(32), Uint8Array.of(1, 2, 3))
  packer.node(new Uint8Array(32), Uint8Array.of(4), [7])
  const packed = packer.finish()
  const found: [number, number[]][] = []
  forEachPackedRecord(packed, 9, (id, record) => found.push([id, [...record]]))
  expect(found).toEqual([[9, [1, 2, 3]], [10, [4, 0, 0, 0, 0, 0, 7, 1]]])
  for (const length of [1, 3, 5, 8, packed.length - 1]) {
    expect(() => forEachPackedRecord(packed.subarray(0, length), 9, () => undefined)).toThrow(expect.objectContaining({ code: 'TRIE_BAD_PACK' }))
  }
})
