/** A node of a stored trie as the walk of a piece (trie-writer.ts) holds it, and the item of the proof that is written of it. */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { badNode } from '../errors.ts'
import { copy, writeHeader, writeLength } from '../nodes/encode.ts'
import { HASH_SIZE, HEADER, lengthSize, variantOf, type HeaderVariant } from '../nodes/node.ts'
import { ESCAPE } from './compact-node.ts'
import { RIGHT, type Side } from './sides.ts'

/** A node on the way to where the walk is. */
export interface Frame {
  readonly raw: Uint8Array
  /** Of the encoding; the numbers of what it refers to may follow in `raw`. */
  readonly length: number
  readonly variant: HeaderVariant
  readonly keyStart: number
  readonly keyLength: number
  /** Behind the bitmap of the children: where the value stands. */
  readonly valueAt: number
  readonly childrenAt: number
  readonly bitmap: number
  /** Nibbles from the root to the end of its partial key. */
  here: number
  side: Side
  /** Its value follows as an item of its own. */
  hasValue: boolean
  /** The child that comes next: its nibble, where its reference stands, and its number. */
  nibble: number
  at: number
  idAt: number
  /** Children from `first` up to and without `end` are in the proof. */
  first: number
  end: number
  /** Where its item lies in the output, its length before it. */
  itemStart: number
  itemEnd: number
}

/** `length` of the bytes are the encoding. Throws where they are cut off. */
export function readFrame(raw: Uint8Array, length: number): Frame {
  const first = raw[0] as number
  const variant = variantOf(first)
  let keyStart = 1
  let keyLength = first & variant.room
  if (keyLength === variant.room) {
    for (let more = 255; more === 255; keyLength += more) more = raw[keyStart++] as number
  }
  const keyEnd = keyStart + ((keyLength + 1) >> 1)
  const isBranch = variant !== HEADER.leaf && variant !== HEADER.leafHashed
  const valueAt = isBranch ? keyEnd + 2 : keyEnd
  const bitmap = isBranch ? (raw[keyEnd] as number) | ((raw[keyEnd + 1] as number) << 8) : 0
  const childrenAt = valueAt + valueSize(raw, valueAt, variant)
  if (childrenAt > length) throw badNode('a node that is cut off')
  return {
    raw, length, variant, keyStart, keyLength, valueAt, childrenAt, bitmap, idAt: length < raw.length ? length : -1,
    here: 0, side: RIGHT, hasValue: false, nibble: 0, at: childrenAt, first: 0, end: 0, itemStart: 0, itemEnd: 0,
  }
}

/** The item of a node, its length before it. */
export function itemOf({ raw, length, variant, keyStart, keyLength, valueAt, childrenAt, bitmap, hasValue, first, end }: Frame): Uint8Array {
  const out = uninitializedBytes(length + 8)
  let at = 4
  if (hasValue) {
    const plain = variant === HEADER.leafHashed ? HEADER.leaf : HEADER.branchWithValue
    out[at++] = ESCAPE
    at += writeHeader(plain, keyLength, out.subarray(at))
    at = copy(raw, keyStart, valueAt - keyStart, out, at)
    out[at++] = 0
  } else {
    at = copy(raw, 0, childrenAt, out, at)
  }
  for (let nibble = 0, from = childrenAt; nibble < 16; nibble++) {
    if ((bitmap & (1 << nibble)) === 0) continue
    const size = 1 + ((raw[from] as number) >> 2)
    if (size === 1 + HASH_SIZE && nibble >= first && nibble < end) out[at++] = 0
    else at = copy(raw, from, size, out, at)
    from += size
  }
  const head = lengthSize(at - 4)
  writeLength(at - 4, out, 4 - head)
  return out.subarray(4 - head, at)
}

/** What a value, or its hash, takes in a node. */
function valueSize(raw: Uint8Array, at: number, variant: HeaderVariant): number {
  if (variant === HEADER.branch) return 0
  if (variant === HEADER.leafHashed || variant === HEADER.branchHashed) return HASH_SIZE
  const first = raw[at] as number
  const mode = first & 3
  if (mode === 0) return 1 + (first >> 2)
  if (mode === 1) return 2 + ((first >> 2) | ((raw[at + 1] as number) << 6))
  return 4 + ((first >> 2) | ((raw[at + 1] as number) << 6) | ((raw[at + 2] as number) << 14)) + (raw[at + 3] as number) * 2 ** 22
}
