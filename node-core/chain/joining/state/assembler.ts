/**
 * A trie out of its entries, in the order of their keys, in memory that does not grow with it.
 *
 * At any time the nodes on the way to the last key are open: branches that may get further children to the right. When the next key
 * comes, whatever lies below the nibbles that the two share is finished, from the bottom up: encoded, hashed, handed out, and entered
 * into its parent. So a node is handed out after all that lies below it.
 */
import { EMPTY } from '../../../base/bytes.ts'
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import { copy, headerSize, writeHeader, writeLength } from '../../trie/nodes/encode.ts'
import { commonNibbles, nibbleAt, writeNibbles } from '../../trie/nodes/nibbles.ts'
import { EMPTY_ROOT, HASH_SIZE, HEADER, VALUE, lengthSize, type ValueKind } from '../../trie/nodes/node.ts'

/** Takes what is to be stored; `Reference` is how it is referred to from above. What it is given is valid during the call only. */
export interface AssemblySink<Reference> {
  /** A value that is stored on its own. */
  value(hash: Uint8Array, value: Uint8Array): Reference
  /** `references` are those of what the encoding names: its value where that is on its own or the root of a child trie, then its hashed children. */
  node(hash: Uint8Array, encoding: Uint8Array, references: readonly Reference[]): Reference
}

export interface AssembledTrie<Reference> {
  readonly root: Uint8Array
  /** Undefined where the trie is empty. */
  readonly reference: Reference | undefined
}

/** Sixteen hashes with what stands before each. */
const CHILDREN_BYTES = 16 * (HASH_SIZE + 1)

class OpenNode<Reference> {
  /** Nibbles from the root to the end of its partial key. */
  depth = 0
  kind: ValueKind = VALUE.none
  value: Uint8Array = EMPTY
  bitmap = 0
  /** References to children as the encoding has them. */
  readonly encoded = new Uint8Array(CHILDREN_BYTES)
  encodedLength = 0
  /** Of the value, then of the children. */
  references: Reference[] = []

  reset(depth: number): void {
    this.depth = depth
    this.kind = VALUE.none
    this.value = EMPTY
    this.bitmap = 0
    this.encodedLength = 0
    if (this.references.length > 0) this.references = []
  }
}

export class TrieAssembler<Reference> {
  readonly #sink: AssemblySink<Reference>
  /** From the root down; those from {@link #open} on are spare. */
  readonly #nodes: OpenNode<Reference>[] = []
  #open = 0
  #key = new Uint8Array(256)
  #keyLength = 0
  #scratch = new Uint8Array(4096)

  constructor(sink: AssemblySink<Reference>) {
    this.#sink = sink
  }

  /** `key[0, keyLength)` is greater than the key before. Key and value are copied. `child` refers to the child trie whose root the value is. */
  add(key: Uint8Array, keyLength: number, value: Uint8Array, hashed: boolean, child?: Reference): void {
    const nibbles = keyLength * 2
    if (this.#open > 0) {
      const limit = Math.min(nibbles, this.#keyLength * 2)
      this.#finishBelow(commonNibbles(this.#key, 0, key, 0, limit))
    }
    if (keyLength > this.#key.length) this.#key = new Uint8Array(keyLength * 2)
    copy(key, 0, keyLength, this.#key, 0)
    this.#keyLength = keyLength
    const node = this.#push(nibbles)
    if (hashed) {
      node.kind = VALUE.hashed
      node.value = blake2b256(value)
      node.references.push(this.#sink.value(node.value, value))
    } else {
      node.kind = VALUE.inline
      node.value = value.slice()
      if (child !== undefined) node.references.push(child)
    }
  }

  /** Finishes the trie. The assembler is as new afterwards. */
  finish(): AssembledTrie<Reference> {
    if (this.#open === 0) return { root: EMPTY_ROOT, reference: undefined }
    while (this.#open > 1) this.#finishTop((this.#nodes[this.#open - 2] as OpenNode<Reference>).depth)
    const node = this.#nodes[0] as OpenNode<Reference>
    const encoding = this.#encode(node, 0)
    const root = blake2b256(encoding)
    const reference = this.#sink.node(root, encoding, node.references)
    this.#open = 0
    return { root, reference }
  }

  /** Finishes what lies deeper than `depth`, and opens a branch there where none is. */
  #finishBelow(depth: number): void {
    for (;;) {
      const top = this.#nodes[this.#open - 1] as OpenNode<Reference>
      if (top.depth <= depth) return
      const above = this.#open > 1 ? (this.#nodes[this.#open - 2] as OpenNode<Reference>).depth : -1
      this.#finishTop(Math.max(above, depth))
    }
  }

  /** Finishes the lowest open node as a child of the branch at `depth`, which is made where it is not there. */
  #finishTop(depth: number): void {
    const node = this.#nodes[this.#open - 1] as OpenNode<Reference>
    const encoding = this.#encode(node, depth + 1)
    const isInlined = encoding.length < HASH_SIZE
    const hash = isInlined ? EMPTY : blake2b256(encoding)
    const reference = isInlined ? undefined : this.#sink.node(hash, encoding, node.references)
    const parent = this.#open > 1 ? this.#nodes[this.#open - 2] : undefined
    this.#open--
    const branch = parent?.depth === depth ? parent : this.#push(depth)
    branch.bitmap |= 1 << nibbleAt(this.#key, depth)
    const child = isInlined ? encoding : hash
    branch.encoded[branch.encodedLength++] = child.length << 2
    branch.encodedLength = copy(child, 0, child.length, branch.encoded, branch.encodedLength)
    if (reference !== undefined) branch.references.push(reference)
  }

  #push(depth: number): OpenNode<Reference> {
    const node = (this.#nodes[this.#open] ??= new OpenNode())
    this.#open++
    node.reset(depth)
    return node
  }

  /** Encodes a node whose partial key begins at the nibble `from` of the last key. Valid until the next call. */
  #encode(node: OpenNode<Reference>, from: number): Uint8Array {
    const { kind, value, bitmap } = node
    const hashed = kind === VALUE.hashed
    const variant =
      bitmap === 0
        ? hashed ? HEADER.leafHashed : HEADER.leaf
        : hashed ? HEADER.branchHashed : kind === VALUE.none ? HEADER.branch : HEADER.branchWithValue
    const length = node.depth - from
    const room = headerSize(variant, length) + length + 2 + lengthSize(value.length) + value.length + node.encodedLength
    if (room > this.#scratch.length) this.#scratch = new Uint8Array(room * 2)
    const out = this.#scratch
    let at = writeNibbles(this.#key, from, length, out, writeHeader(variant, length, out))
    if (bitmap !== 0) {
      out[at++] = bitmap & 0xff
      out[at++] = bitmap >> 8
    }
    if (kind === VALUE.inline) at = writeLength(value.length, out, at)
    at = copy(value, 0, value.length, out, at)
    at = copy(node.encoded, 0, node.encodedLength, out, at)
    return out.subarray(0, at)
  }
}
