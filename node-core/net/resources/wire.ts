/**
 * What is said about one resource on a stream of `/nodestead/resource/1`.
 *
 * Whoever fetches opens the stream and asks: first and any time later what the other side has (`ask`, which names the resource for the whole
 * stream), then for leaf hashes of a group with their proof (`hashes`) and for leaves (`leaves`). Questions are numbered by whoever asks, and many may be
 * open at once ({@link MAX_OPEN_REQUESTS}, {@link MAX_OPEN_LEAVES}); they are answered in order. `cancel` takes one back that is no longer needed. So each
 * question but `cancel` ends in one way: with all that it asked for, or with `refused`, which may follow on a part of the data.
 *
 * Each message is a frame (network/framing.ts: its length in front) of a kind, the number of the question and what belongs to it, in numbers of fixed length, big-endian.
 * Only one string of bytes stands for a message. Lengths are judged before anything is kept: {@link MAX_QUESTION_BYTES}, {@link MAX_ANSWER_BYTES}.
 *
 *     1 ask      id:4 root:32                           2 hashes  id:4 group:4
 *     3 leaves   id:4 index:4 count:2                   4 cancel  id:4
 *     5 have     id:4 length:8 all:1 | count:2 (from:4 to:4)*
 *     6 proof    id:4 uncles:1 uncle:32* hash:32*
 *     7 data     id:4 index:4 bytes                     8 refused id:4 reason:1 afterMs:4
 */
import { uninitializedBytes } from '../../base/bytes.ts'
import { MalformedError } from '../../base/errors.ts'
import { encodeFrameLength } from '../../network/framing.ts'
import { GROUP_LEAVES, HASH_BYTES, LEAF_BYTES, MAX_LENGTH, MAX_UNCLES } from './tree.ts'

export const RESOURCE_PROTOCOL = '/nodestead/resource/1'

/** Leaves in one frame of data: with all that stands around it, it fits into one message of the encryption (64 KiB). */
export const MAX_DATA_LEAVES = 3
/** Leaves in one question: 1 MiB. */
export const MAX_ASKED_LEAVES = 64
/** What one stream may have open. Who asks for more breaks the protocol. */
export const MAX_OPEN_REQUESTS = 128
export const MAX_OPEN_LEAVES = 1024
/** Runs that a peer which has a part of a resource tells of; what is beyond it keeps to itself. */
export const MAX_RANGES = 1024
export const MAX_QUESTION_BYTES = 64
export const MAX_ANSWER_BYTES = 9 + MAX_DATA_LEAVES * LEAF_BYTES
/** In front of the data of an answer, and with the length of its frame. */
const HEAD_BYTES = 9
const MAX_HEAD_BYTES = HEAD_BYTES + 4
const MAX_LEAVES = MAX_LENGTH / LEAF_BYTES

/** Leaves from `from` up to and without `to`. */
export interface LeafRange {
  readonly from: number
  readonly to: number
}

export type Question =
  | { readonly kind: 'ask'; readonly id: number; readonly root: Uint8Array }
  /** Leaf hashes of one group; see tree.ts. */
  | { readonly kind: 'hashes'; readonly id: number; readonly group: number }
  | { readonly kind: 'leaves'; readonly id: number; readonly index: number; readonly count: number }
  | { readonly kind: 'cancel'; readonly id: number }

/** Why a question is not answered: not (or no longer) offered here; no capacity now; the file is not what it was; it asks for what is not there; it was taken back. */
export const REFUSALS = ['absent', 'busy', 'changed', 'outside', 'cancelled'] as const
export type Refusal = (typeof REFUSALS)[number]

export type Answer =
  /** `length` in bytes of the whole; ranges ascend and do not touch. */
  | { readonly kind: 'have'; readonly id: number; readonly length: number; readonly ranges: 'all' | readonly LeafRange[] }
  | { readonly kind: 'proof'; readonly id: number; readonly hashes: Uint8Array; readonly uncles: Uint8Array }
  /** Whole leaves, apart from the last one of the file. */
  | { readonly kind: 'data'; readonly id: number; readonly index: number; readonly bytes: Uint8Array }
  /** `afterMs`: come again in so many milliseconds; 0 where it makes no sense. */
  | { readonly kind: 'refused'; readonly id: number; readonly reason: Refusal; readonly afterMs: number }

