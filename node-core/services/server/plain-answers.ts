/** Answers that come from no method: refusals before one is found, health, and documents. */
import type { ServerResponse } from 'node:http'
import { Code, type ConnectError } from '@connectrpc/connect'
import type { Request, Response } from '../../web/exchange.ts'
import { writtenRefusal } from '../wire/refused.ts'

const HTTP: Readonly<Partial<Record<Code, number>>> = {
  [Code.Unauthenticated]: 401,
  [Code.PermissionDenied]: 403,
  [Code.Unimplemented]: 404,
  [Code.NotFound]: 404,
  [Code.InvalidArgument]: 400,
  [Code.ResourceExhausted]: 429,
  [Code.Unavailable]: 503,
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

/** An HTTP/2 response takes the same calls; only their types differ. */
function write(response: Response, status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | undefined): void {
  const plain = response as ServerResponse
  plain.writeHead(status, { ...HEADERS, ...headers })
  plain.end(body)
}

/** `as`: the status of HTTP that says it better than the one of the error's code, and its headers. */
export function refuse(request: Request, response: Response, error: ConnectError, as: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): void {
  // What more comes is read and dropped.
  request.resume()
  const { status, headers, body } = writtenRefusal(request.headers['content-type'] ?? '', error, as.status ?? HTTP[error.code] ?? 500)
  write(response, status, { ...as.headers, ...headers, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) }, body)
}

export function answer(response: Response, contentType: string, body: string): void {
  write(response, 200, { 'content-type': contentType }, Buffer.from(body))
}
