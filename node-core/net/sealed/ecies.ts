/**
 * ECIES as eciesjs, eciespy and the Rust crate `ecies` have it on X25519: encryption of bytes to a public key.
 *
 *   ephemeral public key (32) | nonce (16, or 12) | tag (16) | ciphertext (as long as the plaintext)
 *
 * The key of AES-256-GCM is HKDF-SHA256 of ephemeral public key | shared point, without salt and info. The ephemeral key is made for each
 * message, so a key never meets two nonces.
 *
 * It hides and protects the content, and says nothing of who sent it: anybody can encrypt to a public key. envelope.ts adds that. Whoever gets
 * hold of the recipient's secret key later can read what was recorded before.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { EMPTY, concatBytes } from '../../base/bytes.ts'
import { ephemeralKey } from '../../crypto/x25519.ts'
import { SealedError } from './errors.ts'

/** In bytes: the libraries' default, and the other one that they can be set to. */
export type NonceLength = 16 | 12

export const KEY_BYTES = 32
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** What the ciphertext is longer by than the plaintext, in bytes. */
export const eciesOverhead = (nonceLength: NonceLength = 16): number => KEY_BYTES + nonceLength + TAG_BYTES

/** To an X25519 public key of 32 bytes. Throws a SealedError NET_SEALED_KEY where that is none, or one of small order. */
export function eciesEncrypt(publicKey: Uint8Array, plaintext: Uint8Array, nonceLength: NonceLength = 16): Uint8Array {
  const ephemeral = ephemeralKey()
  const shared = ephemeral.agree(publicKey)
  if (shared === undefined) throw new SealedError('NET_SEALED_KEY', 'Nothing can be encrypted to this public key: it is not a safe X25519 key.')
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv(CIPHER, keyOf(ephemeral.publicKey, shared), nonce, { authTagLength: TAG_BYTES })
  const body = cipher.update(plaintext)
  cipher.final()
  return concatBytes(ephemeral.publicKey, nonce, cipher.getAuthTag(), body)
}

/**
 * `agree` gives the secret that the recipient's key shares with a public key, undefined where there is no safe one. Throws a SealedError
 * NET_SEALED_UNREADABLE: it was encrypted to another key, or changed on its way.
 */
export function eciesDecrypt(agree: (publicKey: Uint8Array) => Uint8Array | undefined, encrypted: Uint8Array, nonceLength: NonceLength = 16): Uint8Array {
  if (encrypted.length < eciesOverhead(nonceLength)) throw unreadable()
  const tagAt = KEY_BYTES + nonceLength
  const publicKey = encrypted.subarray(0, KEY_BYTES)
  const shared = agree(publicKey)
  if (shared === undefined) throw unreadable()
  const decipher = createDecipheriv(CIPHER, keyOf(publicKey, shared), encrypted.subarray(KEY_BYTES, tagAt), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(encrypted.subarray(tagAt, tagAt + TAG_BYTES))
  const plaintext = decipher.update(encrypted.subarray(tagAt + TAG_BYTES))
  try {
    decipher.final()
  } catch (cause) {
    throw unreadable(cause)
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
}

function keyOf(ephemeralPublicKey: Uint8Array, shared: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', concatBytes(ephemeralPublicKey, shared), EMPTY, EMPTY, 32))
}

function unreadable(cause?: unknown): SealedError {
  return new SealedError('NET_SEALED_UNREADABLE', 'The sealed message cannot be decrypted: it was made for another key, or changed on its way.', { cause })
}
