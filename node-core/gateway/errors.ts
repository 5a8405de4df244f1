/** What the gateway refuses: at its start to whoever runs it, and at each request to whoever asks. */
import { NodeError } from '../base/errors.ts'

export type GatewayErrorCode =
  /** It would speak to strangers without TLS. */
  | 'GATEWAY_TLS_MISSING'
  /** A certificate without its key, or the other way round. */
  | 'GATEWAY_TLS_HALF'
  /** The network whose node it is to serve is not there. */
  | 'GATEWAY_NETWORK_UNKNOWN'
  | 'GATEWAY_PORT_IN_USE'
  | 'GATEWAY_CANNOT_LISTEN'
  | 'GATEWAY_OPTION_INVALID'
  | 'GATEWAY_METHOD_UNKNOWN'
  /** A method that no gateway serves. */
  | 'GATEWAY_METHOD_REFUSED'
  | 'GATEWAY_KEYS_FILE_INVALID'
  | 'GATEWAY_KEYS_FILE_OPEN'
  | 'GATEWAY_KEY_NAME_INVALID'
  | 'GATEWAY_KEY_EXISTS'
  | 'GATEWAY_KEY_UNKNOWN'
  | 'GATEWAY_TOO_MANY_KEYS'
  /** Of requests, from here on. */
  | 'GATEWAY_KEY_MISSING'
  | 'GATEWAY_KEY_REFUSED'
  | 'GATEWAY_RATE_LIMITED'
  | 'GATEWAY_QUOTA_USED'
  | 'GATEWAY_FOREIGN_ORIGIN'
  | 'GATEWAY_FOREIGN_HOST'
  | 'GATEWAY_NO_SUCH_METHOD'
  | 'GATEWAY_TOO_LARGE'
  | 'GATEWAY_TOO_MANY_CONNECTIONS'
  | 'GATEWAY_NODE_UNREACHABLE'
  | 'GATEWAY_STOPPING'
  /** A body of another type than those of the door. */
  | 'GATEWAY_TYPE_REFUSED'
  /** A method of HTTP that the door does not have. */
  | 'GATEWAY_VERB_REFUSED'
  /** What is no HTTP. */
  | 'GATEWAY_BAD_REQUEST'
  | 'GATEWAY_HEADERS_TOO_LARGE'
  | 'GATEWAY_REQUEST_TIMED_OUT'
  | 'GATEWAY_INTERNAL'

/** `data.retryAfterMs`, where it is a matter of time. */
export class GatewayError extends NodeError<GatewayErrorCode> {}

const STATUS: Readonly<Partial<Record<GatewayErrorCode, number>>> = {
  GATEWAY_KEY_MISSING: 401,
  GATEWAY_KEY_REFUSED: 401,
  GATEWAY_FOREIGN_ORIGIN: 403,
  GATEWAY_FOREIGN_HOST: 403,
  GATEWAY_NO_SUCH_METHOD: 404,
  GATEWAY_VERB_REFUSED: 405,
  GATEWAY_REQUEST_TIMED_OUT: 408,
  GATEWAY_TOO_LARGE: 413,
  GATEWAY_TYPE_REFUSED: 415,
  GATEWAY_RATE_LIMITED: 429,
  GATEWAY_QUOTA_USED: 429,
  GATEWAY_HEADERS_TOO_LARGE: 431,
  GATEWAY_INTERNAL: 500,
  GATEWAY_TOO_MANY_CONNECTIONS: 503,
  GATEWAY_NODE_UNREACHABLE: 502,
  GATEWAY_STOPPING: 503,
}

/** Of HTTP. */
export function statusOf({ code }: GatewayError): number {
  return STATUS[code] ?? 400
}

/** Whole seconds, for `Retry-After`; undefined where waiting does not help. */
export function retryAfter({ code, data }: GatewayError): number | undefined {
  const ms = data['retryAfterMs']
  if (typeof ms === 'number') return Math.max(1, Math.ceil(ms / 1000))
  return statusOf(new GatewayError(code, '')) >= 502 ? 5 : undefined
}

export function unreachable(): GatewayError {
  return new GatewayError('GATEWAY_NODE_UNREACHABLE', 'The node behind this gateway cannot be reached.', { hint: 'Try again in a while.' })
}

export function stopping(): GatewayError {
  return new GatewayError('GATEWAY_STOPPING', 'The gateway stops.', { hint: 'Try again in a while.' })
}

export function mistake(): GatewayError {
  return new GatewayError('GATEWAY_INTERNAL', 'The gateway made a mistake with this request.', { hint: 'Tell whoever runs it: its log says more.' })
}
