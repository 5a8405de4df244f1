/** `ext_hashing_*` (Polkadot Host spec, section B.5 "Hashing"): a span in, the address of the hash out. */
import { fromBinaryString } from '../../../base/bytes.ts'
import * as hashing from '../../../crypto/hashes/hashing.ts'
import type { HostContext, HostFunctions } from './context.ts'

/** Hashes that are remembered, and the longest input of one in bytes. */
const MAX_REMEMBERED = 8192
const LONGEST_REMEMBERED = 64

export function hashingFunctions({ memory }: HostContext): HostFunctions {
  const hasher = (hash: (data: Uint8Array) => Uint8Array) => (data: bigint) => memory.give(hash(memory.view(data)))
  return {
    ext_hashing_keccak_256_version_1: hasher(hashing.keccak256),
    ext_hashing_keccak_512_version_1: hasher(hashing.keccak512),
    ext_hashing_sha2_256_version_1: hasher(hashing.sha256),
    ext_hashing_blake2_128_version_1: hasher(hashing.blake2b128),
    ext_hashing_blake2_256_version_1: hasher(hashing.blake2b256),
    ext_hashing_twox_64_version_1: hasher(hashing.twox64),
    ext_hashing_twox_128_version_1(data: bigint) {
      return memory.give(memory.length(data) > LONGEST_REMEMBERED ? hashing.twox128(memory.view(data)) : storagePrefix(memory.key(data)))
    },
    ext_hashing_twox_256_version_1: hasher(hashing.twox256),
  }
}

/** twox-128 of the names of pallets and storage items, which runtimes hash anew for every key that they make. */
const prefixes = new Map<string, Uint8Array>()

function storagePrefix(name: string): Uint8Array {
  let prefix = prefixes.get(name)
  if (prefix === undefined) {
    prefix = hashing.twox128(fromBinaryString(name))
    if (prefixes.size >= MAX_REMEMBERED) prefixes.clear()
    prefixes.set(name, prefix)
  }
  return prefix
}
