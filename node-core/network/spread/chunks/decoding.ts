/**
 * From k shards to the message, or to the knowledge that the source lied.
 *
 * Each shard was shown to be the one that the source meant, by its path to the signed root. Whoever has k of them decodes, encodes the
 * result again and builds the tree anew. An honest source's root comes out. Any other source chose shards that are no code, filled up with
 * something else than zeros, or signed another content: then every k of its shards lead away from the root or the hash, so all honest
 * recipients refuse the message, whichever shards they have, and each of them can prove it.
 */
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { sha256 } from '../message-id.ts'
import type { ChunkHeader } from './header.ts'
import { MerkleTree, leafHash } from './merkle.ts'
import { reedSolomon, type MaybeShard } from './reed-solomon.ts'

/** A message with all its shards and the tree over them. */
export interface WholeMessage {
  readonly content: Uint8Array
  /** In the order of the recipients. Those of data are views of one buffer with the content. */
  readonly shards: readonly Uint8Array[]
  readonly tree: MerkleTree
}

/** Cuts a content into the shards of `n` recipients. */
export function divide(content: Uint8Array, k: number, n: number): WholeMessage {
  const shards = reedSolomon(k, n).encode(content)
  return { content, shards, tree: new MerkleTree(shards.map(leafHash)) }
}

/**
 * Joins k or more shards at their places; `leaves` are the hashes of those that are there. Undefined where the source lied. Throws a
 * RangeError where there are fewer shards, or they have different lengths.
 */
export function join(header: ChunkHeader, shards: readonly MaybeShard[], leaves: readonly MaybeShard[]): WholeMessage | undefined {
  const code = reedSolomon(header.k, header.recipients.length)
  const joined = concatBytes(...code.reconstruct(shards))
  const size = joined.length / header.k
  const data = Array.from({ length: header.k }, (_, i) => joined.subarray(i * size, (i + 1) * size))
  const content = joined.subarray(0, header.length)
  // The code ignores what fills up the last piece, an honest source does not: it has zeros there.
  if (joined.subarray(header.length).some((byte) => byte !== 0)) return undefined
  const all = [...data, ...code.parity(data)]
  const tree = new MerkleTree(all.map((shard, i) => (isSame(shards[i], shard) ? (leaves[i] as Uint8Array) : leafHash(shard))))
  if (!equalBytes(tree.root, header.root) || !equalBytes(sha256(content), header.contentHash)) return undefined
  return { content, shards: all, tree }
}

function isSame(known: MaybeShard, shard: Uint8Array): boolean {
  return known !== undefined && Buffer.compare(known, shard) === 0
}
