import { describe, expect, it } from 'vitest'
import { Buckets, sample } from '../../../../../node-core/network/spread/tree/buckets.ts'
import { TREE_HEIGHT, heightBetween, keyOf } from '../../../../../node-core/network/spread/tree/keys.ts'
import { Random } from '../../../../fuzz/random.ts'

const PEERS = Array.from({ length: 300 }, (_, i) => `peer ${i}`)

function withBits(bits: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2) || 0)
}

describe('keys', () => {
  it.each([
    ['0', '1', TREE_HEIGHT],
    ['00', '01', TREE_HEIGHT - 1],
    ['00000001', '00000000', TREE_HEIGHT - 7],
    ['000000001', '000000000', TREE_HEIGHT - 8],
    [`${'0'.repeat(127)}1`, '0', 1],
    ['101', '101', 0],
  ])('%s and %s are %d apart', (a, b, height) => {
    expect(heightBetween(withBits(a), withBits(b))).toBe(height)
    expect(heightBetween(withBits(b), withBits(a))).toBe(height)
  })

  it('two peers in one bucket are nearer to each other than to whoever has the bucket', () => {
    const [self, ...others] = PEERS.map(keyOf) as [Uint8Array, ...Uint8Array[]]
    for (const [i, a] of others.entries()) {
      const b = others[(i + 1) % others.length] as Uint8Array
      const height = heightBetween(self, a)
      if (height === heightBetween(self, b)) expect(heightBetween(a, b)).toBeLessThan(height)
    }
  })
})

describe('buckets', () => {
  it('has each peer once, by its height, and the largest subtrees first', () => {
    const buckets = new Buckets('self')
    for (const peer of [...PEERS, ...PEERS]) buckets.add(peer)
    const heights = buckets.upTo(TREE_HEIGHT)
    expect(heights).toEqual([...heights].sort((a, b) => b - a))
    expect(heights[0]).toBe(TREE_HEIGHT)
    const all = heights.flatMap((height) => [...buckets.at(height)])
    expect([...all].sort()).toEqual([...PEERS].sort())
    // Half of all are in the highest bucket: 150, give or take five standard deviations.
    expect(Math.abs(buckets.at(TREE_HEIGHT).size - 150)).toBeLessThan(44)
    expect(buckets.upTo(heights[1] as number)).toEqual(heights.slice(1))
  })

  it('forgets who goes', () => {
    const buckets = new Buckets('self')
    for (const peer of PEERS) buckets.add(peer)
    for (const peer of [...PEERS, 'somebody else']) buckets.remove(peer)
    expect(buckets.upTo(TREE_HEIGHT)).toEqual([])
    expect(buckets.has('peer 0')).toBe(false)
  })

  it.each([0, 1, 2, 3])('halved %d times, a bucket is divided into subtrees that cover it and do not overlap', (split) => {
    const buckets = new Buckets('self')
    for (const peer of PEERS) buckets.add(peer)
    for (const bucket of buckets.upTo(TREE_HEIGHT)) {
      const peers = [...buckets.at(bucket)]
      const parts = buckets.parts(bucket, peers, split)
      expect(parts.flatMap((part) => part.peers).sort()).toEqual([...peers].sort())
      for (const [i, part] of parts.entries()) {
        const [first, ...rest] = part.peers.map(keyOf) as [Uint8Array, ...Uint8Array[]]
        expect(rest.every((key) => heightBetween(first, key) <= part.height)).toBe(true)
        // Subtrees that are left out of both would be covered by nobody: the heights add up to the bucket.
        for (const other of parts.slice(i + 1)) expect(heightBetween(keyOf(part.peers[0] as string), keyOf(other.peers[0] as string))).toBeGreaterThan(Math.max(part.height, other.height))
      }
      expect(parts.reduce((sum, { height }) => sum + 2 ** (height - bucket), 0)).toBe(0.5)
    }
  })

  it('a sample has as many as there are, each once', () => {
    const random = new Random(3)
    const drawn = sample(PEERS, 10, () => random.u32() / 2 ** 32)
    expect(new Set(drawn).size).toBe(10)
    expect(sample(['a'], 3, () => 0)).toEqual(['a'])
    expect(sample([], 3, () => 0)).toEqual([])
  })
})
