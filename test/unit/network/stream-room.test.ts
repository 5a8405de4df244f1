/** Waiting for room in a stream, each time anew. */
import type { Stream } from '@libp2p/interface'
import { describe, expect, test } from 'vitest'
import { roomIn } from '../../../node-core/network/stream-room.ts'

/** A stream that is full until it is told otherwise, and may be full again behind a drain. */
function fullStream(): { readonly stream: Stream; readonly drain: (staysFull: boolean) => void; readonly close: () => void } {
  const events = new EventTarget()
  const stream = Object.assign(events, { writableNeedsDrain: true })
  return {
    stream: stream as unknown as Stream,
    drain: (staysFull) => {
      stream.writableNeedsDrain = false
      // As libp2p's streams do: what waits is sent in a microtask of its own.
      queueMicrotask(() => (stream.writableNeedsDrain = staysFull))
      events.dispatchEvent(new Event('drain'))
    },
    close: () => events.dispatchEvent(new Event('close')),
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('room in a stream', () => {
  test('is waited for, and a drain of the connection that leaves the stream full is none', async () => {
    const { stream, drain } = fullStream()
    for (let round = 0; round < 3; round++) {
      Object.assign(stream, { writableNeedsDrain: true })
      let has = false
      const waiting = roomIn(stream, new AbortController().signal).then(() => (has = true))
      drain(true)
      await settle()
      expect(has).toBe(false)
      drain(false)
      await waiting
    }
  })

  test('is there already, comes no more when the stream ends, or is given up', async () => {
    const { stream, close } = fullStream()
    const ended = roomIn(stream, new AbortController().signal)
    close()
    await expect(ended).rejects.toThrow('the stream ended')
    await expect(roomIn(stream, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up')
    Object.assign(stream, { writableNeedsDrain: false })
    await expect(roomIn(stream, new AbortController().signal)).resolves.toBeUndefined()
  })
})
