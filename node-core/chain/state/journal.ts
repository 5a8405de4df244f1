/**
 * What a block did to the records of the state: a journal per block whose state is kept.
 *
 * A block that changes a node writes a new record and thereby ends the old one. Records are not shared but with the states of
 * descendants, so two lists say all that giving up a state needs:
 *
 * - what the block wrote, `[first, next)`: nobody needs it where the block dies on a fork, for its descendants die with it;
 * - what it ended: no state from this block on has it. The states before do, up to the parent's. So when the block is final and the
 *   parent's state is given up (those before it are given up already, and the parent's other children are dead), nobody needs it.
 *
 * Form: state root (32 bytes), record of the root (u48), first and next (u48 each), then what ended (trie/nodes/id-list.ts).
 */
import { fromHex, toHex, type Hash } from '../../base/bytes.ts'
import { ID_SIZE, readId, writeId } from '../trie/nodes/record.ts'
import type { PackedIds } from '../trie/types.ts'
import { corrupt } from './errors.ts'

export interface Journal {
  readonly stateRoot: Hash
  /** The record of the root; 0 for the empty state. */
  readonly root: number
  /** The records that the block wrote: `[first, next)`. */
  readonly first: number
  readonly next: number
  readonly ended: PackedIds
}

const ROOT_SIZE = 32
const HEAD_SIZE = ROOT_SIZE + 3 * ID_SIZE

export function encodeJournal({ stateRoot, root, first, next, ended }: Journal): Uint8Array {
  const out = new Uint8Array(HEAD_SIZE + ended.length)
  out.set(fromHex(stateRoot), 0)
  writeId(next, out, writeId(first, out, writeId(root, out, ROOT_SIZE)))
  out.set(ended, HEAD_SIZE)
  return out
}

export function decodeJournal(bytes: Uint8Array): Journal {
  if (bytes.length < HEAD_SIZE) throw corrupt('the journal of a block is cut off')
  return {
    stateRoot: toHex(bytes.subarray(0, ROOT_SIZE)),
    root: journalRoot(bytes),
    first: readId(bytes, ROOT_SIZE + ID_SIZE),
    next: readId(bytes, ROOT_SIZE + 2 * ID_SIZE),
    ended: bytes.subarray(HEAD_SIZE),
  }
}

/** The record of the root, out of a journal. */
export function journalRoot(bytes: Uint8Array): number {
  return readId(bytes, ROOT_SIZE)
}
