import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { RateLimit } from '../../../node-core/network/peers/rate-limit.ts'

const RATE = { perSecond: 1, burst: 2 }

function limit() {
  const clock = new FakeClock()
  const rates = new RateLimit(clock, { subscriber: 2, site: 3 })
  return { clock, rates, take: (peer: string, ip?: string, rate = RATE) => rates.take({ peer, ip }, rate) ?? 'granted' }
}

describe('a rate limit', () => {
  test('is each peer\'s own where there is no address to tell, or one nearby', () => {
    const { clock, take } = limit()
    for (const ip of [undefined, '127.0.0.1', '192.168.1.7']) {
      const [a, b] = [`a ${ip}`, `b ${ip}`]
      expect([take(a, ip), take(a, ip), take(a, ip), take(b, ip)]).toEqual(['granted', 'granted', 'peer', 'granted'])
    }
    clock.advance(1000)
    expect([take('a undefined'), take('a undefined')]).toEqual(['granted', 'peer'])
  })

  test('is shared by the identities of one subscriber and one site, who are not told apart by making up more', () => {
    const { take } = limit()
    const outcomes = Array.from({ length: 6 }, (_, i) => take(`identity ${i}`, `2001:db8:1:1::${i}`))
    expect(outcomes).toEqual(['granted', 'granted', 'granted', 'granted', 'address', 'address'])
    expect(Array.from({ length: 4 }, (_, i) => take(`another ${i}`, `2001:db8:1:${i + 2}::1`))).toEqual(['granted', 'granted', 'address', 'address'])
    expect(take('elsewhere', '2001:db8:2::1')).toBe('granted')
  })

  test('is not lost on an address by a flood of identities', () => {
    const { take } = limit()
    for (let i = 0; i < 4; i++) take(`x ${i}`, '192.0.2.1')
    for (let i = 0; i < 10_000; i++) take(`flood ${i}`, '192.0.2.1')
    expect(take('one more', '192.0.2.1')).toBe('address')
  })

  test('takes nothing of a peer whose address has had its share', () => {
    const { clock, take } = limit()
    for (let i = 0; i < 4; i++) take(`x ${i}`, '192.0.2.1')
    expect(take('honest', '192.0.2.1')).toBe('address')
    clock.advance(500)
    expect([take('honest', '192.0.2.1'), take('honest')]).toEqual(['granted', 'granted'])
  })

  test('follows a rate that changes, without a burst for it', () => {
    const { clock, take } = limit()
    take('a')
    take('a')
    const faster = { perSecond: 100, burst: 200 }
    expect(take('a', undefined, faster)).toBe('peer')
    clock.advance(1000)
    expect(Array.from({ length: 101 }, () => take('a', undefined, faster)).filter((outcome) => outcome === 'granted')).toHaveLength(100)
  })
})
