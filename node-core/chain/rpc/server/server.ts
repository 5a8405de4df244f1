/**
 * The server: one port for HTTP and WebSocket, on loopback unless told otherwise.
 *
 * Every request and every upgrade passes the same gate first: headers (see guard.ts), then the number of connections.
 * Other parts of the node may serve paths of their own on this port through an {@link HttpExtension}.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { MemoryBudget } from '../../../base/memory-budget.ts'
import { CLOSE, keepAlive, transportOf, watchArrival, webSocketClass } from '../../../json-rpc/web-socket.ts'
import { refuseUnreadable, type UnreadableRequest } from '../../../web/unreadable.ts'
import { CallRate } from './call-rate.ts'
import { Connection } from './connection.ts'
import type { Dispatcher } from './dispatcher.ts'
import { isTrusted, refusalOf } from './guard.ts'
import { allowOrigin, handleHttp, refuse, type Health } from './http.ts'
import { Limiter } from './limiter.ts'
import { listenAll } from './listen.ts'
import { SessionFigures, type SessionCounts } from './session-figures.ts'
import type { RpcOptions } from '../options.ts'
import { BUSY, httpStatusOf, MISTAKE, refusalText, STOPPING, type DoorRefusal } from './refusals.ts'

/** Serves other paths on the same port. Each function says whether it took the request. Host and Origin are checked before. */
export interface HttpExtension {
  request?(request: IncomingMessage, response: ServerResponse): boolean
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

export interface ServerDeps {
  readonly dispatcher: Dispatcher
  readonly health: () => Health
  readonly clock: Clock
  readonly logger: Logger
  readonly extension: HttpExtension | undefined
}

export class RpcServer {
  readonly #deps: ServerDeps
  readonly #options: RpcOptions
  readonly #limiter: Limiter
  readonly #webSockets: WebSocketServer
  readonly #budget: MemoryBudget
  readonly #sockets = new Set<Socket>()
  /** Of the sockets that plain HTTP is spoken on, where calls are counted. */
  readonly #rates = new WeakMap<Socket, CallRate>()
  readonly #connections = new Map<Connection, WebSocket>()
  readonly #requests = new Set<Promise<void>>()
  #servers: readonly Server[] = []
  readonly #sessions: SessionFigures
  #stopping: Promise<void> | undefined

