/**
 * Noise, the encryption of connections, with keys that are made ready once. For each message Noise hands the bare bytes of the connection's key to the system's cipher.
 * Node makes a key of them each time, which in Node 24 takes half as long as the cipher itself takes for a message of 64 KiB.
 *
 * Only who calls the cipher is changed: what is encrypted, with which key and which nonce, is Noise's. Small messages, and all of them where the system has no such
 * cipher (Electron's main process), go by what Noise has for them.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { noise, type ICryptoInterface } from '@chainsafe/libp2p-noise'
import { asCrypto, defaultCrypto, nodeCrypto } from '@chainsafe/libp2p-noise/crypto'

/** Noise's own bound: below it, it does not ask the system. */
const LARGE_BYTES = 1200

const hasCipher = defaultCrypto.chaCha20Poly1305Encrypt !== asCrypto.chaCha20Poly1305Encrypt

/** A key lives as long as Noise keeps its bytes, which it never changes. */
const ready = new WeakMap<Uint8Array, KeyObject>()

/** Typed as bytes, for Noise hands on to the system's cipher whatever it is given. */
function readyKey(bytes: Uint8Array): Uint8Array {
  let key = ready.get(bytes)
  if (key === undefined) ready.set(bytes, (key = createSecretKey(bytes)))
  return key as unknown as Uint8Array
}

export const connectionCrypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: (plaintext, nonce, ad, key) =>
    hasCipher && plaintext.byteLength >= LARGE_BYTES ? nodeCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, readyKey(key)) : defaultCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, key),
  chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, key, into) =>
    hasCipher && ciphertext.byteLength >= LARGE_BYTES ? nodeCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, readyKey(key), into) : defaultCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key, into),
}

export function connectionEncrypter(): ReturnType<typeof noise> {
  return noise({ crypto: connectionCrypto })
}
