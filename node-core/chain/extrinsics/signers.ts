/** The accounts that this node can sign for: the account keys of its keystore, and of the development account that it was given. */
import { equalBytes } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { devAccount, type DevAccountName } from '../../crypto/keys/dev-accounts.ts'
import { KEY_SCHEMES } from '../../crypto/keys/keypairs.ts'
import { MemoryKeystore, type Keystore, ACCOUNT_KEY_TYPE } from '../../crypto/keys/keystore.ts'
import type { Signer } from './builder.ts'

/** Of an account's key: ecdsa accounts go by the hash of theirs. */
export function accountIdOf(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 32 ? publicKey : blake2b256(publicKey)
}

/** Undefined where the keystore has no such key, or is locked. */
export function findSigner(keystore: Keystore, accountId: Uint8Array): Signer | undefined {
  for (const scheme of KEY_SCHEMES) {
    const publicKey = keystore.publicKeys(ACCOUNT_KEY_TYPE, scheme).find((key) => equalBytes(accountIdOf(key), accountId))
    if (publicKey !== undefined) return { accountId, scheme, sign: (message) => keystore.sign(ACCOUNT_KEY_TYPE, publicKey, message) }
  }
  return undefined
}

/** The account of each name, and its stash. */
export function developmentAccountKeys(names: readonly DevAccountName[]): Keystore {
  const keystore = new MemoryKeystore()
  for (const name of names) {
    keystore.add(ACCOUNT_KEY_TYPE, devAccount(`//${name}`).sr25519)
    keystore.add(ACCOUNT_KEY_TYPE, devAccount(`//${name}//stash`).sr25519)
  }
  return keystore
}
