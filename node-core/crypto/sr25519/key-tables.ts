/**
 * Public keys that stay: decoded, with tables of their multiples.
 *
 * A BABE authority signs for a whole epoch, and every header of its carries two proofs by the same key. Decoding the key and
 * preparing its multiples costs about as much as one proof, and halves the cost of each; so it is done once per key.
 * About 5 KB a key, as many as the largest sets of validators have. For keys that pass by once, `tableOf` is cheaper.
 */
import { toBinaryString } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import { decodePoint, splitTableOf, type SplitTable } from './ristretto.ts'

/** Keys kept; the ones not used for longest go first. */
const KEPT = 1024
/** Digits' bits: eight entries for each half of a scalar. */
const WIDTH = 5

const tables = new Lru<string, SplitTable>(KEPT)

/** The tables of a public key (32 bytes, ristretto255), kept. Undefined where the bytes encode no point. */
export function keyTables(publicKey: Uint8Array): SplitTable | undefined {
  const name = toBinaryString(publicKey)
  let known = tables.get(name)
  if (known === undefined) {
    const point = decodePoint(publicKey)
    if (point === undefined) return undefined
    tables.set(name, (known = splitTableOf(point, WIDTH)))
  }
  return known
}
