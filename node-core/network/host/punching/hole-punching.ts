/**
 * dcutr (libp2p specs, relay/DCUtR.md): how two nodes behind routers, connected over a relay, get a direct connection.
 *
 * Whoever was called over the relay begins. First it calls the other one itself, where that has an address of the internet. Otherwise each tells the other how
 * it looks from outside (calling-port.ts), the first one measures how long that takes, says when, and both call at the same moment (call-at-once.ts).
 * Three times; then the relayed connection is all there is, within the limits of the relay.
 *
 * js-libp2p's own dcutr cannot do this: its calls come from a port that nobody has seen, TCP addresses that others observed are not
 * told, and its dial queue loses who is to answer, so that both ends of one connection would speak first.
 *
 * What a peer can make this node do: to call at most {@link MAX_ADDRESSES} addresses of the internet that the peer names, a few packets each, in at most
 * {@link MOST_AT_ONCE} attempts at a time. Who answers has to prove the peer's id. When the direct connection is there the relayed one stays for a moment, so
 * that what runs over it can move.
 */
import type { ComponentLogger, Connection, Logger, PeerId, Stream, Transport } from '@libp2p/interface'
import { lpStream, type LengthPrefixedStream } from '@libp2p/utils'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { callAtOnce, type Caller, type CallOptions } from './call-at-once.ts'
import { isOfInternet, type CallingPlace, type CallingPort } from './calling-port.ts'
import type { HolePunchingState } from '../../types.ts'
import { decodePunchMessage, encodePunchMessage, MAX_ADDRESSES, MAX_MESSAGE_BYTES, type PunchMessage } from './messages.ts'

export const PUNCH_PROTOCOL = '/libp2p/dcutr'
/** For what is said, and for the calls until the peer has proved who it is. */
const EXCHANGE_MS = 5_000
const CALL_MS = 8_000
const ATTEMPTS = 3
const MOST_AT_ONCE = 32
/** How long the relayed connection stays beside the direct one. */
const REST_MS = 10_000

/** As much of libp2p's parts as is used here. */
export interface PunchingComponents {
  readonly logger: ComponentLogger
  readonly registrar: {
    register(protocol: string, topology: { readonly notifyOnLimitedConnection: boolean; onConnect(peer: PeerId, connection: Connection): void }): Promise<string>
    unregister(id: string): void
    handle(protocol: string, handler: (stream: Stream, connection: Connection) => void, options: object): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly addressManager: { getAddresses(): readonly Multiaddr[] }
  readonly transportManager: Caller & { dialTransportForMultiaddr(address: Multiaddr): Transport | undefined }
  readonly peerStore: { get(peer: PeerId): Promise<{ readonly addresses: readonly { readonly multiaddr: Multiaddr }[] }> }
  readonly connectionManager: { getConnections(peer: PeerId): readonly Connection[] }
  readonly events: { addEventListener(type: 'peer:identify', listener: (event: CustomEvent<Identified>) => void): void; removeEventListener(type: 'peer:identify', listener: (event: CustomEvent<Identified>) => void): void }
}

interface Identified {
  readonly connection: Connection
  readonly observedAddr?: Multiaddr
}

export class HolePunching {
  readonly #parts: PunchingComponents
  readonly #port: CallingPort
  /** Measures round trips. */
  readonly #clock: Clock
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #retiring = new Set<Disposer>()
  #topology: string | undefined
  #atOnce = 0
  #counts = { direct: 0, failed: 0 }

  constructor(components: PunchingComponents, port: CallingPort, clock: Clock) {
    this.#parts = components
    this.#clock = clock
    this.#port = port
    this.#log = components.logger.forComponent('libp2p:dcutr')
  }

  get counts(): HolePunchingState {
    return this.#counts
  }

