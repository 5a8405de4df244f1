/**
 * Proofs that a trie has one value at one key, in the form that runtimes check (`ext_trie_*_verify_proof`; trie-db's
 * "compact" proofs).
 *
 * The nodes on the way to the key stand one after another, the root first. What the verifier has, or can work out, is left
 * out: the value itself, and in each node the reference to the next. So nothing is looked up by its hash. The verifier goes
 * down along the key, puts the claimed value into the last node, and goes back up: it hashes each node and writes the hash
 * into the one above. The claim holds where the root comes out.
 *
 * A prover chooses the bytes, so every freedom would be a second proof of the same claim, or one of a false claim: a value
 * or a reference that should have been left out, a node too many, or a child that is too long for its place all refuse the
 * proof. A child of less than 32 bytes lies in its parent and is not among the nodes. As in every host, bytes behind the
 * end of a node are passed over: they are not in what is hashed.
 */
import { concatBytes, equalBytes } from '../../../base/bytes.ts'
import { headerSize, writeHeader, writeLength } from '../nodes/encode.ts'
import { commonNibbles, nibbleAt } from '../nodes/nibbles.ts'
import { HASH_SIZE, HEADER, isHashed, lengthSize, variantOf, type HeaderVariant } from '../nodes/node.ts'
import { TrieError } from '../errors.ts'
import type { StateVersion, TrieHasher } from '../types.ts'

export interface ValueClaim {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A node as it stands in the proof. */
interface ProofNode {
  readonly variant: HeaderVariant
  /** The partial key: `length` nibbles of `raw` from the nibble `start`, and its bytes. */
  readonly raw: Uint8Array
  readonly start: number
  readonly length: number
  readonly partial: Uint8Array
  /** Behind the header: the value with its length, or its hash. */
  readonly value: Uint8Array | undefined
  /** Sixteen references without their lengths; undefined in a leaf. */
  readonly children: (Uint8Array | undefined)[] | undefined
}

/** A node on the way to the key. */
interface Step {
  readonly node: ProofNode
  /** It lies in its parent. */
  readonly isInline: boolean
  /** The child that the way goes on at. */
  readonly nibble: number
}

/** An inline value of no bytes: what stands in a leaf in place of the value that was left out. */
const LEFT_OUT = Uint8Array.of(0)

/** Whether the trie under `root` has `value` at `key`. `version` says how that trie keeps large values. Never throws, whatever the bytes. */
export function provesValue(nodes: readonly Uint8Array[], root: Uint8Array, claim: ValueClaim, version: StateVersion, hasher: TrieHasher): boolean {
  const steps = descend(nodes, claim.key)
  if (steps === undefined) return false
  let reference: Uint8Array | undefined
  for (let i = steps.length - 1; i >= 0; i--) {
    const { node, isInline, nibble } = steps[i] as Step
    if (reference !== undefined && node.children !== undefined) node.children[nibble] = reference
    const encoding = reference === undefined ? withValue(node, claim.value, version, hasher) : encode(node, node.variant, node.value)
    if (encoding === undefined || (isInline && encoding.length > HASH_SIZE)) return false
    reference = isInline ? encoding : hasher(encoding)
  }
  return reference !== undefined && equalBytes(reference, root)
}

/** The nodes from the root to the key; undefined where they do not lead there, or are not exactly these. */
function descend(nodes: readonly Uint8Array[], key: Uint8Array): Step[] | undefined {
  const steps: Step[] = []
  const end = key.length * 2
  let used = 0
  let depth = 0
  let bytes = nodes[used++]
  let isInline = false
  for (;;) {
    const node = bytes === undefined ? undefined : parse(bytes)
    if (node === undefined) return undefined
    if (node.length > end - depth || commonNibbles(node.raw, node.start, key, depth, node.length) < node.length) return undefined
    depth += node.length
    if (depth === end) {
      steps.push({ node, isInline, nibble: 0 })
      return used === nodes.length ? steps : undefined
    }
    const nibble = nibbleAt(key, depth)
    const child = node.children?.[nibble]
    // A hash should have been left out; without a child the key is not in the trie.
    if (child === undefined || child.length === HASH_SIZE) return undefined
    steps.push({ node, isInline, nibble })
    depth++
    isInline = child.length > 0
    bytes = isInline ? child : nodes[used++]
  }
}

/** The last node with the value in it; undefined where one is there already. */
function withValue(node: ProofNode, value: Uint8Array, version: StateVersion, hasher: TrieHasher): Uint8Array | undefined {
  const isLeaf = node.children === undefined
  const isLeftOut = isLeaf ? node.variant === HEADER.leaf && node.value?.length === LEFT_OUT.length : node.variant === HEADER.branch
  if (!isLeftOut) return undefined
  if (isHashed(value, version)) return encode(node, isLeaf ? HEADER.leafHashed : HEADER.branchHashed, hasher(value))
  const inline = new Uint8Array(lengthSize(value.length) + value.length)
  inline.set(value, writeLength(value.length, inline, 0))
  return encode(node, isLeaf ? HEADER.leaf : HEADER.branchWithValue, inline)
}

/** Undefined where a reference is too long to be one. */
function encode({ length, partial, children }: ProofNode, variant: HeaderVariant, value: Uint8Array | undefined): Uint8Array | undefined {
  const header = new Uint8Array(headerSize(variant, length))
  writeHeader(variant, length, header)
  const parts: Uint8Array[] = [header, partial]
  const bitmap = new Uint8Array(children === undefined ? 0 : 2)
  parts.push(bitmap)
  if (value !== undefined) parts.push(value)
  for (const [nibble, child] of children?.entries() ?? []) {
    if (child === undefined) continue
    if (child.length > HASH_SIZE) return undefined
    bitmap[nibble >> 3] = (bitmap[nibble >> 3] as number) | (1 << (nibble & 7))
    parts.push(Uint8Array.of(child.length << 2), child)
  }
  return concatBytes(...parts)
}

/** Undefined where the bytes are no node, or the empty trie, which has no value at any key. */
function parse(raw: Uint8Array): ProofNode | undefined {
  const first = raw[0]
  if (first === undefined || first === 0) return undefined
  let variant: HeaderVariant
  try {
    variant = variantOf(first)
  } catch (error) {
    if (error instanceof TrieError) return undefined
    throw error
  }
  const bytes = new Bytes(raw)
  const length = bytes.partialLength(variant)
  if (length === undefined) return undefined
  const partialAt = bytes.at
  const partial = bytes.take((length + 1) >> 1)
  // The padding of an odd length is zero.
  if (partial === undefined || ((length & 1) === 1 && (partial[0] as number) > 15)) return undefined
  const start = partialAt * 2 + (length & 1)
  const isBranch = variant !== HEADER.leaf && variant !== HEADER.leafHashed
  const bitmap = isBranch ? bytes.take(2) : undefined
  if (isBranch && (bitmap === undefined || (bitmap[0] === 0 && bitmap[1] === 0))) return undefined
  let value: Uint8Array | undefined
  if (variant !== HEADER.branch) {
    value = variant === HEADER.leafHashed || variant === HEADER.branchHashed ? bytes.take(HASH_SIZE) : bytes.takePrefixed()
    if (value === undefined) return undefined
  }
  if (bitmap === undefined) return { variant, raw, start, length, partial, value, children: undefined }
  const children: (Uint8Array | undefined)[] = []
  for (let nibble = 0; nibble < 16; nibble++) {
    const isThere = ((bitmap[nibble >> 3] as number) & (1 << (nibble & 7))) !== 0
    const child = isThere ? bytes.takeLong() : undefined
    if (isThere && child === undefined) return undefined
    children.push(child)
  }
  return { variant, raw, start, length, partial, value, children }
}

/** A place in a node. Everything that is taken is a view; undefined where the node ends before. */
class Bytes {
  readonly #raw: Uint8Array
  at = 0

