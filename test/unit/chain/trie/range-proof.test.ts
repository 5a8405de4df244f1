import { describe, expect, it } from 'vitest'
import { toBinaryString, toHex } from '../../../../node-core/base/bytes.ts'
import { copyState } from '../../../../node-core/chain/trie/copy.ts'
import { decodeCompact } from '../../../../node-core/chain/trie/proofs/compact-proof.ts'
import { proveRange } from '../../../../node-core/chain/trie/proofs/range-proof.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { suffixSize, writeSuffix } from '../../../../node-core/chain/trie/nodes/record.ts'
import { rangeEnd, readRange } from '../../../../node-core/chain/trie/range.ts'
import { runSteps } from '../../../../node-core/chain/trie/steps.ts'
import type { RecordSource, TrieSource } from '../../../../node-core/chain/trie/types.ts'
import { decodeAll } from '../../../../node-core/scale/reader.ts'
import { below, makeState, random, type MadeState } from '../joining/state/states.ts'

/** The same state as records by number. */
function recordsOf({ source, root }: MadeState): RecordSource {
  const records: Uint8Array[] = []
  const hashes: Uint8Array[] = []
  const { id } = runSteps(copyState(source, root, {
    value: (hash, value) => hashes.push(hash.slice()) && records.push(value.slice()),
    node: (hash, encoding, references) => {
      const record = new Uint8Array(encoding.length + suffixSize(references))
      record.set(encoding)
      writeSuffix(references, record, encoding.length)
      hashes.push(hash.slice())
      return records.push(record)
    },
  }))
  const get = (number: number, hash: Uint8Array): Uint8Array | undefined => {
    if (toHex(hashes[number - 1] ?? new Uint8Array(0)) !== toHex(hash)) throw new Error('a number and a hash of two nodes')
    return records[number - 1]
  }
  return { node: get, value: get, rootId: (hash) => (toHex(hash) === toHex(root) ? id : undefined) }
}

const itemsOf = (proof: Uint8Array): Uint8Array[] => decodeAll(proof, 'the proof', (reader) => reader.vec((item) => item.bytes()))

/** Goes through a state by proofs, each checked by itself. */
function goThrough({ root }: MadeState, source: TrieSource, softBytes: () => number, visit: (proof: Uint8Array, start: readonly Uint8Array[]) => void = () => undefined): Map<string, string> {
  const found = new Map<string, string>()
  let start: readonly Uint8Array[] | undefined = []
  for (let pieces = 0; start !== undefined; pieces++) {
    expect(pieces).toBeLessThan(3000)
    const proof = runSteps(proveRange(source, root, { start, softBytes: softBytes(), maxBytes: 100_000 })) ?? expect.fail('refused')
    visit(proof, start)
    const nodes = runSteps(decodeCompact(itemsOf(proof), root))
    const levels = runSteps(readRange(new NodeStore(nodes), root, { start, takes: () => true, isPartial: true })) ?? expect.fail('no such child')
    for (const { childRoot, entries } of levels) for (const [key, value] of entries) found.set(`${childRoot ? toBinaryString(childRoot) : ''}/${toHex(key)}`, toHex(value))
    const next: readonly Uint8Array[] | undefined = rangeEnd(levels, start)
    expect(next?.map(toHex)).not.toEqual(start.map(toHex))
    start = next
  }
  return found
}

function everything({ source, root }: MadeState): Map<string, string> {
  const levels = runSteps(readRange(new NodeStore(source), root, { start: [], takes: () => true, isPartial: false })) ?? []
  return new Map(levels.flatMap(({ childRoot, entries }) => entries.map(([key, value]): [string, string] => [`${childRoot ? toBinaryString(childRoot) : ''}/${toHex(key)}`, toHex(value)])))
}

describe('the proof of a piece of a state', () => {
  it.each(Array.from({ length: 24 }, (_, seed) => seed))('leads through all of it, by hash and by number alike (seed %i)', (seed) => {
    const next = random(seed)
    const state = makeState(seed + 300, { entries: below(next, 300), children: below(next, 6), versions: [[0, 1], [1], [0]][seed % 3] as (0 | 1)[], largest: 5000 })
    const sizes = Array.from({ length: 3000 }, () => below(next, 4000))
    const proofs: string[] = []
    let at = 0
    const expected = everything(state)
    expect(goThrough(state, state.source, () => sizes[at++] as number, (proof) => proofs.push(toHex(proof)))).toEqual(expected)
    at = 0
    const again: string[] = []
    goThrough(state, recordsOf(state), () => sizes[at++] as number, (proof) => again.push(toHex(proof)))
    expect(again).toEqual(proofs)
  })

  it('begins anywhere, also where no key is', () => {
    const state = makeState(400, { entries: 400, children: 2 })
    const keys = state.main.map(([key]) => toHex(key)).sort()
    const next = random(5)
    for (let i = 0; i < 200; i++) {
      const start = Uint8Array.from({ length: below(next, 40) }, () => below(next, 256))
      if (i % 2 === 0) start.set(Buffer.from((keys[below(next, keys.length)] as string).slice(2, 2 + 2 * start.length), 'hex'))
      const proof = runSteps(proveRange(state.source, state.root, { start: [start], softBytes: 300, maxBytes: 100_000 })) ?? expect.fail()
      const nodes = runSteps(decodeCompact(itemsOf(proof), state.root))
      const [main] = runSteps(readRange(new NodeStore(nodes), state.root, { start: [start], takes: () => true, isPartial: true })) ?? expect.fail()
      expect(toHex(main?.entries[0]?.[0] ?? new Uint8Array(0))).toBe(keys.find((key) => key > toHex(start)) ?? '0x')
    }
  })

  it('reads each node once, and no more than is in it', () => {
    const state = makeState(401, { entries: 2000, children: 0 })
    const trieReads = (): number => state.source.reads
    const before = trieReads()
    const proof = runSteps(proveRange(state.source, state.root, { start: [], softBytes: 8000, maxBytes: 100_000 })) ?? expect.fail()
    // The root is looked at once more.
    expect(trieReads() - before).toBe(itemsOf(proof).length + 1)
  })

  it('is refused for a child trie that does not exist', () => {
    const state = makeState(402)
    const options = { softBytes: 1000, maxBytes: 10_000 }
    expect(runSteps(proveRange(state.source, state.root, { start: [Uint8Array.of(1), Uint8Array.of(2)], ...options }))).toBeUndefined()
  })

  it('leaves a large value to the next piece', () => {
    const source = makeState(1).source
    const root = source.build([[Uint8Array.of(1), new Uint8Array(900)], [Uint8Array.of(2), new Uint8Array(900).fill(1)], [Uint8Array.of(3), new Uint8Array(900).fill(2)]], 1)
    const state: MadeState = { root, source, main: [], children: new Map() }
    const sizes: number[] = []
    goThrough(state, source, () => 100_000, (proof) => sizes.push(proof.length))
    expect(sizes).toHaveLength(1)
    const little: number[] = []
    let start: readonly Uint8Array[] | undefined = []
    while (start !== undefined) {
      const proof: Uint8Array = runSteps(proveRange(source, root, { start, softBytes: 100_000, maxBytes: 1500 })) ?? expect.fail()
      little.push(proof.length)
      const levels = runSteps(readRange(new NodeStore(runSteps(decodeCompact(itemsOf(proof), root))), root, { start, takes: () => true, isPartial: true })) ?? expect.fail()
      start = rangeEnd(levels, start)
    }
    expect(little).toHaveLength(3)
  })
})
