import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../../node-core/base/bytes.ts'
import { MalformedError } from '../../../../../node-core/base/errors.ts'
import { MAX_OFFERS, MAX_OTHER_BYTES, MAX_PULLS, decodeTreeFrame, encodeTreeFrame, encodedLength, type TreeFrame } from '../../../../../node-core/network/spread/tree/frames.ts'
import { Random } from '../../../../fuzz/random.ts'

const MAX = 1000
const random = new Random(1)
const id = (): Hash => toHex(random.bytes(32))

const FRAMES: readonly TreeFrame[] = [
  { kind: 'copy', height: 0, message: new Uint8Array(0) },
  { kind: 'copy', height: 127, message: random.bytes(MAX) },
  { kind: 'offer', offers: [{ id: id(), length: MAX, height: 127, rank: 7 }, { id: id(), length: 0, height: 0, rank: 0 }] },
  { kind: 'offer', offers: Array.from({ length: MAX_OFFERS }, () => ({ id: id(), length: 5, height: 1, rank: 1 })) },
  { kind: 'pull', ids: [id()] },
  { kind: 'gone', ids: Array.from({ length: MAX_PULLS }, id) },
  { kind: 'have', ids: [id(), id()] },
]

describe('frames of the tree', () => {
  it.each(FRAMES)('$kind is read as it was written', (frame) => {
    const bytes = encodeTreeFrame(frame)
    expect(bytes.length).toBe(encodedLength(frame))
    expect(decodeTreeFrame(bytes, MAX)).toEqual(frame)
  })

  it('the longest frame that is no copy has the length that links must carry', () => {
    expect(Math.max(...FRAMES.filter(({ kind }) => kind !== 'copy').map(encodedLength))).toBe(MAX_OTHER_BYTES)
  })

  it.each([
    ['nothing', Uint8Array.of()],
    ['half a header', Uint8Array.of(1)],
    ['kind 0', Uint8Array.of(0, 0)],
    ['kind 6', Uint8Array.of(6, 1, ...random.bytes(32))],
    ['a copy for the whole tree', Uint8Array.of(1, 128)],
    ['a copy of a message that is too long', Uint8Array.of(1, 0, ...random.bytes(MAX + 1))],
    ['no offers', Uint8Array.of(2, 0)],
    ['too many offers', Uint8Array.of(2, MAX_OFFERS + 1, ...random.bytes(38 * (MAX_OFFERS + 1)))],
    ['an offer that is cut off', encodeTreeFrame({ kind: 'offer', offers: [{ id: id(), length: 1, height: 1, rank: 1 }] }).subarray(0, 39)],
    ['an offer with something behind it', Uint8Array.of(...encodeTreeFrame({ kind: 'offer', offers: [{ id: id(), length: 1, height: 1, rank: 1 }] }), 0)],
    ['an offer of a message that is too long', encodeTreeFrame({ kind: 'offer', offers: [{ id: id(), length: MAX + 1, height: 1, rank: 1 }] })],
    ['an offer of the whole tree', encodeTreeFrame({ kind: 'offer', offers: [{ id: id(), length: 1, height: 128, rank: 1 }] })],
    ['an offer of a rank that is none', encodeTreeFrame({ kind: 'offer', offers: [{ id: id(), length: 1, height: 1, rank: 8 }] })],
    ['too many ids', Uint8Array.of(3, MAX_PULLS + 1, ...random.bytes(32 * (MAX_PULLS + 1)))],
    ['fewer ids than it says', Uint8Array.of(4, 2, ...random.bytes(32))],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeTreeFrame(bytes, MAX)).toThrow(MalformedError)
  })
})
