/**
 * Proofs of pieces of a state (range.ts says what a piece is), written in one walk as compact proofs (compact-proof.ts).
 *
 * Each node is read once, and goes straight into the output (trie-writer.ts): nodes of a compact proof stand in the order in which a walk
 * comes to them. The main trie is first, then the child tries that it leads to, each once.
 *
 * What is left of the start stays behind its hashes, and so does what lies behind the end. The way to the start is in the proof, with the
 * values at it: whoever checks walks there.
 */
import { concatBytes, toBinaryString } from '../../../base/bytes.ts'
import { isChildKey } from '../child.ts'
import { missingNode } from '../errors.ts'
import { writeLength } from '../nodes/encode.ts'
import { NodeStore, isRecordSource } from '../nodes/node-store.ts'
import { ID_SIZE } from '../nodes/record.ts'
import { Turns, type Steps } from '../steps.ts'
import { Trie } from '../trie.ts'
import type { NodeSource, RecordSource, TrieRoot, TrieSource } from '../types.ts'
import { TrieWriter, type PieceContext } from './trie-writer.ts'

export interface RangeProofOptions {
  /** As in range.ts: where the piece begins. */
  readonly start: readonly Uint8Array[]
  /** The piece ends with the entry that makes the proof longer than this. */
  readonly softBytes: number
  /** A value that would make it longer than this is left to the next piece, unless it would be alone. */
  readonly maxBytes: number
}

/** The SCALE vector of a proof's items. Undefined where `start` names a child trie that does not exist. Throws `TRIE_MISSING_NODE`. */
export function* proveRange(source: TrieSource, root: Uint8Array, options: RangeProofOptions): Steps<Uint8Array | undefined> {
  const [resumed, inside] = options.start
  const piece = new PieceOfState(source, options)
  const main = new Trie(new NodeStore(source), root)
  if (resumed !== undefined && inside !== undefined) {
    const child = isChildKey(resumed) ? main.childRoot(resumed) : undefined
    if (child === undefined) return undefined
    yield* piece.child(child, inside)
  }
  const writer = new TrieWriter(piece, resumed, true)
  yield* writer.walk({ hash: root, id: main.rootId })
  return piece.finish(writer)
}

/** What the tries of a piece share: the source, what there is room for, and the child tries in it. */
class PieceOfState implements PieceContext {
  readonly turns = new Turns()
  readonly #source: TrieSource
  readonly #records: RecordSource | undefined
  readonly #options: RangeProofOptions
  readonly #children = new Map<string, TrieWriter>()
  #bytes = 0
  #entries = 0
  #isFull = false

  constructor(source: TrieSource, options: RangeProofOptions) {
    this.#source = source
    this.#records = isRecordSource(source) ? source : undefined
    this.#options = options
  }

  get isFull(): boolean {
    return this.#isFull
  }

  takesBytes(bytes: number): void {
    this.#bytes += bytes
  }

  takesEntry(): void {
    this.#entries++
    if (this.#bytes > this.#options.softBytes) this.#isFull = true
  }

  takesValue(bytes: number, isNeeded: boolean): boolean {
    if (!isNeeded && this.#entries > 0 && this.#bytes + bytes > this.#options.maxBytes) this.#isFull = true
    return !this.#isFull
  }

  /** Goes through a child trie, once for each root. It has an entry at the least: others do not expect a proof to end before it. */
  *child(root: TrieRoot, from: Uint8Array | undefined): Steps<void> {
    const name = toBinaryString(root.hash)
    if (this.#children.has(name)) return
    const writer = new TrieWriter(this, from, false)
    this.#children.set(name, writer)
    yield* writer.walk(root)
  }

  node(id: number, hash: Uint8Array): Uint8Array {
    const node = this.#records === undefined ? (this.#source as NodeSource).get(hash) : this.#records.node(id, hash)
    if (node === undefined) throw missingNode(hash, id)
    return node
  }

  value(id: number, hash: Uint8Array): Uint8Array {
    const value = this.#records === undefined ? (this.#source as NodeSource).get(hash) : this.#records.value(id, hash)
    if (value === undefined) throw missingNode(hash, id)
    return value
  }

  suffixOf(node: Uint8Array): number {
    return this.#records === undefined ? 0 : 1 + (node[node.length - 1] as number) * ID_SIZE
  }

  finish(main: TrieWriter): Uint8Array {
    const tries = [main, ...this.#children.values()]
    const count = tries.reduce((sum, trie) => sum + trie.items, 0)
    const head = new Uint8Array(4)
    return concatBytes(head.subarray(0, writeLength(count, head, 0)), ...tries.flatMap((trie) => trie.parts()))
  }
}
