/**
 * A proof that a source lied: its signed header, and k shards that lead to the root in it but do not give the message that it names.
 * Nobody but the source can make one, and anybody can check one, knowing nothing but how the code works.
 *
 *   header length (2) ‖ header ‖ k times: place (1) ‖ Merkle path ‖ shard       places ascending; numbers little-endian
 */
import { concatBytes } from '../../../base/bytes.ts'
import { join } from './decoding.ts'
import { ChunkError, MAX_HEADER_BYTES, MIN_HEADER_BYTES, decodeHeader, isSigned, shardLength, type SignedHeader, type Verify } from './header.ts'
import { leadsToRoot, leafHash, pathLength } from './merkle.ts'
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

export function encodeLie({ header, shards }: LieProof): Uint8Array {
  const parts = shards.flatMap(({ place, path, shard }) => [Uint8Array.of(place), path, shard])
  return concatBytes(Uint8Array.of(header.length & 0xff, header.length >> 8), header, ...parts)
}

/** Throws a ChunkError. What comes out holds views of `bytes`; whether it proves anything is for {@link provesLie}. */
export function decodeLie(bytes: Uint8Array): LieProof {
  const length = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)
  if (length < MIN_HEADER_BYTES || length > MAX_HEADER_BYTES || bytes.length < 2 + length) throw invalid('has no header')
  const encoded = bytes.subarray(2, 2 + length)
  const header = decodeHeader(encoded)
  const pathBytes = pathLength(header.recipients.length)
  const entry = 1 + pathBytes + shardLength(header)
  if (bytes.length !== 2 + length + header.k * entry) throw invalid('has another length than its header says')
  const shards = Array.from({ length: header.k }, (_, i): ProvenShard => {
    const start = 2 + length + i * entry
    return { place: bytes[start] as number, path: bytes.subarray(start + 1, start + 1 + pathBytes), shard: bytes.subarray(start + 1 + pathBytes, start + entry) }
  })
  if (shards.some(({ place }, i) => place >= header.recipients.length || (i > 0 && place <= (shards[i - 1] as ProvenShard).place))) throw invalid('has places out of order')
  return { header: encoded, shards }
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

function invalid(what: string): ChunkError {
  return new ChunkError('CHUNK_PROOF_INVALID', `The proof against a source ${what}.`)
}
