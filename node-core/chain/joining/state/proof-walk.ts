/**
 * Walking through the tries of a compact proof (trie/proofs/compact-proof.ts says what that is): entries on the way down, hashes on the
 * way up, in one go.
 *
 * The nodes of a compact proof stand in the order of their keys, each before what lies below it. So nothing is looked up, and no node
 * becomes an object: a state is millions of them. What was noted may be used once the root has come out as it should, and not before.
 *
 * A proof ends where it first leaves a subtree (or a value) behind its hash, the *gap*. What lies left of the start does not matter. What
 * lies right of the gap is not here, but the branches on the way to it tell what there is.
 */
import { blake2b256 } from '../../../crypto/hashes/hashing.ts'
import { isChildKey } from '../../trie/child.ts'
import { EMPTY_ROOT, HASH_SIZE, HEADER, type HeaderVariant } from '../../trie/nodes/node.ts'
import { AROUND, LEFT, RIGHT, type Side } from '../../trie/proofs/sides.ts'
import { Encodings } from './encodings.ts'
import { malformed } from './errors.ts'
import type { Gap } from './gap.ts'
import { OpenBranches } from './open-branches.ts'
import { ProofItems } from './proof-items.ts'
import { RunWriter } from './runs.ts'
import type { ChildRoot, WalkedTrie } from './walked-trie.ts'

/** In front of a node whose value follows: no variant of node has this header. */
const ESCAPE = 1
/** Nibbles of a key. */
const MAX_PATH = 128 * 1024

/** Reads the tries of a proof one after the other. Throws a PieceError where the bytes are no proof. */
export class ProofWalk {
  readonly #proof: Uint8Array
  readonly #items: ProofItems
  /** What {@link #head} read: it has no time for objects. */
  #variant: HeaderVariant = HEADER.leaf
  #here = 0
  #side: Side = RIGHT
  #next = 0
  /** The trie at hand. */
  #from: Uint8Array | undefined
  #fromLength = 0
  #entries = new RunWriter()
  #childRoots: ChildRoot[] | undefined
  #gap: Gap | undefined
  #valueAtStart: Uint8Array | undefined
  /** One nibble to a byte. */
  #path = new Uint8Array(1024)
  #key = new Uint8Array(512)
  readonly #branches = new OpenBranches()
  readonly #encodings: Encodings

  constructor(proof: Uint8Array) {
    this.#proof = Buffer.isBuffer(proof) ? new Uint8Array(proof.buffer, proof.byteOffset, proof.byteLength) : proof
    this.#items = new ProofItems(this.#proof)
    this.#encodings = new Encodings(this.#proof)
  }

  /** No trie is left. Throws where bytes are. */
  get atEnd(): boolean {
    return this.#items.atEnd
  }

  /** Reads a trie. `from` and what lies before it does not count; undefined where all of it does. */
  trie(from: Uint8Array | undefined, isMain: boolean): WalkedTrie {
    this.#from = from
    this.#fromLength = from === undefined ? 0 : from.length * 2
    this.#entries = new RunWriter()
    this.#childRoots = isMain ? [] : undefined
    this.#gap = undefined
    this.#valueAtStart = undefined
    this.#branches.level = 0
    this.#encodings.clear()
    const root = this.#items.passEmptyTrie() ? EMPTY_ROOT : this.#walk(from === undefined ? RIGHT : AROUND)
    return { root, entries: this.#entries, childRoots: this.#childRoots ?? [], gap: this.#gap, valueAtStart: this.#valueAtStart }
  }

  /** Reads all nodes of a trie. Returns the hash of the first. */
  #walk(side: Side): Uint8Array {
    const branches = this.#branches
    let hash = this.#enter(0, side)
    for (;;) {
      if (hash !== undefined) {
        if (branches.level === 0) return hash
        this.#encodings.addReference(hash)
      }
      hash = this.#goOn(branches.level - 1)
    }
  }

  /** Reads the next item as a node to which `depth` nibbles lead. Returns its hash, or undefined where its children must be read first. */
  #enter(depth: number, side: Side): Uint8Array | undefined {
    const items = this.#items
    items.next()
    const proof = this.#proof
    const { start, end } = items
    const isEscaped = proof[start] === ESCAPE
    this.#head(isEscaped ? start + 1 : start, end, depth, side)
    const variant = this.#variant
    const here = this.#here
    const sideHere = this.#side
    const keyEnd = this.#next
    const isBranch = variant !== HEADER.leaf && variant !== HEADER.leafHashed
    let at = isBranch ? keyEnd + 2 : keyEnd
    if (at > end) throw malformed('a node is cut off')

