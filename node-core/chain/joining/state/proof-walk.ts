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
import { CHILD_PREFIX } from '../../trie/child.ts'
import { headerSize, writeHeader } from '../../trie/nodes/encode.ts'
import { EMPTY_ROOT, HASH_SIZE, HEADER, type HeaderVariant } from '../../trie/nodes/node.ts'
import { PieceError } from './errors.ts'
import { RunWriter } from './runs.ts'

/** A branch on the way to a gap. */
export interface FrontierLevel {
  /** Nibbles from the trie's root to the branch. */
  readonly depth: number
  /** Children right of the way: bit n is nibble n. */
  readonly right: number
}

export interface Gap {
  /** Nibbles from the trie's root to what is missing, one to a byte. */
  readonly path: Uint8Array
  /** From the root down. */
  readonly levels: readonly FrontierLevel[]
}

/** A root of a child trie among the entries, and where it stands. */
export interface ChildRoot {
  readonly key: Uint8Array
  readonly root: Uint8Array
}

export interface WalkedTrie {
  readonly root: Uint8Array
  /** Entries from where the walk was to begin to the gap, or to the end. */
  readonly entries: RunWriter
  /** Of the entries; of a child trie none. */
  readonly childRoots: readonly ChildRoot[]
  readonly gap: Gap | undefined
  /** The value where the walk was to begin. */
  readonly valueAtStart: Uint8Array | undefined
}

/** Where a subtree lies to the start: left of it, around it, right of it. */
const LEFT = 0
const AROUND = 1
const RIGHT = 2
type Side = typeof LEFT | typeof AROUND | typeof RIGHT

/** In front of a node whose value follows: no variant of node has this header. */
const ESCAPE = 1
const HASH_PREFIX = HASH_SIZE << 2
/** Nodes below each other: enough for keys of a kilobyte that branch at every nibble. */
const MAX_LEVELS = 2048
/** Nibbles of a key. */
const MAX_PATH = 128 * 1024

/** Reads the tries of a proof one after the other. Throws a PieceError where the bytes are no proof. */
export class ProofWalk {
  readonly #proof: Uint8Array
  /** The next item's place, and how many there are. */
  #at = 0
  #items: number
  /** Where the item at hand begins and ends. */
  #itemStart = 0
  #itemEnd = 0
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
  /** Branches on the way: nibbles to them, and their children right of the way. */
  readonly #depths = new Int32Array(MAX_LEVELS)
  readonly #rights = new Int32Array(MAX_LEVELS)
  #level = 0
  /** Of those that are items: all children, the next one, where its reference stands, where the item and the encoding under way end and begin. */
  readonly #bitmaps = new Int32Array(MAX_LEVELS)
  readonly #nibbles = new Int32Array(MAX_LEVELS)
  readonly #cursors = new Int32Array(MAX_LEVELS)
  readonly #ends = new Int32Array(MAX_LEVELS)
  readonly #bases = new Int32Array(MAX_LEVELS)
  readonly #sides = new Int32Array(MAX_LEVELS)
  /** Encodings under way, one behind the other. */
  #out = new Uint8Array(64 * 1024)
  #top = 0

  constructor(proof: Uint8Array) {
    this.#proof = Buffer.isBuffer(proof) ? new Uint8Array(proof.buffer, proof.byteOffset, proof.byteLength) : proof
    this.#items = this.#length()
  }

