/**
 * One port for HTTP/1.1 and HTTP/2, with TLS or without it, or a place for connections that were accepted elsewhere.
 *
 * With TLS the two ends agree on a version while they greet (ALPN). Without it nothing is negotiated: a client of HTTP/2 that knows what it wants begins with a
 * preface that no request of HTTP/1.1 can begin with. So the first bytes of a connection decide to whom it is handed, and go back onto it. What a
 * connection may take, in either version, is bounded ({@link PortLimits}).
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import { deadline } from './deadlines.ts'
import type { Request, Response } from './exchange.ts'
import { refuseUnreadable, type UnreadableRequest } from './unreadable.ts'

/** The connection preface of HTTP/2 (RFC 9113, section 3.4), as far as it differs from every method. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n')
/** What was said last gets a moment to leave. */
const LAST_WORDS_MS = 250
/** How often connections of HTTP/1.1 are looked at. */
const MAX_CHECK_MS = 30_000

export interface PortLimits {
  readonly connections: number
  /** From the connection to its first bytes (or the end of TLS's greeting), and between requests of HTTP/1.1. */
  readonly firstBytesMs: number
  readonly keepAliveMs: number
  /** The headers of a request, and all of it. */
  readonly headersMs: number
  readonly bodyMs: number
  /** A connection of HTTP/2 without a request. */
  readonly idleMs: number
  readonly headerBytes: number
  /** One message, unpacked. */
  readonly messageBytes: number
  /** Requests at a time on one connection of HTTP/2. */
  readonly streamsPerConnection: number
  /** Resets at once, and a second: a client that opens requests to cancel them loses its connection. */
  readonly resetBurst: number
  readonly resetsPerSecond: number
  /** Memory of one connection of HTTP/2, in megabytes. */
  readonly connectionMegabytes: number
}

export interface PortHandlers {
  request(request: Request, response: Response): void
  /** Of HTTP/1.1. Without it such a request is answered as any other. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** What a client of HTTP/1.1 is told that does not speak it, sends too much, or too slowly: JSON. */
  unreadable(request: UnreadableRequest): string
}

/** A certificate with those that vouch for it, and its key, in PEM. */
export interface TlsPair {
  readonly cert: string
  readonly key: string
}

export class HttpPort {
  readonly #handlers: PortHandlers
  readonly #limits: PortLimits
  readonly #clock: Clock
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  #http1: Server | TlsServer | undefined
  #http2: Http2Server | undefined
  #closed: Promise<void> = Promise.resolve()
  #port = 0

  constructor(handlers: PortHandlers, limits: PortLimits, clock: Clock) {
    this.#handlers = handlers
    this.#limits = limits
    this.#clock = clock
  }

  get port(): number {
    return this.#port
  }

  /** Connections at present. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Rejects with the system's error. */
  async listen(port: number, host: string, tls?: TlsPair): Promise<void> {
    const http1 = this.#create(tls)
    await new Promise<void>((resolve, reject) => {
      http1.once('error', reject)
      http1.listen(port, host, () => {
        http1.off('error', reject)
        resolve()
      })
    })
    const address = http1.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : port
  }

  /** In place of {@link listen}: for connections that {@link take} brings, without TLS. */
  open(): void {
    // It listens nowhere; at this event it begins to watch the time limits of its connections.
    this.#create(undefined).emit('listening')
  }

