import { describe, expect, it } from 'vitest'
import { Counters, type CounterState } from '../../../../node-core/net/sealed/counters.ts'

/** A disk that keeps what was written last, and can be full. */
class Disk {
  state: CounterState | undefined
  writes = 0
  full = false

  readonly save = async (state: CounterState): Promise<void> => {
    await Promise.resolve()
    if (this.full) throw new Error('no room')
    this.writes++
    this.state = structuredClone(state)
  }

  /** As the program finds it when it starts again. */
  open(now = 1000, maxRecipients = 3): Counters {
    const counters = new Counters({ now: () => now, save: this.save }, { maxRecipients })
    if (this.state !== undefined) counters.restore(this.state)
    return counters
  }
}

describe('the numbers of own messages', () => {
  it('begin at the time, and go up by one for each recipient', async () => {
    const counters = new Disk().open()
    expect([await counters.next('a'), await counters.next('a'), await counters.next('b'), await counters.next('a')]).toEqual([1000, 1001, 1000, 1002])
  })

  it('never go back, whenever the program ends and wherever the clock stands then', async () => {
    const disk = new Disk()
    let last = 0
    for (const now of [1000, 1000, 5, 999_999, 0]) {
      const counters = disk.open(now)
      for (let i = 0; i < 70; i++) {
        const number = await counters.next('a')
        expect(number).toBeGreaterThan(last)
        // A number that is used is reserved on the disk.
        expect(disk.state?.rows[0]?.next).toBeGreaterThan(number)
        last = number
      }
    }
    // Two blocks at each start: no gap is near the recipient's window of 4,096.
    expect(last).toBeLessThan(1000 + 5 * 2 * 64)
  })

  it('go on without a gap where the end was an orderly one', async () => {
    const disk = new Disk()
    const counters = disk.open()
    await counters.next('a')
    await counters.close()
    expect(await disk.open().next('a')).toBe(1001)
  })

  it('are on the disk before they are used, a block at a time, and many at once in one writing', async () => {
    const disk = new Disk()
    const counters = disk.open()
    const first = await Promise.all(Array.from({ length: 64 }, () => counters.next('a')))
    expect([new Set(first).size, disk.writes]).toEqual([64, 1])
    await counters.next('a')
    expect(disk.writes).toBe(2)
  })

  it('are not given where they cannot be written, and are given again when they can', async () => {
    const disk = new Disk()
    const counters = disk.open()
    disk.full = true
    await expect(counters.next('a')).rejects.toThrow('no room')
    await expect(counters.next('a')).rejects.toThrow('no room')
    disk.full = false
    expect(await counters.next('a')).toBe(1002)
    expect(disk.state?.rows[0]?.next).toBeGreaterThan(1002)
  })

  it('begin above all that were forgotten, also where the clock was set back', async () => {
    const disk = new Disk()
    const counters = disk.open(1000)
    const first = await counters.next('a')
    for (const recipient of ['b', 'c', 'd']) await counters.next(recipient)
    expect(disk.state?.rows.map(({ recipient }) => recipient)).toEqual(['b', 'c', 'd'])
    expect(await counters.next('a')).toBeGreaterThan(first)
    expect(await disk.open(0).next('e')).toBeGreaterThan(first)
  })
})
