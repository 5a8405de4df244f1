/** Chopsticks' executor as an independent opinion on state roots, and a seeded source of edits. */
import { calculate_state_root } from '@acala-network/chopsticks-executor'
import { fromHex, toHex } from '../../../node-core/base/bytes.ts'
import type { Entry, StateVersion } from '../../../node-core/chain/trie/types.ts'

export async function oracleRoot(entries: readonly Entry[], version: StateVersion): Promise<Uint8Array> {
  const pairs = entries.map(([key, value]) => [toHex(key), toHex(value)])
  return fromHex((await calculate_state_root(pairs, version)) as string)
}

/** mulberry32: small, seeded, good enough to vary tests. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const SIZES = [0, 1, 4, 31, 32, 33, 63, 64, 100, 300, 17_000]

export function randomBytes(random: (below: number) => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256))
}

export function randomValue(random: (below: number) => number): Uint8Array {
  const index = random(100) === 0 ? SIZES.length - 1 : random(SIZES.length - 1)
  return randomBytes(random, SIZES[index] as number)
}

/** Keys that are often prefixes of one another, part at either half of a byte, or are long. */
export function randomKey(random: (below: number) => number): Uint8Array {
  switch (random(4)) {
    case 0:
      return Uint8Array.from({ length: random(5) }, () => [0x00, 0x01, 0x10, 0xff][random(4)] as number)
    case 1:
      return Uint8Array.from([0xaa, 0xbb, ...randomBytes(random, random(3))])
    case 2:
      return Uint8Array.from([...new Array<number>(30 + random(120)).fill(7), random(4)])
    default:
      return randomBytes(random, 32)
  }
}
