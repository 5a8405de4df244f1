/**
 * What two tries differ in, in the order of the keys.
 *
 * Both are walked side by side. A subtree that hangs at the same path in both under the same hash is the same and is not loaded, so the walk
 * costs what has changed and not what there is: two states of neighbouring blocks share nearly everything. Nodes of one trie may end inside the partial
 * key of the other's; a side is therefore a node and how many nibbles of its partial key lie behind us already.
 */
import { equalBytes } from '../../base/bytes.ts'
import { badNode } from './errors.ts'
import { resolve, valueOf } from './lookup.ts'
import { commonNibbles, nibbleAt } from './nodes/nibbles.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { HASH_SIZE, VALUE, type TrieNode } from './nodes/node.ts'

/** One key: `before` is undefined where it was added, `after` where it was deleted. */
export interface Difference {
  readonly key: Uint8Array
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

/** A difference with the place of the new value: what is needed to make the same change to another trie. */
export interface ExactDifference extends Difference {
  /** The new value is stored on its own. */
  readonly isHashed: boolean
}

/** A node whose first `at` nibbles lie on the path already. */
interface Side {
  readonly node: TrieNode
  readonly at: number
}

export class TrieDifference {
  readonly #store: NodeStore
  /** Keys must start with one of these; empty for all. */
  readonly #prefixes: readonly Uint8Array[]
  /** One nibble per byte. */
  readonly #path: number[] = []

  /** A value that merely moved into its node or out of it counts as well. */
  readonly #isExact: boolean

  constructor(store: NodeStore, prefixes: readonly Uint8Array[], isExact = false) {
    this.#store = store
    this.#prefixes = prefixes
    this.#isExact = isExact
  }

  between(before: TrieNode | undefined, after: TrieNode | undefined): Generator<ExactDifference> {
    return this.#compare(before && { node: before, at: 0 }, after && { node: after, at: 0 })
  }

  *#compare(before: Side | undefined, after: Side | undefined): Generator<ExactDifference> {
    if (!this.#isWanted() || isSame(before, after)) return
    const common = commonRest(before, after)
    const depth = this.#path.length
    this.#follow(before ?? after, common)
    const [old, now] = [endsAt(before, common) ? before?.node : undefined, endsAt(after, common) ? after?.node : undefined]
    yield* this.#compareValues(old, now)
    for (let nibble = 0; nibble < 16; nibble++) {
      if (haveSameChild(old, now, nibble)) continue
      const [left, right] = [this.#below(before, common, nibble), this.#below(after, common, nibble)]
      if (left === undefined && right === undefined) continue
      this.#path.push(nibble)
      yield* this.#compare(left, right)
      this.#path.pop()
    }
    this.#path.length = depth
  }

  *#compareValues(before: TrieNode | undefined, after: TrieNode | undefined): Generator<ExactDifference> {
    if (!hasValue(before) && !hasValue(after)) return
    const key = this.#key()
    if (key === undefined) return
    const [old, now] = [valueOf(this.#store, before), valueOf(this.#store, after)]
    const hasMoved = this.#isExact && before?.kind !== after?.kind
    if (old !== undefined && now !== undefined && !hasMoved && equalBytes(old, now)) return
    if (old !== undefined || now !== undefined) yield { key, before: old, after: now, isHashed: after?.kind === VALUE.hashed }
  }

  /** What of a side lies one nibble further. */
  #below(side: Side | undefined, common: number, nibble: number): Side | undefined {
    if (side === undefined) return undefined
    const { node } = side
    const at = side.at + common
    if (at < node.length) return nibbleAt(node.bytes, node.start + at) === nibble ? { node, at: at + 1 } : undefined
    const child = node.children === undefined ? undefined : resolve(this.#store, node, nibble)
    return child === undefined ? undefined : { node: child, at: 0 }
  }

  #follow(side: Side | undefined, count: number): void {
    for (let i = 0; side !== undefined && i < count; i++) this.#path.push(nibbleAt(side.node.bytes, side.node.start + side.at + i))
  }

  /** Whether some key below the path may start with a prefix that is asked for. */
  #isWanted(): boolean {
    if (this.#prefixes.length === 0) return true
    return this.#prefixes.some((prefix) => this.#sharesStart(prefix, Math.min(this.#path.length, prefix.length * 2)))
  }

  #sharesStart(prefix: Uint8Array, nibbles: number): boolean {
    for (let i = 0; i < nibbles; i++) if (this.#path[i] !== nibbleAt(prefix, i)) return false
    return true
  }

  /** The key at the path; undefined where it is not asked for. */
  #key(): Uint8Array | undefined {
    const length = this.#path.length
    if ((length & 1) === 1) throw badNode('a value at half a byte')
    const isAsked = this.#prefixes.length === 0 || this.#prefixes.some((prefix) => prefix.length * 2 <= length && this.#sharesStart(prefix, prefix.length * 2))
    if (!isAsked) return undefined
    return Uint8Array.from({ length: length >> 1 }, (_, i) => ((this.#path[2 * i] as number) << 4) | (this.#path[2 * i + 1] as number))
  }
}

function hasValue(node: TrieNode | undefined): boolean {
  return node !== undefined && node.kind !== VALUE.none
}

function isSame(before: Side | undefined, after: Side | undefined): boolean {
  if (before === undefined || after === undefined) return before === after
  if (before.at !== after.at) return false
  // The encoding says all that is below.
  return before.node === after.node || before.node.raw.equals(after.node.raw)
}

/** Told by the hashes in their parents, so that what is the same need not be loaded. */
function haveSameChild(before: TrieNode | undefined, after: TrieNode | undefined, nibble: number): boolean {
  const [old, now] = [before?.children?.[nibble], after?.children?.[nibble]]
  if (before === undefined || after === undefined || typeof old !== 'number' || typeof now !== 'number' || old === 0 || now === 0) return false
  return before.raw.compare(after.raw, now, now + HASH_SIZE, old, old + HASH_SIZE) === 0
}

function endsAt(side: Side | undefined, common: number): boolean {
  return side !== undefined && side.at + common === side.node.length
}

/** How many of the nibbles ahead both share; all of them where there is one side only. */
function commonRest(before: Side | undefined, after: Side | undefined): number {
  const rest = ({ node, at }: Side): number => node.length - at
  if (before === undefined || after === undefined) {
    const only = before ?? after
    return only === undefined ? 0 : rest(only)
  }
  const [a, b] = [before.node, after.node]
  return commonNibbles(a.bytes, a.start + before.at, b.bytes, b.start + after.at, Math.min(rest(before), rest(after)))
}
