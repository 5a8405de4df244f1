/**
 * Frames of chunk and relay.
 *
 *   shard   1 ‖ length of header (2) ‖ header ‖ place (1) ‖ Merkle path ‖ shard       to whom it is for, and the same bytes on to the others
 *   want    2 ‖ digest of a header (32) ‖ at most so many (1) ‖ places (8)            "send me some of these shards of that message"
 *
 * The header fixes the lengths of path and shard, so a frame is exactly as long as its header says or it is none. A digest is SHA-256 of a signed
 * header with its signature. Places are a set of bits, the lowest bit of the first byte for place 0; numbers are little-endian.
 */
import { concatBytes } from '../../../base/bytes.ts'
import { ChunkError, MAX_HEADER_BYTES, MIN_HEADER_BYTES, shardLength, type ChunkHeader } from './header.ts'
import { HASH_SIZE, pathLength } from './merkle.ts'
import { MAX_SHARDS } from './reed-solomon.ts'

const SHARD = 1
const WANT = 2
const PLACES_BYTES = MAX_SHARDS / 8
const WANT_BYTES = 1 + HASH_SIZE + 1 + PLACES_BYTES

/** A shard's frame, of which nothing is known yet but its outer form. */
export interface ShardFrame {
  readonly kind: 'shard'
  /** The signed header as it came. */
  readonly header: Uint8Array
  readonly place: number
  /** Path and shard. */
  readonly body: Uint8Array
}

export interface WantFrame {
  readonly kind: 'want'
  readonly digest: Uint8Array
  /** Shards that are enough; one at least. */
  readonly count: number
  /** Places of wanted shards, ascending; one at least. */
  readonly places: readonly number[]
}

/** Everything of a shard's frame but the content of header and shard. */
export function frameOverhead(recipients: number): number {
  return 1 + 2 + MAX_HEADER_BYTES + 1 + pathLength(recipients)
}

export function encodeShard(header: Uint8Array, place: number, path: Uint8Array, shard: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(SHARD, header.length & 0xff, header.length >> 8), header, Uint8Array.of(place), path, shard)
}

export function encodeWant({ digest, count, places }: Omit<WantFrame, 'kind'>): Uint8Array {
  const bits = new Uint8Array(PLACES_BYTES)
  for (const place of places) bits[place >> 3] = (bits[place >> 3] as number) | (1 << (place & 7))
  return concatBytes(Uint8Array.of(WANT), digest, Uint8Array.of(count), bits)
}

/** Throws a ChunkError CHUNK_FRAME_INVALID. What comes out holds views of `frame`. */
export function decodeFrame(frame: Uint8Array): ShardFrame | WantFrame {
  if (frame[0] === SHARD) return decodeShard(frame)
  if (frame[0] === WANT) return decodeWant(frame)
  throw invalid('is of an unknown kind')
}

/** Path and shard in a frame, once its header is known. Throws a ChunkError CHUNK_FRAME_INVALID. */
export function pathAndShard({ place, body }: ShardFrame, header: ChunkHeader): { readonly path: Uint8Array; readonly shard: Uint8Array } {
  const n = header.recipients.length
  if (place >= n) throw invalid(`has the place ${place} of ${n}`)
  const pathBytes = pathLength(n)
  const expected = pathBytes + shardLength(header)
  if (body.length !== expected) throw invalid(`carries ${body.length} bytes instead of ${expected}`)
  return { path: body.subarray(0, pathBytes), shard: body.subarray(pathBytes) }
}

function decodeShard(frame: Uint8Array): ShardFrame {
  const length = (frame[1] ?? 0) | ((frame[2] ?? 0) << 8)
  if (length < MIN_HEADER_BYTES || length > MAX_HEADER_BYTES) throw invalid(`says that its header has ${length} bytes`)
  const end = 3 + length
  if (frame.length < end + 2) throw invalid('ends early')
  return { kind: 'shard', header: frame.subarray(3, end), place: frame[end] as number, body: frame.subarray(end + 1) }
}

function decodeWant(frame: Uint8Array): WantFrame {
  if (frame.length !== WANT_BYTES) throw invalid(`asks in ${frame.length} bytes`)
  const count = frame[1 + HASH_SIZE] as number
  const bits = frame.subarray(2 + HASH_SIZE)
  const places = Array.from({ length: MAX_SHARDS }, (_, place) => place).filter((place) => (((bits[place >> 3] as number) >> (place & 7)) & 1) === 1)
  if (count === 0 || places.length === 0) throw invalid('asks for nothing')
  return { kind: 'want', digest: frame.subarray(1, 1 + HASH_SIZE), count, places }
}

function invalid(what: string): ChunkError {
  return new ChunkError('CHUNK_FRAME_INVALID', `The frame ${what}.`)
}
