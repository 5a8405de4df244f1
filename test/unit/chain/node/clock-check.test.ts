import { describe, expect, it } from 'vitest'
import { ClockCheck } from '../../../../node-core/chain/node/clock-check.ts'

const SLOT = 6_000

/** Peers announce `count` blocks, one a slot, `wrongMs` apart from this computer's clock. */
function listen(check: ClockCheck, peer: string, wrongMs: number, count = 4, from = 100): number {
  let now = 0
  for (let slot = from; slot < from + count; slot++) {
    now = slot * SLOT + 800 + wrongMs
    check.observe(peer, slot, SLOT, now)
  }
  return now
}

describe('the clock beside those of the peers', () => {
  it('is unknown while nobody has said anything of use', () => {
    const check = new ClockCheck()
    expect(check.reading(0)).toBeUndefined()
    expect(check.reading(listen(check, 'a', 0, 2))).toBeUndefined()
  })

  it('is right, blocks being on their way for a moment', () => {
    const check = new ClockCheck()
    expect(check.reading(listen(check, 'a', 4_000))).toEqual({ offsetMs: 0, peers: 1 })
  })

  it.each([[-3_600_000], [90_000]])('is wrong by %i ms', (wrongMs) => {
    const check = new ClockCheck()
    listen(check, 'b', wrongMs)
    expect(check.reading(listen(check, 'a', wrongMs))).toEqual({ offsetMs: wrongMs + 800, peers: 2 })
  })

  it('believes most peers, not one', () => {
    const check = new ClockCheck()
    listen(check, 'liar', -90_000)
    listen(check, 'a', 0)
    expect(check.reading(listen(check, 'b', 0))).toEqual({ offsetMs: 0, peers: 3 })
  })

  it('does not listen to a peer that catches up, nor to what was said before', () => {
    const check = new ClockCheck()
    for (let i = 0; i < 50; i++) check.observe('a', 100 + i * 10, SLOT, 10_000_000 + i * 100)
    expect(check.reading(10_005_000)).toBeUndefined()
    const now = listen(check, 'b', 90_000)
    expect(check.reading(now + 6 * 60_000)).toBeUndefined()
    check.reset()
    expect(check.reading(now)).toBeUndefined()
  })

  it('keeps so many peers and no more', () => {
    const check = new ClockCheck()
    for (let i = 0; i < 300; i++) listen(check, `p${i}`, 0)
    expect(check.reading(104 * SLOT)?.peers).toBe(256)
  })
})
