import { expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { TokenBucket } from '../../../node-core/network/token-bucket.ts'

/** How many can be taken one after the other. */
function takeAll(bucket: TokenBucket): number {
  let count = 0
  while (bucket.take()) count++
  return count
}

it('a rate limit gives a burst at once, and then so many a second', () => {
  const clock = new FakeClock()
  const bucket = new TokenBucket(clock, { perSecond: 10, burst: 30 })
  expect(takeAll(bucket)).toBe(30)
  clock.advance(500)
  expect(takeAll(bucket)).toBe(5)
  clock.advance(60_000)
  expect(takeAll(bucket)).toBe(30)
})

it('a rate limit that grows fills up to the new burst, at the new pace; one that shrinks keeps no more than it may', () => {
  const clock = new FakeClock()
  let factor = 1
  const bucket = new TokenBucket(clock, () => ({ perSecond: 10 * factor, burst: 30 * factor }))
  expect(takeAll(bucket)).toBe(30)
  factor = 100
  clock.advance(1000)
  expect(takeAll(bucket)).toBe(1000)
  clock.advance(60_000)
  factor = 1
  expect(takeAll(bucket)).toBe(30)
})
