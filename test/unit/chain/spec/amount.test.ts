import { describe, expect, it } from 'vitest'
import { parseAmount, printAmount } from '../../../../node-core/chain/spec/amount.ts'

describe('an amount as people write it', () => {
  it.each([
    ['1', 12, 1_000_000_000_000n],
    ['1.5', 12, 1_500_000_000_000n],
    ['1,5', 12, 1_500_000_000_000n],
    [' 0.000000000001 ', 12, 1n],
    ['2.500', 2, 250n],
    ['7', 0, 7n],
  ])('%j with %i decimals is %s in the smallest unit', (text, decimals, smallest) => {
    expect(parseAmount(text, decimals)).toBe(smallest)
  })

  it.each([['', 12], ['-1', 12], ['1e3', 12], ['.5', 12], ['1.', 12], ['1.234', 2], ['0x10', 12], ['1 000', 12], ['9'.repeat(21), 12]])('%j with %i decimals is none', (text, decimals) => {
    expect(parseAmount(text, decimals)).toBeUndefined()
  })

  it('is printed so that it reads back', () => {
    for (const [value, decimals] of [[0n, 12], [1n, 12], [10n ** 12n, 12], [1_500_000_000_000n, 12], [42n, 0], [120n, 2]] as const) {
      expect(parseAmount(printAmount(value, decimals), decimals)).toBe(value)
    }
    expect(printAmount(1_500_000_000_000n, 12)).toBe('1.5')
  })
})
