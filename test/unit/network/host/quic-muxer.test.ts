/** Streams upon a connection of QUIC whose native part is made by hand. */
import { defaultLogger } from '@libp2p/logger'
import type { Stream, StreamMuxer } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, test } from 'vitest'
import { quicStreams, type NativeConnection, type NativeStream } from '../../../../node-core/network/host/quic-muxer.ts'

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

class ByHand implements NativeStream {
  readonly reads: { readonly size: number; readonly answer: PromiseWithResolvers<Uint8Array | null> }[] = []
  readonly writes: { readonly data: Uint8Array; readonly done: PromiseWithResolvers<void> }[] = []
  readonly said: string[] = []
  id = (): string => '0'
  read(size: number): Promise<Uint8Array | null> {
    const answer = Promise.withResolvers<Uint8Array | null>()
    this.reads.push({ size, answer })
    return answer.promise
  }
  write(data: Uint8Array): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.writes.push({ data, done })
    return done.promise
  }
  finishWrite = (): Promise<void> => this.#say('finish')
  resetWrite = (): Promise<void> => this.#say('reset')
  stopRead = (): Promise<void> => this.#say('stop')
  #say(word: string): Promise<void> {
    this.said.push(word)
    return Promise.resolve()
  }
  async come(data: Uint8Array | null): Promise<void> {
    this.reads.at(-1)?.answer.resolve(data)
    await turns()
  }
}

class Carrier extends AbstractMultiaddrConnection {
  sendData(): SendResult {
    throw new Error('nothing goes this way')
  }
  sendReset(): void {}
  sendPause(): void {}
  sendResume(): void {}
  sendClose(): Promise<void> {
    return Promise.resolve()
  }
}

let native: NativeConnection & { readonly streams: ByHand[]; aborted: number; readonly incoming: PromiseWithResolvers<NativeStream>[] }
let carrier: Carrier
let muxer: StreamMuxer

beforeEach(() => {
  native = {
    streams: [],
    incoming: [],
    aborted: 0,
    inboundStream() {
      const next = Promise.withResolvers<NativeStream>()
      native.incoming.push(next)
      return next.promise
    },
    outboundStream() {
      const stream = new ByHand()
      native.streams.push(stream)
      return Promise.resolve(stream)
    },
    abort: () => void native.aborted++,
  }
  carrier = new Carrier({ remoteAddr: multiaddr('/ip4/192.0.2.1/udp/1/quic-v1'), direction: 'outbound', log: defaultLogger().forComponent('test') })
  const factory = quicStreams(native, carrier)
  muxer = factory.createStreamMuxer(carrier)
})

async function open(): Promise<{ readonly stream: Stream; readonly part: ByHand; readonly events: string[] }> {
  const stream = await muxer.createStream()
  const events: string[] = []
  stream.addEventListener('message', ({ data }) => events.push(`message ${data.byteLength}`))
  stream.addEventListener('remoteCloseWrite', () => events.push('end'))
  stream.addEventListener('drain', () => events.push('drain'))
  stream.addEventListener('close', ({ error }) => events.push(`close ${error?.name ?? ''}`))
  return { stream, part: native.streams.at(-1) as ByHand, events }
}

describe('reading', () => {
  test('asks for one piece after the other, and for larger ones while they are filled', async () => {
    const { part, events } = await open()
    for (let size = 4096; size <= 65_536; size *= 2) await part.come(new Uint8Array(size))
    await part.come(new Uint8Array(65_536))
    await part.come(new Uint8Array(10))
    expect(part.reads.map(({ size }) => size)).toEqual([4096, 8192, 16_384, 32_768, 65_536, 65_536, 65_536, 4096].slice(0, part.reads.length))
    expect(events.at(-1)).toBe('message 10')
  })

  test('stops at a pause, and goes on from there', async () => {
    const { stream, part, events } = await open()
    stream.pause()
    await part.come(new Uint8Array(100))
    expect([part.reads.length, events]).toEqual([1, []])
    stream.resume()
    await turns()
    expect([part.reads.length, events]).toEqual([2, ['message 100']])
  })

  test('stays paused where a listener pauses again at once', async () => {
    const { stream, part } = await open()
    stream.addEventListener('message', () => stream.pause())
    stream.pause()
    await part.come(new Uint8Array(1))
    stream.resume()
    await turns()
    expect(part.reads.length).toBe(1)
  })

  test('tells the end, which is not that the stream broke', async () => {
    const [ended, broken] = [await open(), await open()]
    await ended.part.come(null)
    expect(ended.events).toEqual(['end'])
    broken.part.reads[0]?.answer.reject(new Error('stream reset by peer'))
    await turns()
    expect(broken.events).toEqual(['close StreamResetError'])
    expect(broken.part.said).toEqual(['reset'])
  })

  test('waits while the whole connection is held back', async () => {
    const { part, events } = await open()
    carrier.sendPause()
    await part.come(new Uint8Array(5))
    expect([part.reads.length, events]).toEqual([1, ['message 5']])
    carrier.sendResume()
    expect(part.reads.length).toBe(2)
  })
})

