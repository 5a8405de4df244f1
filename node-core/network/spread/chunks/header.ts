/**
 * The header of a message in shards: what the source says, and signs, of the whole message. It goes with every shard, so that whoever gets
 * any shard can check it, knows from whom to ask for more, and has the source's word in hand.
 *
 *   version (1) = 1
 *   network, topic      each: length (1), UTF-8             bound by the signature: a message cannot be replayed elsewhere
 *   source (32)         ed25519 key of its peer id
 *   nonce (8)           with topic, source and content it makes the message's id
 *   time (8)            milliseconds since the Unix epoch
 *   length (4)          bytes of the content
 *   k (1)               shards that suffice
 *   root (32)           of the Merkle tree over the shards, as many as there are recipients
 *   content hash (32)   SHA-256
 *   n (1), recipients (32 each)   keys in order: shard i is for recipient i
 *   signature (64)      ed25519 over the domain and everything above
 *
 * Numbers are little-endian. k is not the source's choice: of n + 1 nodes floor(n / 3) may fail ({@link shardsNeeded}). All lengths are bounded
 * and checked before anything is read; every header has one encoding.
 */
import { concatBytes, equalBytes, toBinaryString, utf8 } from '../../../base/bytes.ts'
import { MalformedError } from '../../../base/errors.ts'
import { peerIdOf } from '../../../crypto/keys/peer-id.ts'
import { NONCE_SIZE, messageId } from '../message-id.ts'
import type { MessageId } from '../spread.ts'
import { HASH_SIZE } from './merkle.ts'

export type ChunkErrorCode = 'CHUNK_HEADER_INVALID' | 'CHUNK_FRAME_INVALID'

/** Bytes that are no header, frame or proof. */
export class ChunkError extends MalformedError<ChunkErrorCode> {}

/** Recipients of a message: with the source a mesh of 4 to 64. */
export const MIN_RECIPIENTS = 3
export const MAX_RECIPIENTS = 63
const MAX_NAME_BYTES = 128
const KEY_SIZE = 32
const SIGNATURE_SIZE = 64
const VERSION = 1
const DOMAIN = utf8('nodestead chunks header 1')

/** Version, the two names' lengths, and all fields of fixed length but the recipients. */
const FIXED_BYTES = 3 + KEY_SIZE + NONCE_SIZE + 8 + 4 + 1 + HASH_SIZE + HASH_SIZE + 1 + SIGNATURE_SIZE
export const MIN_HEADER_BYTES = FIXED_BYTES + MIN_RECIPIENTS * KEY_SIZE
export const MAX_HEADER_BYTES = FIXED_BYTES + 2 * MAX_NAME_BYTES + MAX_RECIPIENTS * KEY_SIZE

export interface ChunkHeader {
  readonly network: string
  readonly topic: string
  /** Public key, 32 bytes. */
  readonly source: Uint8Array
  readonly nonce: Uint8Array
  readonly time: number
  /** Bytes of the content; at least one. */
  readonly length: number
  readonly k: number
  readonly root: Uint8Array
  readonly contentHash: Uint8Array
  /** Public keys in the order of their shards. */
  readonly recipients: readonly Uint8Array[]
}

export interface SignedHeader extends ChunkHeader {
  readonly signature: Uint8Array
}

/** ed25519 of the node's key: 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array
export type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** k: how many of n shards suffice, where floor(n / 3) of n + 1 nodes may be silent or lie. */
export function shardsNeeded(recipients: number): number {
  return recipients - Math.floor(recipients / 3)
}

/** Bytes of each shard. */
export function shardLength({ length, k }: ChunkHeader): number {
  return Math.ceil(length / k)
}

export function idOf({ topic, source, nonce, contentHash }: ChunkHeader): MessageId {
  return messageId(topic, peerIdOf(source), nonce, contentHash)
}

