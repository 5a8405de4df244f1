/** A stream joined to a socket, by a clock that is turned: how long each end waits for the other. */
import { createServer, connect, type Server, type Socket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { StreamPipe } from '../../../node-core/net/pipe.ts'
import { eventually } from '../../helpers/network.ts'

const HALF_CLOSED_MS = 100_000

let folder: string
let server: Server
let clock: FakeClock
let program: Socket
let peer: Stream
let pipe: StreamPipe
let isDone: boolean
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-pipe-'))
  const sockets: Socket[] = []
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve))
  program = connect({ path: join(folder, 's'), allowHalfOpen: true }).on('error', () => undefined)
  await eventually(() => sockets.length === 1, 'the connection')
  const [own, other] = await streamPair()
  peer = other
  clock = new FakeClock()
  isDone = false
  pipe = new StreamPipe(sockets[0] as Socket, own, clock, { halfClosedMs: HALF_CLOSED_MS })
  void pipe.done.then(() => (isDone = true))
})
afterEach(async () => {
  program.destroy()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Time passes, and with it what the pipe does from time to time. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const heard = (): Promise<string> => new Promise((resolve) => {
  let text = ''
  peer.addEventListener('message', ({ data }) => (text += Buffer.from(data.subarray()).toString()))
  peer.addEventListener('end', () => queueMicrotask(() => resolve(text)))
})

describe('a pipe', () => {
  it('waits for a peer as long as it is told after the program has ended its half, and no longer', async () => {
    const text = heard()
    program.end('question')
    expect(await text).toBe('question')
    await pass(HALF_CLOSED_MS - 5_000)
    expect([peer.status, isDone]).toEqual(['open', false])
    await pass(10_000)
    await eventually(() => peer.status === 'reset' && isDone, 'the reset')
  })

  it('waits anew when the peer says something', async () => {
    program.end('question')
    await heard()
    await pass(HALF_CLOSED_MS - 5_000)
    peer.send(Buffer.from('wait'))
    const got = new Promise<string>((resolve) => program.once('data', (chunk) => resolve(chunk.toString())))
    expect(await got).toBe('wait')
    await pass(HALF_CLOSED_MS - 5_000)
    expect(peer.status).toBe('open')
  })

  it('does not wait long where the program is gone: it sees that by itself', async () => {
    const text = heard()
    await new Promise<void>((resolve) => program.write('last', () => resolve()))
    program.destroy()
    expect(await text).toBe('last')
    await eventually(async () => {
      await pass(1_000)
      return isDone
    }, 'the reset')
    expect(peer.status).toBe('reset')
    expect(clock.now()).toBeLessThan(HALF_CLOSED_MS)
  })

  it('resets both ends when it is told to', async () => {
    pipe.abort('enough')
    await eventually(() => isDone && peer.status === 'reset', 'the end')
    expect(clock.nextDue()).toBeUndefined()
  })

  it('has nothing to wait for when both ends have ended', async () => {
    program.end()
    await heard()
    await peer.close()
    program.resume()
    await eventually(() => isDone, 'the end')
    expect(clock.nextDue()).toBeUndefined()
  })
})
