/**
 * Walking keys in order.
 *
 * A walk has a lower bound and a prefix. While the path from the root equals the beginning of the bound it is "tight":
 * children before the bound's next nibble are skipped unseen. As soon as the path is greater, everything below counts.
 * Subtrees outside the prefix are never loaded.
 */
import { badNode } from './errors.ts'
import { resolve } from './lookup.ts'
import { nibbleAt } from './nodes/nibbles.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { VALUE, type TrieNode } from './nodes/node.ts'

export interface WalkRange {
  /** Keys must start with it. */
  readonly prefix: Uint8Array
  /** Keys below it are skipped. */
  readonly from: Uint8Array
  /** Whether `from` itself counts. */
  readonly inclusive: boolean
}

/** Return false to end the walk. */
export type Visitor = (key: Uint8Array, node: TrieNode) => boolean

class Walk {
  readonly #store: NodeStore
  readonly #range: WalkRange
  readonly #visit: Visitor
  readonly #prefixLength: number
  readonly #fromLength: number
  /** One nibble per byte: the path to the node at hand. */
  #path = new Uint8Array(128)

  constructor(store: NodeStore, range: WalkRange, visit: Visitor) {
    this.#store = store
    this.#range = range
    this.#visit = visit
    this.#prefixLength = range.prefix.length * 2
    this.#fromLength = range.from.length * 2
  }

  /** `depth` nibbles of the path are set. Returns false where the walk has ended. */
  node(node: TrieNode, depth: number, isTight: boolean): boolean {
    const { from, prefix, inclusive } = this.#range
    let tight = isTight
    let at = depth
    this.#reserve(at + node.length + 1)
    for (let i = 0; i < node.length; i++, at++) {
      const nibble = nibbleAt(node.bytes, node.start + i)
      if (at < this.#prefixLength && nibble !== nibbleAt(prefix, at)) return true
      if (tight) {
        if (at >= this.#fromLength) tight = false
        else {
          const bound = nibbleAt(from, at)
          if (nibble < bound) return true
          tight = nibble === bound
        }
      }
      this.#path[at] = nibble
    }
    const reached = !tight || (at === this.#fromLength && inclusive)
    if (node.kind !== VALUE.none && reached && at >= this.#prefixLength && !this.#visit(this.#key(at), node)) return false
    return node.children === undefined || this.#children(node, at, tight && at < this.#fromLength)
  }

  #children(node: TrieNode, at: number, tight: boolean): boolean {
    const bound = tight ? nibbleAt(this.#range.from, at) : 0
    const inPrefix = at < this.#prefixLength
    const first = inPrefix ? Math.max(bound, nibbleAt(this.#range.prefix, at)) : bound
    const last = inPrefix ? nibbleAt(this.#range.prefix, at) : 15
    for (let i = first; i <= last; i++) {
      const child = resolve(this.#store, node, i)
      if (child === undefined) continue
      this.#path[at] = i
      if (!this.node(child, at + 1, tight && i === bound)) return false
    }
    return true
  }

  #key(length: number): Uint8Array {
    if ((length & 1) === 1) throw badNode('a value at half a byte')
    const key = new Uint8Array(length >> 1)
    for (let i = 0; i < key.length; i++) key[i] = ((this.#path[2 * i] as number) << 4) | (this.#path[2 * i + 1] as number)
    return key
  }

  #reserve(length: number): void {
    if (length <= this.#path.length) return
    const larger = new Uint8Array(length * 2)
    larger.set(this.#path)
    this.#path = larger
  }
}

export function walk(store: NodeStore, root: TrieNode | undefined, range: WalkRange, visit: Visitor): void {
  if (root !== undefined) new Walk(store, range, visit).node(root, 0, true)
}