  /** No trie is left. Throws where bytes are. */
  get atEnd(): boolean {
    if (this.#items === 0 && this.#at !== this.#proof.length) throw malformed('bytes behind its end')
    return this.#items === 0
  }

  /** Reads a trie. `from` and what lies before it does not count; undefined where all of it does. */
  trie(from: Uint8Array | undefined, isMain: boolean): WalkedTrie {
    this.#from = from
    this.#fromLength = from === undefined ? 0 : from.length * 2
    this.#entries = new RunWriter()
    this.#childRoots = isMain ? [] : undefined
    this.#gap = undefined
    this.#valueAtStart = undefined
    this.#level = 0
    this.#top = 0
    const root = this.#isEmptyTrie() ? EMPTY_ROOT : this.#walk(from === undefined ? RIGHT : AROUND)
    return { root, entries: this.#entries, childRoots: this.#childRoots ?? [], gap: this.#gap, valueAtStart: this.#valueAtStart }
  }

  #isEmptyTrie(): boolean {
    if (this.#items === 0 || this.#proof[this.#at] !== 4 || this.#proof[this.#at + 1] !== 0) return false
    this.#at += 2
    this.#items--
    return true
  }

  /** Reads all nodes of a trie. Returns the hash of the first. */
  #walk(side: Side): Uint8Array {
    let hash = this.#enter(0, side)
    for (;;) {
      if (hash !== undefined) {
        if (this.#level === 0) return hash
        this.#reserve(1 + HASH_SIZE)
        this.#out[this.#top++] = HASH_PREFIX
        this.#out.set(hash, this.#top)
        this.#top += HASH_SIZE
      }
      hash = this.#goOn(this.#level - 1)
    }
  }

  /** Reads the next item as a node to which `depth` nibbles lead. Returns its hash, or undefined where its children must be read first. */
  #enter(depth: number, side: Side): Uint8Array | undefined {
    this.#item()
    const proof = this.#proof
    const start = this.#itemStart
    const end = this.#itemEnd
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
      this.#item()
      const value = proof.subarray(this.#itemStart, this.#itemEnd)
      valueHash = blake2b256(value)
      this.#value(here, sideHere, value, true)
    } else at = this.#valueWithin(variant, at, end, here, sideHere)

    const base = this.#top
    if (!isBranch) {
      if (at !== end) throw malformed('bytes behind a node')
      if (valueHash === undefined) return blake2b256(proof.subarray(start, end))
      this.#rewrite(HEADER.leafHashed, here - depth, keyEnd, keyEnd, valueHash)
      return this.#hashFrom(base)
    }
    if (valueHash === undefined) this.#copy(start, at)
    else this.#rewrite(HEADER.branchHashed, here - depth, keyEnd, keyEnd + 2, valueHash)
    if (this.#level === MAX_LEVELS) throw malformed(`more than ${MAX_LEVELS} nodes below each other`)
    const level = this.#level++
    this.#bitmaps[level] = (proof[keyEnd] as number) | ((proof[keyEnd + 1] as number) << 8)
    this.#nibbles[level] = 0
    this.#cursors[level] = at
    this.#ends[level] = end
    this.#bases[level] = base
    this.#depths[level] = here
    this.#sides[level] = sideHere
    return undefined
  }

  #hashFrom(base: number): Uint8Array {
    const hash = blake2b256(this.#out.subarray(base, this.#top))
    this.#top = base
    return hash
  }

  /** Goes on with the children of the lowest branch: up to the next that is an item, or to the end, where the branch has its hash. */
  #goOn(level: number): Uint8Array | undefined {
    const proof = this.#proof
    const bitmap = this.#bitmaps[level] as number
    const end = this.#ends[level] as number
    const here = this.#depths[level] as number
    const side = this.#sides[level] as Side
    let at = this.#cursors[level] as number
    for (let nibble = this.#nibbles[level] as number; nibble < 16; nibble++) {
      if ((bitmap & (1 << nibble)) === 0) continue
      if (at >= end) throw malformed('a child is cut off')
      const prefix = proof[at] as number
      const size = prefix >> 2
      const next = at + 1 + size
      if ((prefix & 3) !== 0 || size > HASH_SIZE || next > end) throw malformed('a child has no valid length')
      const sideOfChild = this.#descend(level, here, nibble, bitmap, side)
      if (size === 0) {
        this.#cursors[level] = next
        this.#nibbles[level] = nibble + 1
        return this.#enter(here + 1, sideOfChild)
      }
      this.#copy(at, next)
      if (size === HASH_SIZE) this.#missing(here + 1, sideOfChild)
      else this.#inlined(at + 1, next, here + 1, sideOfChild)
      at = next
    }
    if (at !== end) throw malformed('bytes behind a node')
    this.#level = level
    return this.#hashFrom(this.#bases[level] as number)
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
    if (this.#level === MAX_LEVELS) throw malformed(`more than ${MAX_LEVELS} nodes below each other`)
    const level = this.#level++
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
    this.#level = level
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
    this.#depths[level] = here
    this.#rights[level] = bitmap & (0xfffe << nibble)
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
    const levels: FrontierLevel[] = []
    for (let i = 0; i < this.#level; i++) levels.push({ depth: this.#depths[i] as number, right: this.#rights[i] as number })
    this.#gap = { path: this.#path.slice(0, length), levels }
  }

  /** A node as it is in its trie, up to its children: with another header, because its value is on its own. */
  #rewrite(variant: HeaderVariant, length: number, keyEnd: number, headEnd: number, valueHash: Uint8Array): void {
    this.#reserve(headerSize(variant, length))
    const header = this.#out.subarray(this.#top)
    this.#top += writeHeader(variant, length, header)
    this.#copy(keyEnd - ((length + 1) >> 1), headEnd)
    this.#reserve(HASH_SIZE)
    this.#out.set(valueHash, this.#top)
    this.#top += HASH_SIZE
  }

  #copy(start: number, end: number): void {
    const size = end - start
    this.#reserve(size)
    const proof = this.#proof
    const out = this.#out
    const top = this.#top
    if (size <= 64) for (let i = 0; i < size; i++) out[top + i] = proof[start + i] as number
    else out.set(proof.subarray(start, end), top)
    this.#top = top + size
  }

  #reserve(size: number): void {
    if (this.#top + size <= this.#out.length) return
    const larger = new Uint8Array((this.#top + size) * 2)
    larger.set(this.#out.subarray(0, this.#top))
    this.#out = larger
  }

  #lengthenPath(length: number): void {
    const longer = new Uint8Array(length * 2 + 2)
    longer.set(this.#path)
    this.#path = longer
  }

  /** Moves to the next item. */
  #item(): void {
    if (this.#items === 0) throw malformed('it is cut off')
    this.#items--
    const size = this.#length()
    this.#itemStart = this.#at
    this.#itemEnd = this.#at + size
    if (this.#itemEnd > this.#proof.length) throw malformed('it is cut off')
    this.#at = this.#itemEnd
  }

  /** A compact integer below 2^30, as all lengths are. */
  #length(): number {
    const proof = this.#proof
    const at = this.#at
    const first = at < proof.length ? (proof[at] as number) : 3
    const mode = first & 3
    const next = at + (mode === 2 ? 4 : mode + 1)
    if (mode === 3 || next > proof.length) throw malformed('it is cut off')
    this.#at = next
    let length = first >> 2
    if (mode > 0) length |= (proof[at + 1] as number) << 6
    if (mode > 1) length = (length | ((proof[at + 2] as number) << 14)) + (proof[at + 3] as number) * 2 ** 22
    return length
  }
}

function isChildKey(key: Uint8Array, length: number): boolean {
  if (length < CHILD_PREFIX.length || key[0] !== CHILD_PREFIX[0]) return false
  for (let i = 1; i < CHILD_PREFIX.length; i++) if (key[i] !== CHILD_PREFIX[i]) return false
  return true
}

function malformed(reason: string): PieceError {
  return new PieceError('malformed', `The state response is no proof: ${reason}.`)
}
