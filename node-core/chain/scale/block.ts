/**
 * Blocks (Polkadot Host spec, section 3.3.4 "Block Body").
 *
 * An extrinsic is opaque to the host. It is kept as its full encoding, length prefix included: that is what is hashed,
 * what goes into the extrinsics root, what wallets submit and what `chain_getBlock` shows.
 */
import type { Hash } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { ScaleError, ScaleReader, decodeAll } from '../../scale/reader.ts'
import type { Header } from './header.ts'
import { ScaleWriter } from '../../scale/writer.ts'

/** The full encoding of one extrinsic, length prefix included. */
export type Extrinsic = Uint8Array

/** Which block: its hash, and how high it stands. */
export interface BlockRef {
  readonly hash: Hash
  readonly number: number
}

/** Engine id (`FRNK`) and the encoded proof. */
export interface Justification {
  readonly engine: string
  readonly data: Uint8Array
}

export interface Block {
  readonly header: Header
  readonly body: readonly Extrinsic[]
}

/** Reads one length-prefixed extrinsic and keeps the prefix. */
export function readExtrinsic(reader: ScaleReader): Extrinsic {
  const inner = reader.bytes()
  return new ScaleWriter(inner.length + 5).bytes(inner).finish()
}

/** blake2b-256, by which pools and wallets name it. */
export function extrinsicHash(extrinsic: Extrinsic): Hash {
  return blake2Hash(extrinsic)
}

/** Tells two bodies apart. */
export function bodyHash(body: readonly Extrinsic[]): Hash {
  return blake2Hash(encodeBody(body))
}

export function encodeBody(body: readonly Extrinsic[]): Uint8Array {
  const writer = new ScaleWriter(1024)
  writer.vec(body, (w, extrinsic) => w.raw(extrinsic))
  return writer.finish()
}

export function decodeBody(input: Uint8Array): Extrinsic[] {
  return decodeAll(input, 'the body', (reader) => reader.vec(readExtrinsic))
}

/** Checks that `input` is exactly one length-prefixed byte string, as a submitted extrinsic must be. */
export function assertExtrinsic(input: Uint8Array): void {
  const reader = new ScaleReader(input)
  const length = reader.compactNumber()
  if (length !== reader.remaining) {
    throw new ScaleError('SCALE_INVALID', `the extrinsic says ${length} bytes and has ${reader.remaining}`)
  }
}