  async start(): Promise<void> {
    const { registrar, events } = this.#parts
    events.addEventListener('peer:identify', this.#onIdentified)
    this.#topology = await registrar.register(PUNCH_PROTOCOL, { notifyOnLimitedConnection: true, onConnect: (_peer, connection) => void this.#onRelayed(connection) })
    await registrar.handle(PUNCH_PROTOCOL, (stream, connection) => void this.#answer(stream, connection), { maxInboundStreams: 1, maxOutboundStreams: 1, runOnLimitedConnection: true })
  }

  async stop(): Promise<void> {
    const { registrar, events } = this.#parts
    this.#stop.abort(new Error('this node stops'))
    for (const cancel of this.#retiring) cancel()
    events.removeEventListener('peer:identify', this.#onIdentified)
    if (this.#topology !== undefined) registrar.unregister(this.#topology)
    await registrar.unhandle(PUNCH_PROTOCOL)
  }

  readonly #onIdentified = ({ detail: { connection, observedAddr } }: CustomEvent<Identified>): void => {
    if (observedAddr !== undefined) this.#port.note(connection, observedAddr)
  }

  /** A peer came over a relay: it is to be reached directly. Never rejects. */
  async #onRelayed(connection: Connection): Promise<void> {
    if (connection.direction !== 'inbound' || !isRelayed(connection)) return
    await this.#counted(connection, async () => {
      if (this.#isDirect(connection) || (await this.#callBack(connection))) return true
      for (let i = 0; i < ATTEMPTS && connection.status === 'open' && !this.#stop.signal.aborted; i++) if (this.#isDirect(connection) || (await this.#propose(connection))) return true
      return this.#isDirect(connection)
    })
  }

  /** Never rejects. */
  async #counted(connection: Connection, work: () => Promise<boolean>): Promise<void> {
    if (this.#atOnce >= MOST_AT_ONCE) return
    this.#atOnce++
    try {
      const direct = await work().catch((error: unknown) => {
        this.#log('no direct connection with %p: %e', connection.remotePeer, error)
        return false
      })
      this.#counts = { direct: this.#counts.direct + Number(direct), failed: this.#counts.failed + Number(!direct) }
      if (direct) this.#retire(connection)
    } finally {
      this.#atOnce--
    }
  }

  #isDirect({ remotePeer }: Connection): boolean {
    return this.#parts.connectionManager.getConnections(remotePeer).some(({ limits, status }) => limits === undefined && status === 'open')
  }

  /** The peer may have an address at which anybody reaches it. */
  async #callBack(connection: Connection): Promise<boolean> {
    const known = await this.#parts.peerStore.get(connection.remotePeer).catch(() => undefined)
    const addresses = (known?.addresses ?? []).map((address) => address.multiaddr).filter((address) => isOfInternet(address) && this.#parts.transportManager.dialTransportForMultiaddr(address) !== undefined)
    return this.#call(connection, addresses, { initiator: true })
  }

  /** The exchange, as the one who begins it. */
  async #propose(connection: Connection): Promise<boolean> {
    const { signal, over } = this.#within(EXCHANGE_MS)
    let stream: Stream | undefined
    try {
      stream = await connection.newStream(PUNCH_PROTOCOL, { signal, runOnLimitedConnection: true })
      const line = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
      const place = this.#port.place()
      const asked = this.#clock.now()
      await this.#say(line, 'connect', place, signal)
      const { addresses } = await hear(line, 'connect', signal)
      const roundTrip = this.#clock.now() - asked
      await this.#say(line, 'sync', undefined, signal)
      // Then the other one hears of it, and calls.
      await new Promise<void>((resolve) => this.#clock.schedule(roundTrip / 2, resolve))
      return await this.#call(connection, this.#callable(addresses), { initiator: false, localPort: place.port })
    } catch (error) {
      this.#log('the exchange with %p failed: %e', connection.remotePeer, error)
      return false
    } finally {
      over()
      stream?.abort(new Error('the exchange is over'))
    }
  }

  /** The exchange, as the one who called over the relay. Never rejects. */
  async #answer(stream: Stream, connection: Connection): Promise<void> {
    await this.#counted(connection, async () => {
      const { signal, over } = this.#within(EXCHANGE_MS)
      try {
        if (!isRelayed(connection)) return false
        const line = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
        const { addresses } = await hear(line, 'connect', signal)
        const place = this.#port.place()
        await this.#say(line, 'connect', place, signal)
        await hear(line, 'sync', signal)
        return await this.#call(connection, this.#callable(addresses), { initiator: true, localPort: place.port })
      } finally {
        over()
        stream.abort(new Error('the exchange is over'))
      }
    })
  }

  async #call({ remotePeer }: Connection, addresses: readonly Multiaddr[], options: Omit<CallOptions, 'signal' | 'clock'>): Promise<boolean> {
    if (addresses.length === 0) return false
    const { signal, over } = this.#within(CALL_MS)
    try {
      await callAtOnce(this.#parts.transportManager, remotePeer.toString(), addresses.slice(0, MAX_ADDRESSES), { ...options, clock: this.#clock, signal })
      return true
    } catch (error) {
      this.#log('%p was not reached at %s: %e', remotePeer, addresses.join(' '), error)
      return false
    } finally {
      over()
    }
  }

  async #say(line: LengthPrefixedStream, type: PunchMessage['type'], place: CallingPlace | undefined, signal: AbortSignal): Promise<void> {
    const addresses = place === undefined ? [] : [...place.addresses.map((address) => multiaddr(address)), ...this.#parts.addressManager.getAddresses().filter(isOfInternet)]
    await line.write(encodePunchMessage({ type, addresses: addresses.slice(0, MAX_ADDRESSES).map(({ bytes }) => bytes) }), { signal })
  }

  /** Those of TCP, which alone makes one connection of two calls. */
  #callable(addresses: readonly Uint8Array[]): Multiaddr[] {
    return addresses.flatMap((bytes) => {
      try {
        const address = multiaddr(bytes)
        return isOfInternet(address) && isPlainTcp(address) ? [address] : []
      } catch {
        return []
      }
    })
  }

  /** `over` lets go of its timer. */
  #within(ms: number): { readonly signal: AbortSignal; readonly over: Disposer } {
    const late = new AbortController()
    return { signal: AbortSignal.any([this.#stop.signal, late.signal]), over: this.#clock.schedule(ms, () => late.abort(new Error('it took too long'))) }
  }

  #retire(relayed: Connection): void {
    const cancel = this.#clock.schedule(REST_MS, () => {
      this.#retiring.delete(cancel)
      if (this.#isDirect(relayed)) void relayed.close().catch(() => undefined)
    })
    this.#retiring.add(cancel)
  }
}

async function hear(line: LengthPrefixedStream, type: PunchMessage['type'], signal: AbortSignal): Promise<PunchMessage> {
  const message = decodePunchMessage((await line.read({ signal })).subarray())
  if (message.type !== type) throw new Error('the other side said something else')
  return message
}

function isRelayed({ remoteAddr }: Connection): boolean {
  return remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit')
}

function isPlainTcp(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return names[1] === 'tcp' && (names.length === 2 || (names.length === 3 && names[2] === 'p2p'))
}