/** Encodes and signs. Throws a RangeError where a field is out of its bounds. */
export function signHeader(header: ChunkHeader, sign: Sign): Uint8Array {
  const body = encodeBody(header)
  return concatBytes(body, sign(concatBytes(DOMAIN, body)))
}

/** The encoding of a header that is signed already. */
export function encodeHeader(header: SignedHeader): Uint8Array {
  return concatBytes(encodeBody(header), header.signature)
}

/** Whether the source signed these bytes, of which {@link decodeHeader} made the header. */
export function isSigned(header: SignedHeader, encoded: Uint8Array, verify: Verify): boolean {
  return verify(header.signature, concatBytes(DOMAIN, encoded.subarray(0, -SIGNATURE_SIZE)), header.source)
}

/** Throws a ChunkError CHUNK_HEADER_INVALID. What comes out holds views of `bytes`. The signature is not checked. */
export function decodeHeader(bytes: Uint8Array): SignedHeader {
  if (bytes.length < MIN_HEADER_BYTES || bytes.length > MAX_HEADER_BYTES) throw invalid(`has ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw invalid('ends early')
    return bytes.subarray(at, (at += count))
  }
  const byte = (): number => take(1)[0] as number
  if (byte() !== VERSION) throw invalid('is of another version')
  const network = nameIn(take(lengthOfName(byte())))
  const topic = nameIn(take(lengthOfName(byte())))
  const source = take(KEY_SIZE)
  const nonce = take(NONCE_SIZE)
  take(8 + 4)
  const time = view.getBigUint64(at - 12, true)
  const length = view.getUint32(at - 4, true)
  const k = byte()
  const root = take(HASH_SIZE)
  const contentHash = take(HASH_SIZE)
  const count = byte()
  if (bytes.length - at !== count * KEY_SIZE + SIGNATURE_SIZE) throw invalid('has another length than it says')
  const recipients = Array.from({ length: count }, () => take(KEY_SIZE))
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid('has no time')
  const header = { network, topic, source, nonce, time: Number(time), length, k, root, contentHash, recipients, signature: take(SIGNATURE_SIZE) }
  const problem = problemOf(header)
  if (problem !== undefined) throw invalid(problem)
  return header
}

/** Which rule a header breaks; undefined where none. */
function problemOf({ length, k, source, recipients }: ChunkHeader): string | undefined {
  if (recipients.length < MIN_RECIPIENTS || recipients.length > MAX_RECIPIENTS) return `names ${recipients.length} recipients`
  if (k !== shardsNeeded(recipients.length)) return `says that ${k} shards suffice`
  if (length < 1) return 'is of an empty message'
  if (new Set(recipients.map(toBinaryString)).size !== recipients.length) return 'names a recipient twice'
  if (recipients.some((key) => equalBytes(key, source))) return 'names the source as a recipient'
  return undefined
}

function encodeBody(header: ChunkHeader): Uint8Array {
  const problem = problemOf(header)
  if (problem !== undefined) throw new RangeError(`the header ${problem}`)
  const names = [header.network, header.topic].map((name) => {
    const bytes = utf8(name)
    return concatBytes(Uint8Array.of(lengthOfName(bytes.length)), bytes)
  })
  const numbers = new Uint8Array(8 + 4 + 1)
  const view = new DataView(numbers.buffer)
  view.setBigUint64(0, BigInt(header.time), true)
  view.setUint32(8, header.length, true)
  view.setUint8(12, header.k)
  const { source, nonce, root, contentHash, recipients } = header
  return concatBytes(Uint8Array.of(VERSION), ...names, source, nonce, numbers, root, contentHash, Uint8Array.of(recipients.length), ...recipients)
}

function lengthOfName(length: number): number {
  if (length > MAX_NAME_BYTES) throw invalid(`has a name of ${length} bytes`)
  return length
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nameIn(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw invalid('has a name that is no text')
  }
}

function invalid(what: string): ChunkError {
  return new ChunkError('CHUNK_HEADER_INVALID', `The header of a message in shards ${what}.`)
}
