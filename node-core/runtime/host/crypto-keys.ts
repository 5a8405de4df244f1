/** `ext_crypto_*` (Polkadot Host spec, section B.4 "Crypto"): the keys of the node, in the keystore that the executor was given. */
import { decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { HostContext, HostFunctions } from './context.ts'
import type { KeyScheme } from './keystore.ts'

const KEY_SIZE: Readonly<Record<KeyScheme, number>> = { ed25519: 32, sr25519: 32, ecdsa: 33 }
const HASH_SIZE = 32

export function cryptoKeyFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const keyType = (address: number): string => String.fromCharCode(...memory.at(address, 4))

  /** The keys themselves stand one behind the other: their size is known. */
  const publicKeys = (scheme: KeyScheme) => (type: number): bigint => {
    const keys = context.call.keystore.publicKeys(scheme, keyType(type))
    return memory.giveSpan(new ScaleWriter().vec(keys, (writer, key) => writer.raw(key)).finish())
  }
  const generate = (scheme: KeyScheme) => (type: number, seed: bigint): number => {
    const uri = decodeAll(memory.copy(seed), 'the seed', (reader) => reader.option((r) => r.bytes()))
    return memory.give(context.call.keystore.generate(scheme, keyType(type), uri))
  }
  /** `Option` of the signature. */
  const signWith = (scheme: KeyScheme, type: number, key: number, message: Uint8Array, prehashed: boolean): bigint => {
    const publicKey = memory.at(key, KEY_SIZE[scheme]).slice()
    const signature = context.call.keystore.sign(scheme, keyType(type), publicKey, message, prehashed)
    return memory.giveSpan(new ScaleWriter().option(signature, (writer, bytes) => writer.raw(bytes)).finish())
  }
  const sign = (scheme: KeyScheme) => (type: number, key: number, message: bigint): bigint =>
    signWith(scheme, type, key, memory.copy(message), false)
  const ecdsaKeys = publicKeys('ecdsa')
  return {
    ext_crypto_ed25519_public_keys_version_1: publicKeys('ed25519'),
    ext_crypto_ed25519_generate_version_1: generate('ed25519'),
    ext_crypto_ed25519_sign_version_1: sign('ed25519'),
    ext_crypto_sr25519_public_keys_version_1: publicKeys('sr25519'),
    ext_crypto_sr25519_generate_version_1: generate('sr25519'),
    ext_crypto_sr25519_sign_version_1: sign('sr25519'),
    ext_crypto_ecdsa_public_keys_version_1: ecdsaKeys,
    ext_crypto_ecdsa_generate_version_1: generate('ecdsa'),
    ext_crypto_ecdsa_sign_version_1: sign('ecdsa'),
    ext_crypto_ecdsa_sign_prehashed_version_1: (type: number, key: number, message: number) =>
      signWith('ecdsa', type, key, memory.at(message, HASH_SIZE).slice(), true),
  }
}
