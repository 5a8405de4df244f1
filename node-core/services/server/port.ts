/**
 * One port of the loopback interface for HTTP/1.1 and HTTP/2 without TLS.
 *
 * Without TLS nothing is negotiated: a client of HTTP/2 that knows what it wants begins with a preface that no request of HTTP/1.1 can begin with. So the first
 * bytes of a connection decide to whom it is handed, and go back onto it. What a connection may take, in either version, is bounded (limits.ts).
 */
import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { ServiceLimits } from '../limits.ts'
import { ServiceError } from '../errors.ts'
import type { Request, Response } from './plain-answers.ts'

/** The connection preface of HTTP/2 (RFC 9113, section 3.4), as far as it differs from every method. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n')

export type Handler = (request: Request, response: Response) => void

export class ServicePort {
  readonly #handler: Handler
  readonly #limits: ServiceLimits
  readonly #clock: Clock
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  #http1: Server | undefined
  #http2: Http2Server | undefined
  #port = 0

  constructor(handler: Handler, limits: ServiceLimits, clock: Clock) {
    this.#handler = handler
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

  /** Throws SERVICE_PORT_IN_USE, SERVICE_CANNOT_LISTEN. */
  async listen(port: number, host: string): Promise<void> {
    const { connections, headersMs, bodyMs, keepAliveMs, headerBytes } = this.#limits
    const http1 = createServer({ maxHeaderSize: headerBytes, headersTimeout: headersMs, requestTimeout: bodyMs, keepAliveTimeout: keepAliveMs }, this.#handler)
    http1.maxConnections = connections
    this.#http1 = http1
    this.#http2 = this.#createHttp2()
    // It listens itself, so that its own time limits count; only who gets a connection is decided first.
    const take = http1.listeners('connection') as ((socket: Socket) => void)[]
    http1.removeAllListeners('connection')
    http1.on('connection', (socket) => this.#look(socket, (given) => take.forEach((listener) => listener.call(http1, given))))
    await new Promise<void>((resolve, reject) => {
      http1.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
      http1.listen(port, host, resolve)
    })
    const address = http1.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : port
  }

  /** Ends every connection: whoever waits for an answer has been told before. */
  async close(): Promise<void> {
    const server = this.#http1
    this.#http1 = undefined
    for (const session of this.#sessions) session.close()
    const closed = server?.listening === true ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve()
    server?.closeIdleConnections()
    // What was said last gets a moment to leave.
    await Promise.race([closed, new Promise<void>((resolve) => setTimeout(resolve, 250).unref())])
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#http2?.close()
    this.#http2 = undefined
  }

  #createHttp2(): Http2Server {
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
      this.#handler,
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

  #look(socket: Socket, takeHttp1: (socket: Socket) => void): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
    const cancel = this.#clock.schedule(this.#limits.firstBytesMs, () => socket.destroy())
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
      const http2 = this.#http2
      if (!isPreface) takeHttp1(socket)
      else if (http2 !== undefined) http2.emit('connection', socket)
      else socket.destroy()
    }
    socket.on('readable', onReadable)
    socket.on('end', onEnd)
    socket.once('close', cancel)
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): ServiceError {
  const inUse = error.code === 'EADDRINUSE'
  return new ServiceError(inUse ? 'SERVICE_PORT_IN_USE' : 'SERVICE_CANNOT_LISTEN', `The service API cannot listen on ${host}:${port} (${error.code ?? error.message}).`, {
    hint: inUse ? 'Another program has the port: stop that one, or choose another with --service-port.' : 'Choose another port or address.', data: { port }, cause: error,
  })
}
