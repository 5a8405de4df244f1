/**
 * `ext_crypto_*` (Polkadot Host spec, section B.4 "Crypto"): the keys of the node, in the keystore that the call was given.
 *
 * The functions for BLS12-381 and Bandersnatch keys are experiments of the reference that its released nodes are built
 * without. Here they answer as a keystore that has no such keys: it signs nothing, and makes none.
 */
import { isUtf8 } from 'node:buffer'
import { ScaleWriter } from '../../../scale/writer.ts'
import { HostFunctionError } from '../errors.ts'
import type { HostContext, HostFunctions } from './context.ts'
import type { HostKeystore, KeyScheme } from './keystore.ts'

const KEY_SIZE: Readonly<Record<KeyScheme, number>> = { ed25519: 32, sr25519: 32, ecdsa: 33 }
const HASH_SIZE = 32
const EXPERIMENTAL_KEY_SIZE = { bls381: 144, bandersnatch: 32 } as const
const NONE = Uint8Array.of(0)

export function cryptoKeyFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const keystore = (): HostKeystore => {
    const { keystore: given } = context.call
    if (given === undefined) throw new HostFunctionError('the runtime asked for keys in a call that has no keystore')
    return given
  }
  const keyType = (address: number): string => String.fromCharCode(...memory.at(address, 4))
  const readSeed = (seed: bigint): Uint8Array | undefined => {
    const uri = memory.decode(seed, (reader) => reader.option((r) => r.bytes()))
    if (uri !== undefined && !isUtf8(uri)) throw new HostFunctionError('the seed of a key is not UTF-8')
    return uri
  }

  /** The keys themselves stand one behind the other: their size is known. */
  const publicKeys = (scheme: KeyScheme) => (type: number): bigint => {
    const keys = keystore().publicKeys(scheme, keyType(type))
    return memory.giveSpan(new ScaleWriter().vec(keys, (writer, key) => writer.raw(key)).finish())
  }
  const generate = (scheme: KeyScheme) => (type: number, seed: bigint): number =>
    memory.give(keystore().generate(scheme, keyType(type), readSeed(seed)))
  /** `Option` of the signature. */
  const signWith = (scheme: KeyScheme, type: number, key: number, message: Uint8Array, prehashed: boolean): bigint => {
    const publicKey = memory.at(key, KEY_SIZE[scheme]).slice()
    const signature = keystore().sign(scheme, keyType(type), publicKey, message, prehashed)
    return memory.giveSpan(new ScaleWriter().option(signature, (writer, bytes) => writer.raw(bytes)).finish())
  }
  const sign = (scheme: KeyScheme) => (type: number, key: number, message: bigint): bigint =>
    signWith(scheme, type, key, memory.copy(message), false)

  const generateExperimental = (scheme: string) => (type: number, seed: bigint): never => {
    keystore()
    readSeed(seed)
    throw new HostFunctionError(`the keystore makes no ${scheme} keys (asked for type ${keyType(type)})`)
  }
  const signExperimental = (keySize: number) => (type: number, key: number, message: bigint): bigint => {
    keystore()
    memory.at(type, 4)
    memory.at(key, keySize)
    memory.view(message)
    return memory.giveSpan(NONE)
  }
  return {
    ext_crypto_ed25519_public_keys_version_1: publicKeys('ed25519'),
    ext_crypto_ed25519_generate_version_1: generate('ed25519'),
    ext_crypto_ed25519_sign_version_1: sign('ed25519'),
    ext_crypto_sr25519_public_keys_version_1: publicKeys('sr25519'),
    ext_crypto_sr25519_generate_version_1: generate('sr25519'),
    ext_crypto_sr25519_sign_version_1: sign('sr25519'),
    ext_crypto_ecdsa_public_keys_version_1: publicKeys('ecdsa'),
    ext_crypto_ecdsa_generate_version_1: generate('ecdsa'),
    ext_crypto_ecdsa_sign_version_1: sign('ecdsa'),
    ext_crypto_ecdsa_sign_prehashed_version_1: (type: number, key: number, message: number) =>
      signWith('ecdsa', type, key, memory.at(message, HASH_SIZE).slice(), true),
    ext_crypto_bls381_generate_version_1: generateExperimental('bls381'),
    ext_crypto_bls381_generate_proof_of_possession_version_1: signExperimental(EXPERIMENTAL_KEY_SIZE.bls381),
    ext_crypto_ecdsa_bls381_generate_version_1: generateExperimental('ecdsa_bls381'),
    ext_crypto_bandersnatch_generate_version_1: generateExperimental('bandersnatch'),
    ext_crypto_bandersnatch_sign_version_1: signExperimental(EXPERIMENTAL_KEY_SIZE.bandersnatch),
  }
}
