/**
 * `GET /metrics`: the registry over HTTP, for Prometheus; and for whoever watches the process `GET /health`, which answers as long as it lives, and
 * `GET /health/readiness`, which says whether it is of use: not behind, and with peers, by the rule of Substrate's nodes.
 *
 * It answers this machine only, unless it was told otherwise: the figures say much about a node and its owner. A request
 * is a few lines long, an answer is put together from counters in one go and shared by all who ask at that moment, and
 * neither may take long. Requests under a foreign host name are refused: they come from a web page (DNS rebinding).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorMessage, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { isAllowedHost } from '../base/host-check.ts'
import type { Service } from '../base/service.ts'
import type { PrometheusOptions } from './options.ts'

export type MetricsErrorCode = 'METRICS_PORT_IN_USE' | 'METRICS_LISTEN_FAILED'

export interface MetricsSource {
  readonly contentType: string
  text(): Promise<string>
}

/** As `system_health` has it. */
export interface NodeHealth {
  readonly peers: number
  readonly isSyncing: boolean
  readonly shouldHavePeers: boolean
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']
const PATHS: readonly string[] = ['/metrics', '/health', '/health/readiness']
const MAX_CONNECTIONS = 16
const REQUEST_TIMEOUT_MS = 5_000

export class MetricsService implements Service {
  readonly #source: MetricsSource
  readonly #health: () => NodeHealth
  readonly #logger: Logger
  readonly #options: PrometheusOptions
  #server: Server | undefined
  #text: Promise<string> | undefined

  constructor(dependencies: { readonly source: MetricsSource; readonly health: () => NodeHealth; readonly logger: Logger }, options: PrometheusOptions) {
    this.#source = dependencies.source
    this.#health = dependencies.health
    this.#logger = dependencies.logger
    this.#options = options
  }

  /** `http://127.0.0.1:9615/metrics`; undefined while nothing is served. */
  get address(): string | undefined {
    const address = this.#server?.address() as AddressInfo | null | undefined
    return address === null || address === undefined ? undefined : `http://127.0.0.1:${address.port}/metrics`
  }

  /** Throws a NodeError with a {@link MetricsErrorCode}. Does nothing where the metrics are off. */
  async start(): Promise<void> {
    const { enabled, port, fallback } = this.#options
    if (!enabled) return
    try {
      this.#server = await this.#listen(port)
    } catch (error) {
      if (!fallback || errnoOf(error) !== 'EADDRINUSE') throw explained(error, port)
      this.#server = await this.#listen(0).catch((failure: unknown) => Promise.reject(explained(failure, 0)))
      this.#logger.warn('the metrics port is in use: another one was chosen', { port, address: this.address })
    }
    this.#logger.info('metrics are served', { address: this.address })
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async #listen(port: number): Promise<Server> {
    if (!this.#options.external) return listen(this.#create(), '127.0.0.1', port)
    try {
      return await listen(this.#create(), '::', port)
    } catch (error) {
      // A machine without IPv6.
      if (errnoOf(error) !== 'EAFNOSUPPORT' && errnoOf(error) !== 'EADDRNOTAVAIL') throw error
      return listen(this.#create(), '0.0.0.0', port)
    }
  }

  #create(): Server {
    const server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#logger.warn('the metrics could not be collected', { reason: errorMessage(error) })
        reply(response, 500, 'The metrics cannot be read: the log says why.\n')
      })
    })
    server.maxConnections = MAX_CONNECTIONS
    // Whoever asks reads the answer, or loses the connection.
    server.setTimeout(REQUEST_TIMEOUT_MS * 2)
    return server
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#options.external && !isAllowedHost(request.headers.host, LOCAL_NAMES)) {
      return reply(response, 403, 'This host name is not allowed here: use localhost or 127.0.0.1.\n')
    }
    const path = request.url?.split('?', 1)[0] ?? ''
    if (!PATHS.includes(path)) return reply(response, 404, 'The metrics are at /metrics, the health at /health and /health/readiness.\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'Only GET and HEAD.\n', { allow: 'GET, HEAD' })
    if (path !== '/metrics') return this.#tellHealth(path, request, response)
    this.#text ??= this.#source.text().finally(() => (this.#text = undefined))
    const text = await this.#text
    reply(response, 200, request.method === 'HEAD' ? '' : text, { 'content-type': this.#source.contentType })
  }

  #tellHealth(path: string, request: IncomingMessage, response: ServerResponse): void {
    const health = this.#health()
    const isReady = !health.isSyncing && health.peers > 0
    const status = path === '/health' || isReady ? 200 : 503
    reply(response, status, request.method === 'HEAD' ? '' : JSON.stringify(health), { 'content-type': 'application/json; charset=utf-8' })
  }
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

function reply(response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers })
  response.end(body)
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function explained(error: unknown, port: number): NodeError<MetricsErrorCode> {
  if (errnoOf(error) === 'EADDRINUSE') {
    return new NodeError('METRICS_PORT_IN_USE', `Port ${port} for metrics is in use by another program.`, {
      data: { port },
      hint: 'Stop that program, choose another port with --prometheus-port (0 lets the system choose), or turn metrics off with --no-prometheus.',
      cause: error,
    })
  }
  return new NodeError('METRICS_LISTEN_FAILED', `The metrics cannot be served on port ${port}: ${errorMessage(error)}.`, {
    data: { port },
    hint: 'Choose another port with --prometheus-port, or turn metrics off with --no-prometheus.',
    cause: error,
  })
}
