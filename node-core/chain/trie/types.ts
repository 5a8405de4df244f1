/** What a trie needs from outside, and what goes into it. */

/** State version 0 keeps every value in its node; version 1 stores values of more than 32 bytes on their own. */
export type StateVersion = 0 | 1

/** 32 bytes of whatever goes in. The state is a trie over blake2b-256; runtimes also ask about tries over keccak-256. */
export type TrieHasher = (data: Uint8Array) => Uint8Array

/** Where nodes come from: a database, a proof, a map. Synchronous, because the runtime's host functions are. */
export interface NodeSource {
  /** The encoded node, or the value, with this blake2b-256 hash. The trie keeps what it gets and never changes it. */
  get(hash: Uint8Array): Uint8Array | undefined
}

/** A key with its new value; undefined removes it. */
export type Change = readonly [key: Uint8Array, value: Uint8Array | undefined]

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * New trie nodes, packed so that they cross a thread without copying one by one: for each node the 32-byte hash, its
 * length as a little-endian u32, and its encoding. Values of their own (state version 1) are nodes too.
 */
export type PackedNodes = Uint8Array
