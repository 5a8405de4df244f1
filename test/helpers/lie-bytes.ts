/**
 * A proof against a lying source in bytes, as whoever was lied to could hand it on to others who then check it.
 *
 *   header length (2) ‖ header ‖ k times: place (1) ‖ Merkle path ‖ shard       places ascending; numbers little-endian
 */
import { concatBytes } from '../../node-core/base/bytes.ts'
import { decodeHeader, shardLength } from '../../node-core/network/spread/chunks/header.ts'
import type { LieProof, ProvenShard } from '../../node-core/network/spread/chunks/lie.ts'
import { pathLength } from '../../node-core/network/spread/chunks/merkle.ts'

export function encodeLie({ header, shards }: LieProof): Uint8Array {
  const parts = shards.flatMap(({ place, path, shard }) => [Uint8Array.of(place), path, shard])
  return concatBytes(Uint8Array.of(header.length & 0xff, header.length >> 8), header, ...parts)
}

/** Of bytes that {@link encodeLie} made, or that are as long as these. What comes out holds views of them. */
export function decodeLie(bytes: Uint8Array): LieProof {
  const length = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)
  const encoded = bytes.subarray(2, 2 + length)
  const header = decodeHeader(encoded)
  const pathBytes = pathLength(header.recipients.length)
  const entry = 1 + pathBytes + shardLength(header)
  const shards = Array.from({ length: header.k }, (_, i): ProvenShard => {
    const start = 2 + length + i * entry
    return { place: bytes[start] ?? 0, path: bytes.subarray(start + 1, start + 1 + pathBytes), shard: bytes.subarray(start + 1 + pathBytes, start + entry) }
  })
  return { header: encoded, shards }
}
