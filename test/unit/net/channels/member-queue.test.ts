import { expect, test } from 'vitest'
import { MemberQueue, type Outcome, type WhenFull } from '../../../../node-core/net/channels/member-queue.ts'

/** Pushes messages of ten bytes, and says what became of each. */
function filled(whenFull: WhenFull, count: number, bounds = { messages: 3, bytes: 1000 }): { queue: MemberQueue; outcomes: (Outcome | undefined)[] } {
  const queue = new MemberQueue({ ...bounds, whenFull })
  const outcomes: (Outcome | undefined)[] = Array.from({ length: count }, () => undefined)
  for (let i = 0; i < count; i++) queue.push({ message: new Uint8Array(10).fill(i), settle: (outcome) => (outcomes[i] = outcome) })
  return { queue, outcomes }
}

test.each([
  ['drop-oldest', 5, ['dropped', 'dropped', undefined, undefined, undefined]],
  ['drop-newest', 5, [undefined, undefined, undefined, 'dropped', 'dropped']],
  ['hold', 7, [undefined, undefined, undefined, undefined, undefined, undefined, 'dropped']],
] as const)('%s: what goes is counted, and its sender hears of it', (whenFull, count, expected) => {
  const { queue, outcomes } = filled(whenFull, count)
  expect(outcomes).toEqual(expected)
  expect(queue.dropped).toBe(expected.filter((outcome) => outcome === 'dropped').length)
  expect(queue.bytes).toBe(queue.length * 10)
})

test('bytes bound it too, but for a message that is alone', () => {
  expect(filled('drop-oldest', 4, { messages: 100, bytes: 25 }).queue.length).toBe(2)
  expect(filled('drop-newest', 1, { messages: 100, bytes: 5 }).queue.length).toBe(1)
})

test('whoever sends waits only where messages are held, until there is room', async () => {
  await filled('drop-oldest', 5).queue.room()
  const { queue } = filled('hold', 4)
  let hasRoom = false
  void queue.room().then(() => (hasRoom = true))
  queue.shift()
  await Promise.resolve()
  expect(hasRoom).toBe(false)
  queue.shift()
  await Promise.resolve()
  expect(hasRoom).toBe(true)
})

test('what waits fails when it is cleared', async () => {
  const { queue, outcomes } = filled('hold', 3)
  const room = queue.room()
  queue.clear('failed')
  await room
  expect(outcomes).toEqual(['failed', 'failed', 'failed'])
  expect([queue.length, queue.bytes]).toEqual([0, 0])
})
