import { expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Reopening } from '../../../node-core/network/topics/reopening.ts'

const MINUTE = 60_000

/** Closes a topic again as soon as it was opened, for an hour; the seconds at which it was opened. */
function insist(answer: (reopening: Reopening, reopen: () => void) => void): number[] {
  const clock = new FakeClock()
  const reopening = new Reopening(clock)
  const at: number[] = []
  const reopen = (): void => {
    at.push(clock.now() / 1000)
    answer(reopening, reopen)
  }
  reopening.onOpen('peer', 'grandpa')
  reopening.onClosed('peer', 'grandpa', reopen)
  clock.advance(60 * MINUTE)
  return at
}

test('a topic that the other side closes again and again is opened less and less often, and never given up', () => {
  const doubling = [5, 15, 35, 75, 155, 315, ...Array.from({ length: 10 }, (_, i) => 635 + i * 320)]
  expect(insist((reopening, reopen) => {
    reopening.onOpen('peer', 'grandpa')
    reopening.onClosed('peer', 'grandpa', reopen)
  })).toEqual(doubling)
  // The same where it does not even open.
  expect(insist((reopening, reopen) => reopening.onClosed('peer', 'grandpa', reopen))).toEqual(doubling)
})

test('one that stayed open for long begins anew; one that did not open is tried again', () => {
  const clock = new FakeClock()
  const reopening = new Reopening(clock)
  let opened = 0
  const close = (): void => reopening.onClosed('peer', 'transactions', () => opened++)
  close()
  clock.advance(60 * MINUTE)
  expect(opened).toBe(1)
  opened = 0
  for (let i = 1; i <= 20; i++) {
    reopening.onOpen('peer', 'transactions')
    clock.advance(10 * MINUTE)
    close()
    clock.advance(5_000)
    expect(opened).toBe(i)
  }
})

test('nothing is opened for a peer that is gone, or that opened it itself', () => {
  const clock = new FakeClock()
  const reopening = new Reopening(clock)
  const open = (): never => expect.fail('opened')
  for (const end of [() => reopening.forget('peer'), () => reopening.onOpen('peer', 'grandpa')]) {
    reopening.onOpen('peer', 'grandpa')
    reopening.onClosed('peer', 'grandpa', open)
    end()
    clock.advance(MINUTE)
  }
  expect(clock.nextDue()).toBeUndefined()
})
