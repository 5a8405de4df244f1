/** Time limits of what a client sends: they count the client's time, not that of this process. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { deadline } from '../../../node-core/web/deadlines.ts'

const LIMIT_MS = 5_000
/** What is waiting to be read is read before this resolves. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

describe('a deadline', () => {
  function setUp() {
    const clock = new FakeClock()
    const state = { ends: 0 }
    const cancel = deadline(clock, LIMIT_MS, () => state.ends++)
    return { clock, state, cancel }
  }

  it('ends what is late, once', async () => {
    const { clock, state } = setUp()
    clock.advance(LIMIT_MS - 1)
    await turn()
    expect(state.ends).toBe(0)
    clock.advance(1)
    await turn()
    clock.advance(LIMIT_MS)
    await turn()
    expect(state.ends).toBe(1)
  })

  it('ends nothing of which more is read in the turn in which its time was over', async () => {
    const { clock, state, cancel } = setUp()
    clock.advance(LIMIT_MS)
    // The process was busy: what came in time is read behind its timers.
    expect(state.ends).toBe(0)
    cancel()
    await turn()
    expect(state.ends).toBe(0)
  })

  it('that was cancelled before its time never ends anything', async () => {
    const { clock, state, cancel } = setUp()
    cancel()
    clock.advance(2 * LIMIT_MS)
    await turn()
    expect(state.ends).toBe(0)
  })
})
