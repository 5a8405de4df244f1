/**
 * Encoding of trie nodes; the counterpart of node.ts. Sizes are computed first, so that each encoding is written once,
 * into memory that is cut from larger pieces.
 */
import { HASH_SIZE, HEADER, VALUE, lengthSize, type HeaderVariant, type TrieNode } from './node.ts'
import { writeNibbles } from './nibbles.ts'

/** In front of a child that is a hash: the compact form of 32. */
const HASH_PREFIX = HASH_SIZE << 2

/** Below this a loop copies faster than `set` on a view. */
const SMALL_COPY = 48

/** Encodes a node whose children in memory are encoded. A fresh value must have its hash by now. */
export function encodeNode(node: TrieNode): Buffer {
  const { children, kind, value, length } = node
  const hashed = kind === VALUE.hashed || kind === VALUE.fresh
  const variant =
    children === undefined
      ? hashed
        ? HEADER.leafHashed
        : HEADER.leaf
      : hashed
        ? HEADER.branchHashed
        : kind === VALUE.none
          ? HEADER.branch
          : HEADER.branchWithValue
  const valueLength = value === undefined ? 0 : value.length
  let size = headerSize(variant, length) + ((length + 1) >> 1)
  size += hashed ? HASH_SIZE : kind === VALUE.none ? 0 : lengthSize(valueLength) + valueLength
  let bitmap = 0
  if (children !== undefined) {
    size += 2
    for (let i = 0; i < 16; i++) {
      const child = children[i] as TrieNode | number
      if (child === 0) continue
      bitmap |= 1 << i
      size += typeof child === 'number' || child.raw.length >= HASH_SIZE ? 1 + HASH_SIZE : 1 + child.raw.length
    }
  }

  const out = allocate(size)
  let at = writeHeader(variant, length, out)
  at = writeNibbles(node.bytes, node.start, length, out, at)
  if (children !== undefined) {
    out[at++] = bitmap & 0xff
    out[at++] = bitmap >> 8
  }
  if (hashed) at = copy(node.valueHash as Uint8Array, 0, HASH_SIZE, out, at)
  else if (value !== undefined) at = copy(value, 0, valueLength, out, writeLength(valueLength, out, at))
  if (children !== undefined) writeChildren(node, children, out, at)
  return out
}

function writeChildren(node: TrieNode, children: readonly (TrieNode | number)[], out: Uint8Array, offset: number): void {
  let at = offset
  for (let i = 0; i < 16; i++) {
    const child = children[i] as TrieNode | number
    if (typeof child === 'number') {
      if (child === 0) continue
      // Neighbours that nobody touched lie side by side in the old encoding as well: one copy takes them all.
      let end = child + HASH_SIZE
      while (i < 15 && (children[i + 1] === 0 || children[i + 1] === end + 1)) {
        if (children[++i] !== 0) end += 1 + HASH_SIZE
      }
      at = copy(node.raw, child - 1, end - child + 1, out, at)
    } else if (child.raw.length >= HASH_SIZE) {
      out[at++] = HASH_PREFIX
      at = copy(child.hash as Uint8Array, 0, HASH_SIZE, out, at)
    } else {
      out[at++] = child.raw.length << 2
      at = copy(child.raw, 0, child.raw.length, out, at)
    }
  }
}

export function headerSize(variant: HeaderVariant, length: number): number {
  return length < variant.room ? 1 : 2 + Math.floor((length - variant.room) / 255)
}

/** Returns the offset behind the header. */
export function writeHeader(variant: HeaderVariant, length: number, out: Uint8Array): number {
  if (length < variant.room) {
    out[0] = variant.bits | length
    return 1
  }
  out[0] = variant.bits | variant.room
  let at = 1
  let rest = length - variant.room
  for (; rest >= 255; rest -= 255) out[at++] = 255
  out[at++] = rest
  return at
}

export function writeLength(length: number, out: Uint8Array, offset: number): number {
  let at = offset
  if (length < 1 << 6) {
    out[at++] = length << 2
  } else if (length < 1 << 14) {
    out[at++] = ((length << 2) | 1) & 0xff
    out[at++] = length >> 6
  } else {
    out[at++] = ((length << 2) | 2) & 0xff
    out[at++] = (length >> 6) & 0xff
    out[at++] = (length >> 14) & 0xff
    out[at++] = length >>> 22
  }
  return at
}

/** Copies `size` bytes; returns the offset behind them. */
export function copy(from: Uint8Array, start: number, size: number, to: Uint8Array, offset: number): number {
  if (size <= SMALL_COPY) for (let i = 0; i < size; i++) to[offset + i] = from[start + i] as number
  else to.set(start === 0 && size === from.length ? from : from.subarray(start, start + size), offset)
  return offset + size
}

const SLAB_SIZE = 16 * 1024
let slab = Buffer.allocUnsafeSlow(SLAB_SIZE)
let used = 0

/** Uninitialised memory. Nodes of one block lie together and are forgotten at about the same time, so slabs do not linger. */
function allocate(size: number): Buffer {
  if (size > SLAB_SIZE / 8) return Buffer.allocUnsafeSlow(size)
  if (used + size > SLAB_SIZE) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE)
    used = 0
  }
  const start = used
  used += size
  return slab.subarray(start, used)
}
