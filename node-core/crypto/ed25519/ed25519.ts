/**
 * ed25519 under the rules of ZIP-215 (Polkadot Host spec, appendix A.1.3 "Cryptographic Keys").
 *
 * GRANDPA votes and some accounts sign with it. Libraries differ on edge cases (non-canonical points, points of small order),
 * and a chain needs one answer: ZIP-215's, which accepts the most. Whatever the platform's own verifier accepts, ZIP-215
 * accepts too (an equation that holds without the cofactor holds with it); so its yes is final, and its no is asked again
 * of a ZIP-215 verifier, ten times slower.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes, toBinaryString } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import { isCanonicalScalar } from '../sr25519/ristretto.ts'

/** DER in front of the 32 bytes of a public key (SubjectPublicKeyInfo, RFC 8410). */
const SPKI_PREFIX = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])
/** DER in front of the 32 bytes of a seed (PKCS #8, RFC 8410). */
const PKCS8_PREFIX = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20])

/** Imported keys: a GRANDPA set votes with the same few hundred, round after round. */
const imported = new Lru<string, KeyObject>(2048)

/** True where `signature` (64 bytes) is `publicKey`'s over `message` under ZIP-215. Never throws, whatever the bytes. */
export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  // ZIP-215 itself asks for a canonical s: what fails here is not worth the slow check.
  if (!isCanonicalScalar(signature.subarray(32))) return false
  return platformVerify(signature, message, publicKey) || zip215Verify(signature, message, publicKey)
}

/**
 * True where the platform says so (RFC 8032, without the cofactor): for signatures of a node's own making, which nobody has to agree on with others. A no costs
 * no more than a yes, so who sends forgeries gains nothing. Never throws, whatever the bytes.
 */
export function ed25519VerifyStrict(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return signature.length === 64 && publicKey.length === 32 && isCanonicalScalar(signature.subarray(32)) && platformVerify(signature, message, publicKey)
}

/** Signs with a 32-byte seed; deterministic (RFC 8032). */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKey(seed)))
}

/** The 32-byte public key of a 32-byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' })
  return Uint8Array.from(spki.subarray(SPKI_PREFIX.length))
}

function platformVerify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const name = toBinaryString(publicKey)
    let key = imported.get(name)
    if (key === undefined) {
      key = createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, publicKey)), format: 'der', type: 'spki' })
      imported.set(name, key)
    }
    return verify(null, message, key, signature)
  } catch {
    // A key that the platform does not even import.
    return false
  }
}

function zip215Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false
  }
}

function privateKey(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError(`an ed25519 seed has 32 bytes, not ${seed.length}`)
  return createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)), format: 'der', type: 'pkcs8' })
}
