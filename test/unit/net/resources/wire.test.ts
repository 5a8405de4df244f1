import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEAF_BYTES, MAX_LENGTH } from '../../../../node-core/net/resources/tree.ts'
import { MAX_ANSWER_BYTES, MAX_QUESTION_BYTES, MAX_RANGES, REFUSALS, dataFrames, decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion, type Answer, type Question } from '../../../../node-core/net/resources/wire.ts'
import { encodeFrame } from '../../../../node-core/network/framing.ts'
import { fuzz } from '../../../fuzz/fuzz.ts'
import { resourceTargets } from '../../../fuzz/resource-targets.ts'

const id = fc.nat(0xffff_ffff)
const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })

const questions: fc.Arbitrary<Question> = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), id, root: bytes(32) }),
  fc.record({ kind: fc.constant('hashes' as const), id, group: fc.nat(2 ** 18 - 1) }),
  fc.record({ kind: fc.constant('leaves' as const), id, index: fc.nat(2 ** 27 - 64), count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('cancel' as const), id }),
)
/** Ranges in order, and a file that is just long enough. */
const have = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 50 }), size: fc.integer({ min: 1, max: 50 }) }), { maxLength: 20 }).map((parts) => {
  let at = -1
  const ranges = parts.map(({ gap, size }) => ({ from: at + gap, to: (at += gap + size) }))
  return { ranges, length: Math.max(0, at) * LEAF_BYTES }
})
const answers: fc.Arbitrary<Answer> = fc.oneof(
  fc.tuple(id, have).map(([number, rest]): Answer => ({ kind: 'have', id: number, ...rest })),
  fc.record({ kind: fc.constant('have' as const), id, length: fc.maxSafeNat().map((n) => n % (MAX_LENGTH + 1)), ranges: fc.constant('all' as const) }),
  fc.tuple(id, fc.nat(27), fc.integer({ min: 1, max: 20 })).chain(([number, uncles, hashes]) =>
    fc.record({ kind: fc.constant('proof' as const), id: fc.constant(number), uncles: bytes(uncles * 32), hashes: bytes(hashes * 32) }),
  ),
  fc.record({ kind: fc.constant('data' as const), id, index: fc.nat(2 ** 27), bytes: bytes(1, 100) }),
  fc.record({ kind: fc.constant('refused' as const), id, reason: fc.constantFrom(...REFUSALS), afterMs: fc.nat(0xffff_ffff) }),
)

describe('a message about a resource', () => {
  it('reads as it was written, and is not longer than it may be', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const encoded = encodeQuestion(question)
        expect(encoded.length).toBeLessThanOrEqual(MAX_QUESTION_BYTES)
        expect(decodeQuestion(encoded)).toEqual(question)
      }),
    )
    fc.assert(
      fc.property(answers, (answer) => {
        const encoded = encodeAnswer(answer)
        expect(encoded.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
        expect(decodeAnswer(encoded)).toEqual(answer)
      }),
    )
  })

  it('of data is the same where the data are filled in later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(100), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: LEAF_BYTES }), (count, index, each, last) => {
        const length = (index + count - 1) * LEAF_BYTES + last
        const frames = dataFrames({ kind: 'leaves', id: 9, index, count }, length, each)
        frames.forEach(({ data }, i) => data.fill(i))
        frames.forEach(({ frame, data }, i) => {
          const bytes = new Uint8Array(data.length).fill(i)
          expect(Buffer.compare(frame, encodeFrame(encodeAnswer({ kind: 'data', id: 9, index: index + i * each, bytes })))).toBe(0)
        })
        expect(frames.reduce((sum, { data }) => sum + data.length, 0)).toBe(length - index * LEAF_BYTES)
      }),
    )
  })

  it('is never longer than its longest', () => {
    const ranges = Array.from({ length: MAX_RANGES }, (_, i) => ({ from: 2 * i, to: 2 * i + 1 }))
    expect(encodeAnswer({ kind: 'have', id: 1, length: MAX_LENGTH, ranges }).length).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
    expect(encodeAnswer({ kind: 'proof', id: 1, uncles: new Uint8Array(27 * 32), hashes: new Uint8Array(512 * 32) }).length).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
  })

  it.each<[string, () => unknown]>([
    ['leaves that nobody may ask for at once', () => decodeQuestion(encodeQuestion({ kind: 'leaves', id: 1, index: 0, count: 65 }))],
    ['no leaf', () => decodeQuestion(encodeQuestion({ kind: 'leaves', id: 1, index: 0, count: 0 }))],
    ['a group beyond the longest file', () => decodeQuestion(encodeQuestion({ kind: 'hashes', id: 1, group: 2 ** 18 }))],
    ['a file that is too long', () => decodeAnswer(encodeAnswer({ kind: 'have', id: 1, length: MAX_LENGTH + 1, ranges: 'all' }))],
    ['ranges that touch', () => decodeAnswer(encodeAnswer({ kind: 'have', id: 1, length: 10 * LEAF_BYTES, ranges: [{ from: 0, to: 1 }, { from: 1, to: 2 }] }))],
    ['ranges beyond the file', () => decodeAnswer(encodeAnswer({ kind: 'have', id: 1, length: 10 * LEAF_BYTES, ranges: [{ from: 0, to: 11 }] }))],
    ['an empty range', () => decodeAnswer(encodeAnswer({ kind: 'have', id: 1, length: 10 * LEAF_BYTES, ranges: [{ from: 3, to: 3 }] }))],
    ['no hashes', () => decodeAnswer(encodeAnswer({ kind: 'proof', id: 1, uncles: new Uint8Array(32), hashes: new Uint8Array(0) }))],
    ['more uncles than there can be', () => decodeAnswer(encodeAnswer({ kind: 'proof', id: 1, uncles: new Uint8Array(28 * 32), hashes: new Uint8Array(32) }))],
    ['a kind that is none', () => decodeAnswer(new Uint8Array(14))],
  ])('is refused with %s', (_, decode) => expect(decode).toThrow(expect.objectContaining({ code: 'RESOURCE_WIRE_MALFORMED' })))

  it('does no harm when it is mutated', () => expect(fuzz(resourceTargets(), { seed: 11, frames: 3000 }).failures).toEqual([]))
})
