import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { Turnstile, type Pass, type TurnstileLimits } from '../../../../../node-core/network/requests/serving/turnstile.ts'

const LIMITS: TurnstileLimits = { total: 10, perPeer: 4, perSubscriber: 6, perSite: 8, waiting: 6 }
const NEVER = new AbortController().signal
const at = (peer: string, ip?: string) => ({ peer, ip })

let clock: FakeClock
/** Who got in, in order. */
let inside: string[]
beforeEach(() => {
  clock = new FakeClock()
  inside = []
})

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

function gate(limits: Partial<TurnstileLimits> = {}) {
  const turnstile = new Turnstile(clock, { ...LIMITS, ...limits })
  const passes = new Map<string, Pass>()
  const enter = async (name: string, amount: number, ip?: string, signal = NEVER): Promise<void> => {
    const pass = await turnstile.enter(at(name.slice(0, 1), ip), amount, signal)
    if (pass === undefined) return void inside.push(`not ${name}`)
    passes.set(name, pass)
    inside.push(name)
  }
  const leave = async (name: string, owing?: boolean): Promise<void> => {
    passes.get(name)?.leave(owing)
    await settle()
  }
  return { turnstile, enter, leave, passes }
}

describe('a turnstile', () => {
  test('lets in what there is room for, and the rest as others leave', async () => {
    const { turnstile, enter, leave } = gate()
    for (const name of ['a1', 'b1', 'c1', 'd1']) void enter(name, 3)
    await settle()
    expect([inside, turnstile.taken, turnstile.waiting]).toEqual([['a1', 'b1', 'c1'], 9, 1])
    await leave('b1')
    await leave('b1')
    expect([inside.at(-1), turnstile.taken, turnstile.waiting]).toEqual(['d1', 9, 0])
  })

  test('gives a peer, a subscriber and a site their share, and lets nobody wait for those who had theirs', async () => {
    const { enter, leave } = gate()
    void enter('a1', 4, '192.0.2.1')
    void enter('a2', 1, '192.0.2.1')
    void enter('b1', 2, '192.0.2.1')
    void enter('c1', 1, '192.0.2.1')
    void enter('d1', 2, '192.0.2.2')
    void enter('e1', 1, '192.0.2.3')
    void enter('f1', 2, '198.51.100.1')
    await settle()
    expect(inside).toEqual(['a1', 'b1', 'd1', 'f1'])
    await leave('a1')
    expect(inside.slice(4)).toEqual(['a2', 'c1', 'e1'])
  })

  test('counts nobody by an address that tells nothing', async () => {
    const { enter } = gate()
    for (const name of ['a1', 'b1', 'c1']) void enter(name, 3, '127.0.0.1')
    await settle()
    expect(inside).toEqual(['a1', 'b1', 'c1'])
  })

  test('lets in first who has least inside, and nobody smaller before', async () => {
    const { enter, leave } = gate()
    void enter('a1', 3)
    void enter('b1', 4)
    void enter('c1', 3)
    void enter('a2', 1)
    void enter('d1', 4)
    void enter('e1', 1)
    await settle()
    await leave('c1')
    expect(inside).toEqual(['a1', 'b1', 'c1'])
    await leave('b1')
    expect(inside.slice(3)).toEqual(['d1', 'e1', 'a2'])
  })

  test('puts those behind others for a while who left something standing', async () => {
    const { enter, leave } = gate({ total: 4 })
    void enter('a1', 4)
    void enter('a2', 4)
    void enter('b1', 4)
    void enter('a3', 4)
    void enter('c1', 4)
    await settle()
    await leave('a1', true)
    await leave('b1')
    await leave('c1')
    expect(inside).toEqual(['a1', 'b1', 'c1', 'a2'])
    void enter('d1', 4)
    clock.advance(30_000)
    await leave('a2')
    expect(inside.at(-1)).toBe('a3')
  })

  test('lets one in alone that needs more than there is', async () => {
    const { enter, leave } = gate()
    void enter('a1', 1)
    void enter('b1', 20)
    await settle()
    expect(inside).toEqual(['a1'])
    await leave('a1')
    expect(inside).toEqual(['a1', 'b1'])
  })

  test('keeps a part for those inside who need more, before everybody outside', async () => {
    const { turnstile, enter, leave, passes } = gate({ forGrowth: 4, perPeer: 10 })
    for (const name of ['a1', 'b1', 'c1', 'd1']) void enter(name, 2)
    await settle()
    expect(inside).toEqual(['a1', 'b1', 'c1'])
    const grown: string[] = []
    const grow = (name: string, to: number, signal = NEVER) => void passes.get(name)?.resize(to, signal).then((isTrue) => grown.push(`${name} ${isTrue}`))
    grow('a1', 6)
    grow('b1', 4)
    const controller = new AbortController()
    grow('c1', 9, controller.signal)
    await settle()
    expect([grown, turnstile.taken]).toEqual([['a1 true'], 10])
    controller.abort()
    await settle()
    expect(grown).toEqual(['a1 true', 'c1 false'])
    await leave('a1')
    expect([grown.at(-1), inside.at(-1), turnstile.taken]).toEqual(['b1 true', 'c1', 6])
    grow('b1', 1)
    await settle()
    expect([inside.at(-1), turnstile.taken]).toEqual(['d1', 5])
    for (const name of ['b1', 'c1', 'd1']) await leave(name)
    expect([turnstile.taken, turnstile.waiting]).toEqual([0, 0])
  })

  test('forgets who gives up, and lets in who waited behind', async () => {
    const { turnstile, enter } = gate()
    const controller = new AbortController()
    void enter('a1', 3)
    void enter('b1', 4)
    void enter('c1', 4, undefined, controller.signal)
    void enter('d1', 3)
    void enter('e1', 1, undefined, AbortSignal.abort())
    await settle()
    expect(inside).toEqual(['a1', 'b1', 'not e1'])
    controller.abort()
    await settle()
    expect([inside.slice(3).toSorted(), turnstile.waiting]).toEqual([['d1', 'not c1'], 0])
  })

  test('has room for so many outside: the site with most of them makes way', async () => {
    const { turnstile, enter } = gate({ total: 1, waiting: 4 })
    void enter('z1', 1)
    for (const [i, name] of ['a1', 'b1', 'c1'].entries()) void enter(name, 1, `203.0.113.${i}`)
    void enter('d1', 1, '192.0.2.1')
    await settle()
    void enter('e1', 1, '198.51.100.1')
    await settle()
    void enter('f1', 1, '203.0.113.9')
    await settle()
    expect([inside, turnstile.waiting]).toEqual([['z1', 'not c1', 'not f1'], 4])
  })
})
