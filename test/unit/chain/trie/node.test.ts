import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { encodeNode } from '../../../../node-core/chain/trie/nodes/encode.ts'
import { NodeCache } from '../../../../node-core/chain/trie/nodes/node-cache.ts'
import { TrieNode, VALUE, decodeNode } from '../../../../node-core/chain/trie/nodes/node.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import type { Entry } from '../../../../node-core/chain/trie/types.ts'
import { MapSource } from './map-source.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const hash = new Array<number>(32).fill(7)
const leaf = (...rest: number[]): Uint8Array => bytes(0x42, 0xab, ...rest)

describe('decoding', () => {
  it('knows every variant', () => {
    const hashedChild = [0x80, ...hash]
    const inlineChild = [4 << 2, 0x41, 0x05, 1 << 2, 9]
    const cases: [Uint8Array, number, number, number][] = [
      [bytes(0x42, 0xab, 1 << 2, 9), VALUE.inline, 2, 0],
      [bytes(0x22, 0xab, ...hash), VALUE.hashed, 2, 0],
      [bytes(0x81, 0x0a, 0b10, 0, ...hashedChild), VALUE.none, 1, 1],
      [bytes(0xc1, 0x0a, 0b10, 0x80, 1 << 2, 9, ...hashedChild, ...inlineChild), VALUE.inline, 1, 2],
      [bytes(0x11, 0x0a, 0b10, 0, ...hash, ...hashedChild), VALUE.hashed, 1, 1],
    ]
    for (const [encoded, kind, length, children] of cases) {
      const node = decodeNode(encoded) as TrieNode
      expect([node.kind, node.length, node.children?.filter((child) => child !== 0).length ?? 0]).toEqual([kind, length, children])
      expect(toHex(encodeNode(node))).toBe(toHex(encoded))
    }
    expect(decodeNode(bytes(0))).toBeUndefined()
  })

  it.each([
    ['nothing', bytes()],
    ['bytes behind the empty trie', bytes(0, 0)],
    ['reserved headers', bytes(0x01)],
    ['reserved headers', bytes(0x0f, 0)],
    ['a cut header', bytes(0x7f)],
    ['a header that never ends', bytes(0x7f, ...new Array<number>(300).fill(255))],
    ['a cut partial key', bytes(0x44, 0xab)],
    ['padding that is not zero', bytes(0x41, 0x1a, 0)],
    ['a leaf without value', leaf()],
    ['a cut value', leaf(2 << 2, 9)],
    ['bytes behind the value', leaf(1 << 2, 9, 9)],
    ['a length that is not the shortest', leaf(1 | (1 << 2), 0, 9)],
    ['a length of four bytes that is not the shortest', leaf(2 | (1 << 2), 0, 0, 0, 9)],
    ['a value of a gibibyte', leaf(3, 0, 0, 0, 64)],
    ['a cut length', leaf(2)],
    ['a cut value hash', bytes(0x20, ...hash.slice(1))],
    ['a cut bitmap', bytes(0x80, 1)],
    ['a branch without children', bytes(0x80, 0, 0)],
    ['a missing child', bytes(0x80, 1, 0)],
    ['a cut child', bytes(0x80, 1, 0, 0x80, ...hash.slice(1))],
    ['a child of more than 32 bytes', bytes(0x80, 1, 0, 33 << 2, ...hash, 7)],
    ['a child length of two bytes', bytes(0x80, 1, 0, 0x81, 0, ...hash)],
    ['an empty child', bytes(0x80, 1, 0, 0)],
    ['an inlined empty trie', bytes(0x80, 1, 0, 1 << 2, 0)],
    ['a malformed inlined child', bytes(0x80, 1, 0, 2 << 2, 0x42, 0xab)],
  ])('refuses %s', (_, encoded) => {
    expect(() => decodeNode(encoded)).toThrow(expect.objectContaining({ code: 'TRIE_BAD_NODE' }))
  })

  it('of any bytes gives a node that encodes to the same bytes, or refuses', () => {
    const damaged = fc.tuple(fc.constantFrom(...samples()), fc.nat(), fc.nat(255), fc.nat()).map(([sample, at, value, cut]) => {
      const copy = sample.slice(0, cut % 4 === 0 ? cut % sample.length : undefined)
      if (copy.length > 0) copy[at % copy.length] = value
      return copy
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged), (input) => {
        let node: TrieNode | undefined
        try {
          node = decodeNode(input)
        } catch (error) {
          expect(error).toBeInstanceOf(NodeError)
          return
        }
        expect(toHex(node === undefined ? bytes(0) : encodeNode(node))).toBe(toHex(input))
      }),
      { numRuns: 3000 },
    )
  })
})

/** Nodes of a real trie. */
function samples(): Uint8Array[] {
  const source = new MapSource()
  source.build(Array.from({ length: 60 }, (_, i): Entry => [blake2b256(bytes(i)).subarray(0, 1 + (i % 3)), new Uint8Array(i)]), 1)
  return [...source.nodes.values()]
}

describe('the node cache', () => {
  const nodeOf = (size: number): TrieNode => {
    const node = new TrieNode(bytes(), 0, 0)
    node.raw = Buffer.alloc(size)
    return node
  }

  it('forgets what was not used for a generation, and stays within its bounds', () => {
    const cache = new NodeCache(100_000)
    cache.set('used', nodeOf(100))
    cache.set('unused', nodeOf(100))
    for (let i = 0; i < 1000; i++) {
      cache.set(`${i}`, nodeOf(700))
      expect(cache.get('used')).toBeDefined()
      expect(cache.bytes).toBeLessThanOrEqual(101_000)
    }
    expect(cache.get('unused')).toBeUndefined()
    expect(cache.get('999')).toBeDefined()
    expect(cache.get('0')).toBeUndefined()
  })
})
