import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { ByteBudget } from '../../../../../node-core/network/requests/serving/byte-budget.ts'

const NEVER = new AbortController().signal
const LIMITS = { bytesPerSecond: 1000, burstBytes: 3000, shares: { subscriber: 2, site: 3 } }

let clock: FakeClock
let budget: ByteBudget
beforeEach(() => {
  clock = new FakeClock(1000)
  budget = new ByteBudget(clock, LIMITS)
})

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** Takes 2000 bytes, as soon as that is allowed; true once it was, false where it was not, undefined while it waits. */
function take(peer: string, ip?: string, signal = NEVER): { outcome: boolean | undefined } {
  const state: { outcome: boolean | undefined } = { outcome: undefined }
  void budget.admit({ peer, ip }, 5000, signal).then((isAdmitted) => {
    if (isAdmitted) budget.spend({ peer, ip }, 2000)
    state.outcome = isAdmitted
  })
  return state
}

describe('a budget', () => {
  test('lets a peer wait that has had more than its share, and nobody else', async () => {
    for (let i = 0; i < 2; i++) {
      const { outcome } = await (async () => {
        const state = take('a')
        await settle()
        return state
      })()
      expect(outcome).toBe(true)
    }
    // 1000 bytes too many: they come back in a second.
    const [third, other] = [take('a'), take('b')]
    await settle()
    expect([third.outcome, other.outcome]).toEqual([undefined, true])
    clock.advance(1000)
    await settle()
    expect(third.outcome).toBeUndefined()
    clock.advance(1)
    await settle()
    expect(third.outcome).toBe(true)
  })

  test('does not save up more than its burst', async () => {
    clock.advance(1e9)
    for (let i = 0; i < 2; i++) {
      take('a')
      await settle()
    }
    const third = take('a')
    clock.advance(900)
    await settle()
    expect(third.outcome).toBeUndefined()
  })

  test('refuses where the wait would be too long, or nobody waits', async () => {
    budget.spend({ peer: 'a' }, 10_000)
    const [late, given] = [take('a'), take('b', undefined, AbortSignal.abort())]
    await settle()
    expect([late.outcome, given.outcome]).toEqual([false, false])
    const controller = new AbortController()
    budget.spend({ peer: 'c' }, 4000)
    const waiting = take('c', undefined, controller.signal)
    await settle()
    expect(waiting.outcome).toBeUndefined()
    controller.abort()
    await settle()
    expect(waiting.outcome).toBe(false)
  })

  test('is shared by the identities of one address, and by the addresses of one site', async () => {
    const spent = async (peer: string, ip: string): Promise<boolean | undefined> => {
      const state = take(peer, ip)
      await settle()
      return state.outcome
    }
    // A subscriber has 6000 bytes, a site 9000.
    expect([await spent('a', '2001:db8:1:1::1'), await spent('b', '2001:db8:1:1::2'), await spent('c', '2001:db8:1:1::3')]).toEqual([true, true, true])
    expect(await spent('d', '2001:db8:1:1::4')).toBeUndefined()
    expect([await spent('e', '2001:db8:1:2::1'), await spent('f', '2001:db8:1:3::1'), await spent('g', '2001:db8:1:4::1')]).toEqual([true, true, undefined])
    expect([await spent('h', '2001:db8:2:1::1'), await spent('i', '192.168.1.2')]).toEqual([true, true])
  })
})
