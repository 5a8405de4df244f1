/** Which block a state was asked for of: an error of the state knows its root alone, and a client is told of the block. */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'

/** Requests that may be under way between the question and its error. */
const REMEMBERED = 1024

const asked = new Lru<Hash, Hash>(REMEMBERED)

export function noteAsked(stateRoot: Hash, block: Hash): void {
  asked.set(stateRoot, block)
}

/** The block, or the root itself where nobody said. */
export function askedFor(stateRoot: unknown): string {
  return typeof stateRoot === 'string' ? (asked.get(stateRoot as Hash) ?? stateRoot) : 'this block'
}