    let valueHash: Uint8Array | undefined
    if (isEscaped) {
      if ((variant !== HEADER.leaf && variant !== HEADER.branchWithValue) || proof[at] !== 0 || at === end) throw malformed('two values for one key')
      at++
      items.next()
      const value = proof.subarray(items.start, items.end)
      valueHash = blake2b256(value)
      this.#value(here, sideHere, value, true)
    } else at = this.#valueWithin(variant, at, end, here, sideHere)

    const encodings = this.#encodings
    const base = encodings.length
    if (!isBranch) {
      if (at !== end) throw malformed('bytes behind a node')
      if (valueHash === undefined) return blake2b256(proof.subarray(start, end))
      encodings.addHead(HEADER.leafHashed, here - depth, keyEnd, keyEnd, valueHash)
      return encodings.takeHash(base)
    }
    if (valueHash === undefined) encodings.add(start, at)
    else encodings.addHead(HEADER.branchHashed, here - depth, keyEnd, keyEnd + 2, valueHash)
    const branches = this.#branches
    const level = branches.enter()
    branches.bitmaps[level] = (proof[keyEnd] as number) | ((proof[keyEnd + 1] as number) << 8)
    branches.nibbles[level] = 0
    branches.cursors[level] = at
    branches.ends[level] = end
    branches.bases[level] = base
    branches.depths[level] = here
    branches.sides[level] = sideHere
    return undefined
  }

  /** Goes on with the children of the lowest branch: up to the next that is an item, or to the end, where the branch has its hash. */
  #goOn(level: number): Uint8Array | undefined {
    const proof = this.#proof
    const branches = this.#branches
    const bitmap = branches.bitmaps[level] as number
    const end = branches.ends[level] as number
    const here = branches.depths[level] as number
    const side = branches.sides[level] as Side
    let at = branches.cursors[level] as number
    for (let nibble = branches.nibbles[level] as number; nibble < 16; nibble++) {
      if ((bitmap & (1 << nibble)) === 0) continue
      if (at >= end) throw malformed('a child is cut off')
      const prefix = proof[at] as number
      const size = prefix >> 2
      const next = at + 1 + size
      if ((prefix & 3) !== 0 || size > HASH_SIZE || next > end) throw malformed('a child has no valid length')
      const sideOfChild = this.#descend(level, here, nibble, bitmap, side)
      if (size === 0) {
        branches.cursors[level] = next
        branches.nibbles[level] = nibble + 1
        return this.#enter(here + 1, sideOfChild)
      }
      this.#encodings.add(at, next)
      if (size === HASH_SIZE) this.#missing(here + 1, sideOfChild)
      else this.#inlined(at + 1, next, here + 1, sideOfChild)
      at = next
    }
    if (at !== end) throw malformed('bytes behind a node')
    branches.level = level
    return this.#encodings.takeHash(branches.bases[level] as number)
  }

  /** A node within another: nothing of it is missing. */
  #inlined(start: number, end: number, depth: number, side: Side): void {
    const proof = this.#proof
    this.#head(start, end, depth, side)
    const variant = this.#variant
    const here = this.#here
    const sideHere = this.#side
    let at = this.#next
    if (variant === HEADER.leaf) {
      if (this.#valueWithin(variant, at, end, here, sideHere) !== end) throw malformed('bytes behind a node')
      return
    }
    if (variant === HEADER.leafHashed || at + 2 > end) throw malformed('a node is cut off')
    const bitmap = (proof[at] as number) | ((proof[at + 1] as number) << 8)
    at = this.#valueWithin(variant, at + 2, end, here, sideHere)
    const level = this.#branches.enter()
    for (let nibble = 0; nibble < 16; nibble++) {
      if ((bitmap & (1 << nibble)) === 0) continue
      const size = at < end ? (proof[at] as number) >> 2 : 0
      const next = at + 1 + size
      // A hash has no room in here.
      if (size === 0 || next > end) throw malformed('a child has no valid length')
      this.#inlined(at + 1, next, here + 1, this.#descend(level, here, nibble, bitmap, sideHere))
      at = next
    }
    if (at !== end) throw malformed('bytes behind a node')
    this.#branches.level = level
  }

  /** Header and partial key, into the fields: the key goes onto the path. */
  #head(start: number, end: number, depth: number, side: Side): void {
    const proof = this.#proof
    let at = start
    const first = at < end ? (proof[at++] as number) : 0
    const variant =
      first >= 0xc0 ? HEADER.branchWithValue
      : first >= 0x80 ? HEADER.branch
      : first >= 0x40 ? HEADER.leaf
      : first >= 0x20 ? HEADER.leafHashed
      : first >= 0x10 ? HEADER.branchHashed
      : undefined
    if (variant === undefined) throw malformed('an unknown node')
    let length = first & variant.room
    if (length === variant.room) {
      for (;;) {
        if (at >= end) throw malformed('a header is cut off')
        const more = proof[at++] as number
        length += more
        if (more !== 255) break
        if (length > MAX_PATH) throw malformed('a key is too long')
      }
    }
    const here = depth + length
    if (at + ((length + 1) >> 1) > end || here > MAX_PATH) throw malformed('a partial key is cut off')
    if (here + 1 >= this.#path.length) this.#lengthenPath(here)
    const path = this.#path
    let sideHere = side
    let odd = (length & 1) === 1
    for (let i = depth; i < here; i++) {
      const byte = proof[at] as number
      const nibble = odd ? byte & 15 : byte >> 4
      if (odd) at++
      odd = !odd
      path[i] = nibble
      if (sideHere === AROUND) sideHere = this.#sideAt(i, nibble)
    }
    this.#variant = variant
    this.#here = here
    this.#side = sideHere
    this.#next = at
  }

  /** Where what lies at this nibble of the path is to the start, which equals the path up to here. */
  #sideAt(index: number, nibble: number): Side {
    if (index >= this.#fromLength) return RIGHT
    const byte = (this.#from as Uint8Array)[index >> 1] as number
    const bound = (index & 1) === 0 ? byte >> 4 : byte & 15
    return nibble < bound ? LEFT : nibble === bound ? AROUND : RIGHT
  }

  #descend(level: number, here: number, nibble: number, bitmap: number, side: Side): Side {
    this.#path[here] = nibble
    this.#branches.depths[level] = here
    this.#branches.rights[level] = bitmap & (0xfffe << nibble)
    return side === AROUND ? this.#sideAt(here, nibble) : side
  }

  /** Notes the value that stands in a node, or that it is missing; returns the offset behind it. */
  #valueWithin(variant: HeaderVariant, offset: number, end: number, here: number, side: Side): number {
    if (variant === HEADER.branch) return offset
    if (variant === HEADER.leafHashed || variant === HEADER.branchHashed) {
      if (offset + HASH_SIZE > end) throw malformed('a value is cut off')
      if (side === RIGHT) this.#missing(here, side)
      return offset + HASH_SIZE
    }
    const proof = this.#proof
    const first = offset < end ? (proof[offset] as number) : 3
    const mode = first & 3
    const at = offset + (mode === 2 ? 4 : mode + 1)
    if (mode === 3 || at > end) throw malformed('a value is cut off')
    let size = first >> 2
    if (mode > 0) size |= (proof[offset + 1] as number) << 6
    if (mode > 1) size = (size | ((proof[offset + 2] as number) << 14)) + (proof[offset + 3] as number) * 2 ** 22
    if (at + size > end) throw malformed('a value is cut off')
    this.#value(here, side, proof.subarray(at, at + size), false)
    return at + size
  }

  #value(here: number, side: Side, value: Uint8Array, hashed: boolean): void {
    if (side === LEFT) return
    if (side === AROUND) {
      // What is shorter than the start and equal so far lies before it.
      if (here === this.#fromLength) this.#valueAtStart = value
      return
    }
    if (this.#gap !== undefined) return
    if ((here & 1) === 1) throw malformed('a value at half a byte')
    const length = here >> 1
    if (length > this.#key.length) this.#key = new Uint8Array(length * 2)
    const key = this.#key
    const path = this.#path
    for (let i = 0, j = 0; i < length; i++, j += 2) key[i] = ((path[j] as number) << 4) | (path[j + 1] as number)
    this.#entries.add(key, length, value, hashed)
    if (value.length === HASH_SIZE && this.#childRoots !== undefined && isChildKey(key, length)) {
      this.#childRoots.push({ key: key.slice(0, length), root: value.slice() })
    }
  }

  /** What lies at the path is left out. The first that counts is the gap. */
  #missing(length: number, side: Side): void {
    if (side === LEFT || this.#gap !== undefined) return
    this.#gap = { path: this.#path.slice(0, length), levels: this.#branches.frontier() }
  }

  #lengthenPath(length: number): void {
    const path = this.#path
    this.#path = new Uint8Array(length * 2 + 2)
    this.#path.set(path)
  }
}
