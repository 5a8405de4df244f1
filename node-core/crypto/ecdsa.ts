/**
 * ECDSA over secp256k1 (Polkadot Host spec, appendix B.4 "Crypto": `ext_crypto_secp256k1_*` and `ext_crypto_ecdsa_*`).
 *
 * A signature is 65 bytes: r and s, big-endian, and the recovery id. Verifying is recovering the public key and comparing it:
 * that is what Substrate does, so a signature with another recovery id, or with a high `s`, is judged the same way here.
 *
 * The first host functions were built on a library that reduces r and s modulo the group's order; the later ones refuse what is
 * not below it. Both stay: an old block holds good only under the rule that it was made by. With reduction one signature has
 * several encodings, so nothing new should rely on it.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes, equalBytes } from '../base/bytes.ts'

/** In the order of the runtime's `EcdsaVerifyError`: their index is what the host function returns. */
export const ECDSA_ERRORS = ['badRS', 'badV', 'badSignature'] as const
export type EcdsaError = (typeof ECDSA_ERRORS)[number]

type Point = InstanceType<typeof secp256k1.Point>

const { ORDER } = secp256k1.Point.Fn

/**
 * True where `publicKey` (33 bytes, compressed) signed the 32-byte `messageHash`. The recovery id must be 0 to 3. `overflowing` reduces
 * r and s modulo the group's order in place of refusing them, as version 1 of the host function does. Never throws.
 */
export function ecdsaVerify(signature: Uint8Array, messageHash: Uint8Array, publicKey: Uint8Array, overflowing = false): boolean {
  if (signature.length !== 65 || (signature[64] as number) > 3) return false
  const point = recoverPoint(signature, messageHash, overflowing)
  return typeof point !== 'string' && equalBytes(point.toBytes(true), publicKey)
}

/** The signer's public key: 64 bytes, x and y big-endian. Recovery ids are 0 to 3, or 27 to 30 as Ethereum writes them. */
export function ecdsaRecover(signature: Uint8Array, messageHash: Uint8Array): Uint8Array | undefined {
  const result = ecdsaRecoverOrError(signature, messageHash)
  return typeof result === 'string' ? undefined : result
}

/** The signer's public key: 33 bytes, compressed. */
export function ecdsaRecoverCompressed(signature: Uint8Array, messageHash: Uint8Array): Uint8Array | undefined {
  const point = recoverPoint(signature, messageHash, false)
  return typeof point === 'string' ? undefined : point.toBytes(true)
}

/**
 * Like {@link ecdsaRecover}, but says what was wrong. `overflowing` reduces r and s modulo the group's order in place of refusing them,
 * as version 1 of the host functions does.
 */
export function ecdsaRecoverOrError(signature: Uint8Array, messageHash: Uint8Array, overflowing = false): Uint8Array | EcdsaError {
  const point = recoverPoint(signature, messageHash, overflowing)
  return typeof point === 'string' ? point : point.toBytes(false).subarray(1)
}

/** The 33-byte form of {@link ecdsaRecoverOrError}. */
export function ecdsaRecoverCompressedOrError(
  signature: Uint8Array, messageHash: Uint8Array, overflowing = false,
): Uint8Array | EcdsaError {
  const point = recoverPoint(signature, messageHash, overflowing)
  return typeof point === 'string' ? point : point.toBytes(true)
}

/** The 33-byte public key of a 32-byte secret. Throws a RangeError where the secret is zero or beyond the group's order. */
export function ecdsaPublicKey(secret: Uint8Array): Uint8Array {
  if (!secp256k1.utils.isValidSecretKey(secret)) throw new RangeError('not an ecdsa secret key')
  return secp256k1.getPublicKey(secret, true)
}

/** Signs a 32-byte hash; 65 bytes. */
export function ecdsaSign(secret: Uint8Array, messageHash: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(messageHash, secret, { prehash: false, format: 'recovered' })
  // The library puts the recovery id first.
  return concatBytes(recovered.subarray(1), recovered.subarray(0, 1))
}

function recoverPoint(signature: Uint8Array, messageHash: Uint8Array, overflowing: boolean): Point | EcdsaError {
  if (signature.length !== 65 || messageHash.length !== 32) return 'badRS'
  const v = signature[64] as number
  const recoveryId = v > 26 ? v - 27 : v
  if (recoveryId > 3) return 'badV'
  let r = bigEndian(signature.subarray(0, 32))
  let s = bigEndian(signature.subarray(32, 64))
  if (r >= ORDER || s >= ORDER) {
    if (!overflowing) return 'badRS'
    r %= ORDER
    s %= ORDER
  }
  try {
    return new secp256k1.Signature(r, s, recoveryId).recoverPublicKey(messageHash)
  } catch {
    return 'badSignature'
  }
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`)
}
