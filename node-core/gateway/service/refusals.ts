/** Refusals of calls of the service API, in the form of the protocol that asked: gRPC, gRPC-web or Connect. */
import { create } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { ErrorInfoSchema } from '../../services/proto/nodestead/v1/errors_pb.ts'
import { grpcTrailers, writtenRefusal } from '../../services/wire/refused.ts'
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
  GATEWAY_INTERNAL: Code.Internal,
}

/** As trailers of gRPC, or headers of an answer that has nothing else. */
export function grpcStatus(error: GatewayError): Readonly<Record<string, string>> {
  return grpcTrailers(connectErrorOf(error))
}

/** Does nothing where an answer has begun. */
export function refuseCall(request: Request, response: Response, error: GatewayError): void {
  const seconds = retryAfter(error)
  const waiting = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  const { status, headers, body } = writtenRefusal(request.headers['content-type'] ?? '', connectErrorOf(error), statusOf(error))
  reply(response, status, body, { ...headers, ...waiting, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) })
}

function connectErrorOf({ code, message, hint = '', data }: GatewayError): ConnectError {
  const about = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]))
  return new ConnectError(hint === '' ? message : `${message} ${hint}`, CODES[code] ?? Code.InvalidArgument, undefined, [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { code, message, hint, data: about }) }])
}
