/** Refusals of calls of the service API, in the form of the protocol that asked: gRPC, gRPC-web or Connect. */
import { create, toBinary } from '@bufbuild/protobuf'
import { Code } from '@connectrpc/connect'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import { ErrorInfoSchema } from '../../services/proto/nodestead/v1/errors_pb.ts'
import type { Request, Response } from '../../web/exchange.ts'
import { retryAfter, statusOf, type GatewayError, type GatewayErrorCode } from '../errors.ts'
import { reply } from '../replies.ts'

const CODES: Readonly<Partial<Record<GatewayErrorCode, Code>>> = {
  GATEWAY_KEY_MISSING: Code.Unauthenticated,
  GATEWAY_KEY_REFUSED: Code.Unauthenticated,
  GATEWAY_FOREIGN_ORIGIN: Code.PermissionDenied,
  GATEWAY_FOREIGN_HOST: Code.PermissionDenied,
  GATEWAY_NO_SUCH_METHOD: Code.Unimplemented,
  GATEWAY_TOO_LARGE: Code.ResourceExhausted,
  GATEWAY_RATE_LIMITED: Code.ResourceExhausted,
  GATEWAY_QUOTA_USED: Code.ResourceExhausted,
  GATEWAY_TOO_MANY_CONNECTIONS: Code.ResourceExhausted,
  GATEWAY_NODE_UNREACHABLE: Code.Unavailable,
  GATEWAY_STOPPING: Code.Unavailable,
}

/** As trailers of gRPC, or headers of an answer that has nothing else. */
export function grpcStatus(error: GatewayError): Readonly<Record<string, string>> {
  return { 'grpc-status': String(CODES[error.code] ?? Code.Internal), 'grpc-message': encodeURIComponent(textOf(error)) }
}

/** Does nothing where an answer has begun. */
export function refuseCall(request: Request, response: Response, error: GatewayError): void {
  const seconds = retryAfter(error)
  const waiting = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/grpc')) return reply(response, 200, '', { 'content-type': type, ...grpcStatus(error), ...waiting })
  const { code, message, hint = '' } = error
  const details = [{ type: ErrorInfoSchema.typeName, value: Buffer.from(toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { code, message, hint }))).toString('base64').replace(/=+$/, '') }]
  const status = statusOf(error)
  reply(response, status, JSON.stringify({ code: codeToString(CODES[code] ?? Code.Internal), message: textOf(error), details }), { 'content-type': 'application/json', ...waiting, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) })
}

function textOf({ message, hint = '' }: GatewayError): string {
  return hint === '' ? message : `${message} ${hint}`
}
