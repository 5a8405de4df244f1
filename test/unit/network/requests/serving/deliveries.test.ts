import type { Connection, Stream } from '@libp2p/interface'
import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { Deliveries, PORTION_BYTES, STALL_MS, Unread } from '../../../../../node-core/network/requests/serving/deliveries.ts'

const NEVER = new AbortController().signal

/** A stream with a window that the test opens; what does not fit stays in its buffer, as in libp2p's. */
class FakeStream extends EventTarget {
  window = PORTION_BYTES
  writeBufferLength = 0
  received = 0
  writableNeedsDrain = false
  error: Error | undefined
  #onClose: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined

  send(data: Uint8Array): boolean {
    this.writeBufferLength += data.length
    return this.#flush()
  }

  close(): Promise<void> {
    return this.writeBufferLength === 0 ? Promise.resolve() : new Promise((resolve, reject) => (this.#onClose = { resolve, reject }))
  }

  abort(error: Error): void {
    this.error = error
    this.#onClose?.reject(error)
    this.dispatchEvent(new Event('close'))
  }

  /** The other side took so much; or the connection drained, and it took nothing. */
  async read(bytes: number): Promise<void> {
    this.window += bytes
    this.#flush()
    this.dispatchEvent(new Event('drain'))
    if (this.writeBufferLength === 0) this.#onClose?.resolve()
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  #flush(): boolean {
    const part = Math.min(this.window, this.writeBufferLength)
    this.window -= part
    this.writeBufferLength -= part
    this.received += part
    this.writableNeedsDrain = this.writeBufferLength > 0 || this.window === 0
    return !this.writableNeedsDrain
  }
}

class FakeConnection {
  readonly remotePeer: string
  error: Error | undefined
  constructor(peer: string) {
    this.remotePeer = peer
  }
  abort(error: Error): void {
    this.error = error
  }
}

let clock: FakeClock
let awaited: boolean
let unread: string[]
let delayMs: number
let deliveries: Deliveries
beforeEach(() => {
  clock = new FakeClock()
  awaited = false
  unread = []
  delayMs = 0
  deliveries = new Deliveries({ clock, isAwaited: () => awaited, onUnread: (peer) => unread.push(peer), delayMs: () => delayMs })
})

function deliver(bytes: number, connection = new FakeConnection('p')) {
  const stream = new FakeStream()
  const state = { stream, connection, outcome: undefined as unknown }
  deliveries.send(connection as unknown as Connection, stream as unknown as Stream, new Uint8Array(bytes), NEVER).then(
    () => (state.outcome = 'taken'),
    (error: unknown) => (state.outcome = error),
  )
  return state
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('an answer', () => {
  test('is handed on portion by portion, and counted until it is taken', async () => {
    const one = deliver(3 * PORTION_BYTES)
    await settle()
    expect([one.stream.received + one.stream.writeBufferLength, deliveries.running]).toEqual([PORTION_BYTES, { messages: 1, bytes: 3 * PORTION_BYTES }])
    for (let i = 0; i < 4; i++) await one.stream.read(PORTION_BYTES)
    // With its length in front: four bytes at most.
    expect([one.outcome, one.stream.received - 3 * PORTION_BYTES <= 4, deliveries.running]).toEqual(['taken', true, { messages: 0, bytes: 0 }])
    expect(clock.nextDue()).toBeUndefined()
  })

  test('that is taken slowly is let be', async () => {
    const one = deliver(10 * PORTION_BYTES)
    for (let i = 0; i < 12; i++) {
      clock.advance(STALL_MS - 1)
      await one.stream.read(PORTION_BYTES)
    }
    expect([one.outcome, unread]).toEqual(['taken', []])
  })

  test('that is not taken is ended, whatever else the connection carries', async () => {
    const one = deliver(10 * PORTION_BYTES)
    await settle()
    for (let i = 0; i < 9; i++) {
      clock.advance(1000)
      await one.stream.read(0)
    }
    clock.advance(999)
    expect(one.stream.error).toBeUndefined()
    clock.advance(1)
    await settle()
    expect([one.outcome instanceof Unread, unread, one.connection.error]).toEqual([true, ['p'], undefined])
  })

  test('that stands in line on this side is not blamed on its reader', async () => {
    delayMs = 5000
    const one = deliver(10 * PORTION_BYTES)
    await settle()
    clock.advance(STALL_MS + 4999)
    expect([one.stream.error, unread]).toEqual([undefined, []])
    clock.advance(1)
    await settle()
    expect([one.outcome instanceof Unread, unread]).toEqual([true, ['p']])
  })

  test('that is not taken ends its connection, the fourth time in a row', async () => {
    const connection = new FakeConnection('p')
    const stall = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) deliver(2 * PORTION_BYTES, connection)
      await settle()
      clock.advance(STALL_MS)
      await settle()
    }
    await stall(3)
    const read = deliver(2 * PORTION_BYTES, connection)
    for (let i = 0; i < 3; i++) await read.stream.read(PORTION_BYTES)
    await stall(3)
    expect([read.outcome, connection.error]).toEqual(['taken', undefined])
    await stall(1)
    expect([unread.length, connection.error]).toEqual([7, expect.any(Error)])
  })

  test('that stands still longest makes way after two seconds while others wait', async () => {
    const still = deliver(10 * PORTION_BYTES)
    clock.advance(500)
    const later = deliver(10 * PORTION_BYTES)
    const read = deliver(10 * PORTION_BYTES)
    await settle()
    awaited = true
    deliveries.press()
    clock.advance(1000)
    await read.stream.read(PORTION_BYTES)
    clock.advance(499)
    expect([still, later, read].map(({ stream }) => stream.error !== undefined)).toEqual([false, false, false])
    clock.advance(251)
    await settle()
    expect([still, later, read].map(({ stream }) => stream.error !== undefined)).toEqual([true, false, false])
    clock.advance(750)
    await settle()
    expect([still, later, read].map(({ stream }) => stream.error !== undefined)).toEqual([true, true, false])
    awaited = false
    await read.stream.read(PORTION_BYTES)
    clock.advance(5000)
    expect([read.stream.error, unread]).toEqual([undefined, []])
  })

  test('whose reader goes away is no fault of anybody', async () => {
    const one = deliver(10 * PORTION_BYTES)
    await settle()
    one.stream.abort(new Error('reset'))
    await settle()
    expect(one.outcome).toMatchObject({ code: 'NETWORK_DISCONNECTED' })
    expect([deliveries.running.messages, unread, clock.nextDue()]).toEqual([0, [], undefined])
  })
})
