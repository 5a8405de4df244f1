import { expect, test } from 'vitest'
import { Budget } from '../../../../node-core/net/channels/budget.ts'
import type { DataFrame } from '../../../../node-core/net/channels/frames/frames.ts'
import { firstWindow, Inbox, MESSAGE_COST } from '../../../../node-core/net/channels/channel/inbox.ts'
import { Outbox } from '../../../../node-core/net/channels/channel/outbox.ts'

const MOST = 64 * 1024
const WINDOW = firstWindow(MOST)

function inbox(budget = new Budget(16 * 1024 * 1024)): Inbox {
  budget.take(WINDOW)
  return new Inbox(MOST, budget)
}

function whole(length: number): DataFrame {
  return { kind: 'data', channel: 0, total: undefined, first: true, last: true, payload: new Uint8Array(length) }
}

test('what was granted may come, and not a byte more', () => {
  const box = inbox()
  for (let left = WINDOW; left > MESSAGE_COST; left -= 1024 + MESSAGE_COST) box.push(whole(Math.min(1024, left - MESSAGE_COST)))
  expect(() => box.push(whole(1024))).toThrow(/more than it was granted/)
})

test('empty messages cost something too', () => {
  const box = inbox()
  for (let i = 0; i < Math.floor(WINDOW / MESSAGE_COST); i++) box.push(whole(0))
  expect(() => box.push(whole(0))).toThrow(/more than it was granted/)
})

test('credit is granted as the reader takes messages, in steps', () => {
  const box = inbox()
  let limit = WINDOW
  for (let i = 0; i < 100; i++) {
    box.push(whole(10_000))
    expect(box.shift()).toHaveLength(10_000)
    box.taken(10_000)
    const granted = box.grant()
    if (granted === undefined) continue
    expect(granted - limit).toBeGreaterThanOrEqual(WINDOW / 4)
    limit = granted
  }
  expect(limit).toBeGreaterThan(100 * 10_000)
})

test('a window doubles for a reader that keeps up, as far as the budget goes, and not for one that stopped', () => {
  const budget = new Budget(3 * WINDOW)
  const box = inbox(budget)
  expect(box.onBlocked()).toBe(true)
  expect(box.grant()).toBe(2 * WINDOW)
  expect(box.onBlocked()).toBe(false)
  expect(budget.taken).toBe(2 * WINDOW)
  box.close()
  box.close()
  expect(budget.taken).toBe(0)
  const held = inbox()
  for (let i = 0; i < 4; i++) held.push(whole(MOST - MESSAGE_COST))
  expect(held.onBlocked()).toBe(false)
})

test.each([
  ['a message within another', [{ first: true, last: false, total: 100 }, { first: true, last: true, total: undefined }], /within another/],
  ['the middle of none', [{ first: false, last: false, total: undefined }], /in its middle/],
  ['one longer than was agreed on', [{ first: true, last: false, total: MOST + 1 }], /longer/],
  ['one that ends too early', [{ first: true, last: false, total: 100 }, { first: false, last: true, total: undefined }], /another length/],
])('%s is a fault', (_, parts, message) => {
  const box = inbox()
  expect(() => parts.forEach((part) => box.push({ kind: 'data', channel: 0, payload: new Uint8Array(10), ...part }))).toThrow(message)
})

test('messages are cut and put together again, within the credit that there is', () => {
  const outbox = new Outbox(4)
  const box = inbox()
  const messages = [0, 1, 5000, MOST, 40_000].map((length, i) => new Uint8Array(length).fill(i))
  for (const message of messages) outbox.push(message)
  expect(outbox.isReady).toBe(false)
  const got: Uint8Array[] = []
  let granted = 0
  while (outbox.length > 0) {
    outbox.granted((granted += 3000))
    while (outbox.isReady) {
      const { frame } = outbox.next(1200)
      expect(frame.payload.length).toBeLessThanOrEqual(1200)
      if (box.push(frame)) got.push(box.shift() as Uint8Array)
    }
    expect(outbox.credit).toBeGreaterThanOrEqual(0)
  }
  expect(got).toEqual(messages)
  expect(outbox.granted(granted - 1)).toBe(false)
})

test('an outbox is bounded for who does not wait, and takes one message of any length', () => {
  const outbox = new Outbox(0)
  expect(outbox.push(new Uint8Array(32 * 1024 * 1024))).toBe(true)
  expect(outbox.push(new Uint8Array(1))).toBe(false)
  expect(outbox.isFull).toBe(true)
  let called = 0
  outbox.whenRoom(() => called++)
  expect(outbox.clear()).toBe(1)
  expect(called).toBe(1)
})

test('a budget within another takes from both or from neither', () => {
  const all = new Budget(100)
  const [one, two] = [new Budget(80, all), new Budget(80, all)]
  expect(one.take(70)).toBe(true)
  expect(two.take(40)).toBe(false)
  expect(two.taken).toBe(0)
  one.give(50)
  expect(two.take(40)).toBe(true)
  expect(all.taken).toBe(60)
})
