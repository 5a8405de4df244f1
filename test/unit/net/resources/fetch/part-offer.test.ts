/** A file that is being fetched, served meanwhile: the tree above its groups as far as it is known, and the offer. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { Board } from '../../../../../node-core/net/resources/fetch/board.ts'
import { KnownTree } from '../../../../../node-core/net/resources/fetch/known-tree.ts'
import { PartFile, partPath } from '../../../../../node-core/net/resources/fetch/part-file.ts'
import { PartOffers } from '../../../../../node-core/net/resources/fetch/part-offer.ts'
import { GROUP_LEAVES, HASH_BYTES, HashTree, LEAF_BYTES, leafCount, verifyRun } from '../../../../../node-core/net/resources/tree.ts'
import { MadeUpFile } from './swarm.ts'

function proofOf(file: MadeUpFile, group: number): { readonly hashes: Uint8Array; readonly uncles: Uint8Array } {
  const proof = file.proof(0, group)
  if (proof.kind !== 'proof') throw new Error('a proof')
  return proof
}

describe('the tree above the groups', () => {
  it.each([5, 6, 7, 8])('of %d groups proves each that it was told with its uncles, and those that follow', (groups) => {
    const leaves = groups * GROUP_LEAVES - 3
    const hashes = new Uint8Array(leaves * HASH_BYTES)
    for (let i = 0; i < hashes.length; i++) hashes[i] = (i * 31 + (i >> 8)) % 255 + 1
    const tree = new HashTree(hashes, leaves)
    const of = (group: number): Uint8Array => hashes.subarray(group * GROUP_LEAVES * HASH_BYTES, (group + 1) * GROUP_LEAVES * HASH_BYTES)
    const proves = (known: KnownTree, group: number): boolean => {
      const uncles = known.uncles(group)
      return uncles !== undefined && verifyRun(tree.root, leaves, { index: group * GROUP_LEAVES, size: GROUP_LEAVES, hashes: of(group), uncles })
    }
    const known = new KnownTree(leaves)
    known.add(4, of(4), tree.uncles(9, 4))
    expect(Array.from({ length: groups }, (_, group) => proves(known, group))).toEqual(Array.from({ length: groups }, (_, group) => group === 4))
    expect([known.isTrue(4, of(4)), known.isTrue(4, of(3)), known.isTrue(3, of(3))]).toEqual([true, false, false])
    // Of an earlier run, without uncles: proven as soon as what is beside them is known.
    for (const group of [0, 1, 2]) known.add(group, of(group))
    expect([0, 1, 2].map((group) => proves(known, group))).toEqual([false, false, false])
    known.add(3, of(3))
    expect([0, 1, 2, 3, 4].map((group) => proves(known, group))).toEqual([true, true, true, true, true])
  })
})

describe('a part of a file', () => {
  const file = new MadeUpFile(600 * LEAF_BYTES + 9)
  let folder: string
  let path: string
  let part: PartFile
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-part-'))
    path = join(folder, 'file')
    part = await PartFile.create(path, file.root, file.bytes.length, 0)
  })
  afterEach(async () => {
    await part.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is offered as far as it is written and can be proven, and nothing that was changed on the disk', async () => {
    const clock = new FakeClock(0)
    const offers = new PartOffers({ path, root: file.root }, clock)
    const board = new Board(file.bytes.length)
    await expect(offers.open(board)).rejects.toMatchObject({ reason: 'busy' })
    for (const [index, count] of [[10, 5], [520, 3]] as const) {
      await part.write(index, [file.leaf(index, count)])
      for (let leaf = index; leaf < index + count; leaf++) board.had.add(leaf)
    }
    const { hashes, uncles } = proofOf(file, 0)
    await part.writeHashes(0, hashes)
    offers.learn(leafCount(file.bytes.length), 0, hashes, uncles)
    await expect(offers.open(undefined)).rejects.toMatchObject({ reason: 'busy' })
    const offer = await offers.open(board)
    // The other group is not proven.
    expect([offer.length, offer.ranges]).toEqual([file.bytes.length, [{ from: 10, to: 15 }]])
    expect(verifyRun(file.root, leafCount(file.bytes.length), { index: 0, size: GROUP_LEAVES, ...(await offer.proof(0)) })).toBe(true)
    await expect(offer.proof(1)).rejects.toMatchObject({ reason: 'outside' })
    const [one, two] = [new Uint8Array(2 * LEAF_BYTES), new Uint8Array(LEAF_BYTES)]
    await offer.read(11, [one, two])
    expect([one, two]).toEqual([file.leaf(11, 2), file.leaf(13)])
    const other = await open(partPath(path), 'r+')
    await other.write(Uint8Array.of(77), 0, 1, 12 * LEAF_BYTES + 5)
    await other.close()
    await expect(offer.read(11, [one])).rejects.toMatchObject({ reason: 'changed' })
    await offer.read(13, [two])
    await offer.close()
    // What came since is told after a second.
    const second = proofOf(file, 1)
    await part.writeHashes(1, second.hashes)
    offers.learn(leafCount(file.bytes.length), 1, second.hashes, second.uncles)
    clock.advance(1000)
    const later = await offers.open(board)
    expect(later.ranges).toEqual([{ from: 10, to: 15 }, { from: 520, to: 523 }])
    await later.close()
  })
})
