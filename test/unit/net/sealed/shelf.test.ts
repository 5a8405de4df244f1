import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Shelf, type ShelfEntry, type ShelfLimits } from '../../../../node-core/net/sealed/shelf.ts'

const LIMITS: ShelfLimits = { maxMessages: 6, maxBytes: 10 * 4096, senderMessages: 4, senderBytes: 8 * 4096, maxAgeMs: 1000 }
let count = 0
const entry = (sender: string, length = 100, since = 0): ShelfEntry => ({ id: `m${count++}`, sender, recipient: 'r', length, since })

describe('what is kept for others', () => {
  it('is bounded for a sender, in messages and in bytes', () => {
    const shelf = new Shelf(LIMITS)
    for (let i = 0; i < 4; i++) expect(shelf.place(entry('a'))).toMatchObject({ placed: true })
    expect(shelf.place(entry('a'))).toEqual({ placed: false, why: 'sender' })
    expect(new Shelf(LIMITS).place(entry('b', 8 * 4096 + 1))).toEqual({ placed: false, why: 'sender' })
  })

  it('is taken from whoever has the most where it is full, the oldest first', () => {
    const shelf = new Shelf(LIMITS)
    const ofA = [entry('a'), entry('a'), entry('a'), entry('a')]
    for (const one of [...ofA, entry('b'), entry('b')]) shelf.place(one)
    expect(shelf.place(entry('c'))).toEqual({ placed: true, dropped: [ofA[0]] })
    expect(shelf.entries().map(({ sender }) => sender).sort().join('')).toBe('aaabbc')
  })

  it('is refused where nobody has more than its sender would have', () => {
    const shelf = new Shelf(LIMITS)
    for (const sender of ['a', 'a', 'b', 'b', 'c', 'c']) shelf.place(entry(sender))
    expect(shelf.place(entry('a'))).toEqual({ placed: false, why: 'full' })
    expect(shelf.place(entry('d'))).toMatchObject({ placed: true })
  })

  it('is there once, whoever brings it again', () => {
    const shelf = new Shelf(LIMITS)
    const one = entry('a')
    shelf.place(one)
    expect([shelf.place(one), shelf.use.messages]).toEqual([{ placed: true, dropped: [] }, 1])
  })

  it('goes by age', () => {
    const shelf = new Shelf(LIMITS)
    const [old, young] = [entry('a', 1, 0), entry('a', 1, 500)]
    shelf.place(old)
    shelf.place(young)
    expect([shelf.expire(1000), shelf.expire(1001), shelf.entries()]).toEqual([[], [old], [young]])
  })

  it('is never more than it may be', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ sender: fc.constantFrom('a', 'b', 'c', 'd'), length: fc.integer({ min: 1, max: 20_000 }) }), { maxLength: 60 }), (messages) => {
        const shelf = new Shelf(LIMITS)
        for (const { sender, length } of messages) {
          const before = shelf.entries()
          const placing = shelf.place(entry(sender, length))
          if (!placing.placed) expect(shelf.entries()).toEqual(before)
          expect(shelf.use.messages).toBeLessThanOrEqual(LIMITS.maxMessages)
          expect(shelf.use.bytes).toBeLessThanOrEqual(LIMITS.maxBytes)
        }
      }),
    )
  })
})
