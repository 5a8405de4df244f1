/** A state of a million keys, as chains have them: half of it accounts, the other half maps of many pallets with small values. */
import { concatBytes } from '../../node-core/base/bytes.ts'
import { blake2b128, blake2b256, twox128, twox64 } from '../../node-core/crypto/hashes/hashing.ts'
import type { Entry } from '../../node-core/chain/trie/types.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'

const PALLETS = 40
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Entries in no particular order; keys and values are about 108 bytes each on average. */
export function benchState(count: number): Entry[] {
  const accounts = concatBytes(twox128(text('System')), twox128(text('Account')))
  const maps = Array.from({ length: PALLETS }, (_, i) => concatBytes(twox128(text(`Pallet${i}`)), twox128(text(`Map${i}`))))
  return Array.from({ length: count }, (_, i): Entry => {
    const seed = new ScaleWriter(4).u32(i).finish()
    const who = blake2b256(seed)
    if (i % 2 === 0) return [concatBytes(accounts, blake2b128(who), who), concatBytes(seed, who, who, seed, seed, seed)]
    return [concatBytes(maps[i % PALLETS] as Uint8Array, twox64(seed), seed), concatBytes(seed, who.subarray(0, i % 13))]
  })
}
