/**
 * The dashboard for a browser: the built renderer over HTTP and the API over WebSocket, on one port of the loopback
 * interface.
 *
 * What keeps strangers out: the address (loopback), the Host and Origin checks (origin-check.ts), and a random token,
 * new at each start unless a file keeps it (token-file.ts). The token is part of the address that the command line prints, behind the `#`: browsers do not
 * send that part, so it is in no request for a file and in no log. The page hands it in once for a cookie (session.ts) and takes it out of its
 * address; a program says it in the first message of its WebSocket. Files need no token, for they hold nothing that is not public.
 *
 * Behind a reverse proxy the dashboard is shown where `publicUrl` says (public-url.ts). All addresses in the page are relative.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { TRPCError } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { AboutReader } from '../app/about.ts'
import { AssetFolder, securityHeaders } from './assets.ts'
import { lacksSlash, pathBelow, type PublicUrl } from '../../web/public-url.ts'
import { readToken, Sessions } from './session.ts'
import { checkOrigin, checkSocketOrigin, CLOSE_TOKEN_REFUSED, isLoopback } from './origin-check.ts'
import { newToken } from './token-file.ts'
import { appRouter } from '../router.ts'
import type { ServiceKeeper } from '../app/service-types.ts'
import type { ApiContext, AppInfo } from '../trpc.ts'
import { NodeError } from '../../base/errors.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { Logger } from '../../base/logger.ts'
import type { NodeManagerView } from '../../manager/types.ts'
import type { Service } from '../../base/service.ts'

export type DashboardErrorCode = 'DASHBOARD_NOT_LOOPBACK' | 'DASHBOARD_PORT_IN_USE' | 'DASHBOARD_TOKEN_REFUSED' | 'DASHBOARD_CANNOT_LISTEN'

export interface DashboardDeps {
  readonly manager: NodeManagerView
  readonly logger: Logger
  readonly clock?: Clock
}

export interface DashboardOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** A loopback address; the default is 127.0.0.1. */
  readonly host?: string
  /** The folder of the built renderer. */
  readonly assetsPath: string
  readonly app: AppInfo
  /** What the command line said, by the names of flags. */
  readonly flags?: Readonly<Record<string, string>>
  readonly about?: AboutReader
  readonly services?: ServiceKeeper
  /** 32 random bytes in base64url where it is left out. */
  readonly token?: string
  /** Where a reverse proxy shows the dashboard. */
  readonly publicUrl?: PublicUrl
}

