/**
 * Which record is the root of which state.
 *
 * Readers ask by state root. Two forks may come to the same root with records of their own, and a block that changes nothing has its
 * parent's root and its record as well. So an entry lists records, each with the number of blocks that stand on it: a record is
 * taken off when the last of them is given up, and whichever is left answers for the root.
 */
import { ID_SIZE, readId, writeId } from '../trie/nodes/record.ts'
import { corrupt } from './errors.ts'

/** A record and how many blocks have it as the root of their state. */
export interface RootEntry {
  readonly id: number
  readonly blocks: number
}

/** u48 and u32. */
const ENTRY_SIZE = ID_SIZE + 4

export function decodeRoots(bytes: Uint8Array): RootEntry[] {
  if (bytes.length === 0 || bytes.length % ENTRY_SIZE !== 0) throw corrupt('a state root has no valid list of records')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / ENTRY_SIZE }, (_, i) => ({ id: readId(bytes, i * ENTRY_SIZE), blocks: view.getUint32(i * ENTRY_SIZE + ID_SIZE) }))
}

/** The record that answers for a root, out of its entry. */
export function firstRoot(bytes: Uint8Array): number {
  return readId(bytes, 0)
}

export function encodeRoots(entries: readonly RootEntry[]): Uint8Array {
  const out = new Uint8Array(entries.length * ENTRY_SIZE)
  const view = new DataView(out.buffer)
  entries.forEach(({ id, blocks }, i) => {
    writeId(id, out, i * ENTRY_SIZE)
    view.setUint32(i * ENTRY_SIZE + ID_SIZE, blocks)
  })
  return out
}
