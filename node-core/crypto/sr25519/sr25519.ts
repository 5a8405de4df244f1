/**
 * sr25519: Schnorr signatures over ristretto255 (Polkadot Host spec, appendix A.1.3 "Cryptographic Keys").
 *
 * BABE seals and most accounts sign with it. Signing and verifying run in schnorrkel compiled to Wasm, about ten times
 * as fast as JavaScript. That module panics on a malformed key or signature, and every panic eats some of its stack until it
 * refuses good signatures too; so nothing reaches it that could make it panic: sizes, the marker bit, the range of
 * `s` and the point of the public key are checked here first. Points already looked at are remembered.
 *
 * A secret key is the 64 bytes of the ecosystem's keystores: the scalar in ed25519's form (times eight), then the nonce seed.
 */
import * as wasm from '@polkadot-labs/schnorrkel-wasm'
import { HDKD, secretFromSeed } from '@scure/sr25519'
import { EMPTY, toBinaryString } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import { Transcript } from './merlin.ts'
import { ORDER, isCanonicalScalar, isRistrettoPoint, littleEndian, toLittleEndian } from './ristretto.ts'
import { verifyPreAuditSchnorr, verifySchnorr } from './schnorr.ts'

export const SR25519_SIGNATURE_SIZE = 64

/** Public keys seen lately, and whether they are points. */
const knownKeys = new Lru<string, boolean>(8192)

/** Cleared should the Wasm module ever panic in spite of the checks: it cannot be trusted after that. */
let wasmIsSound = true

/** True where `signature` (64 bytes) is `publicKey`'s over `message` in the context `substrate`. Never throws, whatever the bytes. */
export function sr25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SR25519_SIGNATURE_SIZE || publicKey.length !== 32) return false
  if (((signature[63] as number) & 0x80) === 0) return false
  // A copy in every case: a Buffer's slice would be a view, and the mark below would be lost in the caller's signature.
  const s = new Uint8Array(signature.subarray(32))
  s[31] = (s[31] as number) & 0x7f
  if (!isCanonicalScalar(s) || !isKnownPoint(publicKey)) return false
  if (wasmIsSound) {
    try {
      return wasm.sr25519_verify(publicKey, message, signature)
    } catch {
      wasmIsSound = false
    }
  }
  return verifySchnorr(signature, message, publicKey)
}

/**
 * The same, but also accepts signatures of schnorrkel before its audit (no marker bit, other transcript labels), as
 * `ext_crypto_sr25519_verify_version_1` must for the sake of old blocks.
 */
export function sr25519VerifyDeprecated(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return sr25519Verify(signature, message, publicKey) || verifyPreAuditSchnorr(signature, message, publicKey)
}

/** Signs in the context `substrate`; 64 bytes, randomized. Throws a RangeError where the secret key is not one. */
export function sr25519Sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  assertSecret(secretKey)
  return wasm.sr25519_sign(wasm.sr25519_pubkey(secretKey), secretKey, message)
}

/** The 32-byte public key of a 64-byte secret key. */
export function sr25519PublicKey(secretKey: Uint8Array): Uint8Array {
  assertSecret(secretKey)
  return wasm.sr25519_pubkey(secretKey)
}

/** Expands a 32-byte seed ("mini secret key") to a 64-byte secret key, as `subkey` and the wallets do. */
export function sr25519FromSeed(seed: Uint8Array): Uint8Array {
  return secretFromSeed(seed)
}

/** The secret key below a hard junction (`//name`): `chainCode` is its 32 bytes. */
export function sr25519DeriveHard(secretKey: Uint8Array, chainCode: Uint8Array): Uint8Array {
  return HDKD.secretHard(secretKey, chainCode)
}

/**
 * The 32-byte seed of the secret key below a hard junction: what {@link sr25519FromSeed} makes {@link sr25519DeriveHard}'s result of
 * (schnorrkel's `hard_derive_mini_secret_key`). Keys below a soft junction have none.
 */
export function sr25519HardSeed(secretKey: Uint8Array, chainCode: Uint8Array): Uint8Array {
  assertSecret(secretKey)
  const scalar = toLittleEndian(littleEndian(secretKey.subarray(0, 32)) >> 3n)
  const transcript = new Transcript('SchnorrRistrettoHDKD').append('sign-bytes', EMPTY).append('chain-code', chainCode).append('secret-key', scalar)
  try {
    return transcript.challenge('HDKD-hard', 32)
  } finally {
    scalar.fill(0)
    transcript.wipe()
  }
}

/** The secret key below a soft junction (`/name`). Its nonce seed is random, its public key is not. */
export function sr25519DeriveSoft(secretKey: Uint8Array, chainCode: Uint8Array): Uint8Array {
  return HDKD.secretSoft(secretKey, chainCode)
}

/** The public key below a soft junction, from the public key alone. */
export function sr25519DerivePublicSoft(publicKey: Uint8Array, chainCode: Uint8Array): Uint8Array {
  return HDKD.publicSoft(publicKey, chainCode)
}

function isKnownPoint(publicKey: Uint8Array): boolean {
  const key = toBinaryString(publicKey)
  let valid = knownKeys.get(key)
  if (valid === undefined) knownKeys.set(key, (valid = isRistrettoPoint(publicKey)))
  return valid
}

function assertSecret(secretKey: Uint8Array): void {
  if (secretKey.length !== 64) throw new RangeError(`an sr25519 secret key has 64 bytes, not ${secretKey.length}`)
  if (littleEndian(secretKey.subarray(0, 32)) >> 3n >= ORDER) throw new RangeError('not an sr25519 secret key: its scalar is out of range')
}
