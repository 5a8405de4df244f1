/**
 * The second signature: Ed25519 (RFC 8032) over the exact bytes of a file, 64 bytes in a file of their own. It is made by a
 * key that is kept offline (build/release/signing-key.ts) and checked with public keys that are built into the app, so that whoever
 * holds the server, the mirror or even the platform's certificate still cannot pass anything off as a release.
 *
 * It is what `openssl pkeyutl -verify -rawin` checks, too, so a person can do the same by hand.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'

export const SIGNATURE_BYTES = 64
/** A file's signature lies beside it under its name and this. */
export const SIGNATURE_SUFFIX = '.sig'
/** The one in use, and the next one, so that a key can be replaced. */
export const MAX_KEYS = 4

/** Reads a public key: base64 of its SubjectPublicKeyInfo, which is what stands between the lines of a PEM file. Throws where it is none. */
export function parsePublicKey(base64: string): KeyObject {
  const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`an Ed25519 key is wanted, not ${key.asymmetricKeyType}`)
  return key
}

export function isSignedByOneOf(keys: readonly KeyObject[], bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && keys.some((key) => verify(null, bytes, key, signature))
}
