/**
 * The libp2p daemon's protocol (p2pd.proto): one request after the other on a connection. Two requests make the connection something else until its end: a stream that
 * was opened, and a subscription to a topic.
 */
import type { Clock } from '../../../base/clock.ts'
import { isNodeError } from '../../../base/errors.ts'
import { StreamPipe } from '../../pipe.ts'
import { deadline } from '../deadline.ts'
import { invalidRequest, IpcError } from '../errors.ts'
import type { Holdings } from '../holdings.ts'
import type { IpcLimits } from '../limits.ts'
import type { Line } from '../line.ts'
import type { PeerStream } from '../../../network/streams.ts'
import type { IpcPorts } from '../ports.ts'
import type { Program } from '../programs.ts'
import { answerDht } from './dht.ts'
import type { Handlers } from './handlers.ts'
import { localAddress } from './local-address.ts'
import { encodeOk, peerBytes, peerText } from './messages.ts'
import { Request_Type, type Request, type StreamHandlerRequest, type StreamOpenRequest } from './p2pd_pb.ts'
import { addressOf, DaemonPeers } from './peers.ts'
import { DaemonPubSub } from './pubsub.ts'

const DEFAULT_TIMEOUT_MS = 60_000
const MAX_TIMEOUT_MS = 10 * 60_000
const MAX_PROTOCOLS = 32
const MAX_PROTOCOL = 256

export interface DaemonDependencies {
  readonly clock: Clock
  readonly ports: IpcPorts
  readonly holdings: Holdings
  readonly handlers: Handlers
  /** Messages of a topic that a program took too slowly. */
  readonly onDropped: (program: string, count: number) => void
}

/** What a connection is from now on: `over` where it has been a stream or a subscription, and has ended. */
export type Next = 'next' | 'over'

export class Daemon {
  readonly #deps: DaemonDependencies
  readonly #limits: IpcLimits
  readonly #peers: DaemonPeers
  readonly #pubsub: DaemonPubSub

  constructor(dependencies: DaemonDependencies, limits: IpcLimits) {
    const { holdings, ports, onDropped } = dependencies
    this.#deps = dependencies
    this.#limits = limits
    this.#peers = new DaemonPeers({ streams: ports.streams, peers: ports.peers, holdings })
    this.#pubsub = new DaemonPubSub({ pubsub: ports.pubsub, onDropped }, limits)
  }

  /** Answers one request on the line. `onKind` is told where the connection becomes something else. Rejects where the answer is an error; nothing was written then. */
  async answer(program: Program, request: Request, line: Line, onKind: (kind: 'stream' | 'topic') => void): Promise<Next> {
    const { clock, ports } = this.#deps
    const seconds = Number(request.connect?.timeout ?? request.streamOpen?.timeout ?? request.dht?.timeout ?? 0)
    if (request.type === Request_Type.IDENTIFY) {
      line.write(this.#peers.identify())
      return 'next'
    }
    const { signal, cancel } = deadline(clock, seconds > 0 ? Math.min(seconds * 1000, MAX_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS, line.gone)
    try {
      switch (request.type) {
        case Request_Type.CONNECT:
          line.write(await this.#peers.connect(program, part(request.connect), signal))
          return 'next'
        case Request_Type.DISCONNECT:
          line.write(await this.#peers.disconnect(program, part(request.disconnect)))
          return 'next'
        case Request_Type.LIST_PEERS:
          line.write(this.#peers.list(program))
          return 'next'
        case Request_Type.CONNMANAGER:
          line.write(await this.#peers.manage(program, part(request.connManager)))
          return 'next'
        case Request_Type.PEERSTORE:
          line.write(await this.#peers.book(program, part(request.peerStore)))
          return 'next'
        case Request_Type.STREAM_HANDLER:
          line.write(this.#handle(program, part(request.streamHandler)))
          return 'next'
        case Request_Type.DHT:
          await answerDht(program, ports.streams.routing, part(request.dht), line, signal)
          return 'next'
        case Request_Type.STREAM_OPEN: {
          const { stream, release } = await this.#open(program, part(request.streamOpen), signal)
          cancel()
          onKind('stream')
          await this.#join(program, stream, line, release)
          return 'over'
        }
        case Request_Type.PUBSUB: {
          cancel()
          const wasSubscription = await this.#pubsub.answer(program, part(request.pubsub), line, () => onKind('topic'))
          return wasSubscription ? 'over' : 'next'
        }
        case Request_Type.HELLO:
        case Request_Type.SESSION:
          throw invalidRequest('The request has its place at the beginning of a connection.')
      }
    } catch (error) {
      const { reason } = signal as { readonly reason: unknown }
      // What libp2p says of an abort is no more than that there was one.
      throw signal.aborted && isNodeError(reason) && !isNodeError(error) ? reason : error
    } finally {
      cancel()
    }
  }

  #handle(program: Program, request: StreamHandlerRequest): Uint8Array {
    program.may.require('streams')
    this.#deps.handlers.register(program, localAddress(request.addr), protocolsOf(request.proto))
    return encodeOk()
  }

  async #open(program: Program, request: StreamOpenRequest, signal: AbortSignal): Promise<{ readonly stream: PeerStream; readonly release: () => void }> {
    const { holdings, ports } = this.#deps
    program.may.require('streams')
    const [peer, protocols] = [peerText(request.peer), protocolsOf(request.proto)]
    for (const protocol of protocols) {
      program.may.requireNamed('streams', protocol)
      if (ports.isReserved(protocol)) throw new IpcError('NET_PROTOCOL_RESERVED', `${protocol} is spoken by the node itself.`, { data: { protocol } })
    }
    const release = holdings.reserveStream(program.name)
    try {
      return { stream: await this.#dialled(peer, protocols, signal), release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Connects to the peer where there is no connection: the node knows or finds its addresses. */
  async #dialled(peer: string, protocols: readonly string[], signal: AbortSignal): Promise<PeerStream> {
    const { streams } = this.#deps.ports
    try {
      return await streams.open(peer, protocols, { signal, relayed: true })
    } catch (error) {
      if (!isNodeError(error) || error.code !== 'NETWORK_NOT_CONNECTED') throw error
      await streams.reach(peer, [], { signal, relayed: true })
      return streams.open(peer, protocols, { signal, relayed: true })
    }
  }

  async #join(program: Program, { stream, peer, protocol, path }: PeerStream, line: Line, release: () => void): Promise<void> {
    const { clock, holdings, ports } = this.#deps
    let pipe: StreamPipe
    try {
      line.write(encodeOk({ streamInfo: { peer: peerBytes(peer), addr: addressOf(ports.streams, peer, path), proto: protocol } }))
      const { socket, rest } = line.take()
      pipe = new StreamPipe(socket, stream, clock, { rest, halfClosedMs: this.#limits.halfClosedMs })
      holdings.hold(program.name, pipe, pipe.done)
    } catch (error) {
      stream.abort(error as Error)
      throw error
    } finally {
      release()
    }
    await pipe.done
  }
}

function part<T>(part: T | undefined): T {
  if (part === undefined) throw invalidRequest('The request has no parameters.')
  return part
}

function protocolsOf(protocols: readonly string[]): readonly string[] {
  if (protocols.length === 0 || protocols.length > MAX_PROTOCOLS) throw invalidRequest(`A request names 1 to ${MAX_PROTOCOLS} protocols.`)
  for (const protocol of protocols) if (protocol === '' || protocol.length > MAX_PROTOCOL) throw invalidRequest(`A protocol's name has 1 to ${MAX_PROTOCOL} characters.`)
  return protocols
}
