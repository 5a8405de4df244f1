import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex } from '../../../../node-core/base/bytes.ts'
import { HASH_BYTES, HashTree, LEAF_BYTES, hashLeaf, isEmptyRoot, leafCount, leafLength, paddingAt, rootLayer, verifyRun, type RunProof } from '../../../../node-core/net/resources/tree.ts'

const sha = (...parts: Uint8Array[]): Uint8Array => {
  const hasher = createHash('sha256')
  for (const part of parts) hasher.update(part)
  return new Uint8Array(hasher.digest())
}

/** BEP 52 by the letter: the row of leaves is really filled up, and then folded. */
function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let row = [...leaves]
  while (row.length < 2 ** Math.ceil(Math.log2(Math.max(1, leaves.length)))) row.push(new Uint8Array(32))
  while (row.length > 1) row = row.filter((_, i) => i % 2 === 0).map((left, i) => sha(left, row[2 * i + 1] as Uint8Array))
  return row[0] ?? new Uint8Array(32)
}

const someLeaves = (count: number, salt = 0): Uint8Array[] => Array.from({ length: count }, (_, i) => sha(Uint8Array.of(salt, i, i >> 8)))

function proofOf(tree: HashTree, leaves: readonly Uint8Array[], index: number, size: number): RunProof {
  const layer = Math.min(Math.log2(size), rootLayer(leaves.length))
  return { index, size, hashes: concatBytes(...leaves.slice(index, index + size)), uncles: tree.uncles(layer, index / 2 ** layer) }
}

/** A tree and an aligned run in it. */
const runs = fc
  .record({ leaves: fc.integer({ min: 1, max: 300 }), own: fc.integer({ min: 0, max: 10 }), at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), salt: fc.nat(255) })
  .map(({ leaves, own, at, salt }) => {
    const list = someLeaves(leaves, salt)
    const tree = new HashTree(concatBytes(...list), leaves)
    const size = 2 ** own
    return { list, tree, proof: proofOf(tree, list, Math.floor(at * Math.ceil(leaves / size)) * size, size) }
  })

describe('a hash tree', () => {
  it('has the root that BEP 52 describes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (count) => {
        const leaves = someLeaves(count)
        expect(toHex(new HashTree(concatBytes(...leaves), count).root)).toBe(toHex(plainRoot(leaves)))
      }),
    )
  })

  it('is the same from any of its layers upwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 11 }), (count, layer) => {
        const whole = new HashTree(concatBytes(...someLeaves(count)), count)
        fc.pre(layer <= rootLayer(count))
        const upper = new HashTree(whole.layer(layer), count, layer)
        expect(upper.root).toEqual(whole.root)
        expect(upper.uncles(layer, 0)).toEqual(whole.uncles(layer, 0))
      }),
    )
  })

  it('counts leaves and their lengths', () => {
    expect([0, 1, LEAF_BYTES, LEAF_BYTES + 1].map(leafCount)).toEqual([0, 1, 1, 2])
    expect([leafLength(LEAF_BYTES + 1, 0), leafLength(LEAF_BYTES + 1, 1)]).toEqual([LEAF_BYTES, 1])
    expect([0, 1, 2, 3, 4, 5].map(rootLayer)).toEqual([0, 0, 1, 2, 2, 3])
  })

  it('of an empty file has the zero root', () => expect(isEmptyRoot(new HashTree(new Uint8Array(0), 0).root)).toBe(true))

  it('has no layer above its root', () => expect(() => new HashTree(concatBytes(...someLeaves(2)), 2).layer(2)).toThrow(RangeError))
})

describe('a proof of a run of leaves', () => {
  it('holds for each aligned run', () => {
    fc.assert(fc.property(runs, ({ list, tree, proof }) => verifyRun(tree.root, list.length, proof)))
  })

  it('falls with any changed byte', () => {
    fc.assert(
      fc.property(runs, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ list, tree, proof }, at, by) => {
        const all = concatBytes(proof.hashes, proof.uncles)
        all[at % all.length] = (all[at % all.length] as number) ^ by
        expect(verifyRun(tree.root, list.length, { ...proof, hashes: all.subarray(0, proof.hashes.length), uncles: all.subarray(proof.hashes.length) })).toBe(false)
      }),
    )
  })

  it('falls at another place, for another size, and with hashes too many or too few', () => {
    fc.assert(
      fc.property(runs, ({ list, tree, proof }) => {
        const { root } = tree
        const bad: Partial<RunProof>[] = [
          { index: proof.index + proof.size }, { index: -proof.size }, { index: proof.index + 0.5 }, { size: 3 }, { size: 0 }, { size: Number.NaN },
          { hashes: concatBytes(proof.hashes, proof.hashes) }, { hashes: proof.hashes.subarray(1) }, { hashes: new Uint8Array(0) },
          { uncles: concatBytes(proof.uncles, paddingAt(3)) },
        ]
        for (const change of bad) expect(verifyRun(root, list.length, { ...proof, ...change })).toBe(false)
        if (proof.uncles.length > 0) expect(verifyRun(root, list.length, { ...proof, uncles: proof.uncles.subarray(HASH_BYTES) })).toBe(false)
      }),
    )
  })

  it('of the last run shows how many leaves there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 1, max: 260 }), fc.integer({ min: 0, max: 6 }), (count, claimed, own) => {
        fc.pre(claimed !== count)
        const leaves = someLeaves(count)
        const size = 2 ** own
        const last = Math.floor((claimed - 1) / size) * size
        // Whatever a liar shows of the true tree, with zero hashes where it ends.
        const padded = [...leaves, ...Array.from({ length: 512 }, () => new Uint8Array(32))]
        const tree = new HashTree(concatBytes(...padded.slice(0, 512)), 512)
        const top = rootLayer(claimed)
        const layer = Math.min(own, top)
        const uncles = tree.uncles(layer, last / 2 ** layer).subarray(0, (top - layer) * HASH_BYTES)
        expect(verifyRun(new HashTree(concatBytes(...leaves), count).root, claimed, { index: last, size, hashes: concatBytes(...padded.slice(last, claimed).slice(0, size)), uncles })).toBe(false)
      }),
    )
  })

  it('cannot tell a file of two hashes from the tree above them', () => {
    const leaves = someLeaves(2)
    const file = concatBytes(...leaves)
    expect(verifyRun(new HashTree(file, 2).root, 1, { index: 0, size: 1, hashes: hashLeaf(file), uncles: new Uint8Array(0) })).toBe(true)
  })
})
