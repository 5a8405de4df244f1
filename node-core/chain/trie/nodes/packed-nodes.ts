/**
 * Many nodes in one piece of memory (see `PackedNodes` in types.ts): per node its hash (32 bytes), its length
 * (u32, little-endian) and its encoding. Two packs one behind the other are a pack.
 */
import { EMPTY, toBinaryString } from '../../../base/bytes.ts'
import type { NodeSource, PackedNodes } from '../types.ts'
import { TrieError } from '../errors.ts'

export type NodeSink = (hash: Uint8Array, encoding: Uint8Array) => void

const HASH_SIZE = 32
const ENTRY_HEAD = HASH_SIZE + 4

export class NodePacker {
  #buffer: Uint8Array = EMPTY
  #length = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** An arrow function, so that it can be handed on as a sink. */
  readonly add: NodeSink = (hash, encoding) => {
    let at = this.#length
    const end = at + ENTRY_HEAD + encoding.length
    if (end > this.#buffer.length) this.#grow(end)
    const buffer = this.#buffer
    buffer.set(hash, at)
    at += HASH_SIZE
    buffer[at++] = encoding.length & 0xff
    buffer[at++] = (encoding.length >>> 8) & 0xff
    buffer[at++] = (encoding.length >>> 16) & 0xff
    buffer[at++] = encoding.length >>> 24
    buffer.set(encoding, at)
    this.#length = end
    this.#count++
  }

  /** What was added so far, in memory of its own (it can be transferred to another thread). */
  finish(): PackedNodes {
    return this.#buffer.slice(0, this.#length)
  }

  #grow(minimum: number): void {
    const larger = new Uint8Array(Math.max(minimum, this.#buffer.length * 2, 4096))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}

/** Hands out hash and encoding of each node as views, in order. Throws `TRIE_BAD_PACK` where the pack ends too early. */
export function forEachPackedNode(packed: PackedNodes, sink: NodeSink): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  let at = 0
  while (at < packed.length) {
    if (at + ENTRY_HEAD > packed.length) throw badPack(at)
    const start = at + ENTRY_HEAD
    const end = start + view.getUint32(at + HASH_SIZE, true)
    if (end > packed.length) throw badPack(at)
    sink(packed.subarray(at, at + HASH_SIZE), packed.subarray(start, end))
    at = end
  }
}

/** What is packed, by hash; views into the pack. */
export function packedSource(packed: PackedNodes): NodeSource {
  const nodes = new Map<string, Uint8Array>()
  forEachPackedNode(packed, (hash, encoding) => nodes.set(toBinaryString(hash), encoding))
  return { get: (hash) => nodes.get(toBinaryString(hash)) }
}

function badPack(offset: number): TrieError {
  return new TrieError('TRIE_BAD_PACK', `packed trie nodes are cut off at byte ${offset}`)
}
