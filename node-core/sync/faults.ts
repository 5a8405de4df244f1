/** What a peer can do wrong while we sync from it, on the scale of the peers' reputation (-1000 is a ban). */
import type { PeerFault } from '../network/contracts.ts'

export const SYNC_FAULTS = {
  /** It told of blocks that it does not have. */
  empty: { code: 'sync-claims-more-than-it-has', cost: -100 },
  /** Blocks that do not follow each other, or are not those that were asked for. */
  broken: { code: 'sync-broken-response', cost: -400 },
  /** Blocks that follow from nothing that others have. */
  unlinked: { code: 'sync-unlinked-blocks', cost: -100 },
  /** A chain that contradicts what is final here. */
  foreign: { code: 'sync-foreign-chain', cost: -100 },
  invalidBlock: { code: 'sync-invalid-block', cost: -1000, ban: true },
  badJustification: { code: 'sync-bad-justification', cost: -100 },
} as const satisfies Record<string, PeerFault>

/** Silence costs more each time in a row: who does not answer at all is banned within a minute. */
export function timeoutFault(failuresBefore: number): PeerFault {
  return { code: 'sync-timeout', cost: -200 * (1 + Math.min(failuresBefore, 4)) }
}

/** Refusals that say more about us, or about the moment, than about the peer. */
const NOBODYS_FAULT = new Set([
  'BABE_SLOT_IN_FUTURE', 'BABE_UNKNOWN_EPOCH', 'BABE_UNKNOWN_PARENT', 'BABE_NO_KEY', 'IMPORT_BELOW_FINALIZED',
  'RUNTIME_TIMEOUT', 'RUNTIME_OUT_OF_MEMORY', 'RUNTIME_MISSING_HOST_FUNCTION',
  'GRANDPA_BAD_AUTHORITIES', 'GRANDPA_SECOND_FORCED_CHANGE', 'GRANDPA_FORCED_CHANGE_TOO_EARLY',
])

export function isPeersFault(code: string): boolean {
  return !NOBODYS_FAULT.has(code)
}
