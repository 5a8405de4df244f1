/** A sample of `npm run fuzz`: mutated messages for every decoder, from a fixed seed. */
import { expect, test } from 'vitest'
import { EMPTY } from '../../../node-core/base/bytes.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { decodeAll } from '../../../node-core/scale/reader.ts'
import { chainMaterial } from '../../fuzz/corpus.ts'
import { frameOf, fuzz, type Target } from '../../fuzz/fuzz.ts'
import { allTargets } from '../../fuzz/targets.ts'

const FRAMES_PER_TARGET = 800
const SEED = 3

test('mutated messages are values or errors of ours, for every decoder', async () => {
  const targets = allTargets(await chainMaterial())
  const frames = FRAMES_PER_TARGET * targets.length
  for (const { name, corpus, decode } of targets) for (const message of corpus) expect(() => decode(message), name).not.toThrow()
  const { failures, targets: reports } = fuzz(targets, { seed: SEED, frames })
  expect(failures).toEqual([])
  expect(reports.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)).toBe(frames)
  // A decoder that takes everything, or nothing, is not being tested.
  for (const { name, accepted, refused } of reports) expect([name, accepted > 10, refused > 10]).toEqual([name, true, true])
})

const corpus = [Uint8Array.of(1, 2, 3, 4)]
const FAULTY: readonly (readonly [reason: RegExp, target: Target])[] = [
  [/threw RangeError/, { name: 'array', corpus, decode: (input) => new Array((input[0] ?? 0) - 1), codes: [''] }],
  [/threw/, { name: 'other code', corpus, decode: () => { throw new NodeError('OTHER', '') }, codes: ['SCALE_'] }],
  [/encodes to/, { name: 'last byte lost', corpus, decode: (input) => input.subarray(0, 3), codes: [], encode: (value: Uint8Array) => value, canonical: true }],
  [/does not decode what it encodes/, { name: 'empty', corpus, decode: (input) => decodeAll(input, 'bytes', (r) => r.raw(r.remaining - 1 + r.u8() * 0)), codes: ['SCALE_'], encode: () => EMPTY }],
  [/changed its input/, { name: 'writes', corpus, decode: (input) => input.reverse(), codes: [] }],
  [/took \d+ ms/, { name: 'slow', corpus, decode: () => { for (const end = performance.now() + 300; performance.now() < end; ); }, codes: [] }],
]

test.each(FAULTY)('a decoder with a fault is found: %s', (reason, target) => {
  const { failures } = fuzz([target], { seed: SEED, frames: target.name === 'slow' ? 1 : 500 })
  expect(failures.find((failure) => reason.test(failure.reason))).toBeDefined()
  const [failure] = failures
  // Its number and the seed are enough to make the same message again.
  expect(`0x${Buffer.from(frameOf(target, SEED, failure?.frame ?? -1)).toString('hex')}`).toBe(failure?.hex)
})
