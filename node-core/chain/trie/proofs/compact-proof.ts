/**
 * Compact proofs: a part of a state, written so that whoever reads it can compute the hashes that the writer left out.
 * It is what Substrate sends in answers on `/state/2`; the specification does not describe it.
 *
 * The nodes stand in pre-order, each changed in two ways. A child that is in the proof as well is replaced by an empty
 * reference: the node that belongs there follows. A value that is stored on its own (state version 1) and is in the proof
 * follows its node as an item of its own; the node then begins with an escape byte, which is no valid node header, and
 * has an empty value in place of the hash. What is not in the proof stays behind its hash. Behind the main trie come the
 * child tries, in the order in which their roots stand in it. So the first item is the main trie's root node, and
 * nothing is known to be true before its hash has been computed, which is last.
 *
 * Both directions are {@link Steps}: a proof has tens of thousands of nodes.
 */
import { equalBytes, toBinaryString } from '../../../base/bytes.ts'
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import {
  ESCAPE, OMITTED, childRootOf, compactNode, fullNode, hashReference, makeFrame, nextReference, type Frame,
} from './compact-node.ts'
import { TrieError, badProof, missingNode } from '../errors.ts'
import { EMPTY_NODE, EMPTY_ROOT, HASH_SIZE, VALUE, decodeNode } from '../nodes/node.ts'
import { Turns, type Steps } from '../steps.ts'
import type { NodeSource } from '../types.ts'

export interface CompactLimits {
  /** Nodes and values. */
  readonly nodes: number
  /** Their bytes, before they are made compact. */
  readonly bytes: number
}

/** What fits into a response of 16 MiB, with room for lengths; and no more nodes than 8 MiB of the smallest ones. */
export const COMPACT_LIMITS: CompactLimits = { nodes: 200_000, bytes: 15 * 1024 * 1024 }

/** Nodes below each other: enough for keys of a kilobyte that branch at every nibble. */
const MAX_DEPTH = 2048

/**
 * Writes what `source` has of the state under `root`, as far as it fits the limits; the rest stays behind its hashes.
 * A child trie whose root stands in the main trie several times is written once. Throws `TRIE_MISSING_NODE` where the root
 * is not there, and `TRIE_BAD_NODE`.
 */
export function* encodeCompact(source: NodeSource, root: Uint8Array, limits: CompactLimits = COMPACT_LIMITS): Steps<Uint8Array[]> {
  const encoder = new Encoder(source, limits)
  yield* encoder.trie(root)
  for (const child of encoder.takeChildRoots()) if (encoder.has(child)) yield* encoder.trie(child)
  return encoder.output
}

class Encoder {
  readonly output: Uint8Array[] = []
  readonly #source: NodeSource
  readonly #turns = new Turns()
  readonly #childRoots = new Map<string, Uint8Array>()
  #nodes: number
  #bytes: number

  constructor(source: NodeSource, { nodes, bytes }: CompactLimits) {
    this.#source = source
    this.#nodes = nodes
    this.#bytes = bytes
  }

  has(hash: Uint8Array): boolean {
    return this.#source.get(hash) !== undefined
  }

