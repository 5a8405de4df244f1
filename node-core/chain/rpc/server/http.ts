/**
 * JSON-RPC over plain HTTP: `POST` with a JSON body, `GET /health` and `/health/readiness` for monitors, and the CORS
 * preflight that browsers send first. Headers are judged before the body is read, and the body is bounded.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Holder, MemoryBudget } from '../../../base/memory-budget.ts'
import { errorText } from '../../../json-rpc/message.ts'
import { CODE, RpcError } from '../errors.ts'
import type { CallRate } from './call-rate.ts'
import type { Dispatcher } from './dispatcher.ts'
import { isTrusted } from './guard.ts'
import type { Limiter } from './limiter.ts'
import type { RpcOptions } from '../options.ts'
import { httpStatusOf, refusalText, type DoorRefusal } from './refusals.ts'

/** What `GET /health` shows: the same as `system_health`. */
export interface Health {
  readonly peers: number
  readonly isSyncing: boolean
  readonly shouldHavePeers: boolean
}

export interface HttpDeps {
  readonly dispatcher: Dispatcher
  readonly limiter: Limiter
  readonly health: () => Health
  /** For what came of bodies that are not whole. */
  readonly budget: MemoryBudget
  /** Calls of the client's connection. */
  readonly rate: CallRate | undefined
}

const JSON_TYPE = 'application/json; charset=utf-8'

export function reply(response: ServerResponse, status: number, body = '', headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers })
  response.end(body)
}

export function refuse(response: ServerResponse, refusal: DoorRefusal, headers: Readonly<Record<string, string>> = {}): void {
  reply(response, httpStatusOf(refusal), refusalText(refusal), { 'content-type': JSON_TYPE, ...headers })
}

/** Lets the page that asked read the answer. The origin has passed the check already. */
export function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const origin = request.headers.origin
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'Origin')
}

/** Answers a request whose headers have been accepted. Never rejects. */
export async function handleHttp(request: IncomingMessage, response: ServerResponse, deps: HttpDeps, options: RpcOptions): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0]
  switch (request.method) {
    case 'OPTIONS':
      return preflight(request, response)
    case 'GET':
      if (path === '/health') return reply(response, 200, JSON.stringify(deps.health()), { 'content-type': JSON_TYPE })
      if (path === '/health/readiness') {
        const { isSyncing, peers } = deps.health()
        return reply(response, !isSyncing && peers > 0 ? 200 : 500)
      }
      break
    case 'POST':
      return post(request, response, deps, options)
    default:
      break
  }
  refuse(response, { code: 'RPC_VERB_REFUSED', message: `JSON-RPC is not spoken by ${request.method ?? ''}.`, hint: 'Send a POST, or open a WebSocket.' }, { allow: 'POST, OPTIONS' })
}

function preflight(request: IncomingMessage, response: ServerResponse): void {
  const headers: Record<string, string> = {
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '600',
  }
  // Browsers ask this before a public site's page may reach a loopback address.
  if (request.headers['access-control-request-private-network'] === 'true') headers['access-control-allow-private-network'] = 'true'
  reply(response, 204, '', headers)
}

async function post(request: IncomingMessage, response: ServerResponse, deps: HttpDeps, options: RpcOptions): Promise<void> {
  if (!/^application\/(json|json-rpc|jsonrequest)\b/i.test(request.headers['content-type'] ?? '')) {
    return refuse(response, { code: 'RPC_TYPE_REFUSED', message: 'The body is no JSON by its type.', hint: 'Send it with the header "Content-Type: application/json".' })
  }
  const budget = new HeldBytes(deps.budget, request)
  response.once('close', () => budget.release())
  let body: string | undefined
  try {
    body = await readBody(request, options.maxRequestBytes, budget)
  } catch {
    // The client went away in the middle, was too slow and has been told so, or was hung up on.
    return
  }
  if (body === undefined) {
    const error = new RpcError(CODE.requestTooBig, 'Request is too big', `Exceeded max limit of ${options.maxRequestBytes}`)
    return reply(response, 413, errorText(null, error), { 'content-type': JSON_TYPE })
  }
  const trusted = isTrusted(options, request.socket.remoteAddress, request.headers)
  const outcome = await deps.dispatcher.handle(body, { trusted, protocol: 'http', connection: undefined }, deps.limiter, deps.rate)
  for (const start of outcome.afterwards) start()
  // Whoever does not take the answer does not keep it here for ever.
  response.setTimeout(options.requestTimeoutMs, () => response.destroy())
  if (outcome.text === undefined) return reply(response, 204)
  budget.hold(outcome.text.length)
  reply(response, 200, outcome.text, { 'content-type': JSON_TYPE })
}

/** What is held for one request, from its first byte until its answer has left. */
class HeldBytes implements Holder {
  readonly #budget: MemoryBudget
  readonly #request: IncomingMessage
  #over = false

  constructor(budget: MemoryBudget, request: IncomingMessage) {
    this.#budget = budget
    this.#request = request
  }

  hold(bytes: number): void {
    if (!this.#over) this.#budget.hold(this, bytes)
  }

  evict(): void {
    this.#request.socket.destroy()
  }

  release(): void {
    this.#over = true
    this.#budget.forget(this)
  }
}

/** The whole body as text; undefined where it is larger than `limit` (the rest is read and dropped). Rejects where the client goes away. */
function readBody(request: IncomingMessage, limit: number, budget: HeldBytes): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    request.resume()
    return Promise.resolve(undefined)
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        chunks.length = 0
        budget.release()
        resolve(undefined)
        return
      }
      chunks.push(chunk)
      budget.hold(chunk.length)
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
    request.on('close', () => {
      chunks.length = 0
      reject(new Error('the client went away'))
    })
  })
}
