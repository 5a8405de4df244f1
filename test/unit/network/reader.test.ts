import type { Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { FrameReader, encodeFrame } from '../../../node-core/network/framing.ts'
import { PeerReader } from '../../../node-core/network/peers/reader.ts'

const MIB = 1024 * 1024

class FakeStream extends EventTarget {
  readStatus = 'readable'
  readableEnded = false

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    this.readStatus = 'readable'
  }

  receive(frame: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: frame }))
  }

  end(): void {
    this.readableEnded = true
    this.dispatchEvent(new Event('end'))
  }
}

function reader() {
  const stream = new FakeStream()
  const state = { lengths: [] as number[], releases: [] as (() => void)[], ends: 0 }
  const own = new PeerReader(stream as unknown as Stream, new FrameReader(), { maxMessageBytes: 4 * MIB }, {
    count: () => undefined,
    onMessage: (message) => {
      state.lengths.push(message.length)
      return new Promise((resolve) => state.releases.push(resolve))
    },
    onLimited: () => undefined,
    onFailure: () => {
      state.ends++
      own.end()
    },
  })
  own.start()
  return { stream, state, own }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

test('a peer\'s messages in hand are bounded in bytes: the stream waits, and goes on where they are dealt with', async () => {
  const { stream, state } = reader()
  for (let i = 0; i < 4; i++) stream.receive(encodeFrame(new Uint8Array(1.5 * MIB)))
  expect([state.lengths.length, stream.readStatus]).toEqual([3, 'paused'])
  state.releases[0]?.()
  await settle()
  expect([state.lengths.length, stream.readStatus]).toEqual([4, 'paused'])
  state.releases[1]?.()
  await settle()
  expect(stream.readStatus).toBe('readable')
})

test('what came before the end of the stream is read before the end is told', async () => {
  const { stream, state } = reader()
  for (let i = 0; i < 4; i++) stream.receive(encodeFrame(new Uint8Array(1.5 * MIB)))
  stream.end()
  await settle()
  expect([state.lengths.length, state.ends]).toEqual([3, 0])
  for (const release of state.releases) release()
  await settle()
  expect([state.lengths.length, state.ends]).toEqual([4, 1])
})
