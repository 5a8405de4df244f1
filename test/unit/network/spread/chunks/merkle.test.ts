import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../../../node-core/base/bytes.ts'
import { MerkleTree, leadsToRoot, leafHash, pathLength } from '../../../../../node-core/network/spread/chunks/merkle.ts'
import { sha256 } from '../../../../../node-core/network/spread/message-id.ts'

const leaves = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 64 }).map((shards) => shards.map(leafHash))

test('the root is as the formula says', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => sha256(Uint8Array.of(0, byte))) as [Uint8Array, Uint8Array, Uint8Array]
  const none = sha256(Uint8Array.of(2))
  const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right)
  expect(new MerkleTree([1, 2, 3].map((byte) => leafHash(Uint8Array.of(byte)))).root).toEqual(node(node(a, b), node(c, none)))
  expect(new MerkleTree([a]).root).toEqual(a)
})

test.each([[1, 0], [2, 1], [3, 2], [4, 2], [5, 3], [33, 6], [63, 6], [64, 6]])('a path among %d leaves has %d hashes', (count, hashes) => {
  expect(pathLength(count)).toBe(32 * hashes)
  expect(new MerkleTree(Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i)))).path(count - 1)).toHaveLength(32 * hashes)
})

describe('a path', () => {
  test('leads each leaf to the root, from its own place alone', () => {
    fc.assert(
      fc.property(leaves, (hashes) => {
        const tree = new MerkleTree(hashes)
        for (const [i, leaf] of hashes.entries()) {
          expect(leadsToRoot(tree.root, hashes.length, i, leaf, tree.path(i))).toBe(true)
          const elsewhere = (i + 1) % hashes.length
          if (hashes.length > 1 && Buffer.compare(leaf, hashes[elsewhere] as Uint8Array) !== 0) {
            expect(leadsToRoot(tree.root, hashes.length, elsewhere, leaf, tree.path(i))).toBe(false)
          }
        }
      }),
    )
  })

  test('that is changed, shorter, longer, or of a node taken for a leaf leads nowhere', () => {
    const hashes = Array.from({ length: 7 }, (_, i) => leafHash(Uint8Array.of(i)))
    const tree = new MerkleTree(hashes)
    const [leaf, path] = [hashes[5] as Uint8Array, tree.path(5)]
    for (let at = 0; at < path.length; at++) {
      const other = path.slice()
      other[at] = (other[at] as number) ^ 0x80
      expect(leadsToRoot(tree.root, 7, 5, leaf, other)).toBe(false)
    }
    expect(leadsToRoot(tree.root, 7, 5, leaf, path.subarray(32))).toBe(false)
    expect(leadsToRoot(tree.root, 7, 5, leaf, concatBytes(path, leaf))).toBe(false)
    expect(leadsToRoot(tree.root, 7, 7, leaf, path)).toBe(false)
    expect(leadsToRoot(tree.root, 7, -1, leaf, path)).toBe(false)
    const inner = sha256(Uint8Array.of(1), hashes[4] as Uint8Array, leaf)
    expect(leafHash(concatBytes(hashes[4] as Uint8Array, leaf))).not.toEqual(inner)
    expect(leadsToRoot(tree.root, 4, 2, inner, path.subarray(32))).toBe(true)
    expect(leadsToRoot(tree.root, 7, 2, inner, path.subarray(32))).toBe(false)
  })
})
