/**
 * Proofs (Polkadot Host spec, section "Merkle Proof"): the nodes on the way to some keys. Whoever knows the root can read
 * those keys out of them, their absence included, and nothing else.
 */
import { toBinaryString } from '../../../base/bytes.ts'
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import { openChildTrie } from '../child.ts'
import { NodeStore, isRecordSource } from '../nodes/node-store.ts'
import { encodingOf } from '../nodes/record.ts'
import { Trie } from '../trie.ts'
import type { NodeSource, RecordSource, TrieRoot, TrieSource } from '../types.ts'

/** What was read from another source, each node and value once, by its hash. */
class Recording {
  readonly #seen = new Map<string, Uint8Array>()
  #bytes = 0

  /** Bytes read so far; what was read several times counts as often. */
  get bytes(): number {
    return this.#bytes
  }

  /** Bytes of the nodes and values read so far, each once. */
  get size(): number {
    return this.nodes().reduce((sum, node) => sum + node.length, 0)
  }

  /** Nodes and values read so far, each once, in the order of their first use. */
  nodes(): Uint8Array[] {
    return [...this.#seen.values()]
  }

  /** A source that has what was read so far, and nothing else. */
  seen(): NodeSource {
    return { get: (hash) => this.#seen.get(toBinaryString(hash)) }
  }

  protected note(hash: Uint8Array, encoding: Uint8Array): void {
    this.#seen.set(toBinaryString(hash), encoding)
    this.#bytes += encoding.length
  }
}

class RecordingNodes extends Recording implements NodeSource {
  readonly #source: NodeSource

  constructor(source: NodeSource) {
    super()
    this.#source = source
  }

  get(hash: Uint8Array): Uint8Array | undefined {
    const node = this.#source.get(hash)
    if (node !== undefined) this.note(hash, node)
    return node
  }
}

class RecordingRecords extends Recording implements RecordSource {
  readonly #source: RecordSource

  constructor(source: RecordSource) {
    super()
    this.#source = source
  }

  node(id: number, hash: Uint8Array): Uint8Array | undefined {
    const record = this.#source.node(id, hash)
    if (record !== undefined) this.note(hash, encodingOf(record))
    return record
  }

  value(id: number, hash: Uint8Array): Uint8Array | undefined {
    const value = this.#source.value(id, hash)
    if (value !== undefined) this.note(hash, value)
    return value
  }

  rootId(hash: Uint8Array): number | undefined {
    return this.#source.rootId(hash)
  }
}

export type RecordingSource = RecordingNodes | RecordingRecords

/** Notes what is read from another source. Use it behind a {@link NodeStore} of its own: what a cache answers is not noted. */
export function recordingSource(source: TrieSource): RecordingSource {
  return isRecordSource(source) ? new RecordingRecords(source) : new RecordingNodes(source)
}

/** The nodes that prove the values (or the absence) of `keys` under `root`. Throws `TRIE_MISSING_NODE`. */
export function generateProof(source: TrieSource, root: Uint8Array | TrieRoot, keys: Iterable<Uint8Array>): Uint8Array[] {
  return proofWithin(source, root, { keys, maxBytes: Infinity }) as Uint8Array[]
}

/** The same for a default child trie: with the way to its root in the main trie. `childKey` is without the prefix. */
export function generateChildProof(source: TrieSource, root: Uint8Array | TrieRoot, childKey: Uint8Array, keys: Iterable<Uint8Array>): Uint8Array[] {
  return proofWithin(source, root, { keys, childKey, maxBytes: Infinity }) as Uint8Array[]
}

export interface ProofRequest {
  readonly keys: Iterable<Uint8Array>
  /** Without the prefix; the main trie where it is undefined. */
  readonly childKey?: Uint8Array | undefined
  readonly maxBytes: number
}

/** The nodes that prove `keys`; undefined where they take more than `maxBytes`, as soon as that is clear. Throws `TRIE_MISSING_NODE`. */
export function proofWithin(source: TrieSource, root: Uint8Array | TrieRoot, { keys, childKey, maxBytes }: ProofRequest): Uint8Array[] | undefined {
  const recording = recordingSource(source)
  const store = new NodeStore(recording)
  const main = new Trie(store, root)
  const trie = childKey === undefined ? main : openChildTrie(store, main, childKey)
  for (const key of keys) {
    trie.get(key)
    if (recording.bytes > maxBytes && recording.size > maxBytes) return undefined
  }
  return recording.nodes()
}

/** A source that has these nodes under their hashes and no others: nothing in it can be false, only absent. */
export function proofSource(nodes: Iterable<Uint8Array>): NodeSource {
  const byHash = new Map<string, Uint8Array>()
  for (const node of nodes) byHash.set(toBinaryString(blake2b256(node)), node)
  return { get: (hash) => byHash.get(toBinaryString(hash)) }
}

/** {@link verifyProof} for keys of a default child trie. Where the child trie does not exist, all its keys are absent. */
export function verifyChildProof(
  nodes: Iterable<Uint8Array>, root: Uint8Array, childKey: Uint8Array, keys: Iterable<Uint8Array>,
): (Uint8Array | undefined)[] {
  const store = new NodeStore(proofSource(nodes))
  const child = openChildTrie(store, new Trie(store, root), childKey)
  return Array.from(keys, (key) => child.get(key))
}

/**
 * Reads `keys` out of a proof; undefined is proven absence. Throws `TRIE_MISSING_NODE` where the proof does not belong to
 * `root` or does not reach a key, and `TRIE_BAD_NODE` where a node on the way is malformed.
 */
export function verifyProof(nodes: Iterable<Uint8Array>, root: Uint8Array, keys: Iterable<Uint8Array>): (Uint8Array | undefined)[] {
  const trie = new Trie(new NodeStore(proofSource(nodes)), root)
  return Array.from(keys, (key) => trie.get(key))
}
