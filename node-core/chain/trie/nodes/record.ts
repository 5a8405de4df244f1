/**
 * Records: how trie nodes lie in the database.
 *
 * A node is addressed by a number that is given out once and never again, and not by its hash: equal nodes at two positions are
 * two records. So a record belongs to one position of the states that hold it, ends with the block that changes it there, and
 * can be deleted when the last state before that block is given up; nothing needs to be counted. Numbers grow, so the database
 * is written nearly in the order of its keys, and what is young, and dies young, lies together.
 *
 *   record of a node: encoding | 6 bytes, big-endian, per reference | number of references (1 byte)
 *   record of a value that is stored on its own: the value
 *
 * References stand in the order of the hashes in the encoding: the value's first, then the children's. In the main trie, the value of a
 * key of a child trie is that trie's root; then the first reference is the record of that root. So there is one reference more than hashes.
 */
import { badNode } from '../errors.ts'
import { VALUE, decodeNode, type TrieNode } from './node.ts'

/** Bytes of a number. */
export const ID_SIZE = 6

/** Numbers end here: what 6 bytes hold, and a double exactly. */
export const MAX_ID = 2 ** 48 - 1

const HIGH = 2 ** 32

/** Bytes of a record behind the encoding. */
export function suffixSize(references: readonly number[]): number {
  return references.length * ID_SIZE + 1
}

/** Writes what follows the encoding; returns the offset behind it. */
export function writeSuffix(references: readonly number[], out: Uint8Array, offset: number): number {
  let at = offset
  for (const id of references) at = writeId(id, out, at)
  out[at++] = references.length
  return at
}

export function writeId(id: number, out: Uint8Array, offset: number): number {
  const high = Math.floor(id / HIGH)
  out[offset] = high >>> 8
  out[offset + 1] = high & 0xff
  out[offset + 2] = (id >>> 24) & 0xff
  out[offset + 3] = (id >>> 16) & 0xff
  out[offset + 4] = (id >>> 8) & 0xff
  out[offset + 5] = id & 0xff
  return offset + ID_SIZE
}

export function readId(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number)
  const low = ((bytes[offset + 2] as number) << 24) | ((bytes[offset + 3] as number) << 16) | ((bytes[offset + 4] as number) << 8) | (bytes[offset + 5] as number)
  return high * HIGH + (low >>> 0)
}

/** The encoding in a node's record, as a view. Throws `TRIE_BAD_NODE`. */
export function encodingOf(record: Uint8Array): Uint8Array {
  return record.subarray(0, encodingLength(record))
}

/** A record's node. `record` is kept, not copied. Throws `TRIE_BAD_NODE`. */
export function decodeRecord(record: Uint8Array): TrieNode {
  const length = encodingLength(record)
  const node = decodeNode(record.subarray(0, length))
  if (node === undefined) throw badNode('an empty trie inside another')
  const count = record[record.length - 1] as number
  if (count === 0) {
    if (node.kind === VALUE.hashed || node.children?.some(isHash) === true) throw badNode('a record without its references')
    return node
  }
  readReferences(node, record, length, count)
  return node
}

/** The numbers that a record refers to, in their order. */
export function referencesOf(record: Uint8Array): number[] {
  const length = encodingLength(record)
  return Array.from({ length: record[record.length - 1] as number }, (_, i) => readId(record, length + i * ID_SIZE))
}

function readReferences(node: TrieNode, record: Uint8Array, length: number, count: number): void {
  const { children } = node
  let at = length
  let hashes = 0
  if (children !== undefined) for (let i = 0; i < 16; i++) if (isHash(children[i])) hashes++
  if (count > hashes) {
    node.valueId = readId(record, at)
    at += ID_SIZE
  }
  const own = node.kind === VALUE.none ? 0 : node.valueId
  if (count !== hashes + (own === 0 ? 0 : 1) || (node.kind === VALUE.hashed && own === 0)) throw badNode(`a record with ${count} references`)
  if (children === undefined || hashes === 0) return
  const ids = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < 16; i++) {
    if (!isHash(children[i])) continue
    ids[i] = readId(record, at)
    at += ID_SIZE
  }
  node.ids = ids
}

function isHash(child: TrieNode | number | undefined): boolean {
  return typeof child === 'number' && child !== 0
}

function encodingLength(record: Uint8Array): number {
  const length = record.length - 1 - (record[record.length - 1] ?? 0) * ID_SIZE
  if (length < 1) throw badNode('a record that is too short')
  return length
}