describe('writing', () => {
  test('hands over one piece at a time', async () => {
    const { stream, part, events } = await open()
    expect(stream.send(new Uint8Array(100_000))).toBe(false)
    stream.send(new Uint8Array(1))
    expect(part.writes.map(({ data }) => data.length)).toEqual([65_536])
    part.writes[0]?.done.resolve()
    await turns()
    expect(part.writes.map(({ data }) => data.length)).toEqual([65_536, 34_465])
    expect(events).toEqual(['drain'])
  })

  test('waits for a line that is limited, until it has room', async () => {
    const { stream, part } = await open()
    let room = 10
    Object.assign(carrier, { sendData: ({ byteLength }: { byteLength: number }) => ({ sentBytes: Math.min(byteLength, room), canSendMore: room > 0 }) })
    stream.send(new Uint8Array(30))
    room = 0
    part.writes[0]?.done.resolve()
    await turns()
    expect(part.writes.map(({ data }) => data.length)).toEqual([10])
    room = 100
    carrier.safeDispatchEvent('drain')
    await turns()
    expect(part.writes.map(({ data }) => data.length)).toEqual([10, 20])
  })

  test('ends where the peer reads no more, and what the peer says is still heard', async () => {
    const { stream, part, events } = await open()
    stream.send(new Uint8Array(10))
    part.writes[0]?.done.reject(new Error('sending stopped by peer'))
    await turns()
    expect(events).toEqual(['drain'])
    expect(() => stream.send(new Uint8Array(1))).toThrow()
    await part.come(new Uint8Array(3))
    await part.come(null)
    expect(events).toEqual(['drain', 'message 3', 'end', 'close '])
  })

  test('that is given up while the peer takes nothing ends the connection in the end', async () => {
    for (let i = 0; i < 17; i++) {
      const { stream } = await open()
      stream.send(new Uint8Array(10))
      expect(native.aborted).toBe(0)
      stream.abort(new Error('too slow'))
    }
    expect(native.aborted).toBe(1)
  })

  test('that was taken in the end is forgotten', async () => {
    for (let i = 0; i < 40; i++) {
      const { stream, part } = await open()
      stream.send(new Uint8Array(10))
      stream.abort(new Error('too slow'))
      part.writes[0]?.done.resolve()
      await turns()
    }
    expect(native.aborted).toBe(0)
  })
})

describe('the connection', () => {
  test('shows streams of the peer, also those that come at once', async () => {
    native.incoming[0]?.resolve(new ByHand())
    await turns()
    const seen: Stream[] = []
    muxer.addEventListener('stream', ({ detail }) => seen.push(detail))
    await turns()
    expect(seen).toMatchObject([{ direction: 'inbound' }])
    native.incoming[1]?.resolve(new ByHand())
    await turns()
    expect(seen).toHaveLength(2)
  })

  test('breaks its streams when it ends', async () => {
    const { events } = await open()
    carrier.onTransportClosed()
    expect(events).toEqual(['close StreamResetError'])
    expect(muxer.status).toBe('closed')
    native.incoming[0]?.reject(new Error('closed'))
    await expect(muxer.createStream()).rejects.toThrow()
  })

  test('opens a stream for nobody where the caller no longer waits', async () => {
    const part = new ByHand()
    const opening = Promise.withResolvers<NativeStream>()
    native.outboundStream = () => opening.promise
    const giveUp = new AbortController()
    const created = muxer.createStream({ signal: giveUp.signal })
    giveUp.abort(new Error('enough'))
    await expect(created).rejects.toThrow('enough')
    opening.resolve(part)
    await turns()
    expect(part.said).toContain('reset')
  })
})
