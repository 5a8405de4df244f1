/** What the door refuses before a message is read, or because it is none: a status of HTTP, and an error of JSON-RPC whose `data` has a code and what to do. */
import { errorText } from '../../../json-rpc/message.ts'
import { CODE, RpcError } from '../errors.ts'

export type DoorCode =
  | 'RPC_FOREIGN_HOST'
  | 'RPC_FOREIGN_ORIGIN'
  | 'RPC_TYPE_REFUSED'
  | 'RPC_VERB_REFUSED'
  | 'RPC_TOO_LARGE'
  | 'RPC_TOO_MANY_CONNECTIONS'
  | 'RPC_STOPPING'
  /** What is no HTTP. */
  | 'RPC_BAD_REQUEST'
  | 'RPC_HEADERS_TOO_LARGE'
  | 'RPC_REQUEST_TIMED_OUT'
  | 'RPC_INTERNAL'

export interface DoorRefusal {
  readonly code: DoorCode
  readonly message: string
  readonly hint: string
}

const STATUS: Readonly<Record<DoorCode, number>> = {
  RPC_FOREIGN_HOST: 403, RPC_FOREIGN_ORIGIN: 403, RPC_TYPE_REFUSED: 415, RPC_VERB_REFUSED: 405, RPC_TOO_LARGE: 413, RPC_TOO_MANY_CONNECTIONS: 429, RPC_STOPPING: 503,
  RPC_BAD_REQUEST: 400, RPC_HEADERS_TOO_LARGE: 431, RPC_REQUEST_TIMED_OUT: 408, RPC_INTERNAL: 500,
}
/** Of JSON-RPC, where it is not that the request is invalid. */
const NUMBER: Readonly<Partial<Record<DoorCode, number>>> = { RPC_TOO_MANY_CONNECTIONS: CODE.busy, RPC_STOPPING: CODE.busy, RPC_INTERNAL: CODE.internalError }

export const BUSY: DoorRefusal = { code: 'RPC_TOO_MANY_CONNECTIONS', message: 'Too many connections.', hint: 'Please try again later.' }
export const STOPPING: DoorRefusal = { code: 'RPC_STOPPING', message: 'The node is stopping.', hint: 'Try again when it runs.' }
export const MISTAKE: DoorRefusal = { code: 'RPC_INTERNAL', message: 'The node made a mistake with this request.', hint: 'Its log says more.' }

export function httpStatusOf({ code }: DoorRefusal): number {
  return STATUS[code]
}

/** The body, in JSON. */
export function refusalText({ code, message, hint }: DoorRefusal): string {
  return errorText(null, new RpcError(NUMBER[code] ?? CODE.invalidRequest, message, { code, hint }))
}
