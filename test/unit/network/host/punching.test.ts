/** How two nodes behind routers agree to call each other, and from where: the parts that need no routers. With them: test/integration/net/behind-nat.test.ts. */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type { Connection, DialTransportOptions, Transport } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { callAtOnce } from '../../../../node-core/network/host/punching/call-at-once.ts'
import { CallingPort } from '../../../../node-core/network/host/punching/calling-port.ts'
import { decodePunchMessage, encodePunchMessage, MAX_ADDRESSES, MAX_MESSAGE_BYTES } from '../../../../node-core/network/host/punching/messages.ts'
import { Random } from '../../../fuzz/random.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const [ONE, OTHER] = [multiaddr('/ip4/45.33.32.11/tcp/61001'), multiaddr('/ip4/45.33.32.12/tcp/61002')]

interface Dialled {
  readonly address: string
  readonly options: DialTransportOptions & { readonly localPort?: number; readonly initiator?: boolean }
}

/** A transport that answers as it is told. */
function transportOf(answer: (dialled: Dialled) => Promise<Connection>): { readonly transport: Transport; readonly dialled: Dialled[] } {
  const dialled: Dialled[] = []
  const dial = (address: Multiaddr, options: DialTransportOptions): Promise<Connection> => {
    const one = { address: address.toString(), options }
    dialled.push(one)
    return answer(one)
  }
  return { transport: { dial } as unknown as Transport, dialled }
}

const failure = (code: string, syscall?: string): Error => Object.assign(new Error(code), { code, syscall })
const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const connection = (): Connection => ({}) as Connection

describe('what is said', () => {
  it('is what libp2p reads and writes', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../../../../node_modules/@libp2p/dcutr/dist/src/pb/message.js')).href
    const { HolePunch } = (await import(module)) as { readonly HolePunch: { encode(message: object): Uint8Array; decode(bytes: Uint8Array): { readonly type: string; readonly observedAddresses: readonly Uint8Array[] } } }
    const addresses = [ONE.bytes, OTHER.bytes]
    const theirs = HolePunch.decode(encodePunchMessage({ type: 'connect', addresses }))
    expect([theirs.type, theirs.observedAddresses.map((bytes) => multiaddr(bytes).toString())]).toEqual(['CONNECT', [ONE.toString(), OTHER.toString()]])
    expect(HolePunch.decode(encodePunchMessage({ type: 'sync', addresses: [] })).type).toBe('SYNC')
    const ours = decodePunchMessage(HolePunch.encode({ type: 'CONNECT', observedAddresses: addresses }))
    expect([ours.type, ours.addresses.map((bytes) => multiaddr(bytes).toString())]).toEqual(['connect', [ONE.toString(), OTHER.toString()]])
  })

  it('is bounded, and refused where it is none', () => {
    const many = encodePunchMessage({ type: 'connect', addresses: Array.from({ length: 100 }, () => ONE.bytes) })
    expect(decodePunchMessage(many).addresses).toHaveLength(MAX_ADDRESSES)
    const refused = expect.objectContaining({ code: 'PUNCH_MESSAGE_INVALID' }) as Error
    expect(() => decodePunchMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(refused)
    expect(() => decodePunchMessage(Uint8Array.of())).toThrow(refused)
    const random = new Random(7)
    for (let i = 0; i < 2_000; i++) {
      const bytes = many.slice(0, random.below(many.length))
      if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
      try {
        expect(decodePunchMessage(bytes).addresses.length).toBeLessThanOrEqual(MAX_ADDRESSES)
      } catch (error) {
        expect(error).toEqual(refused)
      }
    }
  })
})

