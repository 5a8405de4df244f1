import { describe, expect, it } from 'vitest'
import { ItemQueue } from '../../../../node-core/net/ipc/session/item-queue.ts'

const item = (n: number, bytes = 1): Uint8Array => new Uint8Array(bytes).fill(n)
const never = new AbortController().signal
const settled = async (promise: Promise<void>): Promise<boolean> => {
  let done = false
  void promise.then(() => (done = true))
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

describe('a queue that drops', () => {
  it('loses its oldest and says how many with the next', () => {
    const queue = new ItemQueue({ queueItems: 2, whenSlow: 'drop' }, { maxBytes: 100, credit: 0 })
    expect([1, 2, 3, 4].map((n) => queue.push(item(n)))).toEqual([0, 0, 1, 1])
    expect([queue.take(), queue.take(), queue.take()]).toEqual([{ message: item(3), dropped: 2 }, { message: item(4), dropped: 0 }, undefined])
  })

  it('is bounded in bytes', () => {
    const queue = new ItemQueue({ queueItems: 100, whenSlow: 'drop' }, { maxBytes: 10, credit: 0 })
    for (let n = 0; n < 5; n++) queue.push(item(n, 4))
    expect([queue.length, queue.take()]).toEqual([2, { message: item(3, 4), dropped: 3 }])
  })

  it('always has room', async () => {
    const queue = new ItemQueue({ queueItems: 1, whenSlow: 'drop' }, { maxBytes: 10, credit: 0 })
    queue.push(item(1))
    expect(await settled(queue.room(never))).toBe(true)
  })
})

describe('a queue that holds', () => {
  it('drops nothing, and has room when enough was taken', async () => {
    const queue = new ItemQueue({ queueItems: 2, whenSlow: 'hold' }, { maxBytes: 100, credit: 0 })
    queue.push(item(1))
    expect(await settled(queue.room(never))).toBe(true)
    queue.push(item(2))
    const room = queue.room(never)
    expect(await settled(room)).toBe(false)
    queue.take()
    expect(await settled(room)).toBe(true)
  })

  it('lets go of who waits when the call ends', async () => {
    const call = new AbortController()
    const queue = new ItemQueue({ queueItems: 1, whenSlow: 'hold' }, { maxBytes: 100, credit: 0 })
    queue.push(item(1))
    const waits = [queue.room(call.signal), queue.drained(call.signal)]
    call.abort()
    await Promise.all(waits)
  })
})

describe('credit', () => {
  it('lets out so many, and more when more is granted', () => {
    const queue = new ItemQueue({ queueItems: 10, whenSlow: 'drop' }, { maxBytes: 100, credit: 1 })
    for (const n of [1, 2, 3]) queue.push(item(n))
    expect([queue.take()?.message, queue.take(), queue.canTake]).toEqual([item(1), undefined, false])
    queue.grant(2)
    expect([queue.take()?.message, queue.take()?.message, queue.take()]).toEqual([item(2), item(3), undefined])
  })

  it('that is not said is without end', () => {
    const queue = new ItemQueue({ queueItems: 1000, whenSlow: 'drop' }, { maxBytes: 1000, credit: 0 })
    for (let n = 0; n < 500; n++) queue.push(item(n))
    for (let n = 0; n < 500; n++) expect(queue.take()).toBeDefined()
  })
})
