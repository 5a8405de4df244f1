/**
 * A keystore for one call: it makes the keys that a runtime asks for, lets it sign with them, and hands their secrets over afterwards.
 * It knows no other keys.
 */
import { randomBytes } from 'node:crypto'
import { equalBytes, fromUtf8 } from '../../../base/bytes.ts'
import { ecdsaSign } from '../../../crypto/ecdsa.ts'
import { deriveKeyPair, signWith, type KeyPair } from '../../../crypto/keys/keypairs.ts'
import { keyPairFromUri } from '../../../crypto/keys/secret-uri.ts'
import type { MadeKey } from '../types.ts'
import type { HostKeystore, KeyScheme } from './keystore.ts'

export class CollectingKeystore implements HostKeystore {
  readonly #made: { readonly keyType: string; readonly pair: KeyPair }[] = []

  publicKeys(scheme: KeyScheme, keyType: string): Uint8Array[] {
    return this.#made.filter((key) => key.keyType === keyType && key.pair.scheme === scheme).map(({ pair }) => pair.publicKey)
  }

  generate(scheme: KeyScheme, keyType: string, seed: Uint8Array | undefined): Uint8Array {
    const pair = seed === undefined ? randomPair(scheme) : keyPairFromUri(scheme, fromUtf8(seed))
    this.#made.push({ keyType, pair })
    return pair.publicKey
  }

  sign(scheme: KeyScheme, keyType: string, publicKey: Uint8Array, message: Uint8Array, prehashed: boolean): Uint8Array | undefined {
    const key = this.#made.find((made) => made.keyType === keyType && made.pair.scheme === scheme && equalBytes(made.pair.publicKey, publicKey))
    if (key === undefined) return undefined
    return prehashed ? ecdsaSign(key.pair.secret.reveal(), message) : signWith(key.pair, message)
  }

  /** Every key that was made, each secret in a buffer of its own; nothing of them stays here. */
  take(): MadeKey[] {
    return this.#made.splice(0).map(({ keyType, pair }) => {
      const secret = pair.secret.reveal().slice()
      pair.secret.erase()
      return { keyType, scheme: pair.scheme, secret }
    })
  }
}

function randomPair(scheme: KeyScheme): KeyPair {
  const seed = Uint8Array.from(randomBytes(32))
  try {
    return deriveKeyPair(scheme, seed, '')
  } finally {
    seed.fill(0)
  }
}
