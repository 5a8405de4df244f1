/**
 * A whole state from a source by hash into records: a genesis state, and the first state of a database of an earlier version.
 *
 * Depth first, children before parents, each reference by itself: a node that the source has once and the state refers to at several
 * positions becomes several records. Where the main trie has the root of a child trie, the child trie goes before it.
 */
import { missingNode, badNode } from './errors.ts'
import { HASH_SIZE, VALUE, EMPTY_ROOT, decodeNode, type TrieNode } from './nodes/node.ts'
import { childRootOf, makeFrame, type Frame } from './proofs/compact-node.ts'
import { Turns, type Steps } from './steps.ts'
import type { NodeSource, RecordSink, TrieRoot } from './types.ts'
import { equalBytes } from '../../base/bytes.ts'

/** Throws `TRIE_MISSING_NODE` and `TRIE_BAD_NODE`. */
export function* copyState(source: NodeSource, root: Uint8Array, sink: RecordSink): Steps<TrieRoot> {
  return { hash: root, id: equalBytes(root, EMPTY_ROOT) ? 0 : yield* new Copy(source, sink).trie(root, true) }
}

class Copy {
  readonly #source: NodeSource
  readonly #sink: RecordSink
  readonly #turns = new Turns()

  constructor(source: NodeSource, sink: RecordSink) {
    this.#source = source
    this.#sink = sink
  }

  /** Returns the number of the root's record. */
  *trie(root: Uint8Array, isMain: boolean): Steps<number> {
    return yield* this.#node(root, undefined, 0, isMain)
  }

  *#node(hash: Uint8Array, parent: Frame | undefined, nibble: number, isMain: boolean): Steps<number> {
    const encoding = this.#get(hash)
    const node = decodeNode(encoding)
    if (node === undefined) throw badNode('an empty trie inside another')
    const references: number[] = []
    const frame = makeFrame(node, parent, nibble, 0, undefined)
    if (node.kind === VALUE.hashed) references.push(this.#value(node.valueHash as Uint8Array))
    const child = isMain ? childRootOf(frame) : undefined
    // 32 bytes at such a key need not be the root of anything.
    if (child !== undefined && this.#source.get(child) !== undefined) references.push(yield* this.trie(child, false))
    yield* this.#children(node, frame, references, isMain)
    if (this.#turns.spend(encoding.length)) yield
    return this.#sink.node(hash, encoding, references)
  }

  *#children(node: TrieNode, frame: Frame, references: number[], isMain: boolean): Steps<void> {
    for (let i = 0; i < 16; i++) {
      const child = node.children?.[i]
      if (typeof child === 'number' && child !== 0) {
        references.push(yield* this.#node(node.raw.subarray(child, child + HASH_SIZE), frame, i, isMain))
      }
    }
  }

  #value(hash: Uint8Array): number {
    return this.#sink.value(hash, this.#get(hash))
  }

  #get(hash: Uint8Array): Uint8Array {
    const found = this.#source.get(hash)
    if (found === undefined) throw missingNode(hash)
    return found
  }
}
