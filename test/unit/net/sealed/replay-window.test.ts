import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplayWindow, SKEW_MS, WINDOW, type Stamp } from '../../../../node-core/net/sealed/replay-window.ts'

const NOW = 1_800_000_000_000
const MAX_AGE = 7 * 24 * 3_600_000
const stamp = (counter: number, time = NOW, sender = 'a'): Stamp => ({ sender, counter, time })
const window = (maxSenders = 8): ReplayWindow => new ReplayWindow({ maxSenders, maxAgeMs: MAX_AGE })

function admit(seen: ReplayWindow, message: Stamp, now = NOW, kept = false): string {
  const judged = seen.judge(message, now, kept)
  if (judged === 'fresh') seen.take(message)
  return judged
}

describe('the replay window', () => {
  it('takes each number once, in any order', () => {
    const seen = window()
    expect([5, 3, 4, 3, 5, 1, 4].map((counter) => admit(seen, stamp(counter)))).toEqual(['fresh', 'fresh', 'fresh', 'replayed', 'replayed', 'fresh', 'replayed'])
    expect(admit(seen, stamp(5, NOW, 'b'))).toBe('fresh')
  })

  it('knows the last 4,096 numbers, and refuses what is older, whatever its time', () => {
    const seen = window()
    admit(seen, stamp(1))
    admit(seen, stamp(WINDOW + 10))
    expect([1, 10, 11, 11, WINDOW + 10].map((counter) => admit(seen, stamp(counter), NOW, true))).toEqual(['late', 'late', 'fresh', 'replayed', 'replayed'])
  })

  it('never takes a number twice, and takes every new one in the window: against a set', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 3 * WINDOW }), fc.integer({ min: 1, max: 40 })), { maxLength: 400 }), (counters) => {
        const seen = window()
        const taken = new Set<number>()
        let highest = 0
        for (const counter of counters) {
          const expected = taken.has(counter) && counter > highest - WINDOW ? 'replayed' : counter <= highest - WINDOW ? 'late' : 'fresh'
          expect(admit(seen, stamp(counter))).toBe(expected)
          taken.add(counter)
          highest = Math.max(highest, counter)
        }
      }),
    )
  })

  it('goes two minutes both ways, and as far back as things are kept for those that were kept', () => {
    const seen = window()
    expect(seen.judge(stamp(1, NOW - SKEW_MS), NOW, false)).toBe('fresh')
    expect(seen.judge(stamp(1, NOW - SKEW_MS - 1), NOW, false)).toBe('late')
    expect(seen.judge(stamp(1, NOW + SKEW_MS), NOW, false)).toBe('fresh')
    expect(seen.judge(stamp(1, NOW + SKEW_MS + 1), NOW, true)).toBe('early')
    expect(seen.judge(stamp(1, NOW - MAX_AGE), NOW, true)).toBe('fresh')
    expect(seen.judge(stamp(1, NOW - MAX_AGE - 1), NOW, true)).toBe('late')
  })

  it('says of a message that was taken that it was, also when it is old by now', () => {
    const seen = window()
    admit(seen, stamp(1))
    expect(seen.judge(stamp(1), NOW + 10 * SKEW_MS, false)).toBe('replayed')
  })

  it('does not judge anew for having judged', () => {
    const seen = window()
    expect([seen.judge(stamp(1), NOW, false), seen.judge(stamp(1), NOW, false), seen.size]).toEqual(['fresh', 'fresh', 0])
  })

  it('forgets who was quiet the longest where there are too many, and takes nothing of before from whom it does not know', () => {
    const seen = window(3)
    for (const [i, sender] of ['a', 'b', 'c'].entries()) admit(seen, stamp(1, NOW + i, sender))
    admit(seen, stamp(2, NOW + 3, 'a'))
    admit(seen, stamp(1, NOW + 4, 'd'))
    expect(seen.size).toBe(3)
    // b went: what was taken of it is refused for its time, and so is all of a stranger that is as old.
    expect(seen.judge(stamp(1, NOW + 1, 'b'), NOW, true)).toBe('crowded')
    expect(seen.judge(stamp(9, NOW + 1, 'x'), NOW, true)).toBe('crowded')
    expect(seen.judge(stamp(2, NOW + 2, 'b'), NOW, true)).toBe('fresh')
    // Who is known is not concerned.
    expect([seen.judge(stamp(1, NOW, 'a'), NOW, true), seen.judge(stamp(7, NOW - 5, 'a'), NOW, true)]).toEqual(['replayed', 'fresh'])
  })

  it('takes nothing of before from whom it forgot, also when it knows it again', () => {
    const seen = window(2)
    admit(seen, stamp(3, NOW, 'a'))
    for (const [i, sender] of ['b', 'c'].entries()) admit(seen, stamp(1, NOW + 1 + i, sender))
    expect(admit(seen, stamp(4, NOW + 3, 'a'), NOW, true)).toBe('fresh')
    expect(admit(seen, stamp(3, NOW, 'a'), NOW, true)).toBe('crowded')
    expect(admit(seen, stamp(5, NOW + 4, 'a'), NOW, true)).toBe('fresh')
  })

  it('takes nothing twice, however many senders come and go and however often it is written and read', () => {
    const message = fc.record({ sender: fc.constantFrom('a', 'b', 'c', 'd', 'e'), counter: fc.integer({ min: 1, max: 6 }), age: fc.integer({ min: -1000, max: 1000 }) })
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.boolean()), { maxLength: 80 }), (messages) => {
        let seen = window(2)
        const taken = new Set<string>()
        for (const [{ sender, counter, age }, restart] of messages) {
          if (restart) {
            const { snapshot } = { snapshot: JSON.parse(JSON.stringify(seen.snapshot())) as ReturnType<ReplayWindow['snapshot']> }
            seen = window(2)
            seen.restore(snapshot)
          }
          // One number is one message, with one time.
          const name = `${sender} ${counter}`
          const judged = admit(seen, stamp(counter, NOW + counter * 7 + sender.charCodeAt(0), sender), NOW + age, true)
          if (judged === 'fresh') expect(taken.has(name)).toBe(false)
          if (judged === 'fresh') taken.add(name)
        }
      }),
    )
  })

  it('is the same behind a restart', () => {
    const seen = window()
    for (const counter of [1, 2, 900, 4100]) admit(seen, stamp(counter))
    const after = window()
    after.restore(JSON.parse(JSON.stringify(seen.snapshot())) as ReturnType<ReplayWindow['snapshot']>)
    for (const counter of [1, 2, 3, 5, 900, 901, 4100, 4101]) expect(after.judge(stamp(counter), NOW, true)).toBe(seen.judge(stamp(counter), NOW, true))
    expect(after.snapshot()).toEqual(seen.snapshot())
  })
})
