/**
 * `ext_trie_*` (Polkadot Host spec, section B.7 "Trie"). Version 1 of a function computes with state version 0. The tries
 * over keccak-256 that the specification also names are for other chains' bridges; no runtime here imports them.
 */
import { equalBytes } from '../../base/bytes.ts'
import { decodeAll } from '../../scale/reader.ts'
import { orderedTrieRoot, trieRoot } from '../../trie/build.ts'
import { TrieError } from '../../trie/errors.ts'
import { verifyProof } from '../../trie/proof.ts'
import type { StateVersion } from '../../trie/types.ts'
import { stateVersion, type HostContext, type HostFunctions } from './context.ts'

const HASH_SIZE = 32

export function trieFunctions({ memory }: HostContext): HostFunctions {
  const root = (data: bigint, version: StateVersion): number => {
    const entries = decodeAll(memory.copy(data), 'the entries', (reader) => reader.vec((r) => [r.bytes(), r.bytes()] as const, 2))
    return memory.give(trieRoot(entries, version))
  }
  const orderedRoot = (data: bigint, version: StateVersion): number => {
    const values = decodeAll(memory.copy(data), 'the values', (reader) => reader.vec((r) => r.bytes()))
    return memory.give(orderedTrieRoot(values, version))
  }
  const verify = (rootAt: number, proof: bigint, key: bigint, value: bigint): number => {
    const nodes = decodeAll(memory.copy(proof), 'the proof', (reader) => reader.vec((r) => r.bytes()))
    return proves(nodes, memory.at(rootAt, HASH_SIZE).slice(), memory.copy(key), memory.copy(value)) ? 1 : 0
  }
  return {
    ext_trie_blake2_256_root_version_1: (data: bigint) => root(data, 0),
    ext_trie_blake2_256_root_version_2: (data: bigint, version: number) => root(data, stateVersion(version)),
    ext_trie_blake2_256_ordered_root_version_1: (data: bigint) => orderedRoot(data, 0),
    ext_trie_blake2_256_ordered_root_version_2: (data: bigint, version: number) => orderedRoot(data, stateVersion(version)),
    ext_trie_blake2_256_verify_proof_version_1: verify,
    ext_trie_blake2_256_verify_proof_version_2(rootAt: number, proof: bigint, key: bigint, value: bigint, version: number) {
      stateVersion(version)
      return verify(rootAt, proof, key, value)
    },
  }
}

function proves(nodes: readonly Uint8Array[], root: Uint8Array, key: Uint8Array, value: Uint8Array): boolean {
  try {
    const [found] = verifyProof(nodes, root, [key])
    return found !== undefined && equalBytes(found, value)
  } catch (error) {
    if (error instanceof TrieError) return false
    throw error
  }
}
