/** That a computer which wakes up is heard of once each time, and each time. */
import { expect, it } from 'vitest'
import { onWakeUp } from '../../../electron/wake-up.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'

function heard() {
  const clock = new FakeClock()
  const at: number[] = []
  return { clock, at, tell: onWakeUp(clock, () => at.push(clock.now())) }
}

it('is acted upon once, a moment later, however often it is told', () => {
  const { clock, at, tell } = heard()
  tell()
  clock.advance(2)
  tell()
  expect(at).toEqual([])
  clock.advance(10_000)
  expect(at).toEqual([500])
})

it('is acted upon each time that the computer wakes up', () => {
  const { clock, at, tell } = heard()
  for (let time = 0; time < 3; time++) {
    tell()
    tell()
    clock.advance(1_000)
  }
  expect(at).toEqual([500, 1_500, 2_500])
})

it('is not put off by being told again and again', () => {
  const { clock, at, tell } = heard()
  for (let ms = 0; ms < 1_000; ms += 100) {
    tell()
    clock.advance(100)
  }
  expect(at).toEqual([500, 1_000])
})
