/**
 * Verifying schnorrkel signatures on our own arithmetic: the form before its audit, which old blocks of Kusama carry; the present one as
 * the counterpart of the Wasm verifier; and the present one by keys that stay, whose tables are kept (key-tables.ts).
 */
import { equalBytes, utf8 } from '../../base/bytes.ts'
import { Transcript, signingTranscript } from './merlin.ts'
import { keyTables } from './key-tables.ts'
import {
  BASE_SPLIT, BASE_TABLE, ORDER, decodePoint, encodePoint, isCanonicalScalar, littleEndian, multiScalar, splitTerms, tableOf, type Term,
} from './ristretto.ts'

const CONTEXT = 'substrate'

/** The terms of s*B - k*A, from s and -k; undefined where the public key A is no point. */
type Terms = (publicKey: Uint8Array, s: bigint, minusK: bigint) => readonly Term[] | undefined

/** The present form: the marker bit must be set. Never throws, whatever the bytes. */
export function verifySchnorr(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return verifyPresent(signature, message, publicKey, termsOnce)
}

/** The same for a key that signs again and again, an authority's: the first time costs more, every other one less. */
export function verifySchnorrByKeptKey(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return verifyPresent(signature, message, publicKey, termsKept)
}

/** The form before the audit: no marker bit, other labels. */
export function verifyPreAuditSchnorr(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || ((signature[63] as number) & 0x80) !== 0) return false
  const transcript = new Transcript(CONTEXT)
    .append('sign-bytes', message)
    .protocol('Schnorr-sig')
    .append('pk', publicKey)
    .append('no', signature.subarray(0, 32))
  return equationHolds(signature, publicKey, transcript.challengeScalar(''), termsOnce)
}

function verifyPresent(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array, terms: Terms): boolean {
  if (signature.length !== 64 || ((signature[63] as number) & 0x80) === 0) return false
  const transcript = signingTranscript(utf8(CONTEXT), message)
    .protocol('Schnorr-sig')
    .append('sign:pk', publicKey)
    .append('sign:R', signature.subarray(0, 32))
  return equationHolds(signature, publicKey, transcript.challengeScalar('sign:c'), terms)
}

/** R = s*B - k*A. */
function equationHolds(signature: Uint8Array, publicKey: Uint8Array, k: bigint, termsOf: Terms): boolean {
  const s = new Uint8Array(signature.subarray(32))
  s[31] = (s[31] as number) & 0x7f
  if (!isCanonicalScalar(s)) return false
  const terms = termsOf(publicKey, littleEndian(s), (ORDER - k) % ORDER)
  return terms !== undefined && equalBytes(encodePoint(multiScalar(terms)), signature.subarray(0, 32))
}

function termsOnce(publicKey: Uint8Array, s: bigint, minusK: bigint): readonly Term[] | undefined {
  const point = decodePoint(publicKey)
  return point === undefined ? undefined : [[s, BASE_TABLE], [minusK, tableOf(point)]]
}

function termsKept(publicKey: Uint8Array, s: bigint, minusK: bigint): readonly Term[] | undefined {
  const key = keyTables(publicKey)
  return key === undefined ? undefined : [...splitTerms(s, BASE_SPLIT), ...splitTerms(minusK, key)]
}
