/**
 * Positions in a state: how far one has come on the way through it.
 *
 * The way is that of `/state/2`: the main trie in the order of its keys, and behind each root of a child trie the contents of that one.
 * A position has the form in which a request names where to go on:
 *
 *   []               the beginning: nothing is behind it
 *   [key, inside]    within a child trie: behind `inside`, a key of the trie whose root stands at `key` of the main trie
 *   [key]            behind the entry `key` of the main trie, and behind the whole child trie where that is the root of one
 *
 * So `[key, inside]` lies before `[key]`. Keys need not exist: a position is a cut between the entries before it and those behind it.
 */
import { compareBytes } from '../../../base/bytes.ts'

export type Position = readonly Uint8Array[]

export const BEGINNING: Position = []

/** What lies in a state behind `after`, up to and including `until`; undefined is the end of the state. */
export interface Span {
  readonly after: Position
  readonly until: Position | undefined
}

/** Negative where `a` lies before `b`. Undefined is the end of the state. */
export function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
  const [mainA, insideA] = a
  const [mainB, insideB] = b
  if (mainA === undefined || mainB === undefined) return a.length - b.length
  const main = compareBytes(mainA, mainB)
  if (main !== 0) return main
  if (insideA === undefined || insideB === undefined) return b.length - a.length
  return compareBytes(insideA, insideB)
}

/** Where an entry is: its key, or, within a child trie, that trie's place in the main trie and the key inside. */
export type EntryPlace = readonly [key: Uint8Array] | readonly [child: Uint8Array, inside: Uint8Array]

/** Whether an entry lies before a position. The root of a child trie lies before everything within that one. */
export function liesBefore([key, inside]: EntryPlace, position: Position | undefined): boolean {
  if (position === undefined) return true
  const [main, within] = position
  if (main === undefined) return false
  const order = compareBytes(key, main)
  if (order !== 0) return order < 0
  return inside === undefined || within === undefined || compareBytes(inside, within) <= 0
}

export function liesWithin(entry: EntryPlace, { after, until }: Span): boolean {
  return !liesBefore(entry, after) && liesBefore(entry, until)
}

/** What is 255 so often behind a cut before a subtree that no key lies between the two. */
const FILL = 48

/**
 * The last key before all keys that begin with the nibbles `path[0, length)`, or one so close to it that what lies between them does not
 * matter. Undefined where nothing lies before them.
 */
export function keyBefore(path: Uint8Array, length: number): Uint8Array | undefined {
  const least = new Uint8Array((length + 1) >> 1)
  for (let i = 0; i < length; i++) least[i >> 1] = (least[i >> 1] as number) | ((path[i] as number) << ((i & 1) === 0 ? 4 : 0))
  if (least.length === 0) return undefined
  const last = least.length - 1
  // A key that ends in a zero comes directly behind the same one without it.
  if (least[last] === 0) return least.subarray(0, last)
  const key = new Uint8Array(least.length + FILL).fill(0xff)
  key.set(least)
  key[last] = (least[last] as number) - 1
  return key
}

/** The key as a number from 0 to 1 by its first two bytes: what share of all possible keys lies before it. */
export function shareBefore(position: Position | undefined): number {
  if (position === undefined) return 1
  const [key] = position
  return key === undefined ? 0 : ((key[0] ?? 0) * 256 + (key[1] ?? 0)) / 65536
}
