/** What goes wrong at the local socket. Codes are bounded: programs branch by them, and they double as metric labels. */
import { NodeError } from '../../base/errors.ts'

export type IpcErrorCode =
  // The socket itself.
  | 'NET_SOCKET_PATH_TOO_LONG'
  | 'NET_SOCKET_IN_USE'
  | 'NET_SOCKET_FOLDER_NOT_PRIVATE'
  | 'NET_SOCKET_FAILED'
  // Who asks, and what it may use.
  | 'NET_TOKEN_UNKNOWN'
  | 'NET_HELLO_MISSING'
  | 'NET_VERSION_UNSUPPORTED'
  | 'NET_SCOPE_MISSING'
  | 'NET_PROGRAM_NAME_INVALID'
  | 'NET_PROGRAM_EXISTS'
  | 'NET_PROGRAM_UNKNOWN'
  | 'NET_SCOPE_INVALID'
  | 'NET_PROGRAMS_FILE_INVALID'
  | 'NET_PROGRAMS_FILE_OPEN'
  | 'NET_TOKEN_FILE_UNREADABLE'
  | 'NET_TOKEN_FILE_OPEN'
  | 'NET_TOKEN_FILE_UNKNOWN'
  // What it asks.
  | 'NET_MESSAGE_MALFORMED'
  | 'NET_REQUEST_INVALID'
  | 'NET_NOT_SUPPORTED'
  | 'NET_METHOD_UNAVAILABLE'
  | 'NET_CALL_CANCELLED'
  | 'NET_CALL_ID_TAKEN'
  | 'NET_TIMEOUT'
  | 'NET_ADDRESS_NOT_LOCAL'
  | 'NET_PROTOCOL_RESERVED'
  | 'NET_PROTOCOL_TAKEN'
  | 'NET_NOT_FOUND'
  | 'NET_ANSWER_TOO_LONG'
  | 'NET_RESOURCE_FOLDER'
  // Bounds.
  | 'NET_TOO_MANY_CLIENTS'
  | 'NET_TOO_MANY_STREAMS'
  | 'NET_TOO_MANY_CALLS'
  | 'NET_TOO_MANY_HANDLERS'
  | 'NET_TOO_MANY_TAGS'
  | 'NET_TOO_MANY_OPEN'
  | 'NET_TOO_MANY_PROGRAMS'
  | 'NET_INTERNAL'

export class IpcError extends NodeError<IpcErrorCode> {}

/** A request without a part that it needs, or with one that is no encoding of what it should be. */
export function invalidRequest(message: string, cause?: unknown): IpcError {
  return new IpcError('NET_REQUEST_INVALID', message, { cause })
}
