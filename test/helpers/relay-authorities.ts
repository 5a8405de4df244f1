/** The development accounts in the part of authorities and of account holders: what Substrate's own development networks give them. */
import { concatBytes, utf8 } from '../../node-core/base/bytes.ts'
import { DEV_ACCOUNTS, DEV_MINI_SECRET, devAccount, type DevAccountName } from '../../node-core/crypto/keys/dev-accounts.ts'
import { ecdsaPublicKey } from '../../node-core/crypto/ecdsa.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import type { DevelopmentAuthority } from './relay-spec.ts'

/** 10 million units of 10^12. */
export const DEVELOPMENT_BALANCE = 10_000_000n * 10n ** 12n

/** Each name's account and its stash. */
export function developmentAccounts(): Uint8Array[] {
  return DEV_ACCOUNTS.flatMap((name) => [devAccount(`//${name}`).sr25519.publicKey, devAccount(`//${name}//stash`).sr25519.publicKey])
}

export function developmentAuthority(name: DevAccountName): DevelopmentAuthority {
  const { sr25519, ed25519 } = devAccount(`//${name}`)
  const key = sr25519.publicKey
  return {
    stash: devAccount(`//${name}//stash`).sr25519.publicKey,
    keys: {
      grandpa: ed25519.publicKey, babe: key, imOnline: key, paraValidator: key, paraAssignment: key, authorityDiscovery: key,
      beefy: ecdsaPublicKey(ecdsaSeed(name)),
    },
  }
}

/** Substrate's hard derivation of an ECDSA seed from the development phrase. */
function ecdsaSeed(name: string): Uint8Array {
  const chainCode = new Uint8Array(32)
  chainCode.set(new ScaleWriter().bytes(utf8(name)).finish())
  return blake2b256(concatBytes(new ScaleWriter().bytes(utf8('Secp256k1HDKD')).finish(), DEV_MINI_SECRET, chainCode))
}
