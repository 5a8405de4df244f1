/** What peers can do wrong on the grandpa topic, besides what they can on any, and what it costs. */
import type { PeerFault } from '../../../../../network/contracts.ts'
import { FAULTS as OF_ANY_TOPIC } from '../../../../protocols/faults.ts'

export const FAULTS = {
  ...OF_ANY_TOPIC,
  /** A vote or commit whose signature is wrong, or whose signer has no say. */
  badVote: { code: 'grandpa-bad-vote', cost: -100 },
  badCatchUp: { code: 'grandpa-bad-catch-up', cost: -100 },
  /** A neighbor packet that goes back behind an earlier one. */
  viewWentBack: { code: 'grandpa-view-went-back', cost: -20 },
} as const satisfies Record<string, PeerFault>
