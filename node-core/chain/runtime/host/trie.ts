/**
 * `ext_trie_*` (Polkadot Host spec, section B.7 "Trie"), over blake2b-256 and, for bridges to other chains, over keccak-256.
 * Version 1 of a function computes with state version 0.
 */
import { blake2b256, keccak256 } from '../../../crypto/hashes/hashing.ts'
import { orderedTrieRoot, trieRoot } from '../../trie/build.ts'
import type { StateVersion, TrieHasher } from '../../trie/types.ts'
import { provesValue } from '../../trie/proofs/value-proof.ts'
import { stateVersion, type HostContext, type HostFunctions } from './context.ts'

const HASH_SIZE = 32

export function trieFunctions(context: HostContext): HostFunctions {
  return { ...trieFunctionsOver('blake2_256', blake2b256, context), ...trieFunctionsOver('keccak_256', keccak256, context) }
}

function trieFunctionsOver(name: string, hasher: TrieHasher, { memory }: HostContext): HostFunctions {
  const root = (data: bigint, version: StateVersion): number => {
    const entries = memory.decode(data, (reader) => reader.vec((r) => [r.bytes(), r.bytes()] as const, 2))
    return memory.give(trieRoot(entries, version, undefined, hasher))
  }
  const orderedRoot = (data: bigint, version: StateVersion): number => {
    const values = memory.decode(data, (reader) => reader.vec((r) => r.bytes()))
    return memory.give(orderedTrieRoot(values, version, hasher))
  }
  const verify = (rootAt: number, proof: bigint, key: bigint, value: bigint, version: StateVersion): number => {
    const nodes = memory.decode(proof, (reader) => reader.vec((r) => r.bytes()))
    const claim = { key: memory.view(key), value: memory.view(value) }
    return provesValue(nodes, memory.at(rootAt, HASH_SIZE), claim, version, hasher) ? 1 : 0
  }
  return {
    [`ext_trie_${name}_root_version_1`]: (data: bigint) => root(data, 0),
    [`ext_trie_${name}_root_version_2`]: (data: bigint, version: number) => root(data, stateVersion(version)),
    [`ext_trie_${name}_ordered_root_version_1`]: (data: bigint) => orderedRoot(data, 0),
    [`ext_trie_${name}_ordered_root_version_2`]: (data: bigint, version: number) => orderedRoot(data, stateVersion(version)),
    [`ext_trie_${name}_verify_proof_version_1`]: (rootAt: number, proof: bigint, key: bigint, value: bigint) =>
      verify(rootAt, proof, key, value, 0),
    [`ext_trie_${name}_verify_proof_version_2`]: (rootAt: number, proof: bigint, key: bigint, value: bigint, version: number) =>
      verify(rootAt, proof, key, value, stateVersion(version)),
  }
}
