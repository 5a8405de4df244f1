/** When a thread collects its garbage, and that it does. */
import { getHeapSpaceStatistics } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { collectGarbage, giveStartBack, MemoryKeeper } from '../../../node-core/base/memory.ts'

const MB = 1024 * 1024

describe('a thread', () => {
  function setUp() {
    const state = { now: 0, busy: 0, held: 60 * MB, needed: 40 * MB, collections: 0 }
    const keeper = new MemoryKeeper({
      now: () => state.now,
      utilization: () => state.busy,
      heldBytes: () => state.held,
      collect: () => {
        state.collections++
        state.held = state.needed
      },
    })
    const look = (change: Partial<typeof state>): number => {
      Object.assign(state, change)
      keeper.look()
      return state.collections
    }
    return look
  }

  it('that is busy is left alone, and collects once it is idle', () => {
    const look = setUp()
    expect(look({ busy: 0.5 })).toBe(0)
    expect(look({ busy: 0.01 })).toBe(1)
  })

  it('collects again when it holds more than was left, by as much as is worth it', () => {
    const look = setUp()
    expect(look({})).toBe(1)
    expect(look({ now: 600_000, held: 47 * MB })).toBe(1)
    expect(look({ now: 610_000, held: 48 * MB })).toBe(2)
  })

  it('rests between collections', () => {
    const look = setUp()
    expect(look({})).toBe(1)
    expect(look({ now: 59_999, held: 90 * MB })).toBe(1)
    expect(look({ now: 60_000 })).toBe(2)
  })
})

it('collects what nobody refers to', async () => {
  const references = Array.from({ length: 10 }, () => new WeakRef(new Uint8Array(1024)))
  // What was referred to in this turn is kept to its end.
  await new Promise((resolve) => setImmediate(resolve))
  expect(references.every((reference) => reference.deref() !== undefined)).toBe(true)
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(references.some((reference) => reference.deref() !== undefined)).toBe(false)
})

it('gives back the young generation that a start left large', () => {
  const young = (): number => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0
  const kept: unknown[] = []
  for (let i = 0; i < 2e6; i++) kept[i % 200_000] = { i, list: [i] }
  const grown = young()
  kept.length = 0
  giveStartBack()
  expect(grown).toBeGreaterThan(8 * MB)
  expect(young()).toBeLessThan(grown / 2)
})
