/**
 * A refusal that comes from no method, in the form of the protocol that asked: trailers of gRPC and gRPC-web, the last message of a stream of Connect, and otherwise JSON. Each
 * carries the ErrorInfo.
 */
import type { ConnectError } from '@connectrpc/connect'
import { endStreamFlag, endStreamToJson, errorToJson } from '@connectrpc/connect/protocol-connect'
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc'

export interface WrittenRefusal {
  /** Of HTTP. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined where the headers say it all. */
  readonly body: Uint8Array | undefined
}

const STREAM = /^application\/connect\+(json|proto)/i

/** `contentType`: of the request. `status`: of HTTP, for those who get the refusal as JSON. */
export function writtenRefusal(contentType: string, error: ConnectError, status: number): WrittenRefusal {
  if (/^application\/grpc/i.test(contentType)) return { status: 200, headers: { 'content-type': contentType, ...grpcTrailers(error) }, body: undefined }
  if (!STREAM.test(contentType)) return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(errorToJson(error, undefined))) }
  const json = Buffer.from(JSON.stringify(endStreamToJson(new Headers(), error, undefined)))
  const head = Buffer.alloc(5)
  head[0] = endStreamFlag
  head.writeUInt32BE(json.length, 1)
  return { status: 200, headers: { 'content-type': contentType }, body: Buffer.concat([head, json]) }
}

/** `grpc-status`, `grpc-message` and `grpc-status-details-bin`. */
export function grpcTrailers(error: ConnectError): Readonly<Record<string, string>> {
  return Object.fromEntries(setTrailerStatus(new Headers(), error))
}
