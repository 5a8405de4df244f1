/**
 * A bounded cache of decoded nodes in two generations.
 *
 * What is used lives in the young generation. When that has half of the allowance it becomes the old one, and what was
 * old and has not been used since is forgotten. A hit in the young generation, the common case, changes nothing; a
 * strict least-recently-used order would move an entry at each hit and look for the oldest at each miss, which in a
 * JavaScript Map costs more than decoding the node again.
 */
import type { TrieNode } from './node.ts'

/** What a decoded node weighs besides its encoding, roughly. */
const NODE_OVERHEAD = 300

/** The lists of a branch. */
const BRANCH_OVERHEAD = 300

/** The number of a record; or, of nodes by hash, the hash as a binary string. */
export type CacheKey = number | string

export class NodeCache {
  readonly #generationBytes: number
  #young = new Map<CacheKey, TrieNode>()
  #old = new Map<CacheKey, TrieNode>()
  #youngBytes = 0
  #oldBytes = 0

  constructor(limitBytes: number) {
    this.#generationBytes = limitBytes / 2
  }

  /** Approximate weight of what is held, in bytes. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  get(key: CacheKey): TrieNode | undefined {
    const node = this.#young.get(key)
    if (node !== undefined) return node
    const old = this.#old.get(key)
    // It stays in the old map as well, which is dropped as a whole.
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: CacheKey, node: TrieNode): void {
    if (this.#young.has(key)) return
    this.#young.set(key, node)
    this.#youngBytes += node.raw.length + (node.children === undefined ? NODE_OVERHEAD : NODE_OVERHEAD + BRANCH_OVERHEAD)
    if (this.#youngBytes < this.#generationBytes) return
    this.#old = this.#young
    this.#oldBytes = this.#youngBytes
    this.#young = new Map()
    this.#youngBytes = 0
  }
}
