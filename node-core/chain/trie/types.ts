/** What a trie needs from outside, and what goes into it. */

/** State version 0 keeps every value in its node; version 1 stores values of more than 32 bytes on their own. */
export type StateVersion = 0 | 1

/** 32 bytes of whatever goes in. The state is a trie over blake2b-256; runtimes also ask about tries over keccak-256. */
export type TrieHasher = (data: Uint8Array) => Uint8Array

/** Nodes by hash: a proof, a map, what peers sent. Synchronous, because the runtime's host functions are. */
export interface NodeSource {
  /** The encoded node, or the value, with this blake2b-256 hash. The trie keeps what it gets and never changes it. */
  get(hash: Uint8Array): Uint8Array | undefined
}

/**
 * Nodes by number: the database (nodes/record.ts says what a record is). A number is of one node at one position and of no other,
 * ever. `hash` is that of the encoding, for whoever checks or notes what is read; it is a view, valid during the call.
 */
export interface RecordSource {
  /** The record of a node: its encoding and the numbers that it refers to. */
  node(id: number, hash: Uint8Array): Uint8Array | undefined
  /** A value that is stored on its own. */
  value(id: number, hash: Uint8Array): Uint8Array | undefined
  /** The number of a root node of the main trie; undefined where no state with this root is kept. */
  rootId(hash: Uint8Array): number | undefined
}

/** Where nodes come from. */
export type TrieSource = NodeSource | RecordSource

/** A root. `id` is the number of its record; 0 where it is looked up by its hash, and for the empty trie. */
export interface TrieRoot {
  readonly hash: Uint8Array
  readonly id: number
}

/**
 * Takes new nodes to be stored, children before parents, and numbers them. The memory is the caller's again when the call returns.
 * It fits an edited trie as well as a whole state that is put together piece by piece: what a node refers to has its number by then.
 */
export interface RecordSink {
  /** `references` are the numbers of what the encoding names: its hashed value or the child trie whose root it holds, then its hashed children. */
  node(hash: Uint8Array, encoding: Uint8Array, references: readonly number[]): number
  value(hash: Uint8Array, value: Uint8Array): number
}

/** Whose number a node refers to once it is stored: a child trie, whose root lies in the main trie. */
export interface RootHolder {
  readonly rootId: number
}

/** A key with its new value; undefined removes it. A root of a child trie comes with the child. */
export type Change = readonly [key: Uint8Array, value: Uint8Array | undefined, child?: RootHolder | undefined]

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * Trie nodes by hash, packed: for each node the 32-byte hash, its length as a little-endian u32, and its encoding. Values of
 * their own (state version 1) are nodes too.
 */
export type PackedNodes = Uint8Array

/** Records, packed so that they cross a thread without copying one by one (nodes/packed-records.ts). */
export type PackedRecords = Uint8Array

/** Ascending numbers in little space (nodes/id-list.ts). */
export type PackedIds = Uint8Array
