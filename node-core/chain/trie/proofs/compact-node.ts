/**
 * One node of a compact proof (see compact-proof.ts), in both directions: which references and values of it change, where
 * it lies in the state, and its bytes with the changes.
 */
import { concatBytes } from '../../../base/bytes.ts'
import { CHILD_PREFIX } from '../child.ts'
import { headerSize, writeHeader } from '../nodes/encode.ts'
import { commonNibbles, nibbleAt, writeNibbles } from '../nodes/nibbles.ts'
import { HASH_SIZE, HEADER, VALUE, lengthSize, type HeaderVariant, type TrieNode } from '../nodes/node.ts'

/** In front of a node whose value follows: no variant of node has this header. */
export const ESCAPE = 1

/** A child reference for a node that follows. */
export const OMITTED: Uint8Array = Uint8Array.of(0)

const ESCAPE_BYTE = Uint8Array.of(ESCAPE)
const EMPTY_VALUE = Uint8Array.of(0)
const HASH_PREFIX = Uint8Array.of(HASH_SIZE << 2)
const PREFIX_NIBBLES = CHILD_PREFIX.length * 2

/** A node that is being gone through. */
export interface Frame {
  readonly node: TrieNode
  /** Nibbles from the root to the end of its partial key. */
  readonly depth: number
  /** The way here is one to the roots of child tries, or to something below them. */
  readonly toChildren: boolean
  /** The next child to look at. */
  next: number
  /** References that change, by nibble. */
  readonly references: (Uint8Array | undefined)[]
  /** Encode: where the node goes in the output. */
  readonly place: number
  /** Encode: its value follows. Decode: the hash of the value that did. */
  readonly value: Uint8Array | undefined
}

/** `parent` is undefined for a root; `nibble` is where in its parent the node lies. */
export function makeFrame(node: TrieNode, parent: Frame | undefined, nibble: number, place: number, value: Uint8Array | undefined): Frame {
  let depth = 0
  let toChildren = true
  if (parent !== undefined) {
    depth = parent.depth
    toChildren = parent.toChildren && (depth >= PREFIX_NIBBLES || nibbleAt(CHILD_PREFIX, depth) === nibble)
    depth++
  }
  const toCompare = Math.min(node.length, Math.max(0, PREFIX_NIBBLES - depth))
  toChildren &&= commonNibbles(node.bytes, node.start, CHILD_PREFIX, depth, toCompare) === toCompare
  return { node, depth: depth + node.length, toChildren, next: 0, references: [], place, value }
}

/** The root of a child trie that stands at this node. (Its 32 bytes stay in the node in both state versions, and are too long for a node within another.) */
export function childRootOf({ node, depth, toChildren }: Frame): Uint8Array | undefined {
  const isRoot = toChildren && depth >= PREFIX_NIBBLES && node.kind === VALUE.inline && node.value?.length === HASH_SIZE
  return isRoot ? node.value : undefined
}

/** The next child that is a hash, or the next that was left out. */
export function nextReference({ node, next }: Frame, isOmitted: boolean): number | undefined {
  if (node.children === undefined) return undefined
  for (let nibble = next; nibble < 16; nibble++) {
    const child = node.children[nibble]
    if (typeof child === 'number' && child !== 0 && (node.raw[child - 1] === 0) === isOmitted) return nibble
  }
  return undefined
}

/** A child reference that is a hash. */
export function hashReference(hash: Uint8Array): Uint8Array {
  return concatBytes(HASH_PREFIX, hash)
}

/** Encodes for the proof: a value that follows stands as an empty one. */
export function compactNode(frame: Frame): Uint8Array {
  if (frame.value === undefined) return rewrite(frame, undefined)
  const variant = frame.node.children === undefined ? HEADER.leaf : HEADER.branchWithValue
  return concatBytes(ESCAPE_BYTE, rewrite(frame, { variant, value: EMPTY_VALUE }))
}

/** Encodes as the node is in its trie. */
export function fullNode(frame: Frame): Uint8Array {
  if (frame.value === undefined) return rewrite(frame, undefined)
  const variant = frame.node.children === undefined ? HEADER.leafHashed : HEADER.branchHashed
  return rewrite(frame, { variant, value: frame.value })
}

/** The node's encoding with the frame's references in it, and another value where one is given. */
function rewrite({ node, references }: Frame, change: { readonly variant: HeaderVariant; readonly value: Uint8Array } | undefined): Uint8Array {
  const { raw, start, length, children, kind, value } = node
  const keyEnd = (start + length) >> 1
  const valueAt = children === undefined ? keyEnd : keyEnd + 2
  const inlineSize = value === undefined ? 0 : lengthSize(value.length) + value.length
  let at = valueAt + (kind === VALUE.hashed ? HASH_SIZE : inlineSize)
  const parts: Uint8Array[] = []
  let copied = 0
  if (change !== undefined) {
    parts.push(partialKey(node, change.variant), raw.subarray(keyEnd, valueAt), change.value)
    copied = at
  }
  for (const [nibble, child] of (children ?? []).entries()) {
    if (child === 0) continue
    const size = typeof child !== 'number' ? child.raw.length : raw[child - 1] === 0 ? 0 : HASH_SIZE
    const reference = references[nibble]
    if (reference !== undefined) {
      parts.push(raw.subarray(copied, at), reference)
      copied = at + 1 + size
    }
    at += 1 + size
  }
  parts.push(raw.subarray(copied))
  return concatBytes(...parts)
}

/** Header and partial key for another variant of node: the room for the key's length differs. */
function partialKey({ bytes, start, length }: TrieNode, variant: HeaderVariant): Uint8Array {
  const out = new Uint8Array(headerSize(variant, length) + ((length + 1) >> 1))
  writeNibbles(bytes, start, length, out, writeHeader(variant, length, out))
  return out
}