describe('the port for calls', () => {
  const portOf = (shared = true): CallingPort => new CallingPort({ shared, random: () => 0.5 })

  it('is the same for all of the internet, and any for what is near', async () => {
    const { transport, dialled } = transportOf(() => Promise.resolve(connection()))
    const port = portOf()
    const wrapped = port.wrap(transport)
    for (const address of [ONE, OTHER, multiaddr('/ip4/127.0.0.1/tcp/1'), multiaddr('/ip4/10.0.0.1/tcp/1')]) await wrapped.dial(address, {} as DialTransportOptions)
    expect(dialled.map(({ options }) => options.localPort)).toEqual([port.place().port, port.place().port, undefined, undefined])
  })

  it('is given up for a call that cannot be made from it, and for good where somebody else has it', async () => {
    let code = failure('EADDRNOTAVAIL', 'connect')
    const { transport, dialled } = transportOf(({ options }) => (options.localPort === undefined ? Promise.resolve(connection()) : Promise.reject(code)))
    let next = 0
    const port = new CallingPort({ shared: true, random: () => (next++ === 0 ? 0 : 0.9) })
    const { port: first } = port.place()
    await port.wrap(transport).dial(ONE, {} as DialTransportOptions)
    expect([dialled.map(({ options }) => options.localPort), port.place().port]).toEqual([[first, undefined], first])
    code = failure('EADDRINUSE', 'bind')
    await port.wrap(transport).dial(ONE, {} as DialTransportOptions)
    expect(port.place().port).not.toBe(first)
    code = failure('ECONNREFUSED', 'connect')
    await expect(port.wrap(transport).dial(ONE, {} as DialTransportOptions)).rejects.toBe(code)
  })

  it('is seen as those say who were called from it, and guessed where nobody was', async () => {
    const { transport } = transportOf(() => Promise.resolve(connection()))
    const port = portOf()
    expect(port.place().addresses).toEqual([])
    port.note(connection(), multiaddr('/ip4/45.33.32.20/tcp/1234'))
    expect(port.place().addresses).toEqual([`/ip4/45.33.32.20/tcp/${port.place().port}`])
    port.note(await port.wrap(transport).dial(ONE, {} as DialTransportOptions), multiaddr('/ip4/45.33.32.20/tcp/4321'))
    port.note(connection(), multiaddr('/ip4/45.33.32.20/tcp/1234'))
    port.note(connection(), multiaddr('/ip4/192.168.1.2/tcp/1234'))
    expect(port.place().addresses).toEqual(['/ip4/45.33.32.20/tcp/4321'])
  })

  it('tells host and multiplexer alike who answers', async () => {
    const upgraded: unknown[] = []
    const upgrader = { upgradeOutbound: (maConn: { readonly direction: string }) => Promise.resolve(void upgraded.push(maConn.direction)) }
    const { transport } = transportOf(async ({ options }) => {
      await options.upgrader.upgradeOutbound({ direction: 'outbound' } as never, options as never)
      return connection()
    })
    for (const initiator of [true, false]) await portOf().wrap(transport).dial(ONE, { initiator, localPort: 1, upgrader } as unknown as DialTransportOptions)
    expect(upgraded).toEqual(['outbound', 'inbound'])
  })
})

describe('calls at once', () => {
  it('end with the first that is answered, whose connection no signal ends any more', async () => {
    const whole = new AbortController()
    const signals: AbortSignal[] = []
    const dial = (address: Multiaddr, { signal }: { readonly signal?: AbortSignal }): Promise<Connection> => {
      signals.push(signal as AbortSignal)
      return address.toString() === `${OTHER.toString()}/p2p/${PEER}` ? Promise.resolve(connection()) : new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
    }
    await callAtOnce({ dial }, PEER, [ONE, OTHER], { clock: new FakeClock(), signal: whole.signal, initiator: true, localPort: 61_000 })
    whole.abort()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('are made again where a router refuses, and not where another peer answers', async () => {
    let times = 0
    const refusing = { dial: () => (times++ < 2 ? Promise.reject(failure('ECONNREFUSED')) : Promise.resolve(connection())) }
    const clock = new FakeClock()
    const called = callAtOnce(refusing, PEER, [ONE], { clock, signal: new AbortController().signal, initiator: true })
    for (const due of [200, 400]) {
      await turned()
      expect(clock.nextDue()).toBe(due)
      clock.advance(200)
    }
    await called
    expect(times).toBe(3)
    const other = { dial: () => Promise.reject(failure('OTHER')) }
    await expect(callAtOnce(other, PEER, [ONE], { clock, signal: new AbortController().signal, initiator: true })).rejects.toThrow(AggregateError)
  })
})
