import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FrameReader, encodeFrame } from '../../../node-core/network/framing.ts'
import { OutboundQueue } from '../../../node-core/network/peers/outbound-queue.ts'
import { TokenBucket } from '../../../node-core/network/token-bucket.ts'

describe('frames', () => {
  test('come out as they went in, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (messages, cuts) => {
        const bytes = concatBytes(...messages.map(encodeFrame))
        const frames = new FrameReader()
        const out: Uint8Array[] = []
        let cut = 0
        for (let offset = 0; offset < bytes.length; cut++) {
          const size = cuts[cut % cuts.length] as number
          frames.push(bytes.subarray(offset, offset + size))
          offset += size
          for (let frame = frames.next(300); frame !== undefined; frame = frames.next(300)) out.push(frame)
        }
        expect(out).toEqual(messages)
        expect(frames.partial).toBe(false)
      }),
    )
  })

  test('give what follows on the last of them to whoever takes the stream over', () => {
    const frames = new FrameReader()
    frames.push(concatBytes(encodeFrame(Uint8Array.of(1, 2)), Uint8Array.of(9)))
    frames.push(Uint8Array.of(8, 7))
    expect([frames.next(300), frames.takeRest(), frames.takeRest(), frames.buffered]).toEqual([Uint8Array.of(1, 2), Uint8Array.of(9, 8, 7), new Uint8Array(0), 0])
  })

  test('too long are refused by their length alone', () => {
    const frames = new FrameReader()
    frames.push(Uint8Array.of(0xad, 0x02))
    expect(() => frames.next(300)).toThrow(/301 bytes/)
    const exact = new FrameReader()
    exact.push(encodeFrame(new Uint8Array(300)))
    expect(exact.next(300)).toHaveLength(300)
  })

  test.each([[[0x80, 0x00]], [[0x80, 0x80, 0x80, 0x80]], [[0xff, 0xff, 0xff, 0xff]]])('with the length %j are none', (bytes) => {
    const frames = new FrameReader()
    frames.push(Uint8Array.from(bytes))
    expect(() => frames.next(2 ** 28)).toThrow(/length/)
  })
})

test('a long frame that comes byte by byte takes its own room, and none of what it came in', () => {
  const message = Uint8Array.from({ length: 300_000 }, (_, i) => i)
  const frames = new FrameReader()
  const chunks = Array.from(encodeFrame(message), (byte) => Uint8Array.of(byte))
  for (const chunk of chunks) {
    if (frames.next(300_000) !== undefined) expect.fail('too early')
    frames.push(chunk)
    // What comes behind the first one is copied: the transport may use its buffers again.
    if (chunk !== chunks[0]) chunk[0] = 0
  }
  expect(frames.next(300_000)).toEqual(message)
  expect(frames.partial).toBe(false)
})

test('frames of large and small pieces, as a transport cuts them, come out as they went in', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 4000, max: 4200 }), fc.integer({ min: 20_000, max: 70_000 }))
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 12 }), fc.array(size, { minLength: 1, maxLength: 6 }), (lengths, cuts) => {
      const messages = lengths.map((length, i) => Uint8Array.from({ length }, (_, at) => at * 7 + i))
      const bytes = concatBytes(...messages.map(encodeFrame))
      const frames = new FrameReader()
      const out: Uint8Array[] = []
      for (let offset = 0, cut = 0; offset < bytes.length; cut++) {
        const end = Math.min(bytes.length, offset + (cuts[cut % cuts.length] as number))
        // A copy of its own, or a view of something larger.
        frames.push(cut % 3 === 0 ? bytes.subarray(offset, end) : bytes.slice(offset, end))
        offset = end
        for (let frame = frames.next(70_000); frame !== undefined; frame = frames.next(70_000)) out.push(frame)
      }
      // Compared at the end: what was handed out must not have been written on.
      expect(Buffer.compare(concatBytes(...out.map(encodeFrame)), bytes)).toBe(0)
      expect([frames.partial, frames.buffered]).toEqual([false, 0])
    }),
    { numRuns: 60 },
  )
})

test('a frame that was handed out stays as it is when more arrives', () => {
  const frames = new FrameReader()
  for (const byte of encodeFrame(Uint8Array.of(1, 2, 3))) frames.push(Uint8Array.of(byte))
  const frame = frames.next(10)
  for (const byte of encodeFrame(Uint8Array.of(4, 5, 6))) frames.push(Uint8Array.of(byte))
  expect([frame, frames.next(10)]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)])
})

describe('the queue of a slow peer', () => {
  test('drops its oldest and counts it', () => {
    const queue = new OutboundQueue(2, 1000)
    for (const byte of [1, 2, 3]) queue.push(Uint8Array.of(byte))
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([Uint8Array.of(2), Uint8Array.of(3), undefined])
    expect(queue.dropped).toBe(1)
  })

  test('keeps the newest of a kind only', () => {
    const queue = new OutboundQueue(8, 1000)
    queue.push(Uint8Array.of(1), 'announce')
    queue.push(Uint8Array.of(2))
    queue.push(Uint8Array.of(3), 'announce')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([Uint8Array.of(2), Uint8Array.of(3), undefined])
    expect([queue.replaced, queue.dropped, queue.bytes]).toEqual([1, 0, 0])
  })

  test('is bounded in bytes too', () => {
    const queue = new OutboundQueue(100, 10)
    for (let i = 0; i < 5; i++) queue.push(new Uint8Array(4))
    expect([queue.length, queue.bytes, queue.dropped]).toEqual([2, 8, 3])
    expect(queue.push(new Uint8Array(11))).toBe(3)
    expect([queue.length, queue.bytes]).toEqual([0, 0])
  })
})

test('a rate lets the burst through, then the average', () => {
  const clock = new FakeClock()
  const bucket = new TokenBucket(clock, { perSecond: 2, burst: 3 })
  const take = (count: number) => Array.from({ length: count }, () => bucket.take()).filter(Boolean).length
  expect(take(10)).toBe(3)
  clock.advance(1000)
  expect(take(10)).toBe(2)
  clock.advance(60_000)
  expect(take(10)).toBe(3)
})
