import type { Stream } from '@libp2p/interface'
import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { QueueRoom } from '../../../node-core/network/peers/queue-room.ts'
import { PeerWriter, WRITE_DEADLINE_MS } from '../../../node-core/network/peers/writer.ts'

/** Takes what it is given while it is not full. */
class FakeStream extends EventTarget {
  writableNeedsDrain = false
  writeBufferLength = 0
  readonly sent: number[] = []

  send(frame: Uint8Array): boolean {
    this.sent.push(frame.length)
    return true
  }

  fill(): void {
    this.writableNeedsDrain = true
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.dispatchEvent(new Event('drain'))
  }

  /** The peer takes so many of the bytes that it holds; with 0, only the connection has room again. As libp2p's: what it holds it sends later, and looks then. */
  drainHeld(bytes: number): void {
    this.writableNeedsDrain = false
    queueMicrotask(() => {
      this.writeBufferLength -= bytes
      this.writableNeedsDrain = this.writeBufferLength > 0
    })
    this.dispatchEvent(new Event('drain'))
  }
}

let clock: FakeClock
let room: QueueRoom
beforeEach(() => {
  clock = new FakeClock()
  room = new QueueRoom(1000)
})

function writer(maxBytes = 10_000) {
  const stream = new FakeStream()
  const state = { stream, dropped: 0, failure: undefined as string | undefined }
  const events = { onSent: () => undefined, onDropped: (count: number) => void (state.dropped += count), onFailure: (reason: string) => void (state.failure = reason) }
  return { ...state, state, writer: new PeerWriter(stream as unknown as Stream, { maxItems: 100, maxBytes }, events, { clock, room }) }
}

describe('messages for slow peers', () => {
  test('share a room: where it is full, the fullest queue loses its oldest', () => {
    const [slow, slower, quick] = [writer(), writer(), writer()]
    for (const { stream } of [slow, slower]) stream.fill()
    for (let i = 0; i < 3; i++) slow.writer.send(new Uint8Array(100 + i))
    for (let i = 0; i < 6; i++) slower.writer.send(new Uint8Array(100 + i))
    expect(room.bytes).toBe(303 + 615)
    quick.writer.send(new Uint8Array(500))
    expect([quick.stream.sent, slower.state.dropped]).toEqual([[500], 0])
    slow.writer.send(new Uint8Array(150))
    expect([slow.state.dropped, slower.state.dropped, room.bytes]).toEqual([0, 1, 303 + 515 + 150])
    slower.stream.drain()
    expect([slower.stream.sent, room.bytes]).toEqual([[101, 102, 103, 104, 105], 453])
    slow.writer.end()
    expect([room.bytes, slow.state.dropped]).toEqual([0, 4])
  })

  test('end the topic where none is taken for a minute', () => {
    const { stream, state, writer: own } = writer()
    own.send(new Uint8Array(1))
    clock.advance(10 * WRITE_DEADLINE_MS)
    stream.fill()
    own.send(new Uint8Array(2))
    clock.advance(WRITE_DEADLINE_MS - 1)
    stream.drain()
    stream.fill()
    own.send(new Uint8Array(3))
    clock.advance(WRITE_DEADLINE_MS - 1)
    expect(state.failure).toBeUndefined()
    clock.advance(1)
    expect(state.failure).toBe('it reads nothing')
  })

  test('stay in their queue where the connection has room and the peer gave the stream none', async () => {
    const { stream, state, writer: own } = writer()
    stream.fill()
    stream.writeBufferLength = 300
    own.send(new Uint8Array(2))
    const turn = async (bytes: number): Promise<void> => {
      stream.drainHeld(bytes)
      await Promise.resolve()
    }
    clock.advance(WRITE_DEADLINE_MS - 1)
    await turn(0)
    expect([stream.sent, own.queued.messages]).toEqual([[], 1])
    // It took some of what is before them: the minute begins anew.
    await turn(100)
    clock.advance(WRITE_DEADLINE_MS - 1)
    expect([stream.sent, state.failure]).toEqual([[], undefined])
    await turn(200)
    expect(stream.sent).toEqual([2])
    stream.fill()
    stream.writeBufferLength = 50
    own.send(new Uint8Array(3))
    clock.advance(WRITE_DEADLINE_MS - 1)
    await turn(0)
    clock.advance(1)
    expect([stream.sent, state.failure]).toEqual([[2], 'it reads nothing'])
  })

  test('are forgotten with their peer', () => {
    const { stream, state, writer: own } = writer()
    stream.fill()
    own.send(new Uint8Array(2))
    own.end()
    clock.advance(10 * WRITE_DEADLINE_MS)
    expect([state.failure, clock.nextDue(), room.bytes]).toEqual([undefined, undefined, 0])
  })
})