const MAX_MESSAGE_BYTES = 64 * 1024
const MAX_CLIENTS = 16
const AUTHENTICATE_WITHIN_MS = 10_000
/** A client that lets this much pile up unread is gone or stuck. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024
const SWEEP_INTERVAL_MS = 5_000

export class DashboardService implements Service {
  readonly #deps: DashboardDeps
  readonly #clock: Clock
  readonly #options: DashboardOptions
  readonly #token: string
  readonly #sessions: Sessions
  readonly #authenticated = new WeakSet<WebSocket>()
  #server: Server | undefined
  #sockets: WebSocketServer | undefined
  #assets: AssetFolder | undefined
  #cancelSweep: Disposer | undefined
  #port = 0

  constructor(deps: DashboardDeps, options: DashboardOptions) {
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#options = options
    this.#token = options.token ?? newToken()
    this.#sessions = new Sessions(this.#token)
  }

  /** The address to open, token included: for the person who started the node, and no log. */
  get url(): string {
    return `${this.address}/#token=${this.#token}`
  }

  /** The same where a proxy shows it; undefined without one. */
  get publicUrl(): string | undefined {
    const shown = this.#options.publicUrl
    return shown === undefined ? undefined : `${shown.origin}${shown.path}#token=${this.#token}`
  }

  /** The address without the token. */
  get address(): string {
    const host = this.#options.host ?? '127.0.0.1'
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  async start(): Promise<void> {
    const { host = '127.0.0.1', port, assetsPath } = this.#options
    if (!isLoopback(host)) {
      throw new NodeError<DashboardErrorCode>('DASHBOARD_NOT_LOOPBACK', `The dashboard cannot listen on ${host}: it accepts loopback addresses only.`, {
        hint: 'Use 127.0.0.1, and a tunnel to reach it from another computer.',
      })
    }
    this.#assets = await AssetFolder.open(assetsPath)
    const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
    this.#server = server
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
    this.#sockets = sockets
    applyWSSHandler({
      wss: sockets,
      router: appRouter,
      maxBatchSize: 32,
      keepAlive: { enabled: true, pingMs: 15_000, pongWaitMs: 10_000 },
      createContext: ({ info, req, res }) => this.#authenticate(info.connectionParams?.['token'], req, res),
      onError: ({ error, path }) => this.#deps.logger.debug('request failed', { path, code: error.code, reason: error.message }),
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    await listen(server, port, host)
    const address = server.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : port
    this.#sweepLater()
    this.#deps.logger.info('dashboard server started', { address: this.address })
  }

  async stop(): Promise<void> {
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
    const server = this.#server
    this.#server = undefined
    for (const client of this.#sockets?.clients ?? []) client.terminate()
    this.#sockets?.close()
    this.#sockets = undefined
    if (server === undefined || !server.listening) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, origin } = request.headers
    const shown = this.#options.publicUrl
    const verdict = checkOrigin(host, origin, this.#port, shown)
    if (verdict !== 'ok') return end(response, 403, `Refused: ${verdict}. Open the address that the node printed.`)
    const asked = pathOf(request.url)
    const base = shown?.path ?? '/'
    if (asked !== undefined && lacksSlash(asked, base)) return end(response, 308, 'The address ends with a slash.', { Location: base })
    const path = asked === undefined ? undefined : pathBelow(asked, base)
    if (path === '/session' && (request.method === 'POST' || request.method === 'DELETE')) return this.#session(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET and HEAD.', { Allow: 'GET, HEAD' })
    const asset = path === undefined ? undefined : await this.#assets?.read(path)
    if (asset === undefined) return end(response, 404, 'Not found.')
    const sockets = [`ws://${host}`, ...(shown === undefined ? [] : [shown.origin.replace(/^http/, 'ws')])]
    response.writeHead(200, {
      ...securityHeaders(`'self' ${sockets.join(' ')}`),
      'Content-Type': asset.contentType,
      'Content-Length': asset.body.byteLength,
      'Cache-Control': asset.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(request.method === 'HEAD' ? undefined : asset.body)
  }

  /**
   * A page hands in the token and gets a cookie (POST), or has the cookie taken away (DELETE). Browsers name the origin of every such
   * request: one without is no page's.
   */
  async #session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin } = request.headers
    if (origin === undefined) return end(response, 403, 'Refused: a session is for pages, and they name their origin. A program says the token in its first message.')
    const isSecure = origin.startsWith('https:')
    if (request.method === 'DELETE') return this.#answer(response, this.#sessions.ended(this.#port, isSecure))
    const said = await readToken(request)
    if (said === undefined) return end(response, 413, 'That is longer than any token.', { Connection: 'close' })
    if (!this.#sessions.isToken(said)) {
      this.#deps.logger.warn('a dashboard session was refused: wrong token')
      return end(response, 401, 'The node rejected this token. Open the address that it printed at its last start.')
    }
    this.#answer(response, this.#sessions.cookie(this.#port, isSecure))
  }

  #answer(response: ServerResponse, cookie: string): void {
    response.writeHead(204, { ...securityHeaders("'none'"), 'Set-Cookie': cookie, 'Cache-Control': 'no-store' })
    response.end()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const sockets = this.#sockets
    const verdict = checkSocketOrigin(request.headers.host, request.headers.origin, this.#port, this.#options.publicUrl)
    if (sockets === undefined || verdict !== 'ok') return refuse(socket, '403 Forbidden')
    if (pathBelow(pathOf(request.url) ?? '', this.#options.publicUrl?.path ?? '/') !== '/trpc') return refuse(socket, '404 Not Found')
    if (sockets.clients.size >= MAX_CLIENTS) return refuse(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (client) => {
      const cancel = this.#clock.schedule(AUTHENTICATE_WITHIN_MS, () => {
        if (!this.#authenticated.has(client)) client.terminate()
      })
      client.on('close', cancel)
      sockets.emit('connection', client, request)
    })
  }

  /** By the token; or by the cookie, where the request names an origin, which is ours (see {@link #upgrade}). */
  #authenticate(token: string | undefined, request: IncomingMessage, client: WebSocket): ApiContext {
    const isOpen = token === undefined ? request.headers.origin !== undefined && this.#sessions.has(request, this.#port) : this.#sessions.isToken(token)
    if (!isOpen) {
      this.#deps.logger.warn('a dashboard connection was refused: wrong token')
      setImmediate(() => client.close(CLOSE_TOKEN_REFUSED, 'wrong token'))
      throw new TRPCError({
        code: 'UNAUTHORIZED',
        cause: new NodeError<DashboardErrorCode>('DASHBOARD_TOKEN_REFUSED', 'The node rejected this token.', {
          hint: 'Use the address that the node printed at its last start. Without --dashboard-token-file the token changes at every start.',
        }),
      })
    }
    this.#authenticated.add(client)
    const { app, flags, about, services } = this.#options
    return { manager: this.#deps.manager, app, clock: this.#clock, flags, about, services }
  }

  /** Hangs up on clients that do not read what they are sent. */
  #sweepLater(): void {
    this.#cancelSweep = this.#clock.schedule(SWEEP_INTERVAL_MS, () => {
      for (const client of this.#sockets?.clients ?? []) {
        if (client.bufferedAmount <= MAX_UNSENT_BYTES) continue
        this.#deps.logger.warn('a dashboard connection was closed: it does not read', { unsentBytes: client.bufferedAmount })
        client.terminate()
      }
      this.#sweepLater()
    })
  }
}

/** The path of a request's URL, undefined where it has none that can be understood. */
function pathOf(url: string | undefined): string | undefined {
  try {
    return decodeURIComponent(new URL(url ?? '', 'http://localhost').pathname)
  } catch {
    return undefined
  }
}

function end(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...securityHeaders("'none'"), 'Content-Type': 'text/plain; charset=utf-8', ...headers })
  response.end(`${text}\n`)
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const [code, hint]: [DashboardErrorCode, string] =
        error.code === 'EADDRINUSE'
          ? ['DASHBOARD_PORT_IN_USE', 'Another program has it: stop that one, or choose another port.']
          : ['DASHBOARD_CANNOT_LISTEN', 'Choose another port or address.']
      reject(new NodeError(code, `The dashboard cannot listen on ${host}:${port} (${error.code ?? error.message}).`, { hint, data: { port }, cause: error }))
    })
    server.listen(port, host, resolve)
  })
}
