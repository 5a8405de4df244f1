/** What a request of the syncer ended with, where it was not answered as it should be. */
import { isNodeError } from '../../../base/errors.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { unansweredKind } from '../../../network/requests/failure.ts'
import type { RequestFailure } from '../types.ts'

/** An error that is the peer's fault carries it as `fault`; others are read by their codes. */
export function failureOf(error: unknown): RequestFailure {
  const fault = faultOf(error)
  return fault === undefined ? { kind: unansweredKind(error) } : { kind: 'bad-response', fault }
}

function faultOf(error: unknown): PeerFault | undefined {
  if (!isNodeError(error) || !('fault' in error)) return undefined
  const { fault } = error as { fault?: PeerFault }
  return fault
}
