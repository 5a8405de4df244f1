/** Eras by the vectors of sp-runtime's own tests; extensions by what each is for. */
import { describe, expect, it, test } from 'vitest'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { encodeEra, mortalityAt } from '../../../../node-core/chain/extrinsics/era.ts'
import { encodeExtensions, type SigningContext } from '../../../../node-core/chain/extrinsics/extensions.ts'
import * as t from './types.ts'

const CONTEXT: SigningContext = {
  nonce: 5, mortality: { period: 64, birth: 42 }, birthHash: `0x${'b1'.repeat(32)}`, genesisHash: `0x${'9e'.repeat(32)}`, specVersion: 7, transactionVersion: 3,
}

test.each([
  [64, 42, [5 + (42 % 16) * 16, 42 / 16]],
  [32_768, 20_000, [14 + (2500 % 16) * 16, 2500 / 16]],
  [4, 7, [1 + 3 * 16, 0]],
  [65_536, 65_535, [15 + (4095 % 16) * 16, 4095 / 16]],
])('the era of period %i born at %i', (period, birth, expected) => {
  expect([...encodeEra({ period, birth })]).toEqual(expected.map(Math.floor))
})

test('a period is a power of two from 4 to 65536', () => {
  for (const period of [0, 2, 63, 131_072]) expect(() => encodeEra({ period, birth: 0 })).toThrow(RangeError)
})

test('a transaction lives longer where finality is far behind', () => {
  expect([0, 32, 33, 100, 5000].map((lag) => mortalityAt(1000, 1000 + lag).period)).toEqual([64, 64, 128, 256, 256])
  expect(mortalityAt(1000, 1002).birth).toBe(1000)
})

describe('extensions', () => {
  it('are sent and signed in the order of the metadata', () => {
    const runtime = t.handMadeRuntime([
      { identifier: 'CheckSpecVersion', type: t.UNIT, additionalSigned: t.U32 },
      { identifier: 'SomebodysMark', type: t.UNIT, additionalSigned: t.UNIT },
      { identifier: 'CheckGenesis', type: t.UNIT, additionalSigned: t.HASH },
      { identifier: 'CheckMortality', type: t.BYTES, additionalSigned: t.HASH },
      { identifier: 'CheckNonce', type: t.COMPACT, additionalSigned: t.UNIT },
      { identifier: 'ChargeTransactionPayment', type: t.COMPACT, additionalSigned: t.UNIT },
    ])
    const { sent, implicit } = encodeExtensions(runtime, CONTEXT)
    expect(toHex(sent)).toBe('0xa502' + '14' + '00')
    expect(toHex(implicit)).toBe(`0x07000000${'9e'.repeat(32)}${'b1'.repeat(32)}`)
  })

  it.each([
    ['sent', { type: t.U32, additionalSigned: t.UNIT }],
    ['signed', { type: t.UNIT, additionalSigned: t.OPTION }],
  ])('that are not known and want something %s are refused by name', (_, types) => {
    const runtime = t.handMadeRuntime([{ identifier: 'CheckWeather', ...types }])
    expect(() => encodeExtensions(runtime, CONTEXT)).toThrow(expect.objectContaining({ code: 'EXTRINSIC_UNKNOWN_EXTENSION', data: { extension: 'CheckWeather' } }))
  })

  it('are refused where the metadata does not say what is signed', () => {
    const runtime = t.handMadeRuntime([{ identifier: 'CheckNonce', type: t.COMPACT }])
    expect(() => encodeExtensions(runtime, CONTEXT)).toThrow(expect.objectContaining({ code: 'EXTRINSIC_UNSUPPORTED_RUNTIME' }))
  })
})
