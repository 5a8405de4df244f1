import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Throttle } from '../../../node-core/network/host/throttle.ts'

const KB = 1000

class Pieces {
  readonly byteLength: number
  constructor(byteLength: number) {
    this.byteLength = byteLength
  }
  sublist(from: number, to: number): Pieces {
    return new Pieces(to - from)
  }
}

/** A connection as libp2p has it: it keeps what it could not send until `drain`. */
class FakeConnection {
  readonly remoteAddr
  sent = 0
  received = 0
  waiting = 0
  isPaused = false
  isFull = false

  constructor(address = '/ip4/127.0.0.1/tcp/1') {
    this.remoteAddr = multiaddr(address)
  }

  send(bytes: number): void {
    this.waiting += bytes
    this.#go()
  }
  sendData(data: Pieces): { sentBytes: number; canSendMore: boolean } {
    const sentBytes = this.isFull ? Math.min(10, data.byteLength) : data.byteLength
    this.sent += sentBytes
    return { sentBytes, canSendMore: !this.isFull }
  }
  onData(data: Pieces): void {
    this.received += data.byteLength
  }
  sendPause(): void {
    this.isPaused = true
  }
  sendResume(): void {
    this.isPaused = false
  }
  safeDispatchEvent(): boolean {
    this.#go()
    return true
  }
  #go(): void {
    while (this.waiting > 0) {
      const { sentBytes, canSendMore } = this.sendData(new Pieces(this.waiting))
      this.waiting -= sentBytes
      if (!canSendMore) return
    }
  }
}

function setUp(limits: { readonly in?: number; readonly out?: number }) {
  const clock = new FakeClock()
  const throttle = new Throttle(clock, { inBytesPerSecond: limits.in ?? 0, outBytesPerSecond: limits.out ?? 0 })
  const connect = (address?: string): FakeConnection => {
    const connection = new FakeConnection(address)
    throttle.attach(connection as unknown as MultiaddrConnection)
    return connection
  }
  return { clock, throttle, connect }
}

describe('a limit of what is sent', () => {
  test('lets a second\'s worth go at once and the rest at its pace, and loses nothing', () => {
    const { clock, connect } = setUp({ out: 100 * KB })
    const line = connect()
    line.send(64 * KB)
    expect(line.sent).toBe(64 * KB)
    line.send(536 * KB)
    for (let second = 1; second <= 5; second++) {
      clock.advance(1000)
      expect(Math.abs(line.sent - (second + 1) * 100 * KB)).toBeLessThan(20 * KB)
    }
    clock.advance(1000)
    expect([line.sent, line.waiting, clock.nextDue()]).toEqual([600 * KB, 0, undefined])
  })

  test('is of all connections together, and gives each its turn', () => {
    const { clock, connect } = setUp({ out: 200 * KB })
    const lines = Array.from({ length: 4 }, () => connect())
    for (const line of lines) line.send(2000 * KB)
    clock.advance(9000)
    const sent = lines.map((line) => line.sent)
    expect(Math.abs(sent.reduce((sum, bytes) => sum + bytes, 0) - 2000 * KB)).toBeLessThan(80 * KB)
    expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(2 * 65_536)
    // A vote of a fifth waits for a round of slices, not for eight megabytes.
    const late = connect()
    late.send(200)
    clock.advance(1500)
    expect(late.sent).toBe(200)
  })

  test('tells how long a reader may have to wait for its turn', () => {
    const { throttle, connect } = setUp({ out: 64 * 1024 })
    expect(throttle.sendDelayMs).toBe(1000)
    for (let i = 0; i < 3; i++) connect().send(200 * KB)
    expect(throttle.sendDelayMs).toBeGreaterThanOrEqual(4000)
  })

  test('leaves a socket that is full to say itself when it is not', () => {
    const { clock, connect } = setUp({ out: 100 * KB })
    const line = connect()
    line.isFull = true
    line.send(50 * KB)
    clock.advance(60_000)
    expect([line.sent, clock.nextDue()]).toEqual([10, undefined])
  })

  test('lets everything go at the stop: a connection closes when it is empty', () => {
    const { throttle, connect } = setUp({ out: 10 * KB })
    const line = connect()
    line.send(500 * KB)
    throttle.stop()
    expect(line.waiting).toBe(0)
  })
})

describe('a limit of what is received', () => {
  test('reads no more from those who bring too much, until their turn', () => {
    const { clock, connect } = setUp({ in: 100 * KB })
    const [one, two] = [connect(), connect()]
    let brought = 0
    for (let ms = 0; ms < 10_000; ms += 10) {
      for (const line of [one, two]) {
        if (line.isPaused) continue
        line.onData(new Pieces(50 * KB))
        brought += 50 * KB
      }
      clock.advance(10)
    }
    expect(one.received + two.received).toBe(brought)
    expect(brought).toBeGreaterThan(900 * KB)
    expect(brought).toBeLessThan(1300 * KB)
    expect(Math.abs(one.received - two.received)).toBeLessThanOrEqual(100 * KB)
  })

  test('gives an answer longer, as long as the line needs for several', () => {
    expect(setUp({}).throttle.patienceMs(8_000_000)).toBe(0)
    expect(setUp({ in: 1000 * KB }).throttle.patienceMs(8_000_000)).toBe(32_000)
    expect(setUp({ in: KB }).throttle.patienceMs(8_000_000)).toBe(120_000)
  })
})

test('no limit touches nothing, and a relayed connection is limited by the one that carries it', () => {
  const { clock, connect } = setUp({ out: 10 * KB, in: 10 * KB })
  const relayed = connect('/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit')
  relayed.send(500 * KB)
  relayed.onData(new Pieces(500 * KB))
  const free = new FakeConnection()
  new Throttle(clock, { inBytesPerSecond: 0, outBytesPerSecond: 0 }).attach(free as unknown as MultiaddrConnection)
  free.send(500 * KB)
  expect([relayed.sent, relayed.isPaused, free.sent]).toEqual([500 * KB, false, 500 * KB])
})
