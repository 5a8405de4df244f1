/** What can go wrong at the doors of the service API, by code. What a client gets of it is in refusal.ts. */
import { NodeError } from '../base/errors.ts'

export type ServiceErrorCode =
  | 'SERVICE_NOT_LOOPBACK'
  /** The command line decides, or the program has no service API. */
  | 'SERVICE_NOT_HERE'
  | 'SERVICE_PORT_IN_USE'
  | 'SERVICE_CANNOT_LISTEN'
  | 'SERVICE_CLIENTS_FILE_INVALID'
  | 'SERVICE_CLIENTS_FILE_OPEN'
  /** Another process changes it, or one that is gone has left its lock. */
  | 'SERVICE_CLIENTS_FILE_LOCKED'
  | 'SERVICE_CLIENT_NAME_INVALID'
  | 'SERVICE_CLIENT_EXISTS'
  | 'SERVICE_CLIENT_UNKNOWN'
  | 'SERVICE_TOO_MANY_CLIENTS'
  | 'SERVICE_SCOPE_INVALID'
  /** No token, or one of nobody. */
  | 'SERVICE_TOKEN_MISSING'
  | 'SERVICE_TOKEN_UNKNOWN'
  | 'SERVICE_SCOPE_MISSING'
  | 'SERVICE_FOREIGN_HOST'
  | 'SERVICE_FOREIGN_ORIGIN'
  | 'SERVICE_NO_SUCH_METHOD'
  | 'SERVICE_TOO_MANY_CALLS'
  | 'SERVICE_CLIENT_TOO_SLOW'
  | 'SERVICE_CURSOR_INVALID'
  | 'SERVICE_CURSOR_EXPIRED'
  | 'SERVICE_NETWORK_UNNAMED'
  | 'SERVICE_BLOCK_UNKNOWN'
  | 'SERVICE_PEER_UNKNOWN'
  | 'SERVICE_TROUBLE_UNKNOWN'
  | 'SERVICE_CHANNEL_UNKNOWN'
  | 'SERVICE_FETCH_UNKNOWN'
  /** Its owners took it back while it was watched. */
  | 'SERVICE_TOPIC_CLOSED'
  | 'SERVICE_TRANSACTION_UNKNOWN'
  | 'SERVICE_TRANSACTION_UNWATCHED'
  | 'SERVICE_BAD_REQUEST'
  | 'SERVICE_TOO_LARGE'
  | 'SERVICE_DEADLINE'
  | 'SERVICE_CANCELLED'
  | 'SERVICE_STOPPING'
  /** The program is not ended by its clients. */
  | 'SERVICE_NO_SHUTDOWN'
  | 'SERVICE_INTERNAL'

export class ServiceError extends NodeError<ServiceErrorCode> {}
