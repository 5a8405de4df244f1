/**
 * The door by which streams of one's own protocols are opened and taken ({@link StreamDoor}), upon the libp2p host.
 *
 * Protocols are served from the host's start on, and until their disposer runs, whenever they were registered. A connection that carries such
 * streams counts as in use: `Connections` keeps it where topics do not open, and libp2p ends others first where there are too many.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { Emitter } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { Path, PeerConnection, PeerStream, RoutingTable, ServeOptions, StreamDoor, StreamErrorCode, StreamEvents, StreamOptions } from '../streams.ts'
import type { Host } from './host.ts'

/** Outbound streams under one name on one connection: more than anybody needs, and a bound. */
const MAX_OUTBOUND = 128
/** Whoever was reached has so long to open the first stream. */
const GRACE_MS = 30_000
/** Worth more than nothing and less than a peer with topics, where connections are too many. */
const TAG = { value: 50 } as const

export interface StreamsDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly peerId: () => string | undefined
  readonly listenAddresses: () => readonly string[]
  readonly reach: (peer: string, addresses: readonly string[], options: StreamOptions) => Promise<Connection>
  readonly disconnect: (peer: string, reason: string) => void
  readonly routing: RoutingTable
}

interface Service {
  readonly options: ServeOptions
  readonly onStream: (stream: PeerStream) => void
}

export class Streams implements StreamDoor {
  readonly events: Emitter<StreamEvents>
  readonly routing: RoutingTable
  readonly #deps: StreamsDependencies
  readonly #services = new Map<string, Service>()
  /** Streams of this door by peer. */
  readonly #open = new Map<string, Set<Stream>>()
  /** Peers who are being reached, or were a moment ago: how many times. Their streams are yet to come. */
  readonly #wanted = new Map<string, number>()
  readonly #graces = new Set<Disposer>()
  readonly #paths = new Map<string, Path>()
  #host: Host | undefined

  constructor(dependencies: StreamsDependencies) {
    this.#deps = dependencies
    this.routing = dependencies.routing
    this.events = new Emitter<StreamEvents>((error) => dependencies.logger.error('a listener of connections failed', { reason: errorMessage(error) }))
  }

  get peerId(): string {
    const id = this.#deps.peerId()
    if (id === undefined) throw new NodeError<StreamErrorCode>('NETWORK_NOT_CONNECTED', 'The node has no identity before it has started.')
    return id
  }

