import { expect, it } from 'vitest'
import { addressPrefixOf, tokenOf } from '../../../../node-core/chain/spec/properties.ts'

it.each([
  [undefined, 42], [null, 42], [{}, 42], [{ ss58Format: null }, 42], [{ ss58Format: 0 }, 0], [{ ss58Format: [2, 42] }, 2], [{ ss58Format: '7' }, 7],
  [{ ss58Format: 70_000 }, 42], [{ ss58Format: -1 }, 42], [{ ss58Format: 1.5 }, 42], [{ ss58Format: [] }, 42], [{ ss58Format: {} }, 42],
])('the address prefix of %j is %i', (properties, prefix) => {
  expect(addressPrefixOf(properties)).toBe(prefix)
})

it.each([
  [{}, '', 0],
  [{ tokenSymbol: 'DOT', tokenDecimals: 10 }, 'DOT', 10],
  [{ tokenSymbol: ['ACA', 'AUSD'], tokenDecimals: [12, 12] }, 'ACA', 12],
  [{ tokenSymbol: 'UNIT', tokenDecimals: '12' }, 'UNIT', 12],
  [{ tokenSymbol: null, tokenDecimals: null }, '', 0],
  [{ tokenSymbol: [], tokenDecimals: [[1]] }, '', 0],
  [{ tokenSymbol: 5, tokenDecimals: 400 }, '', 0],
])('the token of %j is %s with %i decimals', (properties, symbol, decimals) => {
  expect(tokenOf(properties)).toEqual({ symbol, decimals })
})
