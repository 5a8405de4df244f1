import { expect, it } from 'vitest'
import { RecentKeys } from '../../../node-core/base/recent-keys.ts'

it('remembers a key for its span and no longer', () => {
  const keys = new RecentKeys(60, 10)
  expect(keys.add('a', 0)).toBe(true)
  expect([keys.add('a', 59), keys.has('a', 59), keys.has('b', 59)]).toEqual([false, true, false])
  expect(keys.add('a', 60)).toBe(true)
  expect(keys.has('a', 119)).toBe(true)
})

it('takes no new key while it is full, rather than forget one early', () => {
  const keys = new RecentKeys(60, 2)
  expect([keys.add('a', 0), keys.add('b', 10), keys.add('c', 20)]).toEqual([true, true, false])
  expect(keys.size).toBe(2)
  expect(keys.add('c', 60)).toBe(true)
  expect(keys.has('b', 60)).toBe(true)
})

it('counts on from where it was when the clock is set back', () => {
  const keys = new RecentKeys(60, 10)
  keys.add('a', 100_000)
  expect(keys.has('a', 100_050)).toBe(true)
  expect([keys.has('a', 5), keys.has('a', 14), keys.has('a', 15)]).toEqual([true, true, false])
})
