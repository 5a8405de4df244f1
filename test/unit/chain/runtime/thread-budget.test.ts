/** Time of a thread that strangers share, on a clock that is turned by hand. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { ThreadBudget } from '../../../../node-core/chain/runtime/threads/thread-budget.ts'

const LIMITS = { total: { msPerSecond: 500, burstMs: 1000 }, perPeer: { msPerSecond: 200, burstMs: 400 }, maxWaiting: 2, maxWaitMs: 4000 }
const busy = expect.objectContaining({ code: 'RUNTIME_TIMEOUT' }) as Error

function setUp() {
  const clock = new FakeClock()
  const budget = new ThreadBudget(clock, LIMITS)
  const served: string[] = []
  /** A request that takes so many milliseconds of the thread. */
  const ask = (peer: string, workMs: number) => budget.run(peer, async () => (served.push(peer), { workMs }))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, served, ask, turn }
}

describe('a peer', () => {
  test('has its burst, and waits when it is used up', async () => {
    const { clock, served, ask, turn } = setUp()
    await ask('a', 300)
    await ask('a', 300)
    // 200 ms too much: at 200 ms a second that is a second, and one millisecond to have something again.
    const third = ask('a', 10)
    await turn()
    clock.advance(1004)
    await turn()
    expect(served).toHaveLength(2)
    clock.advance(1)
    await third
    expect(served).toHaveLength(3)
  })

  test('does not keep another one waiting', async () => {
    const { served, ask } = setUp()
    await ask('a', 500)
    void ask('a', 1)
    await ask('b', 1)
    expect(served).toEqual(['a', 'b'])
  })

  test('that would wait too long is refused, and served again later', async () => {
    const { clock, ask } = setUp()
    await ask('a', 1300)
    await expect(ask('a', 1)).rejects.toThrow(busy)
    clock.advance(5000)
    await ask('a', 1)
  })

  test('has no more than its burst after a long while', async () => {
    const { clock, served, ask, turn } = setUp()
    clock.advance(3_600_000)
    await ask('a', 450)
    void ask('a', 1)
    await turn()
    expect(served).toHaveLength(1)
  })
})

describe('all of them together', () => {
  test('have one account, however many names they use', async () => {
    const { clock, served, ask, turn } = setUp()
    for (const peer of ['a', 'b', 'c', 'd']) await ask(peer, 300)
    const fifth = ask('e', 1)
    await turn()
    expect(served).toHaveLength(4)
    clock.advance(402)
    await fifth
    expect(served).toHaveLength(5)
  })

  test('wait in a bounded number', async () => {
    const { ask, turn } = setUp()
    await ask('a', 1300)
    void ask('b', 1)
    void ask('c', 1)
    await turn()
    await expect(ask('d', 1)).rejects.toThrow(busy)
  })
})

test('a request that fails is counted for as long as it took', async () => {
  const { clock, ask, turn, served } = setUp()
  const budget = new ThreadBudget(clock, LIMITS)
  const slow = budget.run('a', async () => {
    clock.advance(500)
    throw new Error('trap')
  })
  await expect(slow).rejects.toThrow('trap')
  const next = budget.run('a', async () => (served.push('late'), { workMs: 0 }))
  await turn()
  expect(served).toEqual([])
  clock.advance(600)
  await next
  expect(served).toEqual(['late'])
  await ask('a', 1)
})
