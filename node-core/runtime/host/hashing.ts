/** `ext_hashing_*` (Polkadot Host spec, section B.5 "Hashing"): a span in, the address of the hash out. */
import * as hashing from '../../crypto/hashing.ts'
import type { HostContext, HostFunctions } from './context.ts'

export function hashingFunctions({ memory }: HostContext): HostFunctions {
  const hasher = (hash: (data: Uint8Array) => Uint8Array) => (data: bigint) => memory.give(hash(memory.view(data)))
  return {
    ext_hashing_keccak_256_version_1: hasher(hashing.keccak256),
    ext_hashing_keccak_512_version_1: hasher(hashing.keccak512),
    ext_hashing_sha2_256_version_1: hasher(hashing.sha256),
    ext_hashing_blake2_128_version_1: hasher(hashing.blake2b128),
    ext_hashing_blake2_256_version_1: hasher(hashing.blake2b256),
    ext_hashing_twox_64_version_1: hasher(hashing.twox64),
    ext_hashing_twox_128_version_1: hasher(hashing.twox128),
    ext_hashing_twox_256_version_1: hasher(hashing.twox256),
  }
}
