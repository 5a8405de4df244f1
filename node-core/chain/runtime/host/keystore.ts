/**
 * The keys that a runtime may ask for (Polkadot Host spec, section B.4 "Crypto", definition "Key Type Identifier").
 *
 * Only a call that somebody makes for the sake of keys has a keystore. A block must come to the same end on every machine,
 * and a call for a peer or a program must not learn what keys there are: there the functions end the call.
 */
import { HostFunctionError } from '../errors.ts'

export type KeyScheme = 'ed25519' | 'sr25519' | 'ecdsa'

export interface HostKeystore {
  /** `keyType` has four characters, such as `babe`. */
  publicKeys(scheme: KeyScheme, keyType: string): readonly Uint8Array[]
  /** `seed` is a secret URI in UTF-8 (`//Alice`); a random key where there is none. Returns the public key. */
  generate(scheme: KeyScheme, keyType: string, seed: Uint8Array | undefined): Uint8Array
  /** Undefined where the key is not here. `prehashed` is for ecdsa: `message` is the 32-byte hash. */
  sign(scheme: KeyScheme, keyType: string, publicKey: Uint8Array, message: Uint8Array, prehashed: boolean): Uint8Array | undefined
}

/** A keystore without keys, that takes none. */
export const EMPTY_KEYSTORE: HostKeystore = {
  publicKeys: () => [],
  generate: () => {
    throw new HostFunctionError('this executor has no keystore to generate keys in')
  },
  sign: () => undefined,
}
