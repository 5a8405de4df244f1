/**
 * One trie of the proof of a piece (range-proof.ts): a walk that writes nodes as it comes to them.
 *
 * Which children of a branch are in the proof, and so what its item says of them, is known when they were visited. So an item is written as
 * if all that may follow did, and where the walk ends on the way, the items of the branches that it is in are written anew.
 */
import { EMPTY, equalBytes, uninitializedBytes } from '../../../base/bytes.ts'
import { CHILD_PREFIX } from '../child.ts'
import { writeLength } from '../nodes/encode.ts'
import { nibbleAt } from '../nodes/nibbles.ts'
import { EMPTY_NODE, EMPTY_ROOT, HASH_SIZE, HEADER } from '../nodes/node.ts'
import { ID_SIZE, readId } from '../nodes/record.ts'
import type { Steps, Turns } from '../steps.ts'
import type { TrieRoot } from '../types.ts'
import { itemOf, readFrame, type Frame } from './frame.ts'
import { AROUND, LEFT, RIGHT, type Side } from './sides.ts'

/** What the tries of a piece share. */
export interface PieceContext {
  readonly turns: Turns
  /** Nothing that lies right of the way belongs to the piece any more. */
  readonly isFull: boolean
  takesBytes(bytes: number): void
  /** An entry of the piece. */
  takesEntry(): void
  /** Whether a value goes into the piece; where it does not, the piece ends. */
  takesValue(bytes: number, isNeeded: boolean): boolean
  /** Goes through a child trie. */
  child(root: TrieRoot, from: Uint8Array | undefined): Steps<void>
  /** Throws `TRIE_MISSING_NODE`, and so does `value`. */
  node(id: number, hash: Uint8Array): Uint8Array
  value(id: number, hash: Uint8Array): Uint8Array
  /** Bytes behind the encoding of what {@link node} gives: numbers, and how many of them. */
  suffixOf(node: Uint8Array): number
}

const FIRST_BYTES = 1024

export class TrieWriter {
  items = 0
  readonly #piece: PieceContext
  readonly #from: Uint8Array
  readonly #side: Side
  readonly #isMain: boolean
  #out: Uint8Array = new Uint8Array(FIRST_BYTES)
  #at = 0
  #hasEntry = false
  /** From the root down. Those that are left when the walk ends were not gone through. */
  readonly #frames: Frame[] = []
  /** One nibble to a byte. */
  #path = new Uint8Array(512)

  constructor(piece: PieceContext, from: Uint8Array | undefined, isMain: boolean) {
    this.#piece = piece
    this.#from = from ?? EMPTY
    this.#side = from === undefined ? RIGHT : AROUND
    this.#isMain = isMain
  }

