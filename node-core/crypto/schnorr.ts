/**
 * Verifying schnorrkel signatures in JavaScript: the form before its audit, which old blocks of Kusama carry, and the present one
 * as the counterpart of the Wasm verifier.
 */
import { utf8 } from '../base/bytes.ts'
import { Transcript, signingTranscript } from './merlin.ts'
import { BASE_TABLE, ORDER, decodePoint, encodePoint, isCanonicalScalar, littleEndian, multiScalar, tableOf } from './ristretto.ts'
import { equalBytes } from '../base/bytes.ts'

const CONTEXT = 'substrate'

/** The present form: the marker bit must be set. */
export function verifySchnorr(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || ((signature[63] as number) & 0x80) === 0) return false
  const transcript = signingTranscript(utf8(CONTEXT), message)
    .protocol('Schnorr-sig')
    .append('sign:pk', publicKey)
    .append('sign:R', signature.subarray(0, 32))
  return equationHolds(signature, publicKey, transcript.challengeScalar('sign:c'))
}

/** The form before the audit: no marker bit, other labels. */
export function verifyPreAuditSchnorr(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || ((signature[63] as number) & 0x80) !== 0) return false
  const transcript = new Transcript(CONTEXT)
    .append('sign-bytes', message)
    .protocol('Schnorr-sig')
    .append('pk', publicKey)
    .append('no', signature.subarray(0, 32))
  return equationHolds(signature, publicKey, transcript.challengeScalar(''))
}

/** R = s*B - k*A. */
function equationHolds(signature: Uint8Array, publicKey: Uint8Array, k: bigint): boolean {
  const s = signature.slice(32)
  s[31] = (s[31] as number) & 0x7f
  const point = decodePoint(publicKey)
  if (point === undefined || !isCanonicalScalar(s)) return false
  const sum = multiScalar([[littleEndian(s), BASE_TABLE], [(ORDER - k) % ORDER, tableOf(point)]])
  return equalBytes(encodePoint(sum), signature.subarray(0, 32))
}
