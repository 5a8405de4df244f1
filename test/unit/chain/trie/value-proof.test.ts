/** Proofs of one value that leave out what the verifier has. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY, concatBytes, fromHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2b256, keccak256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { generateProof } from '../../../../node-core/chain/trie/proofs/proof.ts'
import type { Entry, StateVersion } from '../../../../node-core/chain/trie/types.ts'
import { provesValue } from '../../../../node-core/chain/trie/proofs/value-proof.ts'
import { proveValue } from '../../../helpers/value-proofs.ts'
import { MapSource } from './map-source.ts'

const key = fc.string({ unit: fc.constantFrom('a', 'b', '\0'), maxLength: 4 }).map(utf8)
const value = fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 30, maxLength: 40 }))
const entries = fc.uniqueArray(fc.tuple(key, value), { minLength: 1, maxLength: 12, selector: ([name]) => String(name) })
const hashers = [blake2b256, keccak256] as const

test.each([0, 1] as const)('every value of a trie of state version %i can be proven, and no other', (version) => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.boolean(), value, (list: readonly Entry[], index, keccak, other) => {
      const hasher = hashers[keccak ? 1 : 0]
      const [name, stored] = list[index % list.length]!
      const { root, nodes } = proveValue(list, name, version, hasher)
      const holds = (claim: { key: Uint8Array; value: Uint8Array }, proof = nodes, at = root) => provesValue(proof, at, claim, version, hasher)
      expect(holds({ key: name, value: stored })).toBe(true)
      if (!Buffer.from(other).equals(stored)) expect(holds({ key: name, value: other })).toBe(false)
      expect(holds({ key: concatBytes(name, utf8('a')), value: stored })).toBe(false)
      expect(holds({ key: name, value: stored }, nodes, blake2b256(root))).toBe(false)
      expect(holds({ key: name, value: stored }, [...nodes, nodes[0]!])).toBe(false)
      expect(holds({ key: name, value: stored }, nodes.slice(1))).toBe(false)
      expect(provesValue(nodes, root, { key: name, value: stored }, version, hashers[keccak ? 0 : 1])).toBe(false)
    }),
    { numRuns: 400 },
  )
})

test('damaged proofs prove nothing, and do not throw', () => {
  const list: Entry[] = ['1', '12', '142', '143', '2'].map((name) => [utf8(name), new Uint8Array(40).fill(name.length)])
  const { root, nodes } = proveValue(list, utf8('142'), 0)
  const claim = { key: utf8('142'), value: new Uint8Array(40).fill(3) }
  expect(provesValue(nodes, root, claim, 0, blake2b256)).toBe(true)
  fc.assert(
    fc.property(fc.nat(nodes.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, change) => {
      const node = nodes[which]!
      const damaged = node.with(at % node.length, node[at % node.length]! ^ change)
      expect(provesValue(nodes.with(which, damaged), root, claim, 0, blake2b256)).toBe(false)
      expect(provesValue(nodes.with(which, node.subarray(0, at % node.length)), root, claim, 0, blake2b256)).toBe(false)
    }),
    { numRuns: 500 },
  )
})

describe('a proof of another implementation', () => {
  const root = fromHex('0x03ee9a2b62cd0c5fa49774a30e08df15a7195990ad516a37287944ccd0b049ed')
  const nodes = [
    '0x804800002043046f1076657262',
    '0x8006000080c846dfdc720284b7a309956d280a7567f9064505eeeb818587b5ce4a40c3f0b6',
    '0x8303430c000014400c636174',
    '0x4000',
  ].map(fromHex)
  const claim = { key: utf8('142'), value: new Uint8Array(40).fill(7) }
  const holds = (version: StateVersion, proof: readonly Uint8Array[] = nodes, over = claim) => provesValue(proof, root, over, version, blake2b256)

  test('holds for the state version that the trie was made in', () => {
    expect([holds(0), holds(1)]).toEqual([true, false])
    expect(holds(0, nodes, { ...claim, key: utf8('143') })).toBe(false)
    expect(holds(0, nodes, { ...claim, value: new Uint8Array(40) })).toBe(false)
  })

  test('holds with bytes behind a node, which are not hashed', () => {
    expect(holds(0, nodes.with(3, fromHex('0x4000ff')))).toBe(true)
  })

  test('does not hold with a value or a reference that should have been left out', () => {
    const leaf = concatBytes(fromHex('0x40a0'), claim.value)
    expect(holds(0, nodes.with(3, leaf))).toBe(false)
    const branch = concatBytes(fromHex('0x8303430c0080'), blake2b256(leaf), fromHex('0x14400c636174'))
    for (const behind of [[], [nodes[3]!], [leaf]]) expect(holds(0, [nodes[0]!, nodes[1]!, branch, ...behind])).toBe(false)
  })
})

test('an ordinary proof, in which nothing is left out, is none of this kind', () => {
  const list: Entry[] = [[utf8('a'), new Uint8Array(40)], [utf8('b'), utf8('2')]]
  const source = new MapSource()
  const root = source.build(list, 0)
  const proof = generateProof(source, root, [utf8('b')])
  expect(provesValue(proof, root, { key: utf8('b'), value: utf8('2') }, 0, blake2b256)).toBe(false)
})

test('an empty proof and the proof of an empty trie prove nothing', () => {
  const claim = { key: EMPTY, value: EMPTY }
  expect(provesValue([], blake2b256(Uint8Array.of(0)), claim, 0, blake2b256)).toBe(false)
  expect(provesValue([Uint8Array.of(0)], blake2b256(Uint8Array.of(0)), claim, 0, blake2b256)).toBe(false)
})
