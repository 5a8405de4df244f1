/** The keys that may sign now: what an engine makes blocks with. One that still listens, or is stopped, is as good as absent (guard.ts). */
import { toHex, type Hash } from '../../../base/bytes.ts'
import type { KeyScheme } from '../../../crypto/keys/keypairs.ts'
import { unknownKey, type Keystore } from '../../../crypto/keys/keystore.ts'
import type { SecretKey } from '../../../crypto/keys/secret-key.ts'

export class GuardedKeystore implements Keystore {
  readonly #keystore: Keystore
  readonly #allows: (keyType: string, key: Hash) => boolean

  constructor(keystore: Keystore, guard: { allows(keyType: string, key: Hash): boolean }) {
    this.#keystore = keystore
    this.#allows = (keyType, key) => guard.allows(keyType, key)
  }

  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[] {
    return this.#keystore.publicKeys(keyType, scheme).filter((key) => this.#allows(keyType, toHex(key)))
  }

  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
    if (!this.#allows(keyType, toHex(publicKey))) throw unknownKey(keyType)
    return this.#keystore.sign(keyType, publicKey, message)
  }

  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined {
    return this.#allows(keyType, toHex(publicKey)) ? this.#keystore.secret(keyType, publicKey) : undefined
  }
}