  takeChildRoots(): Uint8Array[] {
    const roots = [...this.#childRoots.values()]
    this.#childRoots.clear()
    return roots
  }

  *trie(root: Uint8Array): Steps<void> {
    if (equalBytes(root, EMPTY_ROOT)) {
      this.output.push(EMPTY_NODE)
      return
    }
    const encoding = this.#take(root)
    if (encoding === undefined) throw missingNode(root)
    const stack = [this.#enter(encoding, undefined, 0)]
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const nibble = nextReference(frame, false)
      if (nibble === undefined) {
        this.output[frame.place] = compactNode(frame)
        stack.pop()
        continue
      }
      frame.next = nibble + 1
      const at = frame.node.children?.[nibble] as number
      const child = stack.length < MAX_DEPTH ? this.#take(frame.node.raw.subarray(at, at + HASH_SIZE)) : undefined
      if (child === undefined) continue
      frame.references[nibble] = OMITTED
      stack.push(this.#enter(child, frame, nibble))
      if (this.#turns.spend(child.length)) yield
    }
  }

  #enter(encoding: Uint8Array, parent: Frame | undefined, nibble: number): Frame {
    const node = decodeNode(encoding)
    if (node === undefined) throw badProof('an empty trie inside another')
    const place = this.output.push(encoding) - 1
    const value = node.kind === VALUE.hashed ? this.#take(node.valueHash as Uint8Array) : undefined
    if (value !== undefined) this.output.push(value)
    const frame = makeFrame(node, parent, nibble, place, value)
    const childRoot = childRootOf(frame)
    if (childRoot !== undefined) this.#childRoots.set(toBinaryString(childRoot), childRoot)
    return frame
  }

  /** A node or value, where the source has it and there is room for it. */
  #take(hash: Uint8Array): Uint8Array | undefined {
    if (this.#nodes === 0) return undefined
    const encoding = this.#source.get(hash)
    if (encoding === undefined || encoding.length > this.#bytes) return undefined
    this.#nodes--
    this.#bytes -= encoding.length
    return encoding
  }
}

/**
 * Reads a compact proof of the state under `root`; what comes out has the nodes and values that were in it, under their
 * true hashes. Nothing in it can be false, only absent. Throws `TRIE_BAD_PROOF`, `TRIE_BAD_NODE` or `TRIE_PROOF_LIMIT`.
 */
export function* decodeCompact(items: readonly Uint8Array[], root: Uint8Array, limits: CompactLimits = COMPACT_LIMITS): Steps<NodeSource> {
  if (items.length > limits.nodes) throw new TrieError('TRIE_PROOF_LIMIT', `a compact proof of more than ${limits.nodes} nodes`)
  const decoder = new Decoder(items)
  if (!equalBytes(yield* decoder.trie(), root)) throw badProof('it proves another root')
  const childRoots = decoder.takeChildRoots()
  let next = 0
  while (!decoder.atEnd) {
    const child = yield* decoder.trie()
    // Not every root that is in the main trie has its trie in the proof, but the order is the same.
    while (next < childRoots.length && !equalBytes(child, childRoots[next] as Uint8Array)) next++
    if (next++ === childRoots.length) throw badProof('a child trie whose root is not in the main trie')
  }
  return decoder.nodes
}

class Decoder {
  readonly #items: readonly Uint8Array[]
  readonly #nodes = new Map<string, Uint8Array>()
  readonly #turns = new Turns()
  #childRoots: Uint8Array[] = []
  #at = 0

  constructor(items: readonly Uint8Array[]) {
    this.#items = items
  }

  get atEnd(): boolean {
    return this.#at === this.#items.length
  }

  get nodes(): NodeSource {
    return { get: (hash) => this.#nodes.get(toBinaryString(hash)) }
  }

  takeChildRoots(): Uint8Array[] {
    const roots = this.#childRoots
    this.#childRoots = []
    return roots
  }

  /** Reads one trie and returns its root. */
  *trie(): Steps<Uint8Array> {
    const first = this.#enter(undefined, 0)
    if (first === undefined) return EMPTY_ROOT
    const stack = [first]
    for (;;) {
      const frame = stack.at(-1) as Frame
      const nibble = nextReference(frame, true)
      if (nibble !== undefined) {
        if (stack.length === MAX_DEPTH) throw new TrieError('TRIE_PROOF_LIMIT', `more than ${MAX_DEPTH} nodes below each other`)
        frame.next = nibble
        const child = this.#enter(frame, nibble)
        if (child === undefined) throw badProof('an empty trie inside another')
        stack.push(child)
        continue
      }
      const hash = this.#add(fullNode(frame))
      stack.pop()
      const parent = stack.at(-1)
      if (parent === undefined) return hash
      parent.references[parent.next++] = hashReference(hash)
      if (this.#turns.spend(frame.node.raw.length)) yield
    }
  }

  #enter(parent: Frame | undefined, nibble: number): Frame | undefined {
    const item = this.#take()
    const isEscaped = item[0] === ESCAPE
    const node = decodeNode(isEscaped ? item.subarray(1) : item, true)
    if (node === undefined) {
      if (isEscaped) throw badProof('an empty trie with a value')
      return undefined
    }
    if (isEscaped && (node.kind !== VALUE.inline || node.value?.length !== 0)) throw badProof('two values for one key')
    const frame = makeFrame(node, parent, nibble, 0, isEscaped ? this.#add(this.#take()) : undefined)
    const childRoot = childRootOf(frame)
    if (childRoot !== undefined) this.#childRoots.push(childRoot)
    return frame
  }

  #take(): Uint8Array {
    const item = this.#items[this.#at]
    if (item === undefined) throw badProof('it is cut off')
    this.#at++
    return item
  }

  #add(encoding: Uint8Array): Uint8Array {
    const hash = blake2b256(encoding)
    this.#nodes.set(toBinaryString(hash), encoding)
    return hash
  }
}
