import { expect, test } from 'vitest'
import { FIRST_WINDOW, Pacer, QUEUE_MS } from '../../../../node-core/net/channels/session/pacer.ts'

/** A line of a rate (bytes per millisecond) and a base round trip, always full: one answer a step. */
class FullLine {
  readonly pacer = new Pacer()
  now = 0
  rate: number
  base: number
  /** Milliseconds by which an answer is late, as on a busy computer. */
  late: () => number = () => 0

  constructor(rate: number, base: number) {
    this.rate = rate
    this.base = base
    // A session begins with a few bytes, which find no queue.
    this.pacer.onRoundTrip(base, 0)
  }

  /** Milliseconds that a byte at the end of what is under way waits in a queue. */
  get queueMs(): number {
    return Math.max(0, this.pacer.window / this.rate - this.base)
  }

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      const { window } = this.pacer
      const roundTrip = Math.max(this.base, window / this.rate)
      this.pacer.onSent(window / 8)
      this.pacer.onLimiting()
      this.now += roundTrip / 8
      this.pacer.onAcked(window / 8, this.now)
      this.pacer.onRoundTrip(roundTrip + this.late(), this.now)
    }
  }
}

test.each([
  [2000, 1],
  [2000, 60],
  [100, 30],
  [100_000, 0.3],
  [20_000, 150],
])('of %i bytes a millisecond and %i ms: about 10 ms stand in a queue', (rate, base) => {
  const line = new FullLine(rate, base)
  line.run(5000)
  expect(line.queueMs).toBeGreaterThan(QUEUE_MS / 4)
  expect(line.queueMs).toBeLessThan(QUEUE_MS * 1.5)
  expect((line.pacer.bytesPerSecond ?? 0) / 1000 / rate).toBeCloseTo(1, 1)
})

test('answers that are late now and then do not make the window follow them', () => {
  const line = new FullLine(2000, 1)
  let count = 0
  line.late = () => (++count % 5 === 0 ? 80 : 0)
  line.run(5000)
  expect(line.queueMs).toBeGreaterThan(QUEUE_MS / 4)
  expect(line.queueMs).toBeLessThan(QUEUE_MS * 1.5)
})

test('answers that are all late do not take the window from a line that goes on carrying much', () => {
  const line = new FullLine(100_000, 0.3)
  line.run(500)
  let count = 0
  line.late = () => 20 + (++count % 7) * 10
  line.run(3000)
  expect(line.queueMs).toBeGreaterThan(QUEUE_MS / 4)
  expect(line.queueMs).toBeLessThan(QUEUE_MS * 1.5)
})

test('a line that becomes slower, or longer, is found out', () => {
  const line = new FullLine(20_000, 20)
  line.run(3000)
  line.rate = 2000
  line.run(3000)
  expect(line.queueMs).toBeLessThan(QUEUE_MS * 1.5)
  line.base = 60
  // A base is believed for ten seconds.
  line.run(30_000)
  expect(line.queueMs).toBeGreaterThan(0)
  expect(line.queueMs).toBeLessThan(QUEUE_MS * 2)
})

test('a window that lets out all that there is does not grow', () => {
  const pacer = new Pacer()
  for (let now = 0; now < 1000; now += 5) {
    pacer.onSent(100)
    pacer.onAcked(100, now)
    pacer.onRoundTrip(2, now)
  }
  expect(pacer.window).toBe(FIRST_WINDOW)
  expect(pacer.inFlight).toBe(0)
})

test('frames are short on a slow line, and control may go beyond the window', () => {
  const [slow, fast] = [new FullLine(100, 20), new FullLine(100_000, 0.3)]
  slow.run(3000)
  fast.run(3000)
  expect(slow.pacer.frameBytes).toBeLessThanOrEqual(1024)
  expect(fast.pacer.frameBytes).toBe(64 * 1024)
  slow.pacer.onSent(slow.pacer.window)
  expect(slow.pacer.room(false)).toBeLessThanOrEqual(0)
  expect(slow.pacer.room(true)).toBeGreaterThan(32 * 1024)
  slow.pacer.reset()
  expect([slow.pacer.window, slow.pacer.inFlight, slow.pacer.rttMs]).toEqual([FIRST_WINDOW, 0, undefined])
})
