import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Seen } from '../../../../node-core/network/spread/seen.ts'

test('a name is a duplicate for the span, and new again after it', () => {
  const clock = new FakeClock()
  const seen = new Seen({ clock }, { entries: 10, spanMs: 1000 })
  expect(seen.add('a')).toBe(true)
  clock.advance(999)
  expect(seen.add('a')).toBe(false)
  clock.advance(1)
  expect(seen.has('a')).toBe(false)
  expect(seen.add('a')).toBe(true)
  expect(seen.displaced).toBe(0)
})

test('a full memory forgets its oldest name and counts it', () => {
  const seen = new Seen({ clock: new FakeClock() }, { entries: 3, spanMs: 1000 })
  for (const name of ['a', 'b', 'c', 'd']) expect(seen.add(name)).toBe(true)
  expect([seen.has('a'), seen.has('b'), seen.has('d')]).toEqual([false, true, true])
  expect([seen.size, seen.displaced]).toEqual([3, 1])
})

test('a clock that is set back keeps a name no longer', () => {
  let now = 1_000_000
  const clock = { now: () => now, schedule: () => () => {} }
  const seen = new Seen({ clock }, { entries: 3, spanMs: 1000 })
  seen.add('a')
  now = 0
  expect(seen.has('a')).toBe(true)
  now = 1000
  expect(seen.has('a')).toBe(false)
})

test('it says what a list of all names with their times says', () => {
  const step = fc.record({ name: fc.constantFrom(...'abcdefghij'), wait: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 60 })) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 80 }), (entries, steps) => {
      const clock = new FakeClock()
      const seen = new Seen({ clock }, { entries, spanMs: 100 })
      let all: { readonly name: string; readonly at: number }[] = []
      let displaced = 0
      for (const { name, wait } of steps) {
        clock.advance(wait)
        all = all.filter(({ at }) => clock.now() - at < 100)
        const isNew = all.every((known) => known.name !== name)
        expect(seen.has(name)).toBe(!isNew)
        expect(seen.add(name)).toBe(isNew)
        if (isNew && all.push({ name, at: clock.now() }) > entries) {
          all.shift()
          displaced++
        }
        expect([seen.size, seen.displaced]).toEqual([all.length, displaced])
      }
    }),
  )
})