export type ResourceWireErrorCode = 'RESOURCE_WIRE_MALFORMED'

function malformed(what: string): never {
  throw new MalformedError<ResourceWireErrorCode>('RESOURCE_WIRE_MALFORMED', `The message is none of the resource protocol: ${what}.`)
}

function start(kind: number, id: number, length: number): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(5 + length)
  const view = new DataView(bytes.buffer)
  bytes[0] = kind
  view.setUint32(1, id)
  return { bytes, view }
}

export function encodeQuestion(question: Question): Uint8Array {
  switch (question.kind) {
    case 'ask': {
      const { bytes } = start(1, question.id, HASH_BYTES)
      bytes.set(question.root, 5)
      return bytes
    }
    case 'hashes': {
      const { bytes, view } = start(2, question.id, 4)
      view.setUint32(5, question.group)
      return bytes
    }
    case 'leaves': {
      const { bytes, view } = start(3, question.id, 6)
      view.setUint32(5, question.index)
      view.setUint16(9, question.count)
      return bytes
    }
    case 'cancel':
      return start(4, question.id, 0).bytes
  }
}

/** Throws a MalformedError. */
export function decodeQuestion(bytes: Uint8Array): Question {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const expect = (length: number): void => void (bytes.length === 5 + length || malformed('it has another length'))
  if (bytes.length < 5) malformed('it is too short')
  const id = view.getUint32(1)
  switch (bytes[0]) {
    case 1:
      expect(HASH_BYTES)
      return { kind: 'ask', id, root: bytes.slice(5) }
    case 2: {
      expect(4)
      const group = view.getUint32(5)
      return group * GROUP_LEAVES < MAX_LEAVES ? { kind: 'hashes', id, group } : malformed('no file is that long')
    }
    case 3: {
      expect(6)
      const [index, count] = [view.getUint32(5), view.getUint16(9)]
      if (count < 1 || count > MAX_ASKED_LEAVES) malformed('it asks for no leaf, or for too many')
      return index + count <= MAX_LEAVES ? { kind: 'leaves', id, index, count } : malformed('no file is that long')
    }
    case 4:
      expect(0)
      return { kind: 'cancel', id }
    default:
      return malformed('there is no such kind')
  }
}

/** A frame of which the data are to be filled in. */
export interface DataFrame {
  readonly frame: Uint8Array
  readonly data: Uint8Array
}

/** Room for all frames of data of one answer, `leavesEach` in each; what stands in front of the data, the frame's length among it, is written. `length` is of the file. */
export function dataFrames({ id, index, count }: Extract<Question, { kind: 'leaves' }>, length: number, leavesEach: number): DataFrame[] {
  const end = Math.min((index + count) * LEAF_BYTES, length)
  const sizes: number[] = []
  for (let at = index * LEAF_BYTES; at < end; at += leavesEach * LEAF_BYTES) sizes.push(Math.min(leavesEach * LEAF_BYTES, end - at))
  // One piece of memory for all of them.
  const room = uninitializedBytes(sizes.reduce((sum, size) => sum + MAX_HEAD_BYTES + size, 0))
  let [at, leaf] = [0, index]
  return sizes.map((size) => {
    const prefix = encodeFrameLength(HEAD_BYTES + size)
    const frame = room.subarray(at, at + prefix.length + HEAD_BYTES + size)
    frame.set(prefix)
    const view = new DataView(frame.buffer, frame.byteOffset + prefix.length)
    view.setUint8(0, 7)
    view.setUint32(1, id)
    view.setUint32(5, leaf)
    at += frame.length
    leaf += leavesEach
    return { frame, data: frame.subarray(prefix.length + HEAD_BYTES) }
  })
}

