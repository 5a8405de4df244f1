/** What a request that was not answered ended with, for whoever decides whom to ask next. */
import { isNodeError } from '../../base/errors.ts'

/** `repeated`: the peer was not asked, because it was asked the same a short while ago. */
export type UnansweredKind = 'timeout' | 'disconnected' | 'refused' | 'repeated' | 'failed'

/** By the codes of `RequestError` (exchange.ts); `failed` for anything else. */
export function unansweredKind(error: unknown): UnansweredKind {
  switch (isNodeError(error) ? error.code : undefined) {
    case 'NETWORK_TIMEOUT':
      return 'timeout'
    case 'NETWORK_DISCONNECTED':
    case 'NETWORK_ABORTED':
      return 'disconnected'
    case 'NETWORK_REFUSED':
      return 'refused'
    case 'NETWORK_REPEATED':
      return 'repeated'
    default:
      return 'failed'
  }
}
