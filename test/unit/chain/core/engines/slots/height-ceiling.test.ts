import { expect, it } from 'vitest'
import { heightCeiling } from '../../../../../../node-core/chain/core/engines/slots/height-ceiling.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'

const ZERO = `0x${'00'.repeat(32)}` as const
const header = (number: number): Header => ({ parentHash: ZERO, number, stateRoot: ZERO, extrinsicsRoot: ZERO, digest: [] })

it('a chain is no higher than slots have gone by since what is final', () => {
  expect(heightCeiling(header(100), 5000, 5003 * 6000 + 10, 6000)).toBe(104)
  expect(heightCeiling(header(100), 5000, 15_000 * 6000, 6000)).toBe(10_101)
})

it('a clock that is behind lowers it no further than to what is final', () => {
  expect(heightCeiling(header(100), 5000, 4000 * 6000, 6000)).toBe(101)
})

it('nothing is known above genesis', () => {
  expect(heightCeiling(header(0), undefined, 1e12, 6000)).toBeUndefined()
  expect(heightCeiling(header(0), 5000, 1e12, 6000)).toBeUndefined()
})
