/** Messages that a service has to acknowledge. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { ACKNOWLEDGED_MS, InHand } from '../../../../node-core/net/sealed/in-hand.ts'

const stamp = (counter: number) => ({ sender: 'a', counter, time: 0 })

function started(): { readonly clock: FakeClock; readonly inHand: InHand; readonly taken: number[]; hand(counter: number): { readonly outcome: Promise<string>; acknowledge(): void; die(): void } } {
  const clock = new FakeClock(0)
  const inHand = new InHand(clock)
  const taken: number[] = []
  return {
    clock,
    inHand,
    taken,
    hand(counter) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      return { outcome: inHand.hand(stamp(counter), () => promise, async () => void taken.push(counter)), acknowledge: resolve, die: () => reject(new Error('it died')) }
    },
  }
}

describe('a message in hand', () => {
  it('is taken when it is acknowledged, and not where its service dies', async () => {
    const { inHand, taken, hand } = started()
    const [first, second] = [hand(1), hand(2)]
    expect([inHand.refusal(stamp(1)), inHand.refusal(stamp(3))]).toEqual(['it has this message in hand', undefined])
    first.acknowledge()
    second.die()
    expect([await first.outcome, await second.outcome, taken]).toEqual(['taken', 'lost', [1]])
    expect([inHand.refusal(stamp(1)), inHand.refusal(stamp(2))]).toEqual([undefined, undefined])
  })

  it('is answered for in time, and taken late; no other is handed over meanwhile', async () => {
    const { clock, inHand, taken, hand } = started()
    const slow = hand(1)
    clock.advance(ACKNOWLEDGED_MS)
    expect([await slow.outcome, taken]).toEqual(['late', []])
    expect(inHand.refusal(stamp(2))).toBe('it is late with another message')
    slow.acknowledge()
    await new Promise((resolve) => setImmediate(resolve))
    expect([taken, inHand.refusal(stamp(2))]).toEqual([[1], undefined])
  })

  it('is not one of too many', () => {
    const { inHand, hand } = started()
    for (let i = 0; i < 64; i++) hand(i)
    expect(inHand.refusal(stamp(64))).toBe('it has too many messages in hand')
  })
})
