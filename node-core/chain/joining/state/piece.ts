/**
 * A piece of a state: what one response proves.
 *
 * It shows that these entries are in the state, behind the position that was asked for, and that no others lie between them; it ends
 * where its proof ends (proof-walk.ts). What a sender may do: leave out what it likes at the end. It cannot make an entry, change one or
 * skip one, and it cannot make one byte of input cost more than one step.
 */
import { compareBytes, equalBytes, toBinaryString } from '../../../base/bytes.ts'
import { isNodeError } from '../../../base/errors.ts'
import { ProtobufReader } from '../../protocols/requests/protobuf.ts'
import { PieceError } from './errors.ts'
import type { Gap } from './gap.ts'
import { comparePositions, keyBefore, type Position } from './position.ts'
import { ProofWalk } from './proof-walk.ts'
import type { Run } from './runs.ts'
import type { ChildRoot, WalkedTrie } from './walked-trie.ts'

/** What is known to exist behind the end of a piece. */
export interface Frontier extends Gap {
  /** The child trie in which the piece ends; undefined in the main trie. */
  readonly child: Uint8Array | undefined
}

/** Entries of one child trie. */
export interface ChildRuns {
  /** Where its root stands in the main trie. */
  readonly key: Uint8Array
  readonly runs: readonly Run[]
}

export interface Piece {
  /**
   * All entries behind the start up to here are in the piece (and some that lie behind, which do not count); undefined is the end of the
   * state. Of child tries with equal roots the first alone has entries.
   */
  readonly until: Position | undefined
  readonly main: readonly Run[]
  readonly children: readonly ChildRuns[]
  /** Undefined at the end of the state. */
  readonly frontier: Frontier | undefined
}

/** Fields of a response: a proof, and some that a later version may add. */
const MAX_FIELDS = 16

/** Reads what a peer answered to a request from `start` on. Throws a PieceError where that is not proven under `root`. */
export function readPiece(response: Uint8Array, root: Uint8Array, start: Position): Piece {
  const [resumed, inside] = start
  const walk = new ProofWalk(proofOf(response))
  const main = walk.trie(resumed, true)
  if (!equalBytes(main.root, root)) throw new PieceError('falseProof', 'The state response proves another root.')
  const wanted = new Map<string, ChildRoot>()
  if (resumed !== undefined && inside !== undefined) {
    if (main.valueAtStart === undefined) throw noProgress()
    wanted.set(toBinaryString(main.valueAtStart), { key: resumed, root: main.valueAtStart })
  }
  for (const child of main.childRoots) {
    const name = toBinaryString(child.root)
    // The same root is the same trie: it comes once.
    if (!wanted.has(name)) wanted.set(name, child)
  }
  return pieceOf(main, wanted, readChildren(walk, wanted, inside), start)
}

function proofOf(response: Uint8Array): Uint8Array {
  let proof: Uint8Array | undefined
  try {
    const reader = new ProtobufReader(response, MAX_FIELDS)
    while (reader.next()) {
      if (reader.field === 2 && proof === undefined) proof = reader.view()
      else if (reader.field <= 2) throw new PieceError('falseProof', 'The state response has more than a proof.')
    }
  } catch (error) {
    if (isNodeError(error) && error.code.startsWith('PROTOBUF_')) throw new PieceError('malformed', `The state response does not decode: ${error.message}.`)
    throw error
  }
  if (proof === undefined) throw new PieceError('falseProof', 'The state response has no proof.')
  return proof
}

/** The child tries of a proof, by their roots. One that goes on at `inside` comes first. */
function readChildren(walk: ProofWalk, wanted: ReadonlyMap<string, ChildRoot>, inside: Uint8Array | undefined): Map<string, WalkedTrie> {
  const found = new Map<string, WalkedTrie>()
  const [first] = wanted.keys()
  while (!walk.atEnd) {
    const goesOn = inside !== undefined && found.size === 0
    const trie = walk.trie(goesOn ? inside : undefined, false)
    const name = toBinaryString(trie.root)
    if (!wanted.has(name)) throw new PieceError('falseProof', 'The state response has a child trie that is not in the state.')
    if (goesOn && name !== first) throw noProgress()
    // Some write it again where its root stands a second time.
    if (!found.has(name)) found.set(name, trie)
  }
  return found
}

/** The piece ends in the first child trie that is not whole, or else where the main trie does. */
function pieceOf(main: WalkedTrie, wanted: ReadonlyMap<string, ChildRoot>, found: ReadonlyMap<string, WalkedTrie>, start: Position): Piece {
  const children: ChildRuns[] = []
  const end = (until: Position | undefined, frontier: Frontier | undefined): Piece => {
    if (comparePositions(until, start) <= 0) throw noProgress()
    return { until, main: main.entries.finish(), children, frontier }
  }
  for (const [name, { key }] of wanted) {
    const trie = found.get(name)
    if (trie === undefined) return end(positionBefore(key), undefined)
    const last = lastKnown(trie)
    children.push({ key, runs: trie.entries.finish() })
    if (trie.gap !== undefined) return last === undefined ? end(positionBefore(key), undefined) : end([key, last], { child: key, ...trie.gap })
  }
  if (main.gap === undefined) return end(undefined, undefined)
  const last = lastKnown(main)
  return end(last === undefined ? [] : [last], { child: undefined, ...main.gap })
}

/** The last key of a trie, or the last that is known not to be there. */
function lastKnown({ entries, gap }: WalkedTrie): Uint8Array | undefined {
  const last = entries.lastKey
  const absent = gap === undefined ? undefined : keyBefore(gap.path, gap.path.length)
  if (last === undefined || absent === undefined) return last ?? absent
  return compareBytes(last, absent) > 0 ? last : absent
}

/** Behind all that lies before the entry `key`. */
function positionBefore(key: Uint8Array): Position {
  const path = new Uint8Array(key.length * 2)
  for (let i = 0; i < key.length; i++) {
    path[2 * i] = (key[i] as number) >> 4
    path[2 * i + 1] = (key[i] as number) & 15
  }
  const before = keyBefore(path, path.length)
  return before === undefined ? [] : [before]
}

function noProgress(): PieceError {
  return new PieceError('noProgress', 'The state response holds nothing behind where it was to begin.')
}