  constructor(deps: ServerDeps, options: RpcOptions) {
    this.#deps = deps
    this.#options = options
    this.#sessions = new SessionFigures(deps.clock)
    this.#limiter = new Limiter(options.maxConcurrentCalls)
    this.#budget = new MemoryBudget(options.maxTotalBytes)
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxRequestBytes,
      perMessageDeflate: false,
      WebSocket: webSocketClass(options.maxRequestBytes),
    })
  }

  /** Open WebSocket connections. */
  get connectionCount(): number {
    return this.#connections.size
  }

  sessionCounts(): SessionCounts {
    return this.#sessions.read()
  }

  /** Resolves with the port. Throws a NodeError (see listen.ts) where it cannot be had. */
  async start(): Promise<number> {
    const { servers, port } = await listenAll(this.#options, () => this.#createServer())
    this.#servers = servers
    return port
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  #createServer(): Server {
    const { headersTimeoutMs, requestTimeoutMs } = this.#options
    const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: 5_000 })
    server.on('connection', (socket) => this.#onSocket(socket))
    server.on('request', (request, response) => this.#onRequest(request, response))
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseUnreadable(error, socket, unreadable))
    return server
  }

  #onSocket(socket: Socket): void {
    // Twice as many may connect as are served, so that the surplus can be told why it is not.
    if (this.#sockets.size >= this.#options.maxConnections * 2) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Why nobody can be served now, by statuses as Substrate's nodes give them; undefined where there is room. */
  #busy(): DoorRefusal | undefined {
    if (this.#stopping !== undefined) return STOPPING
    return this.#sockets.size > this.#options.maxConnections ? BUSY : undefined
  }

  #rateOf(socket: Socket): CallRate | undefined {
    const { callsPerMinute } = this.#options
    if (callsPerMinute === 0) return undefined
    const known = this.#rates.get(socket)
    if (known !== undefined) return known
    const rate = new CallRate(callsPerMinute, this.#deps.clock)
    this.#rates.set(socket, rate)
    socket.once('close', () => rate.close())
    return rate
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refusalOf(request.headers, this.#options)
    if (refusal !== undefined) return refuse(response, refusal)
    const busy = this.#busy()
    if (busy !== undefined) return refuse(response, busy, { connection: 'close' })
    if (this.#deps.extension?.request?.(request, response) === true) return
    allowOrigin(request, response)
    const { dispatcher, health } = this.#deps
    const deps = { dispatcher, health, limiter: this.#limiter, budget: this.#budget, rate: this.#rateOf(request.socket) }
    const work = handleHttp(request, response, deps, this.#options)
      .catch((error: unknown) => {
        this.#deps.logger.error('an HTTP request failed', { reason: errorMessage(error) })
        refuse(response, MISTAKE)
      })
      .finally(() => this.#requests.delete(work))
    this.#requests.add(work)
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(request.headers, this.#options)
    if (refusal !== undefined) return refuseUpgrade(socket, refusal)
    const busy = this.#busy()
    if (busy !== undefined) return refuseUpgrade(socket, busy)
    if (this.#deps.extension?.upgrade?.(request, socket, head) === true) return
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#onWebSocket(webSocket, request))
  }

  #onWebSocket(webSocket: WebSocket, request: IncomingMessage): void {
    const trusted = isTrusted(this.#options, request.socket.remoteAddress, request.headers)
    const { dispatcher, clock, logger } = this.#deps
    const budget = this.#budget
    const connection = new Connection(transportOf(webSocket, request.socket, clock, this.#options.stopGraceMs), { dispatcher, clock, logger, budget }, this.#options, trusted)
    this.#connections.set(connection, webSocket)
    const ended = this.#sessions.open()
    const stopPinging = keepAlive(webSocket, clock)
    watchArrival(webSocket, request.socket, { came: (bytes) => budget.hold(connection, bytes), whole: (bytes) => budget.release(connection, bytes) })
    webSocket.on('message', (data) => connection.receive((data as Buffer).toString('utf8')))
    // What went wrong is followed by `close`; a client that breaks the protocol is its own problem.
    webSocket.on('error', (error) => logger.debug('a WebSocket client failed', { reason: error.message }))
    webSocket.on('close', () => {
      stopPinging()
      connection.closed()
      this.#connections.delete(connection)
      ended()
    })
    if (this.#stopping !== undefined) connection.close(CLOSE.goingAway, 'the node is stopping')
  }

  async #stop(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    const connections = [...this.#connections.keys()]
    for (const connection of connections) connection.close(CLOSE.goingAway, 'the node is stopping')
    // Calls that wait for their turn will not have one.
    for (const socket of this.#sockets) this.#rates.get(socket)?.close()
    const drained = Promise.all([...connections.map((connection) => connection.drained()), ...this.#requests]).then(() => {
      for (const server of this.#servers) server.closeIdleConnections()
    })
    const orderly = Promise.all([drained, ...closed])
    let cancel = (): void => {}
    const tooLong = new Promise<void>((resolve) => (cancel = this.#deps.clock.schedule(this.#options.stopGraceMs, resolve)))
    await Promise.race([orderly, tooLong])
    cancel()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }
}

function refuseUpgrade(socket: Duplex, refusal: DoorRefusal): void {
  const [body, status] = [refusalText(refusal), httpStatusOf(refusal)]
  socket.on('error', () => socket.destroy())
  const headers = ['Connection: close', 'Content-Type: application/json; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`]
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
}

function unreadable({ status, what, hint }: UnreadableRequest): string {
  return refusalText({ code: status === 431 ? 'RPC_HEADERS_TOO_LARGE' : status === 408 ? 'RPC_REQUEST_TIMED_OUT' : 'RPC_BAD_REQUEST', message: what, hint })
}
