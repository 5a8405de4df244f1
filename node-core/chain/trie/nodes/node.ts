/**
 * Trie nodes in memory, and their decoding (Polkadot Host spec, chapter 2, "Merkle Proof": node header, partial key,
 * subvalue).
 *
 * A node on the wire is
 *
 *   header | partial key | children bitmap (branches, 2 bytes) | value or value hash | children
 *
 * The header's top bits say the variant, the rest begins the length of the partial key in nibbles:
 *
 *   01 leaf · 10 branch · 11 branch with value · 001 leaf with hashed value · 0001 branch with hashed value · 0 empty trie
 *
 * A child is a length-prefixed byte string: its hash, or, where its encoding is shorter than 32 bytes, the encoding
 * itself ("inline"). A value of more than 32 bytes is stored on its own under its hash by state version 1, and in the
 * node by version 0; one trie may hold both, since a value moves only when it is written.
 *
 * A decoded node points into its encoding: children are offsets of their hashes until somebody walks there.
 */
import { EMPTY } from '../../../base/bytes.ts'
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import { badNode } from '../errors.ts'
import type { RootHolder, StateVersion } from '../types.ts'

/** Where a node's value is. */
export const VALUE = {
  none: 0,
  /** In the node, `value`. */
  inline: 1,
  /** On its own, under `valueHash`. */
  hashed: 2,
  /** Written and not yet stored: `value` goes on its own when the node is encoded. */
  fresh: 3,
} as const
export type ValueKind = (typeof VALUE)[keyof typeof VALUE]

/** Not there (0), the offset of its hash in the parent's `raw`, or a node in memory. */
export type Child = TrieNode | number

/** Owner of nodes that are encoded: nobody changes them any more. */
export const NOBODY = 0

export class TrieNode {
  /** The partial key: `length` nibbles of `bytes` from the nibble `start`. */
  bytes: Uint8Array
  start: number
  length: number
  kind: ValueKind = VALUE.none
  value: Uint8Array | undefined = undefined
  valueHash: Uint8Array | undefined = undefined
  /** Sixteen, or undefined in a leaf. */
  children: Child[] | undefined = undefined
  /**
   * Numbers of the children that are offsets, by nibble; undefined where nodes come by hash, or no child is an offset. Shared with
   * copies and never written to.
   */
  ids: readonly number[] | undefined = undefined
  /** The number of the value that is stored on its own, or of the root of the child trie whose root hash is the value; 0 where there is none. */
  valueId = 0
  /** The child trie whose root hash is the value, until it has its number. */
  childTrie: RootHolder | undefined = undefined
  /** The encoding; of a changed node the one it had before, because `children` has offsets into it. */
  raw: Buffer = NO_RAW
  /** Of a node that was encoded here, unless it is inlined in its parent; of a loaded one where somebody asked ({@link hashOf}). */
  hash: Uint8Array | undefined = undefined
  /** The edit that may change this node in place, or NOBODY. A node with an owner is not encoded yet. */
  owner: number = NOBODY
  /** True where it came from the store, so that it need not be written. */
  stored = false
  /** The number of its record; 0 where it has none (yet). */
  id = 0

  constructor(bytes: Uint8Array, start: number, length: number) {
    this.bytes = bytes
    this.start = start
    this.length = length
  }

  /** The same node for another owner. */
  copy(owner: number): TrieNode {
    const copy = new TrieNode(this.bytes, this.start, this.length)
    copy.kind = this.kind
    copy.value = this.value
    copy.valueHash = this.valueHash
    copy.children = this.children?.slice()
    copy.ids = this.ids
    copy.valueId = this.valueId
    copy.childTrie = this.childTrie
    copy.raw = this.raw
    copy.owner = owner
    return copy
  }
}

const NO_RAW = Buffer.alloc(0)

/** The hash of a node that is encoded. */
export function hashOf(node: TrieNode): Uint8Array {
  node.hash ??= blake2b256(node.raw)
  return node.hash
}

/** Encodings below this size are inlined in the parent. */
export const HASH_SIZE = 32

/** Encoding of the trie without keys. */
export const EMPTY_NODE = new Uint8Array(1)

/** Root of the trie without keys: blake2b-256 of one zero byte. */
export const EMPTY_ROOT: Uint8Array = blake2b256(EMPTY_NODE)

/** Nothing sensible has keys of 32 KiB; the limit is what Substrate accepts. */
const MAX_PARTIAL_NIBBLES = 0xffff

/** Partial key lengths that fit into the first header byte are below this, by variant. */
export const HEADER = {
  leaf: { bits: 0x40, room: 63 },
  branch: { bits: 0x80, room: 63 },
  branchWithValue: { bits: 0xc0, room: 63 },
  leafHashed: { bits: 0x20, room: 31 },
  branchHashed: { bits: 0x10, room: 15 },
} as const
export type HeaderVariant = (typeof HEADER)[keyof typeof HEADER]

/**
 * Decodes one node that must fill `input`; undefined is the empty trie. Throws `TRIE_BAD_NODE`. `input` is kept, not copied.
 * With `mayOmit` a child may be an empty byte string, whose offset then stands for it (compact proofs have such nodes).
 */
