/** Answers that come from no method: refusals before one is found, health, and documents. In the form of the protocol that asked. */
import type { ServerResponse } from 'node:http'
import { toBinary } from '@bufbuild/protobuf'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import { Code, type ConnectError } from '@connectrpc/connect'
import type { Request, Response } from '../../web/exchange.ts'
import { ErrorInfoSchema } from '../proto/nodestead/v1/errors_pb.ts'

const HTTP: Readonly<Partial<Record<Code, number>>> = {
  [Code.Unauthenticated]: 401,
  [Code.PermissionDenied]: 403,
  [Code.Unimplemented]: 404,
  [Code.NotFound]: 404,
  [Code.InvalidArgument]: 400,
  [Code.ResourceExhausted]: 429,
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

/** An HTTP/2 response takes the same calls; only their types differ. */
function write(response: Response, status: number, headers: Readonly<Record<string, string>>, body: string | undefined): void {
  const plain = response as ServerResponse
  plain.writeHead(status, { ...HEADERS, ...headers })
  plain.end(body)
}

/** `as`: the status of HTTP that says it better than the one of the error's code, and its headers. */
export function refuse(request: Request, response: Response, error: ConnectError, as: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): void {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/grpc')) {
    write(response, 200, { 'content-type': type, 'grpc-status': String(error.code), 'grpc-message': encodeURIComponent(error.rawMessage) }, undefined)
    return
  }
  const details = error.findDetails(ErrorInfoSchema).map((info) => ({ type: ErrorInfoSchema.typeName, value: Buffer.from(toBinary(ErrorInfoSchema, info)).toString('base64').replace(/=+$/, '') }))
  const headers = { ...as.headers, 'content-type': 'application/json', ...(error.code === Code.Unauthenticated ? { 'www-authenticate': 'Bearer' } : {}) }
  write(response, as.status ?? HTTP[error.code] ?? 500, headers, JSON.stringify({ code: codeToString(error.code), message: error.rawMessage, details }))
}

export function answer(response: Response, contentType: string, body: string): void {
  write(response, 200, { 'content-type': contentType }, body)
}
