import { describe, expect, it } from 'vitest'
import { Slots } from '../../../../../node-core/chain/protocols/requests/fairness.ts'
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
