/** Slots in the life of a computer: timers that fire early or late, clocks that are set, blocks that take too long. */
import { beforeEach, describe, expect, it } from 'vitest'
import { createLogger, type LogRecord } from '../../../../../../node-core/base/logger.ts'
import { SlotLoop } from '../../../../../../node-core/chain/core/engines/slots/slot-loop.ts'
import { SettableClock } from '../../../../../helpers/settable-clock.ts'

const DURATION = 6000

let clock: SettableClock
let slots: number[]
let logs: LogRecord[]
let work: (slot: number) => Promise<void>
let loop: SlotLoop

beforeEach(() => {
  clock = new SettableClock(1000 * DURATION + 3000)
  slots = []
  logs = []
  work = () => Promise.resolve()
  const logger = createLogger([(record) => logs.push(record)], { default: 'debug' })
  const produce = (slot: number): Promise<void> => {
    slots.push(slot)
    return work(slot)
  }
  loop = new SlotLoop({ clock, logger, produce }, { slotDuration: DURATION })
  loop.start()
})

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await loop.idle()
  }
}

describe('the slot loop', () => {
  it('works on each slot once, from the next one on', async () => {
    await pass(3 * DURATION)
    expect(slots).toEqual([1001, 1002, 1003])
    await loop.stop()
    await pass(2 * DURATION)
    expect(slots).toEqual([1001, 1002, 1003])
    expect(logs).toEqual([])
  })

  it.each([1, 7, 60])('works on the slot that a timer was set for where it fires %i ms early', async (earlyBy) => {
    clock.earlyBy = earlyBy
    await pass(5 * DURATION)
    // The first timer was on time; the last may be due already.
    expect(slots.slice(0, 5)).toEqual([1001, 1002, 1003, 1004, 1005])
    expect(new Set(slots).size).toBe(slots.length)
    expect(logs).toEqual([])
  })

  it('claims no slot a second time after the clock is set back, and says so once', async () => {
    await pass(3 * DURATION)
    clock.set(-2 * DURATION)
    await pass(4 * DURATION)
    expect(slots).toEqual([1001, 1002, 1003, 1004, 1005])
    expect(logs).toMatchObject([{ level: 'warn', message: expect.stringContaining('set back'), fields: { last: 1003 } }])
  })

  it('goes on at once where a clock that was set back is put right', async () => {
    await pass(3 * DURATION)
    clock.set(-3_600_000)
    await pass(2 * DURATION)
    clock.set(3_600_000)
    await pass(2 * DURATION)
    expect(slots).toEqual([1001, 1002, 1003, 1006, 1007])
  })

  it('takes no notice of a clock that is set back by less than a slot', async () => {
    for (let i = 0; i < 4; i++) {
      await pass(DURATION)
      clock.set(-2500)
    }
    await pass(2 * DURATION)
    expect(slots).toEqual([...new Set(slots)].sort())
    expect(slots.at(-1)).toBe(Math.floor(clock.now() / DURATION))
    expect(logs).toEqual([])
  })

  it('goes to the slot of the clock where it is put forward, and where the computer slept', async () => {
    await pass(DURATION)
    clock.set(10 * DURATION)
    await pass(2 * DURATION)
    expect(slots).toEqual([1001, 1012, 1013])
    clock.skip(100 * DURATION)
    await pass(DURATION)
    // It wakes up in the middle of one slot, and works in it; then the next one begins.
    expect(slots).toEqual([1001, 1012, 1013, 1113, 1114])
    expect(logs).toEqual([])
  })

  it('begins a slot late, in what is left of it, where the one before took longer; and leaves out what is over', async () => {
    const gates: (() => void)[] = []
    work = () => new Promise((resolve) => gates.push(resolve))
    clock.advance(DURATION)
    clock.advance(DURATION)
    expect(slots).toEqual([1001])
    gates.shift()?.()
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(slots).toEqual([1001, 1002])
    expect(logs).toEqual([])
    for (let i = 0; i < 3; i++) clock.advance(DURATION)
    gates.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(slots).toEqual([1001, 1002, 1005])
    expect(logs).toMatchObject([{ level: 'warn', fields: { slot: 1002, leftOut: 2 } }])
    gates.shift()?.()
    await loop.stop()
  })

  it('does not begin a slot that the clock has been set back behind', async () => {
    let done = (): void => undefined
    work = () => new Promise((resolve) => (done = resolve))
    clock.advance(DURATION)
    clock.advance(DURATION)
    clock.set(-DURATION)
    done()
    work = () => Promise.resolve()
    await loop.idle()
    expect(slots).toEqual([1001])
    await pass(2 * DURATION)
    expect(slots).toEqual([1001, 1002, 1003])
  })

  it('goes on after a slot that failed', async () => {
    work = (slot) => (slot === 1001 ? Promise.reject(new Error('no disk')) : Promise.resolve())
    await pass(2 * DURATION)
    expect(slots).toEqual([1001, 1002])
    expect(logs).toMatchObject([{ level: 'error', fields: { slot: 1001, reason: 'no disk' } }])
  })
})
