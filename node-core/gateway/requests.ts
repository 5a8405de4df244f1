/**
 * Requests of HTTP, from their headers to the line in the log. In order: health, which everybody may ask; the headers; who asks, and whether that is one request too
 * many; then JSON-RPC by `POST` to the path itself, or a method of the service API by its name.
 */
import type { Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { limitBody, type Unread } from '../web/deadlines.ts'
import { breakOff, type Request, type Response } from '../web/exchange.ts'
import type { Door, Visitor } from './access/door.ts'
import { GatewayError, mistake } from './errors.ts'
import { refuseRpc, type RpcUpstream } from './json-rpc/http.ts'
import type { Judging } from './json-rpc/judged.ts'
import type { LoggedRequest } from './log/request-log.ts'
import type { GatewayLimits } from './options.ts'
import { reply } from './replies.ts'
import type { ServiceProxy } from './service/proxy.ts'
import { refuseCall } from './service/refusals.ts'
import { allowOrigin, placeOf, PREFLIGHT, requireWelcome, type Place, type WelcomeOptions } from './visitors.ts'

export interface RequestsDeps {
  readonly door: Door
  readonly rpc: RpcUpstream
  readonly service: ServiceProxy | undefined
  /** Methods of the service API that are served. */
  readonly serviceMethods: ReadonlySet<string>
  readonly judging: (visitor: Visitor) => Judging
  readonly health: () => { readonly ready: boolean; readonly node: string }
  readonly isStopping: () => GatewayError | undefined
  readonly logged: (request: Omit<LoggedRequest, 'time'>) => void
  readonly unread: Unread
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: GatewayLimits
  readonly base: string
  readonly welcome: WelcomeOptions
}

/** What is known of a request by and by, for the log. */
interface Known {
  visitor: Visitor
  methods: readonly string[]
}

/** A client that went away before its answer was whole; as web servers log it. */
const LEFT = 499
export const RPC_PATHS: readonly string[] = ['/', '/rpc', '/ws']

export class Requests {
  readonly #deps: RequestsDeps
  readonly #open = new Set<Response>()
  #waitingForEnd: (() => void)[] = []

  constructor(deps: RequestsDeps) {
    this.#deps = deps
  }

  serve(request: Request, response: Response): void {
    const { base, health, unread, clock, limits, isStopping } = this.#deps
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const place = placeOf(request.url, base)
    if (request.method === 'GET' && place.path === '/health') return reply(response, 200, '{"status":"up"}', { 'content-type': 'application/json' })
    if (request.method === 'GET' && place.path === '/health/readiness') {
      const { ready, node } = health()
      return reply(response, ready ? 200 : 503, JSON.stringify({ ready, node }), { 'content-type': 'application/json', ...this.#closing(response) })
    }
    this.#open.add(response)
    response.once('close', () => {
      this.#open.delete(response)
      if (this.#open.size === 0) for (const resolve of this.#waitingForEnd.splice(0)) resolve()
    })
    const end = (): void => breakOff(response)
    limitBody(request, end, clock, { isStream: false, bodyMs: limits.bodyMs, silenceMs: limits.bodyMs })
    unread.watch(response, end)
    const known: Known = { visitor: { address: this.#deps.door.addressOf(request.socket.remoteAddress, request.headers), key: undefined }, methods: [] }
    this.#log(response, place, known)
    if (isStopping() !== undefined) this.#closing(response, true)
    this.#answer(request, response, place, known).catch((error: unknown) => {
      if (error instanceof GatewayError) return refused(request, response, place, error)
      this.#deps.logger.error('a request failed', { reason: errorMessage(error) })
      refused(request, response, place, mistake())
    })
  }

  /** Resolves when all that are under way are answered. */
  drained(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waitingForEnd.push(resolve))
  }

  async #answer(request: Request, response: Response, place: Place, known: Known): Promise<void> {
    const { door, welcome, isStopping, service, serviceMethods, rpc, judging } = this.#deps
    const stopping = isStopping()
    if (stopping !== undefined) throw stopping
    requireWelcome(request.headers, welcome)
    allowOrigin(request.headers, response)
    if (request.method === 'OPTIONS') return reply(response, 204, '', PREFLIGHT)
    known.visitor = await door.identify(known.visitor.address, request.headers, place.key)
    const isRpc = RPC_PATHS.includes(place.path)
    if (isRpc && request.method === 'POST') return rpc.serve(request, response, { ...judging(known.visitor), address: known.visitor.address, named: (methods) => (known.methods = methods) })
    const method = place.path.slice(1)
    if (service !== undefined && request.method === 'POST' && serviceMethods.has(method)) {
      known.methods = [method]
      door.take(known.visitor)
      return service.serve(request, response, method)
    }
    door.take(known.visitor)
    if (isRpc) {
      const error = new GatewayError('GATEWAY_VERB_REFUSED', `JSON-RPC is not spoken by ${request.method ?? ''}.`, { hint: 'Send a POST, or open a WebSocket.' })
      return refuseRpc(response, error, { allow: 'POST, OPTIONS' })
    }
    throw new GatewayError('GATEWAY_NO_SUCH_METHOD', 'There is no such method here.', { hint: 'JSON-RPC is spoken at /, by POST or over WebSocket.' })
  }

  #closing(response: Response, set = false): Readonly<Record<string, string>> {
    if ('stream' in response || this.#deps.isStopping() === undefined) return {}
    if (set) response.setHeader('connection', 'close')
    return { connection: 'close' }
  }

  #log(response: Response, place: Place, known: Known): void {
    const { clock, logged } = this.#deps
    const startedAt = clock.now()
    const bytes = countedBytes(response)
    response.once('close', () => {
      const { visitor: { address, key }, methods } = known
      const by = RPC_PATHS.includes(place.path) ? 'json-rpc' : this.#deps.serviceMethods.has(place.path.slice(1)) ? 'service' : 'other'
      logged({ address, key: key?.name, by, methods, status: isWhole(response, bytes()) ? response.statusCode : LEFT, ms: clock.now() - startedAt, bytes: bytes() })
    })
  }
}

function refused(request: Request, response: Response, { path }: Place, error: GatewayError): void {
  request.resume()
  if (RPC_PATHS.includes(path)) refuseRpc(response, error)
  else refuseCall(request, response, error)
}

/** All of it went out; what was written and waits here did not. A client may go as soon as it has the length that was announced. */
function isWhole(response: Response, bytes: number): boolean {
  const { writableFinished } = 'stream' in response ? response.stream : response
  return writableFinished || String(response.getHeader('content-length')) === String(bytes)
}

/** Of the body, as it is written. */
function countedBytes(response: Response): () => number {
  let bytes = 0
  const plain = response as { write(chunk: unknown, ...rest: unknown[]): boolean; end(chunk?: unknown, ...rest: unknown[]): unknown }
  const sizeOf = (chunk: unknown): number => (typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk instanceof Uint8Array ? chunk.length : 0)
  const [write, end] = [plain.write.bind(response), plain.end.bind(response)]
  plain.write = (chunk, ...rest) => {
    bytes += sizeOf(chunk)
    return write(chunk, ...rest)
  }
  plain.end = (chunk, ...rest) => {
    bytes += sizeOf(chunk)
    return end(chunk, ...rest)
  }
  return () => bytes
}
