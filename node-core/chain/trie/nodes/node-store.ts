/**
 * A source behind a bounded cache of decoded nodes, shared by all the tries of one thread. Nodes come by number out of a database, or by
 * hash out of anything else; tries do not see which. A node that came by number knows those of its children.
 */
import { equalBytes, toBinaryString } from '../../../base/bytes.ts'
import { badNode, missingNode } from '../errors.ts'
import { NodeCache } from './node-cache.ts'
import { EMPTY_ROOT, HASH_SIZE, decodeNode, type TrieNode } from './node.ts'
import { decodeRecord } from './record.ts'
import type { NodeSource, RecordSource, TrieSource } from '../types.ts'

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024

/** The hash of a larger node is taken from its parent, because counting it again would take longer than keeping it. */
const KEEP_HASH = 2048

export class NodeStore {
  readonly source: TrieSource
  /** Undefined where nodes come by hash. */
  readonly #records: RecordSource | undefined
  readonly #cache: NodeCache

  /** `cacheBytes` bounds the memory of the cache, approximately. */
  constructor(source: TrieSource, cacheBytes = DEFAULT_CACHE_BYTES) {
    this.source = source
    this.#records = isRecordSource(source) ? source : undefined
    this.#cache = new NodeCache(cacheBytes)
  }

  get cachedBytes(): number {
    return this.#cache.bytes
  }

  /** Nodes have numbers here. */
  get hasRecords(): boolean {
    return this.#records !== undefined
  }

  /** The root node; undefined where the trie is empty. `id` is its number where that is known. Throws `TRIE_MISSING_NODE` or `TRIE_BAD_NODE`. */
  root(hash: Uint8Array, id = 0): TrieNode | undefined {
    if (equalBytes(hash, EMPTY_ROOT)) return undefined
    const records = this.#records
    if (records === undefined) return this.#cache.get(toBinaryString(hash)) ?? this.#load(hash)
    const number = id === 0 ? records.rootId(hash) : id
    if (number === undefined) throw missingNode(hash)
    const node = this.#cache.get(number) ?? this.#loadRecord(records, number, hash)
    node.hash ??= new Uint8Array(hash)
    return node
  }

  /** The child at a nibble of which `parent` has the hash, at `offset` of its encoding. */
  child(parent: TrieNode, nibble: number, offset: number): TrieNode {
    const { ids, raw } = parent
    const records = this.#records
    if (records !== undefined && ids !== undefined) {
      const id = ids[nibble] as number
      return this.#cache.get(id) ?? this.#loadRecord(records, id, raw.subarray(offset, offset + HASH_SIZE))
    }
    return (
      this.#cache.get(raw.toString('latin1', offset, offset + HASH_SIZE)) ?? this.#load(new Uint8Array(raw.subarray(offset, offset + HASH_SIZE)))
    )
  }

  /** The value of a node that stores it on its own. Values are not cached here. */
  value(node: TrieNode): Uint8Array {
    const hash = node.valueHash as Uint8Array
    const value = this.#records === undefined ? (this.source as NodeSource).get(hash) : this.#records.value(node.valueId, hash)
    if (value === undefined) throw missingNode(hash)
    // A Buffer's `slice` shares memory where a Uint8Array's copies: callers get what the type says.
    return Buffer.isBuffer(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value
  }

  /** Takes a node that the caller is about to store. */
  remember(node: TrieNode): void {
    this.#cache.set(this.#records === undefined ? toBinaryString(node.hash as Uint8Array) : node.id, node)
  }

  #load(hash: Uint8Array): TrieNode {
    const encoded = (this.source as NodeSource).get(hash)
    if (encoded === undefined) throw missingNode(hash)
    const node = decodeNode(encoded)
    if (node === undefined) throw badNode('an empty trie inside another')
    node.stored = true
    node.hash = hash
    this.remember(node)
    return node
  }

  #loadRecord(records: RecordSource, id: number, hash: Uint8Array): TrieNode {
    const record = records.node(id, hash)
    if (record === undefined) throw missingNode(hash, id)
    const node = decodeRecord(record)
    node.stored = true
    node.id = id
    if (record.length > KEEP_HASH) node.hash = new Uint8Array(hash)
    this.#cache.set(id, node)
    return node
  }
}

export function isRecordSource(source: TrieSource): source is RecordSource {
  return 'rootId' in source
}
