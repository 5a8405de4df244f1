import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { childRootKey } from '../../../../node-core/chain/trie/child.ts'
import { NodePacker, forEachPackedNode } from '../../../../node-core/chain/trie/nodes/packed-nodes.ts'
import { generateChildProof, generateProof, verifyChildProof, verifyProof } from '../../../../node-core/chain/trie/proofs/proof.ts'
import type { Entry } from '../../../../node-core/chain/trie/types.ts'
import { MapSource } from './map-source.ts'

const list = Array.from({ length: 300 }, (_, i): Entry => [blake2b256(Uint8Array.of(i & 255, i >> 8)), new Uint8Array(i).fill(1)])
const keyAt = (i: number): Uint8Array => (list[i] as Entry)[0]
const absent = blake2b256(Uint8Array.of(1, 2, 3))

describe.each([0, 1] as const)('proofs in state version %i', (version) => {
  const source = new MapSource()
  const root = source.build(list, version)

  it('prove values and absence with few nodes', () => {
    const keys = [keyAt(3), keyAt(250), absent]
    const proof = generateProof(source, root, keys)
    expect(proof.length).toBeLessThan(15)
    expect(verifyProof(proof, root, keys)).toEqual([new Uint8Array(3).fill(1), new Uint8Array(250).fill(1), undefined])
  })

  it('prove nothing about other keys', () => {
    const proof = generateProof(source, root, [keyAt(3)])
    expect(() => verifyProof(proof, root, [keyAt(250)])).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE' }))
  })

  it('need each of their nodes, unchanged, and the right root', () => {
    const keys = [keyAt(250)]
    const proof = generateProof(source, root, keys)
    for (const [i, node] of proof.entries()) {
      const without = proof.filter((_, at) => at !== i)
      const changed = node.slice()
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
      for (const bad of [without, [...without, changed]]) {
        expect(() => verifyProof(bad, root, keys)).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE' }))
      }
    }
    expect(() => verifyProof(proof, absent, keys)).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE' }))
  })
})

describe('packed nodes', () => {
  it('come out as they went in, one pack behind the other too', () => {
    const packer = new NodePacker()
    const nodes = [0, 1, 300, 70_000].map((size) => new Uint8Array(size).fill(size & 255))
    for (const node of nodes) packer.add(blake2b256(node), node)
    const pack = packer.finish()
    expect(packer.count).toBe(4)
    const seen: string[] = []
    forEachPackedNode(Uint8Array.from([...pack, ...pack]), (hash, node) => {
      expect(toHex(hash)).toBe(toHex(blake2b256(node)))
      seen.push(toHex(node))
    })
    expect(seen).toEqual([...nodes, ...nodes].map(toHex))
  })

  it('that are cut off are refused', () => {
    const packer = new NodePacker()
    packer.add(absent, new Uint8Array(10))
    const pack = packer.finish()
    for (const length of [1, 35, 36, 45]) {
      const count = (): number => {
        let nodes = 0
        forEachPackedNode(pack.subarray(0, length), () => nodes++)
        return nodes
      }
      expect(count).toThrow(expect.objectContaining({ code: 'TRIE_BAD_PACK' }))
    }
    forEachPackedNode(new Uint8Array(0), () => expect.fail('there is none'))
  })
})

describe('proofs of a child trie', () => {
  const childKey = utf8('child')
  const source = new MapSource()
  const childRoot = source.build(list, 1)
  const root = source.build([...list, [childRootKey(childKey), childRoot]], 1)

  it('prove values, absence, and that there is no such child', () => {
    const keys = [keyAt(40), absent]
    const proof = generateChildProof(source, root, childKey, keys)
    expect(verifyChildProof(proof, root, childKey, keys)).toEqual([new Uint8Array(40).fill(1), undefined])
    const none = generateChildProof(source, root, utf8('other'), keys)
    expect(verifyChildProof(none, root, utf8('other'), keys)).toEqual([undefined, undefined])
  })

  it('need the way through the main trie', () => {
    const keys = [keyAt(40)]
    const inside = generateProof(source, childRoot, keys)
    expect(() => verifyChildProof(inside, root, childKey, keys)).toThrow(expect.objectContaining({ code: 'TRIE_MISSING_NODE' }))
  })
})