  /** The host runs: what is registered is served, and connections that are there are told. */
  async attach(host: Host): Promise<void> {
    this.#host = host
    const look = ({ detail }: { readonly detail: Connection }): void => this.#onChange(detail.remotePeer.toString())
    host.addEventListener('connection:open', look)
    host.addEventListener('connection:close', look)
    for (const { remotePeer } of host.getConnections()) this.#onChange(remotePeer.toString())
    for (const [protocol, service] of this.#services) await this.#handle(host, protocol, service)
  }

  /** The host is about to stop: its peers are gone. */
  detach(): void {
    this.#host = undefined
    for (const cancel of this.#graces) cancel()
    this.#graces.clear()
    this.#wanted.clear()
    for (const peer of [...this.#paths.keys()]) this.#onChange(peer)
  }

  addresses(): readonly string[] {
    return this.#deps.listenAddresses()
  }

  serve(protocol: string, options: ServeOptions, onStream: (stream: PeerStream) => void): Disposer {
    if (this.#services.has(protocol)) throw new NodeError<StreamErrorCode>('NETWORK_PROTOCOL_TAKEN', `The protocol ${protocol} is served already.`, { hint: 'Stop the service that serves it, or choose another name.' })
    const service: Service = { options, onStream }
    this.#services.set(protocol, service)
    const host = this.#host
    if (host !== undefined) void this.#handle(host, protocol, service).catch((error: unknown) => this.#deps.logger.warn('a protocol is not served', { protocol, reason: errorMessage(error) }))
    return () => {
      if (this.#services.get(protocol) !== service) return
      this.#services.delete(protocol)
      void this.#host?.unhandle(protocol).catch(() => undefined)
    }
  }

  async open(peer: string, protocols: readonly string[], { signal, relayed = false }: StreamOptions = {}): Promise<PeerStream> {
    const connection = this.#best(peer, relayed)
    if (connection === undefined) throw new NodeError<StreamErrorCode>('NETWORK_NOT_CONNECTED', `There is no ${relayed ? '' : 'direct '}connection with the peer ${peer}.`, { hint: 'Connect to it first.', data: { peer } })
    try {
      const stream = await connection.newStream([...protocols], { ...(signal === undefined ? {} : { signal }), runOnLimitedConnection: relayed, maxOutboundStreams: MAX_OUTBOUND })
      return this.#note(stream, connection)
    } catch (error) {
      const unsupported = (error as Error).name === 'UnsupportedProtocolError'
      const code: StreamErrorCode = unsupported ? 'NETWORK_PROTOCOL_UNSUPPORTED' : 'NETWORK_STREAM_FAILED'
      const message = unsupported ? `The peer ${peer} does not speak ${protocols.join(', ')}.` : `A stream to the peer ${peer} could not be opened: ${errorMessage(error)}`
      throw new NodeError<StreamErrorCode>(code, message, { data: { peer }, cause: error })
    }
  }

  async reach(peer: string, addresses: readonly string[], options: StreamOptions = {}): Promise<Path> {
    this.#want(peer, 1)
    try {
      return pathOf(this.#best(peer, options.relayed === true) ?? (await this.#deps.reach(peer, addresses, options)))
    } finally {
      const cancel = this.#deps.clock.schedule(GRACE_MS, () => {
        this.#graces.delete(cancel)
        this.#want(peer, -1)
      })
      this.#graces.add(cancel)
    }
  }

  connections(peer?: string): readonly PeerConnection[] {
    return this.#openConnections(peer).map((connection) => ({
      peer: connection.remotePeer.toString(),
      address: connection.remoteAddr.toString(),
      path: pathOf(connection),
      direction: connection.direction,
    }))
  }

  disconnect(peer: string): Promise<void> {
    this.#deps.disconnect(peer, 'it was asked for')
    return Promise.resolve()
  }

  /** Streams of this door go through its connections now, or will in a moment. */
  isInUse(peer: string): boolean {
    return this.#open.has(peer) || this.#wanted.has(peer)
  }

  #want(peer: string, by: number): void {
    const times = (this.#wanted.get(peer) ?? 0) + by
    if (times <= 0) this.#wanted.delete(peer)
    else this.#wanted.set(peer, times)
  }

  async #handle(host: Host, protocol: string, service: Service): Promise<void> {
    const { perPeer, relayed } = service.options
    await host.handle(protocol, (stream, connection) => this.#take(service, stream, connection), { maxInboundStreams: perPeer, runOnLimitedConnection: relayed })
    // It was let go while the host took it.
    if (this.#services.get(protocol) !== service && this.#host === host) await host.unhandle(protocol)
  }

  #take(service: Service, stream: Stream, connection: Connection): void {
    const peerStream = this.#note(stream, connection)
    try {
      service.onStream(peerStream)
    } catch (error) {
      this.#deps.logger.error('a stream was not taken', { protocol: stream.protocol, reason: errorMessage(error) })
      stream.abort(new Error('it was not taken'))
    }
  }

  #note(stream: Stream, connection: Connection): PeerStream {
    const peer = connection.remotePeer.toString()
    const opened = { stream, peer, protocol: stream.protocol, path: pathOf(connection) }
    // Its connection may have ended while the protocol was agreed on.
    if (stream.status !== 'open') return opened
    let streams = this.#open.get(peer)
    if (streams === undefined) {
      this.#open.set(peer, (streams = new Set()))
      this.#tag(peer, TAG)
    }
    const all = streams.add(stream)
    stream.addEventListener('close', () => {
      all.delete(stream)
      if (all.size > 0 || this.#open.get(peer) !== all) return
      this.#open.delete(peer)
      this.#tag(peer, undefined)
    })
    return opened
  }

  #tag(peer: string, streams: typeof TAG | undefined): void {
    void this.#host?.peerStore.merge(peerIdFromString(peer), { tags: { streams } }).catch(() => undefined)
  }

  #openConnections(peer?: string): readonly Connection[] {
    return (this.#host?.getConnections() ?? []).filter(({ remotePeer, status }) => status === 'open' && (peer === undefined || remotePeer.toString() === peer))
  }

  /** Direct before relayed, the newest of its kind. */
  #best(peer: string, relayed: boolean): Connection | undefined {
    const open = this.#openConnections(peer)
    return open.findLast(({ limits }) => limits === undefined) ?? (relayed ? open.at(-1) : undefined)
  }

  #onChange(peer: string): void {
    const best = this.#best(peer, true)
    const [before, now] = [this.#paths.get(peer), best === undefined ? undefined : pathOf(best)]
    if (before === now) return
    if (now === undefined) this.#paths.delete(peer)
    else this.#paths.set(peer, now)
    this.events.emit(now === undefined ? 'disconnected' : before === undefined ? 'connected' : 'path', { peer, path: now })
  }
}

function pathOf({ limits }: Connection): Path {
  return limits === undefined ? 'direct' : 'relayed'
}