  constructor(raw: Uint8Array) {
    this.#raw = raw
  }

  /** The length of the partial key in nibbles, which the header says. */
  partialLength(variant: HeaderVariant): number | undefined {
    let length = (this.#raw[this.at++] as number) & variant.room
    if (length < variant.room) return length
    for (;;) {
      const more = this.#raw[this.at++]
      if (more === undefined) return undefined
      length += more
      if (more !== 255) return length
    }
  }

  take(size: number): Uint8Array | undefined {
    const end = this.at + size
    if (end > this.#raw.length) return undefined
    const taken = this.#raw.subarray(this.at, end)
    this.at = end
    return taken
  }

  /** A byte string with its length in front of it. */
  takePrefixed(): Uint8Array | undefined {
    const from = this.at
    return this.takeLong() === undefined ? undefined : this.#raw.subarray(from, this.at)
  }

  /** A byte string without its length. */
  takeLong(): Uint8Array | undefined {
    const size = this.#size()
    return size === undefined ? undefined : this.take(size)
  }

  /** A compact integer in its shortest form. No node has a GiB, so the longest form is not read. */
  #size(): number | undefined {
    const first = this.#raw[this.at]
    if (first === undefined || (first & 3) === 3) return undefined
    const form = this.take([1, 2, 4][first & 3] as number)
    if (form === undefined) return undefined
    const size = form.reduceRight((sum, byte) => sum * 256 + byte, 0)
    const value = Math.floor(size / 4)
    return lengthSize(value) === form.length ? value : undefined
  }
}
