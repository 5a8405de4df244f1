/**
 * `ext_crypto_*` (Polkadot Host spec, section B.4 "Crypto"): checking signatures.
 *
 * Batches come from the time when signatures were checked beside the call that asked. Nobody does that any more: a signature
 * that goes into a batch is checked, and answered, at once, and the end of the batch says whether all of them were good.
 */
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import {
  ECDSA_ERRORS, ecdsaRecoverCompressedOrError, ecdsaRecoverOrError, ecdsaVerify, type EcdsaError,
} from '../../../crypto/ecdsa.ts'
import { ed25519Verify } from '../../../crypto/ed25519/ed25519.ts'
import { sr25519Verify, sr25519VerifyDeprecated } from '../../../crypto/sr25519/sr25519.ts'
import { HostFunctionError } from '../errors.ts'
import type { HostContext, HostFunctions } from './context.ts'

type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean
type Recover = (signature: Uint8Array, messageHash: Uint8Array, overflowing: boolean) => Uint8Array | EcdsaError

const SIGNATURE_SIZE = 64
const ECDSA_SIGNATURE_SIZE = 65
const PUBLIC_KEY_SIZE = 32
const ECDSA_PUBLIC_KEY_SIZE = 33
const HASH_SIZE = 32

/** ecdsa signs the blake2b-256 hash of the message. Version 1 takes r and s modulo the order of the group. */
const ecdsaVerifyOverflowing: Verify = (signature, message, publicKey) => ecdsaVerify(signature, blake2b256(message), publicKey, true)
const ecdsaVerifyMessage: Verify = (signature, message, publicKey) => ecdsaVerify(signature, blake2b256(message), publicKey)

export function cryptoFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const verifier = (verify: Verify, signatureSize = SIGNATURE_SIZE, keySize = PUBLIC_KEY_SIZE) =>
    (signature: number, message: bigint, key: number): number =>
      verify(memory.at(signature, signatureSize), memory.view(message), memory.at(key, keySize)) ? 1 : 0
  const batched = (verify: ReturnType<typeof verifier>) => (signature: number, message: bigint, key: number): number => {
    const valid = verify(signature, message, key)
    const { call } = context
    if (call.batch !== undefined) call.batch &&= valid === 1
    return valid
  }
  /** `Result` of the key, or of the error as the index of `EcdsaVerifyError`. */
  const recoverer = (recover: Recover, overflowing: boolean) => (signature: number, message: number): bigint => {
    const result = recover(memory.at(signature, ECDSA_SIGNATURE_SIZE), memory.at(message, HASH_SIZE), overflowing)
    return memory.giveSpan(typeof result === 'string' ? Uint8Array.of(1, ECDSA_ERRORS.indexOf(result)) : Uint8Array.of(0, ...result))
  }
  const ed25519 = verifier(ed25519Verify)
  const sr25519 = verifier(sr25519Verify)
  const ecdsa = verifier(ecdsaVerifyMessage, ECDSA_SIGNATURE_SIZE, ECDSA_PUBLIC_KEY_SIZE)
  return {
    ext_crypto_ed25519_verify_version_1: ed25519,
    ext_crypto_ed25519_batch_verify_version_1: batched(ed25519),
    /** Version 1 accepts signatures from before the audit of schnorrkel as well. */
    ext_crypto_sr25519_verify_version_1: verifier(sr25519VerifyDeprecated),
    ext_crypto_sr25519_verify_version_2: sr25519,
    ext_crypto_sr25519_batch_verify_version_1: batched(sr25519),
    ext_crypto_ecdsa_verify_version_1: verifier(ecdsaVerifyOverflowing, ECDSA_SIGNATURE_SIZE, ECDSA_PUBLIC_KEY_SIZE),
    ext_crypto_ecdsa_verify_version_2: ecdsa,
    ext_crypto_ecdsa_batch_verify_version_1: batched(ecdsa),
    ext_crypto_ecdsa_verify_prehashed_version_1(signature: number, message: number, key: number) {
      const [bytes, hash] = [memory.at(signature, ECDSA_SIGNATURE_SIZE), memory.at(message, HASH_SIZE)]
      return ecdsaVerify(bytes, hash, memory.at(key, ECDSA_PUBLIC_KEY_SIZE)) ? 1 : 0
    },
    ext_crypto_secp256k1_ecdsa_recover_version_1: recoverer(ecdsaRecoverOrError, true),
    ext_crypto_secp256k1_ecdsa_recover_version_2: recoverer(ecdsaRecoverOrError, false),
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_1: recoverer(ecdsaRecoverCompressedOrError, true),
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_2: recoverer(ecdsaRecoverCompressedOrError, false),
    ext_crypto_start_batch_verify_version_1() {
      if (context.call.batch !== undefined) throw new HostFunctionError('a batch of signatures is open already')
      context.call.batch = true
    },
    ext_crypto_finish_batch_verify_version_1() {
      const { batch } = context.call
      if (batch === undefined) throw new HostFunctionError('there is no batch of signatures to finish')
      context.call.batch = undefined
      return batch ? 1 : 0
    },
  }
}