export function decodeNode(input: Uint8Array, mayOmit = false): TrieNode | undefined {
  const raw = asBuffer(input)
  const first = raw[0]
  if (first === undefined) throw badNode('no bytes')
  if (first === 0) {
    if (raw.length !== 1) throw badNode('bytes behind an empty trie')
    return undefined
  }
  const variant = variantOf(first)
  let at = 1
  let length = first & variant.room
  if (length === variant.room) {
    for (;;) {
      const more = raw[at++]
      if (more === undefined) throw badNode('the header is cut off')
      length += more
      if (length > MAX_PARTIAL_NIBBLES) throw badNode('the partial key is too long')
      if (more !== 255) break
    }
  }
  const keyAt = at
  const odd = length & 1
  at += (length + 1) >> 1
  if (at > raw.length) throw badNode('the partial key is cut off')
  if (odd === 1 && (raw[keyAt] as number) > 15) throw badNode('the padding of the partial key is not zero')

  const node = new TrieNode(raw, keyAt * 2 + odd, length)
  node.raw = raw
  const isBranch = variant !== HEADER.leaf && variant !== HEADER.leafHashed
  let bitmap = 0
  if (isBranch) {
    if (at + 2 > raw.length) throw badNode('the children bitmap is cut off')
    bitmap = (raw[at] as number) | ((raw[at + 1] as number) << 8)
    if (bitmap === 0) throw badNode('a branch without children')
    at += 2
  }
  if (variant === HEADER.leafHashed || variant === HEADER.branchHashed) {
    node.kind = VALUE.hashed
    node.valueHash = view(raw, at, HASH_SIZE)
    at += HASH_SIZE
  } else if (variant !== HEADER.branch) {
    node.kind = VALUE.inline
    const size = readLength(raw, at)
    at += lengthSize(size)
    node.value = view(raw, at, size)
    at += size
  }
  if (isBranch) at = decodeChildren(node, raw, at, bitmap, mayOmit)
  if (at !== raw.length) throw badNode(`${raw.length - at} bytes behind the end`)
  return node
}

function decodeChildren(node: TrieNode, raw: Buffer, offset: number, bitmap: number, mayOmit: boolean): number {
  const children: Child[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  let at = offset
  for (let i = 0; i < 16; i++) {
    if ((bitmap & (1 << i)) === 0) continue
    const prefix = raw[at++]
    if (prefix === undefined) throw badNode('a child is cut off')
    const size = prefix >> 2
    if ((prefix & 3) !== 0 || size > HASH_SIZE || at + size > raw.length) throw badNode('a child has no valid length')
    if (size === HASH_SIZE || (size === 0 && mayOmit)) {
      children[i] = at
    } else {
      const inlined = decodeNode(raw.subarray(at, at + size))
      if (inlined === undefined) throw badNode('an empty child')
      inlined.stored = true
      children[i] = inlined
    }
    at += size
  }
  node.children = children
  return at
}

/** The variant that a header's first byte says. Throws `TRIE_BAD_NODE`. */
export function variantOf(first: number): HeaderVariant {
  if (first >= 0xc0) return HEADER.branchWithValue
  if (first >= 0x80) return HEADER.branch
  if (first >= 0x40) return HEADER.leaf
  if (first >= 0x20) return HEADER.leafHashed
  if (first >= 0x10) return HEADER.branchHashed
  throw badNode(`unknown header 0x${first.toString(16)}`)
}

/** Size of the compact integer before a value. Values of a GiB and more do not occur. */
export function lengthSize(length: number): number {
  return length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : 4
}

function readLength(raw: Buffer, at: number): number {
  const first = raw[at]
  if (first === undefined) throw badNode('the value is cut off')
  const mode = first & 3
  if (mode === 0) return first >> 2
  if (mode === 3) throw badNode('a value of a GiB or more')
  if (at + (mode === 1 ? 2 : 4) > raw.length) throw badNode('the value is cut off')
  const length = mode === 1 ? raw.readUInt16LE(at) >> 2 : raw.readUInt32LE(at) >>> 2
  if (length < (mode === 1 ? 1 << 6 : 1 << 14)) throw badNode('a length is not in its shortest form')
  return length
}

/** A plain Uint8Array over part of an encoding: values leave the trie in this form. */
function view(raw: Buffer, at: number, size: number): Uint8Array {
  if (at + size > raw.length) throw badNode('the value is cut off')
  return size === 0 ? EMPTY : new Uint8Array(raw.buffer, raw.byteOffset + at, size)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Gives a node a value; `version` decides where the value goes. */
export function setValue(node: TrieNode, value: Uint8Array, version: StateVersion, valueHash?: Uint8Array): void {
  node.kind = isHashed(value, version) ? VALUE.fresh : VALUE.inline
  node.value = value
  node.valueHash = valueHash
  node.valueId = 0
}

/** State version 1 stores values of more than 32 bytes on their own. */
export function isHashed(value: Uint8Array, version: StateVersion): boolean {
  return version === 1 && value.length > HASH_SIZE
}
