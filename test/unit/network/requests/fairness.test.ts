import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import type { RequestHandler } from '../../../../node-core/network/contracts.ts'
import { PeerBudget, Slots, withinBudget } from '../../../../node-core/network/requests/fairness.ts'
import { LIGHT_SPEC } from '../../../../node-core/network/requests/index.ts'
import { NEVER } from './loopback.ts'

describe('slots', () => {
  it('bound what one peer, and what all peers have under way', async () => {
    const slots = new Slots({ total: 3, perPeer: 2 })
    const ends: (() => void)[] = []
    const hold = (): Promise<string> => new Promise((resolve) => ends.push(() => resolve('done')))
    const run = (peer: string, signal = NEVER): Promise<string | undefined> => slots.run(peer, signal, hold)
    const controller = new AbortController()
    const [first, second, third, fourth, other, refused] = [run('a'), run('a'), run('a'), run('a', controller.signal), run('b'), run('c')]
    expect(await refused).toBeUndefined()
    expect(ends).toHaveLength(3)
    controller.abort()
    // The third of `a` waits for the first; the fourth did not wait long enough.
    ends[0]?.()
    expect(await first).toBe('done')
    await Promise.resolve()
    expect(ends).toHaveLength(4)
    ends.forEach((end) => end())
    expect(await Promise.all([second, third, fourth, other])).toEqual(['done', 'done', undefined, 'done'])
    expect(await slots.run('a', NEVER, async () => 1)).toBe(1)
  })

  it('come free where a task fails', async () => {
    const slots = new Slots({ total: 1, perPeer: 1 })
    for (let i = 0; i < 3; i++) await expect(slots.run('a', NEVER, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})

describe('a budget', () => {
  const make = (): { clock: FakeClock; ask: (peer: string, signal?: AbortSignal) => Promise<string> } => {
    const clock = new FakeClock(1000)
    const budget = new PeerBudget(clock, { bytesPerSecond: 1000, burstBytes: 3000, maxWaitMs: 5000 })
    const handler: RequestHandler = { spec: LIGHT_SPEC, onRequest: async () => ({ kind: 'response', bytes: new Uint8Array(2000) }) }
    const limited = withinBudget(handler, budget)
    return { clock, ask: async (peer, signal = NEVER) => (await limited.onRequest(peer, new Uint8Array(0), signal)).kind }
  }
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  it('lets a peer wait that has had more than its share, and nobody else', async () => {
    const { clock, ask } = make()
    expect([await ask('a'), await ask('a')]).toEqual(['response', 'response'])
    // 1000 bytes too many: they come back in a second.
    let answer: string | undefined
    void ask('a').then((kind) => (answer = kind))
    expect(await ask('b')).toBe('response')
    clock.advance(1000)
    await settle()
    expect(answer).toBeUndefined()
    clock.advance(1)
    await settle()
    expect(answer).toBe('response')
  })

  it('does not save up more than its burst', async () => {
    const { clock, ask } = make()
    clock.advance(1e9)
    expect([await ask('a'), await ask('a')]).toEqual(['response', 'response'])
    let isAnswered = false
    void ask('a').then(() => (isAnswered = true))
    clock.advance(900)
    await settle()
    expect(isAnswered).toBe(false)
  })

  it('refuses where the wait would be too long, or nobody waits', async () => {
    const { ask } = make()
    const all = await Promise.all(Array.from({ length: 5 }, () => ask('a')))
    expect(all).toEqual(new Array(5).fill('response'))
    // 7000 bytes too many at 1000 a second.
    expect(await ask('a')).toBe('refuse')
    expect(await ask('b', AbortSignal.abort())).toBe('refuse')
    const { ask: other } = make()
    await Promise.all([other('a'), other('a')])
    const controller = new AbortController()
    const waiting = other('a', controller.signal)
    await settle()
    controller.abort()
    expect(await waiting).toBe('refuse')
  })
})
