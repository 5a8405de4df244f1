/**
 * A proof that a source lied: its signed header, and k shards that lead to the root in it but do not give the message that it names.
 * Nobody but the source can make one, and anybody can check one, knowing nothing but how the code works.
 */
import { join } from './decoding.ts'
import { decodeHeader, isSigned, shardLength, type SignedHeader, type Verify } from './header.ts'
import { leadsToRoot, leafHash } from './merkle.ts'
import type { MaybeShard } from './reed-solomon.ts'

export interface ProvenShard {
  readonly place: number
  readonly path: Uint8Array
  readonly shard: Uint8Array
}

export interface LieProof {
  /** The signed header, encoded. */
  readonly header: Uint8Array
  /** k of them, by ascending places. */
  readonly shards: readonly ProvenShard[]
}

/** Who lied: the header of the message, where the proof holds; undefined where it proves nothing. Throws a ChunkError where it has no header. */
export function provesLie({ header: encoded, shards }: LieProof, verify: Verify): SignedHeader | undefined {
  const header = decodeHeader(encoded)
  const n = header.recipients.length
  if (new Set(shards.map(({ place }) => place)).size < header.k || !isSigned(header, encoded, verify)) return undefined
  const pieces: MaybeShard[] = Array.from({ length: n })
  const leaves: MaybeShard[] = Array.from({ length: n })
  for (const { place, path, shard } of shards) {
    const leaf = leafHash(shard)
    if (shard.length !== shardLength(header) || !leadsToRoot(header.root, n, place, leaf, path)) return undefined
    pieces[place] = shard
    leaves[place] = leaf
  }
  return join(header, pieces, leaves) === undefined ? header : undefined
}
