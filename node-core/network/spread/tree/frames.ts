/**
 * What nodes of a tree say to each other: five kinds of frames, told apart by their first byte.
 *
 *   1 copy    height (1 byte), then the message. Whoever gets it covers the subtree of that height around itself.
 *   2 offer   count (1 byte), then as many times: id (32 bytes), length of the message (4 bytes, little-endian), height (1), rank (1).
 *             The message can be asked for. Height and rank are 0 where it is only announced (repair); otherwise whoever asks for it covers
 *             that height, and asks the later the higher its rank, since a peer of rank 0 was sent the copy.
 *   3 pull    count (1 byte), then as many ids: asks for messages that were offered. Each answer is a copy of height 0.
 *   4 gone    count (1 byte), then as many ids: they were asked for and are not here any more.
 *
 *   5 have    count (1 byte), then as many ids: the answer to a copy with a height, whether it was new or not.
 *
 * Ids are SHA-256 of the message. A frame is as long as its count says, to the byte, and every bound below is checked before anything is
 * made of it. A copy is a view of the frame: nothing of it is copied.
 */
import { fromHex, toHex, uninitializedBytes, type Hash } from '../../../base/bytes.ts'
import { MalformedError } from '../../../base/errors.ts'
import { TREE_HEIGHT } from './keys.ts'

export type TreeErrorCode = 'TREE_FRAME_MALFORMED'

const ID_BYTES = 32
const OFFER_BYTES = ID_BYTES + 6
/** Messages in one offer. */
export const MAX_OFFERS = 64
/** Messages in one pull, or in the answer that they are gone. */
export const MAX_PULLS = 16
/** Peers of a bucket who may hear of a message: one more than the highest rank. */
export const MAX_BETA = 8
/** What a copy has in front of the message, in bytes. */
export const COPY_HEADER_BYTES = 2
/** The longest frame that is no copy, in bytes. */
export const MAX_OTHER_BYTES = 2 + MAX_OFFERS * OFFER_BYTES

const KINDS = { copy: 1, offer: 2, pull: 3, gone: 4, have: 5 } as const

const ID_KINDS = ['pull', 'gone', 'have'] as const

export interface Offer {
  readonly id: Hash
  /** Length of the message in bytes. */
  readonly length: number
  readonly height: number
  readonly rank: number
}

export type TreeFrame =
  | { readonly kind: 'copy'; readonly height: number; readonly message: Uint8Array }
  | { readonly kind: 'offer'; readonly offers: readonly Offer[] }
  | { readonly kind: 'pull' | 'gone' | 'have'; readonly ids: readonly Hash[] }

export function encodeTreeFrame(frame: TreeFrame): Uint8Array {
  const bytes = uninitializedBytes(encodedLength(frame))
  bytes[0] = KINDS[frame.kind]
  if (frame.kind === 'copy') {
    bytes[1] = frame.height
    bytes.set(frame.message, COPY_HEADER_BYTES)
    return bytes
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  if (frame.kind === 'offer') {
    bytes[1] = frame.offers.length
    for (const [i, { id, length, height, rank }] of frame.offers.entries()) {
      const at = 2 + i * OFFER_BYTES
      bytes.set(fromHex(id), at)
      view.setUint32(at + ID_BYTES, length, true)
      bytes[at + ID_BYTES + 4] = height
      bytes[at + ID_BYTES + 5] = rank
    }
    return bytes
  }
  bytes[1] = frame.ids.length
  for (const [i, id] of frame.ids.entries()) bytes.set(fromHex(id), 2 + i * ID_BYTES)
  return bytes
}

/** In bytes. */
export function encodedLength(frame: TreeFrame): number {
  if (frame.kind === 'copy') return COPY_HEADER_BYTES + frame.message.length
  return 2 + (frame.kind === 'offer' ? frame.offers.length * OFFER_BYTES : frame.ids.length * ID_BYTES)
}

/** Throws a MalformedError `TREE_FRAME_MALFORMED` where the bytes are no frame, or its message is longer than `maxMessageBytes`. */
export function decodeTreeFrame(bytes: Uint8Array, maxMessageBytes: number): TreeFrame {
  const [kind, second] = bytes
  if (kind === undefined || second === undefined) throw malformed('is shorter than its header')
  if (kind === KINDS.copy) return decodeCopy(bytes, second, maxMessageBytes)
  if (kind === KINDS.offer) return decodeOffer(bytes, second, maxMessageBytes)
  const name = ID_KINDS.find((each) => KINDS[each] === kind)
  if (name === undefined) throw malformed('has an unknown kind')
  expectCount(bytes, second, MAX_PULLS, ID_BYTES)
  return { kind: name, ids: Array.from({ length: second }, (_, i) => idAt(bytes, 2 + i * ID_BYTES)) }
}

function decodeCopy(bytes: Uint8Array, height: number, maxMessageBytes: number): TreeFrame {
  if (height >= TREE_HEIGHT) throw malformed('covers more than a subtree')
  if (bytes.length - COPY_HEADER_BYTES > maxMessageBytes) throw malformed('carries a message that is too long')
  return { kind: 'copy', height, message: bytes.subarray(COPY_HEADER_BYTES) }
}

function decodeOffer(bytes: Uint8Array, count: number, maxMessageBytes: number): TreeFrame {
  expectCount(bytes, count, MAX_OFFERS, OFFER_BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offers = Array.from({ length: count }, (_, i): Offer => {
    const at = 2 + i * OFFER_BYTES
    const [length, height, rank] = [view.getUint32(at + ID_BYTES, true), view.getUint8(at + ID_BYTES + 4), view.getUint8(at + ID_BYTES + 5)]
    if (length > maxMessageBytes) throw malformed('offers a message that is too long')
    if (height >= TREE_HEIGHT) throw malformed('offers more than a subtree')
    if (rank >= MAX_BETA) throw malformed('has a rank that no peer has')
    return { id: idAt(bytes, at), length, height, rank }
  })
  return { kind: 'offer', offers }
}

function expectCount(bytes: Uint8Array, count: number, most: number, each: number): void {
  if (count === 0 || count > most) throw malformed(`names ${count} messages, not 1 to ${most}`)
  if (bytes.length !== 2 + count * each) throw malformed('is not as long as its count says')
}

function idAt(bytes: Uint8Array, at: number): Hash {
  return toHex(bytes.subarray(at, at + ID_BYTES))
}

function malformed(what: string): MalformedError<TreeErrorCode> {
  return new MalformedError('TREE_FRAME_MALFORMED', `A frame of the tree ${what}.`)
}