export function encodeAnswer(answer: Answer): Uint8Array {
  switch (answer.kind) {
    case 'have': {
      const ranges = answer.ranges === 'all' ? [] : answer.ranges
      const { bytes, view } = start(5, answer.id, 9 + (answer.ranges === 'all' ? 0 : 2 + ranges.length * 8))
      view.setBigUint64(5, BigInt(answer.length))
      bytes[13] = answer.ranges === 'all' ? 1 : 0
      if (answer.ranges !== 'all') view.setUint16(14, ranges.length)
      ranges.forEach(({ from, to }, i) => {
        view.setUint32(16 + i * 8, from)
        view.setUint32(20 + i * 8, to)
      })
      return bytes
    }
    case 'proof': {
      const { bytes } = start(6, answer.id, 1 + answer.uncles.length + answer.hashes.length)
      bytes[5] = answer.uncles.length / HASH_BYTES
      bytes.set(answer.uncles, 6)
      bytes.set(answer.hashes, 6 + answer.uncles.length)
      return bytes
    }
    case 'data': {
      const { bytes, view } = start(7, answer.id, 4 + answer.bytes.length)
      view.setUint32(5, answer.index)
      bytes.set(answer.bytes, 9)
      return bytes
    }
    case 'refused': {
      const { bytes, view } = start(8, answer.id, 5)
      bytes[5] = REFUSALS.indexOf(answer.reason)
      view.setUint32(6, answer.afterMs)
      return bytes
    }
  }
}

/** Bytes of hashes and data are views of what was given. Throws a MalformedError. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  if (bytes.length < 6) malformed('it is too short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const id = view.getUint32(1)
  switch (bytes[0]) {
    case 5:
      return decodeHave(bytes, view, id)
    case 6: {
      const uncles = (bytes[5] as number) * HASH_BYTES
      const hashes = bytes.length - 6 - uncles
      if (uncles > MAX_UNCLES * HASH_BYTES || hashes <= 0 || hashes > GROUP_LEAVES * HASH_BYTES || hashes % HASH_BYTES !== 0) malformed('it has no group of hashes')
      return { kind: 'proof', id, uncles: bytes.subarray(6, 6 + uncles), hashes: bytes.subarray(6 + uncles) }
    }
    case 7: {
      const data = bytes.length - 9
      if (data < 1 || data > MAX_DATA_LEAVES * LEAF_BYTES) malformed('it has no data, or too many')
      return { kind: 'data', id, index: view.getUint32(5), bytes: bytes.subarray(9) }
    }
    case 8: {
      if (bytes.length !== 10) malformed('it has another length')
      const reason = REFUSALS[bytes[5] as number] ?? malformed('there is no such reason')
      return { kind: 'refused', id, reason, afterMs: view.getUint32(6) }
    }
    default:
      return malformed('there is no such kind')
  }
}

function decodeHave(bytes: Uint8Array, view: DataView, id: number): Answer {
  if (bytes.length < 14) malformed('it is too short')
  const length = Number(view.getBigUint64(5))
  if (length > MAX_LENGTH) malformed('no file is that long')
  if (bytes[13] === 1) return bytes.length === 14 ? { kind: 'have', id, length, ranges: 'all' } : malformed('it has another length')
  if (bytes[13] !== 0 || bytes.length < 16) malformed('it says neither all nor ranges')
  const count = view.getUint16(14)
  if (count > MAX_RANGES || bytes.length !== 16 + count * 8) malformed('it has another length')
  const ranges: LeafRange[] = []
  let last = -1
  for (let at = 16; at < bytes.length; at += 8) {
    const range = { from: view.getUint32(at), to: view.getUint32(at + 4) }
    if (range.from <= last || range.to <= range.from || range.to * LEAF_BYTES >= length + LEAF_BYTES) malformed('the ranges are not in order, or beyond the file')
    ranges.push(range)
    last = range.to
  }
  return { kind: 'have', id, length, ranges }
}
