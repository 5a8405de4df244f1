/**
 * Where a range is cut in two, and how much is left of it.
 *
 * Keys of a state are not spread evenly: a pallet's begin with the same 16 bytes, a map's with the same 32, and what follows is a hash.
 * So one map, the accounts, may be half of a state and lie within a 2^-256th of all possible keys. Cutting that space in halves would
 * mostly cut off nothing, and nothing costs a whole answer. But within a map keys *are* spread evenly, and each piece shows where one is:
 * the branches on the way to its end. So two things tell where to cut:
 *
 * - how *dense* the lowest branch was that the piece went along: bytes by the share of it that the piece covered. What is left of that
 *   branch is estimated with it, and cut in the middle.
 * - which children the branches above have further right: they are there for certain, and are cut off where the dense part is small.
 */
import { compareBytes } from '../../../base/bytes.ts'
import { nibbleAt } from '../../trie/nodes/nibbles.ts'
import type { Frontier } from './piece.ts'
import { comparePositions, keyBefore, type Position, type Span } from './position.ts'

/** A branch that is filled evenly. */
export interface Density {
  /** The child trie in which it is; undefined for the main trie. */
  readonly child: Uint8Array | undefined
  /** Nibbles from the trie's root to it, one to a byte. */
  readonly path: Uint8Array
  /** Bytes of all that lies below it, estimated. */
  readonly bytes: number
}

/** Nibbles that a share is told by, and the number of shares. */
const SHARE_NIBBLES = 4
const SHARES = 16 ** SHARE_NIBBLES

/** The density of a piece from `start` on that took so many bytes of keys and values. */
export function densityOf(start: Position, frontier: Frontier, bytes: number): Density | undefined {
  const { child, path, levels } = frontier
  const key = keyWithin(start, child)
  // The lowest branch that both ends of the piece lie below.
  const level = key === undefined ? levels[0] : levels.findLast(({ depth }) => sharesPath(key, path, depth))
  if (level === undefined) return undefined
  const branch = path.slice(0, level.depth)
  const covered = shareOfPath(path, level.depth) - (key === undefined ? 0 : shareBelow(key, branch))
  return covered <= 0 ? undefined : { child, path: branch, bytes: bytes / covered }
}

/** What of a dense branch lies within a span, in bytes, estimated. */
export function denseBytes({ child, path, bytes }: Density, { after, until }: Span): number {
  return Math.max(0, shareAt(child, path, until) - shareAt(child, path, after)) * bytes
}

/** The middle of what a span has of a dense branch; undefined where that cuts nothing off. */
export function middleOf({ child, path }: Density, span: Span): Position | undefined {
  const middle = Math.round(((shareAt(child, path, span.after) + shareAt(child, path, span.until)) / 2) * SHARES)
  const cut = new Uint8Array(path.length + SHARE_NIBBLES)
  cut.set(path)
  for (let i = 0, rest = middle; i < SHARE_NIBBLES; i++, rest *= 16) cut[path.length + i] = Math.floor(rest / (SHARES / 16)) % 16
  return cutAt(child, cut, cut.length, span)
}

/** A cut before a subtree right of the way to the frontier: of the highest branch that has any within the span, the middle one. */
export function siblingOf({ child, path, levels }: Frontier, span: Span): Position | undefined {
  for (const { depth, right } of levels) {
    const cuts: Position[] = []
    for (let nibble = 0; nibble < 16; nibble++) {
      if ((right & (1 << nibble)) === 0) continue
      const way = path.slice(0, depth + 1)
      way[depth] = nibble
      const cut = cutAt(child, way, depth + 1, span)
      if (cut !== undefined) cuts.push(cut)
    }
    if (cuts.length > 0) return cuts[cuts.length >> 1]
  }
  return undefined
}

/** Cuts between the first nibbles of the main trie, for `parts` of them: where nothing is known. */
export function evenCuts(parts: number): Position[] {
  return Array.from({ length: parts - 1 }, (_, i): Position => [keyBefore(Uint8Array.of(Math.round(((i + 1) * 16) / parts)), 1) as Uint8Array])
}

function cutAt(child: Uint8Array | undefined, path: Uint8Array, length: number, span: Span): Position | undefined {
  const key = keyBefore(path, length)
  if (key === undefined) return undefined
  const cut: Position = child === undefined ? [key] : [child, key]
  return comparePositions(span.after, cut) < 0 && comparePositions(cut, span.until) < 0 ? cut : undefined
}

/** The share of a dense branch that lies before a position. */
function shareAt(child: Uint8Array | undefined, path: Uint8Array, position: Position | undefined): number {
  if (position === undefined) return 1
  const key = keyWithin(position, child)
  if (key !== undefined) return shareBelow(key, path)
  return child !== undefined && comparePositions(position, [child]) >= 0 ? 1 : 0
}

/** The key that a position has in the main trie or in a child trie; undefined where it is not within that one. */
function keyWithin([main, inside]: Position, child: Uint8Array | undefined): Uint8Array | undefined {
  if (child === undefined) return main
  return main !== undefined && compareBytes(main, child) === 0 ? inside : undefined
}

/** The share of the branch at `path` that lies before `key`: 0 where all of it lies behind, 1 where none does. */
function shareBelow(key: Uint8Array, path: Uint8Array): number {
  const nibbles = key.length * 2
  for (let i = 0; i < path.length; i++) {
    const nibble = i < nibbles ? nibbleAt(key, i) : -1
    if (nibble !== path[i]) return nibble < (path[i] as number) ? 0 : 1
  }
  let share = 0
  for (let i = path.length, scale = 1 / 16; i < path.length + SHARE_NIBBLES && i < nibbles; i++, scale /= 16) share += nibbleAt(key, i) * scale
  return share
}

function shareOfPath(path: Uint8Array, from: number): number {
  let share = 0
  for (let i = from, scale = 1 / 16; i < from + SHARE_NIBBLES && i < path.length; i++, scale /= 16) share += (path[i] as number) * scale
  return share
}

function sharesPath(key: Uint8Array, path: Uint8Array, length: number): boolean {
  if (key.length * 2 < length) return false
  for (let i = 0; i < length; i++) if (nibbleAt(key, i) !== path[i]) return false
  return true
}