  *walk(root: TrieRoot): Steps<void> {
    if (equalBytes(root.hash, EMPTY_ROOT)) return this.#put(EMPTY_NODE)
    let frame: Frame | undefined = this.#enter(root.id, root.hash, 0, this.#side)
    while (frame !== undefined) {
      if (frame.side === RIGHT && frame.variant !== HEADER.branch && !this.#piece.isFull) {
        const child = this.#isMain ? this.#childRootAt(frame) : undefined
        if (child !== undefined) yield* this.#piece.child(child, undefined)
        this.#hasEntry = true
        this.#piece.takesEntry()
      }
      if (this.#piece.turns.spend(frame.length)) yield
      frame = this.#next()
    }
  }

  /** The output, part by part. */
  parts(): Uint8Array[] {
    const parts: Uint8Array[] = []
    let from = 0
    for (const frame of this.#frames) {
      parts.push(this.#out.subarray(from, frame.itemStart), itemOf(frame))
      from = frame.itemEnd
    }
    parts.push(this.#out.subarray(from, this.#at))
    return parts
  }

  /** Reads a node and writes it as if all that may follow did. */
  #enter(id: number, hash: Uint8Array, depth: number, side: Side): Frame {
    const raw = this.#piece.node(id, hash)
    const frame = readFrame(raw, raw.length - this.#piece.suffixOf(raw))
    const here = depth + frame.keyLength
    const from = this.#from
    const sideHere = this.#along(frame, depth, side)
    const isAtStart = sideHere === AROUND && here === from.length * 2
    frame.here = here
    frame.side = sideHere
    frame.first = sideHere === LEFT ? 16 : sideHere === RIGHT || isAtStart ? 0 : nibbleAt(from, here)
    frame.nibble = frame.first
    let value: Uint8Array | undefined
    if (frame.variant === HEADER.leafHashed || frame.variant === HEADER.branchHashed) {
      const { raw, valueAt, idAt } = frame
      const number = idAt === -1 ? 0 : readId(raw, idAt)
      if (isAtStart || sideHere === RIGHT) value = this.#piece.value(number, raw.subarray(valueAt, valueAt + HASH_SIZE))
      if (value !== undefined && !isAtStart && !this.#piece.takesValue(value.length, !this.#isMain && !this.#hasEntry)) value = undefined
    }
    frame.hasValue = value !== undefined
    frame.end = 16
    const item = itemOf(frame)
    frame.end = frame.first
    this.#reserve(item.length)
    frame.itemStart = this.#at
    this.#out.set(item, this.#at)
    this.#at += item.length
    frame.itemEnd = this.#at
    this.items++
    this.#piece.takesBytes(item.length)
    if (value !== undefined) this.#put(value)
    this.#frames.push(frame)
    this.#passBy(frame, frame.first)
    return frame
  }

  /** Moves a frame to its first child, past the number that belongs to its value and past children that do not count. */
  #passBy(frame: Frame, first: number): void {
    const { raw, bitmap } = frame
    let hashes = 0
    let passed = 0
    let at = frame.childrenAt
    for (let nibble = 0, from = at; nibble < 16; nibble++) {
      if ((bitmap & (1 << nibble)) === 0) continue
      if (nibble === first) at = from
      const size = (raw[from] as number) >> 2
      if (size === HASH_SIZE) {
        hashes++
        if (nibble < first) passed++
      }
      from += 1 + size
      if (nibble < first) at = from
    }
    frame.at = at
    if (frame.idAt !== -1) frame.idAt = frame.length + ((raw[raw.length - 1] as number) - hashes + passed) * ID_SIZE
  }

  /** Enters the node that comes next; undefined at the end of the piece, or of the trie. */
  #next(): Frame | undefined {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const { raw, bitmap, side, here } = frame
      while (frame.nibble < 16) {
        const nibble = frame.nibble
        if ((bitmap & (1 << nibble)) === 0) {
          frame.nibble++
          continue
        }
        const { at, idAt } = frame
        const size = (raw[at] as number) >> 2
        const isAround = side === AROUND && here < this.#from.length * 2 && nibble === nibbleAt(this.#from, here)
        // The way to the start belongs to the proof also where a child trie has filled the piece.
        if (!isAround && size === HASH_SIZE && this.#piece.isFull) return undefined
        frame.nibble++
        frame.at = at + 1 + size
        if (size !== HASH_SIZE) {
          if (!isAround && !this.#piece.isFull) this.#piece.takesEntry()
          continue
        }
        if (idAt !== -1) frame.idAt = idAt + ID_SIZE
        frame.end = frame.nibble
        this.#path[here] = nibble
        return this.#enter(idAt === -1 ? 0 : readId(raw, idAt), raw.subarray(at + 1, at + 1 + size), here + 1, isAround ? AROUND : RIGHT)
      }
      this.#frames.pop()
    }
    return undefined
  }

  /** The child trie whose root is the value of a node of the main trie. */
  #childRootAt({ raw, here, length, valueAt, childrenAt, variant }: Frame): TrieRoot | undefined {
    // A length of one byte, and a hash.
    if (childrenAt - valueAt !== 1 + HASH_SIZE || variant === HEADER.leafHashed || variant === HEADER.branchHashed || !this.#isChildPath(here)) return undefined
    return { hash: raw.slice(valueAt + 1, childrenAt), id: length === raw.length ? 0 : readId(raw, length) }
  }

  /** Goes along a partial key; returns on which side of the start its end is. */
  #along({ raw, keyStart, keyLength }: Frame, depth: number, side: Side): Side {
    const end = depth + keyLength
    if (end + 1 > this.#path.length) {
      const longer = new Uint8Array((end + 1) * 2)
      longer.set(this.#path)
      this.#path = longer
    }
    const from = this.#from
    let sideHere = side
    for (let index = depth, place = keyStart * 2 + (keyLength & 1); index < end; index++, place++) {
      const nibble = nibbleAt(raw, place)
      this.#path[index] = nibble
      if (sideHere !== AROUND) continue
      const bound = index < from.length * 2 ? nibbleAt(from, index) : -1
      if (nibble !== bound) sideHere = nibble < bound ? LEFT : RIGHT
    }
    return sideHere
  }

  #isChildPath(here: number): boolean {
    if (here <= CHILD_PREFIX.length * 2) return false
    for (let i = 0; i < CHILD_PREFIX.length * 2; i++) if (this.#path[i] !== nibbleAt(CHILD_PREFIX, i)) return false
    return true
  }

  #put(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 4)
    const start = this.#at
    this.#at = writeLength(bytes.length, this.#out, start)
    this.#out.set(bytes, this.#at)
    this.#at += bytes.length
    this.items++
    this.#piece.takesBytes(this.#at - start)
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#out.length) return
    const larger = uninitializedBytes((this.#at + bytes) * 2)
    larger.set(this.#out.subarray(0, this.#at))
    this.#out = larger
  }
}