  /** A connection that was accepted elsewhere. */
  take(socket: Socket): void {
    if (this.#http1 === undefined || this.#sockets.size >= this.#limits.connections) socket.destroy()
    else this.#http1.emit('connection', socket)
  }

  #create(tls: TlsPair | undefined): Server | TlsServer {
    const { connections, headersMs, bodyMs, keepAliveMs, headerBytes, firstBytesMs } = this.#limits
    const options = { maxHeaderSize: headerBytes, headersTimeout: headersMs, requestTimeout: bodyMs, keepAliveTimeout: keepAliveMs, connectionsCheckingInterval: Math.min(MAX_CHECK_MS, headersMs) }
    const onRequest = (request: Request, response: Response): void => this.#handlers.request(request, response)
    const http1 = tls === undefined ? createServer(options, onRequest) : createTlsServer({ ...options, ...tls, ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.2', handshakeTimeout: firstBytesMs }, onRequest)
    http1.maxConnections = connections
    if (this.#handlers.upgrade !== undefined) http1.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#handlers.upgrade?.(request, socket, head))
    http1.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuseUnreadable(error, socket, (request) => this.#handlers.unreadable(request)))
    this.#http1 = http1
    this.#http2 = this.#createHttp2(onRequest)
    // It listens itself, so that its own time limits count; only who gets a connection is decided first.
    const event = tls === undefined ? 'connection' : 'secureConnection'
    const take = http1.listeners(event) as ((socket: Socket) => void)[]
    http1.removeAllListeners(event)
    const takeHttp1 = (socket: Socket): void => take.forEach((listener) => listener.call(http1, socket))
    http1.on('connection', (socket: Socket) => this.#keep(socket))
    if (tls === undefined) http1.on('connection', (socket: Socket) => this.#look(socket, takeHttp1))
    else http1.on('secureConnection', (socket: TLSSocket) => this.#hand(socket, socket.alpnProtocol === 'h2', takeHttp1))
    return http1
  }

  /** For connections from now on. Throws where the two do not belong together. */
  exchangeTls(tls: TlsPair): void {
    if (this.#http1 !== undefined && 'setSecureContext' in this.#http1) this.#http1.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
  }

  /** No connection more; those that there are take no request more, and end when they have answered. Idempotent. */
  stopAccepting(): void {
    const server = this.#http1
    this.#http1 = undefined
    if (server !== undefined) this.#closed = this.#endOf(server)
    for (const session of this.#sessions) session.close()
    server?.closeIdleConnections()
  }

  /** Ends every connection: whoever waits for an answer has been told before. */
  async close(): Promise<void> {
    this.stopAccepting()
    await Promise.race([this.#closed, new Promise<void>((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())])
    for (const socket of this.#sockets) socket.destroy()
    await this.#closed
    this.#http2?.close()
    this.#http2 = undefined
  }

  /** Of the server, which accepts no more, and of each connection. */
  #endOf(server: Server | TlsServer): Promise<void> {
    // One that listens nowhere says so in an error, when it has put its watch away.
    const ended = new Promise<void>((resolve) => server.close(() => resolve()))
    const gone = [...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())))
    return Promise.all([ended, ...gone]).then(() => undefined)
  }

  #createHttp2(onRequest: (request: Request, response: Response) => void): Http2Server {
    const { streamsPerConnection, headerBytes, resetBurst, resetsPerSecond, connectionMegabytes, idleMs, messageBytes } = this.#limits
    const server = createHttp2Server(
      {
        settings: { maxConcurrentStreams: streamsPerConnection, maxHeaderListSize: headerBytes, initialWindowSize: Math.min(messageBytes, 256 * 1024), enablePush: false },
        maxHeaderListPairs: 64,
        maxOutstandingPings: 8,
        maxSettings: 16,
        maxSessionInvalidFrames: 32,
        maxSessionRejectedStreams: 64,
        maxSessionMemory: connectionMegabytes,
        streamResetBurst: resetBurst,
        streamResetRate: resetsPerSecond,
      },
      onRequest,
    )
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.setTimeout(idleMs, () => {
        session.close()
      })
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => session.destroy())
    })
    return server
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
  }

  #look(socket: Socket, takeHttp1: (socket: Socket) => void): void {
    const cancel = deadline(this.#clock, this.#limits.firstBytesMs, () => void socket.destroy())
    let seen = Buffer.alloc(0)
    // Until somebody has it, an end from the other side is the end.
    const onEnd = (): void => void socket.destroy()
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) return
      seen = Buffer.concat([seen, chunk])
      const compared = Math.min(seen.length, PREFACE.length)
      const isPreface = PREFACE.subarray(0, compared).equals(seen.subarray(0, compared))
      if (isPreface && compared < PREFACE.length) return
      cancel()
      socket.off('readable', onReadable)
      socket.off('end', onEnd)
      socket.unshift(seen)
      this.#hand(socket, isPreface, takeHttp1)
    }
    socket.on('readable', onReadable)
    socket.on('end', onEnd)
    socket.once('close', cancel)
  }

  #hand(socket: Socket, isHttp2: boolean, takeHttp1: (socket: Socket) => void): void {
    socket.on('error', () => socket.destroy())
    const http2 = this.#http2
    if (!isHttp2) takeHttp1(socket)
    else if (http2 !== undefined) http2.emit('connection', socket)
    else socket.destroy()
  }
}
