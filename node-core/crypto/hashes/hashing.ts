/**
 * The hash functions of the Polkadot Host (spec, appendix A.1), synchronous in every thread.
 *
 * blake2b and xxHash run in Wasm (hash-wasm, xxhash-wasm); the module finishes loading once they are compiled.
 * The hashers are shared and stateful, which is safe because nothing here yields between `init` and `digest`.
 */
import { createBLAKE2b } from 'hash-wasm'
import { keccak_256, keccak_512 } from '@noble/hashes/sha3.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import xxhash from 'xxhash-wasm'
import { toHex, type Hash } from '../../base/bytes.ts'

const [blake64, blake128, blake256, xx] = await Promise.all([createBLAKE2b(64), createBLAKE2b(128), createBLAKE2b(256), xxhash()])

export function blake2b64(data: Uint8Array): Uint8Array {
  return blake64.init().update(data).digest('binary')
}

export function blake2b128(data: Uint8Array): Uint8Array {
  return blake128.init().update(data).digest('binary')
}

export function blake2b256(data: Uint8Array): Uint8Array {
  return blake256.init().update(data).digest('binary')
}

/** blake2b-256 as `0x…`: block, extrinsic and runtime hashes. */
export function blake2Hash(data: Uint8Array): Hash {
  return toHex(blake2b256(data))
}

/** xxHash64 with the seeds 0, 1, … one after another, each little-endian. */
function twox(data: Uint8Array, words: number): Uint8Array {
  const out = new Uint8Array(words * 8)
  const view = new DataView(out.buffer)
  for (let seed = 0; seed < words; seed++) view.setBigUint64(seed * 8, xx.h64Raw(data, BigInt(seed)), true)
  return out
}

export const twox64 = (data: Uint8Array): Uint8Array => twox(data, 1)
export const twox128 = (data: Uint8Array): Uint8Array => twox(data, 2)
export const twox256 = (data: Uint8Array): Uint8Array => twox(data, 4)
export const keccak256 = (data: Uint8Array): Uint8Array => keccak_256(data)
export const keccak512 = (data: Uint8Array): Uint8Array => keccak_512(data)
export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data)
