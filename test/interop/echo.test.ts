/** Streams with another implementation, go-libp2p (test/interop/go-libp2p/echo), both ways: over TCP, QUIC and a relay, on loopback. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { loadQuic } from '../../node-core/network/host/quic.ts'
import type { PeerStream } from '../../node-core/network/streams.ts'
import { goProgram } from '../helpers/daemon-clients.ts'
import { eventually, TestNetwork, type TestPeer } from '../helpers/network.ts'
import { roomIn } from '../../node-core/network/stream-room.ts'

const ECHO = '/interop/echo/1'
const MIB = 1024 * 1024
const NEVER = new AbortController().signal
const program = goProgram('test/interop/go-libp2p', 'echo', 'echo-go')
const quic = await loadQuic()

/** What the program says: see the header of echo/main.go. */
interface GoEvent {
  readonly event: 'listening' | 'served' | 'connected' | 'reserved' | 'echoed' | 'held' | 'failed'
  readonly [name: string]: unknown
}

class GoPeer {
  readonly events: GoEvent[] = []
  readonly #child: ChildProcessWithoutNullStreams

  constructor(command: readonly string[], listen: string) {
    this.#child = spawn(command[0] as string, ['-listen', listen])
    createInterface(this.#child.stdout).on('line', (line) => this.events.push(JSON.parse(line) as GoEvent))
  }

  async next(event: GoEvent['event'], count = 1): Promise<GoEvent> {
    const all = (): readonly GoEvent[] => this.events.filter((each) => each.event === event)
    await eventually(() => all().length >= count || this.events.some((each) => each.event === 'failed'), `${event} of the Go program`)
    expect(this.events.filter((each) => each.event === 'failed')).toEqual([])
    return all()[count - 1] as GoEvent
  }

  say(command: string): void {
    this.#child.stdin.write(`${command}\n`)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exit
  }
}

let net = new TestNetwork()
let programs: GoPeer[] = []

afterEach(async () => {
  await net.stop()
  await Promise.all(programs.map((each) => each.stop()))
  net = new TestNetwork()
  programs = []
})

async function goPeer(listen: string): Promise<{ readonly go: GoPeer; readonly id: string; readonly address: string }> {
  if (program.missing !== undefined) throw new Error(program.missing)
  const go = new GoPeer(program.command, listen)
  programs.push(go)
  const { peer, address } = await go.next('listening')
  return { go, id: String(peer), address: String(address) }
}

/** Sends back what comes, and reads no faster than that; tells how streams ended. */
function serveEcho({ network }: TestPeer, relayed = false): { readonly ends: (string | undefined)[]; readonly taken: PeerStream[] } {
  const [ends, taken]: [(string | undefined)[], PeerStream[]] = [[], []]
  network.streams.serve(ECHO, { perPeer: 8, relayed }, (opened) => {
    const { stream } = opened
    taken.push(opened)
    stream.addEventListener('close', ({ error }) => ends.push(error?.name))
    let resuming = false
    // A pause in the midst of a resume is lost on Yamux; see network/peers/reader.ts.
    const adapt = (): void => {
      while (!resuming && (stream.readStatus === 'readable' || stream.readStatus === 'paused') && stream.writableNeedsDrain !== (stream.readStatus === 'paused')) {
        if (stream.writableNeedsDrain) return stream.pause()
        resuming = true
        stream.resume()
        resuming = false
      }
    }
    stream.addEventListener('message', ({ data }) => {
      // Who resets reads no more either, and that may be known first.
      if (stream.writeStatus === 'writable') stream.send(data)
      adapt()
    })
    stream.addEventListener('drain', adapt)
    const end = (): void => void stream.close().catch(() => undefined)
    stream.addEventListener('end', end)
    // Where all of it came with the name of the protocol, the end was told before anybody could hear; the bytes come next.
    if (stream.readableEnded) queueMicrotask(end)
  })
  return { ends, taken }
}

/** Pours so many bytes and hears them come back. */
async function echoed({ stream }: PeerStream, bytes: number): Promise<{ readonly received: number; readonly same: boolean }> {
  const [sent, heard] = [createHash('sha256'), createHash('sha256')]
  let received = 0
  let ended = false
  stream.addEventListener('message', ({ data }) => {
    received += data.byteLength
    heard.update(data.subarray())
  })
  stream.addEventListener('end', () => (ended = true))
  for (let at = 0; at < bytes; at += MIB) {
    const piece = new Uint8Array(Math.min(MIB, bytes - at)).fill(at / MIB + 1)
    sent.update(piece)
    stream.send(piece)
    await roomIn(stream, NEVER)
  }
  await stream.close()
  await eventually(() => ended, 'the end of the echo')
  return { received, same: sent.digest('hex') === heard.digest('hex') }
}

const missing = program.missing === undefined ? '' : ` (skipped: ${program.missing})`
const WAYS = [
  { name: 'TCP', listen: '/ip4/127.0.0.1/tcp/0', absent: undefined },
  { name: 'QUIC', listen: '/ip4/127.0.0.1/udp/0/quic-v1', absent: quic.state === 'unavailable' ? quic.reason : undefined },
]

for (const { name, listen, absent } of WAYS) {
  const options = { quic: name === 'QUIC', listenAddrs: [listen] }
  describe.skipIf(program.missing !== undefined || absent !== undefined)(`streams with go-libp2p over ${name}${missing === '' && absent !== undefined ? ` (skipped: ${absent})` : missing}`, () => {
    it('carry 100 MiB there and back where we dial', async () => {
      const ours = await net.start([], options)
      const { go, id, address } = await goPeer(listen)
      await ours.network.streams.reach(id, [address])
      expect(await echoed(await ours.network.streams.open(id, [ECHO]), 100 * MIB)).toEqual({ received: 100 * MIB, same: true })
      expect(await go.next('served')).toMatchObject({ peer: ours.id, bytes: 100 * MIB, error: '' })
      expect(ours.network.streams.connections(id)).toMatchObject([{ direction: 'outbound', address: expect.stringContaining(name === 'QUIC' ? '/quic-v1/' : '/tcp/') as unknown }])
    })

    it('carry 100 MiB there and back where the other dials', async () => {
      const ours = await net.start([], options)
      const { ends } = serveEcho(ours)
      const { go, id } = await goPeer(listen)
      go.say(`connect ${ours.address}`)
      await go.next('connected')
      go.say(`echo ${ours.id} ${100 * MIB}`)
      expect(await go.next('echoed')).toMatchObject({ bytes: 100 * MIB, same: true, error: '' })
      await eventually(() => ends.length === 1, 'the end here')
      expect(ends).toEqual([undefined])
      expect(ours.network.streams.connections(id)).toMatchObject([{ direction: 'inbound' }])
    })

    it('come back where all of it came at once', async () => {
      const ours = await net.start([], options)
      serveEcho(ours)
      const { go } = await goPeer(listen)
      go.say(`connect ${ours.address}`)
      go.say(`echo ${ours.id} 8192`)
      expect(await go.next('echoed')).toMatchObject({ bytes: 8192, same: true, error: '' })
    })

    it('that the other resets end with an error here', async () => {
      const ours = await net.start([], options)
      const { ends } = serveEcho(ours)
      const { go } = await goPeer(listen)
      go.say(`connect ${ours.address}`)
      go.say(`cut ${ours.id} ${MIB}`)
      await eventually(() => ends.length === 1, 'the end here')
      expect(ends).toEqual(['StreamResetError'])
      expect(go.events.filter(({ event }) => event === 'failed')).toEqual([])
    })

    it('that we reset end with an error there', async () => {
      const ours = await net.start([], options)
      const { go, id, address } = await goPeer(listen)
      await ours.network.streams.reach(id, [address])
      const { stream } = await ours.network.streams.open(id, [ECHO])
      let received = 0
      stream.addEventListener('message', ({ data }) => (received += data.byteLength))
      stream.send(new Uint8Array(MIB))
      await eventually(() => received > 0, 'some of it')
      stream.abort(new Error('no more'))
      expect(String((await go.next('served')).error)).not.toBe('')
    })

    it.each(['here', 'there'])('end with an error on both sides where the connection is cut %s, and nothing hangs', async (where) => {
      const ours = await net.start([], options)
      const taken: PeerStream[] = []
      const ends: (string | undefined)[] = []
      // It reads nothing, so that the other is in the middle of it.
      ours.network.streams.serve(ECHO, { perPeer: 8, relayed: false }, (opened) => {
        taken.push(opened)
        opened.stream.pause()
        opened.stream.addEventListener('close', ({ error }) => ends.push(error?.name ?? 'none'))
      })
      const { go, id } = await goPeer(listen)
      go.say(`connect ${ours.address}`)
      await go.next('connected')
      go.say(`hold ${ours.id} ${100 * MIB}`)
      await eventually(() => taken.length === 1, 'the stream')
      if (where === 'here') await ours.network.streams.disconnect(id)
      else go.say(`drop ${ours.id}`)
      expect(String((await go.next('held')).error)).not.toBe('')
      await eventually(() => ends.length === 1, 'the end here')
      await eventually(() => ours.network.streams.connections(id).length === 0, 'the end of the connection')
    })
  })
}

describe.skipIf(program.missing !== undefined)(`streams with go-libp2p over a relay of ours${missing}`, () => {
  /** A relay of ours passes on 128 KiB. */
  const LITTLE = 16 * 1024

  it('come and go both ways', async () => {
    const relay = await net.start([], { relayServer: true })
    const ours = await net.start([])
    serveEcho(ours, true)
    const { go, id } = await goPeer('')
    go.say(`reserve ${relay.address}`)
    await go.next('reserved')
    await expect(ours.network.streams.reach(id, [`${relay.address}/p2p-circuit/p2p/${id}`], { relayed: true })).resolves.toBe('relayed')
    const opened = await ours.network.streams.open(id, [ECHO], { relayed: true })
    expect(await echoed(opened, LITTLE)).toEqual({ received: LITTLE, same: true })
    go.say(`echo ${ours.id} ${LITTLE}`)
    expect(await go.next('echoed')).toMatchObject({ bytes: LITTLE, same: true, error: '' })
  })

  it('reach us where we hold a place at the relay', async () => {
    const relay = await net.start([], { relayServer: true })
    const hidden = await net.start([], { listenAddrs: [`${relay.address}/p2p-circuit`] })
    const { taken } = serveEcho(hidden, true)
    await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
    const { go } = await goPeer('')
    go.say(`connect ${hidden.network.state.listenAddresses()[0] ?? ''}`)
    await go.next('connected')
    go.say(`echo ${hidden.id} ${LITTLE}`)
    expect(await go.next('echoed')).toMatchObject({ bytes: LITTLE, same: true, error: '' })
    expect(taken).toMatchObject([{ path: 'relayed' }])
  })
})
