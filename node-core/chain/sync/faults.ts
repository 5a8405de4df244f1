/** What a peer can do wrong while we sync from it, on the scale of the peers' reputation (-1000 is a ban). */
import type { PeerFault } from '../../network/contracts.ts'

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
