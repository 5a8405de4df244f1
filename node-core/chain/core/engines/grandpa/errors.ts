/** What GRANDPA refuses, and why. The codes are bounded: they are metric labels too. */
import type { RefusalKind } from '../../types.ts'
import { EngineError } from '../engine.ts'

export type GrandpaErrorCode =
  /** Not signed by the authority that the vote names, for this round and set. */
  | 'GRANDPA_BAD_SIGNATURE'
  /** The votes do not make the supermajority that finalizes exactly this block. */
  | 'GRANDPA_NOT_ENOUGH_VOTES'
  /** A vote for a block of which the justification does not show that it descends from the lowest block voted for. */
  | 'GRANDPA_BAD_ANCESTRY'
  /** Headers that no vote needs. */
  | 'GRANDPA_UNUSED_ANCESTRY'
  /** More votes than so many authorities can have a use for. */
  | 'GRANDPA_TOO_MANY_VOTES'
  /** The justification is for another block than the one it came with. */
  | 'GRANDPA_WRONG_TARGET'
  /** Between the finalized block and this one the authorities change: the block of the change must be justified first. */
  | 'GRANDPA_BEYOND_SET_CHANGE'
  /** Signed by the set before or after the one in force: a forced change took effect here, or there, and not yet on the other side. */
  | 'GRANDPA_OTHER_SET'
  | 'GRANDPA_UNKNOWN_BLOCK'
  /** The block is not on top of the finalized one. */
  | 'GRANDPA_NOT_DESCENDANT'
  | 'GRANDPA_BAD_MESSAGE'
  /** A set without voters, or with one whose vote has no weight. */
  | 'GRANDPA_BAD_AUTHORITIES'
  /** A forced change of authorities while another is pending on the same branch. */
  | 'GRANDPA_SECOND_FORCED_CHANGE'
  /** A forced change of authorities that follows a scheduled one which is not final here yet. The block may be good later. */
  | 'GRANDPA_FORCED_CHANGE_TOO_EARLY'
  /** Stored by a later version of this program. */
  | 'GRANDPA_UNKNOWN_RECORD'

/** Whose fault it is where it is not the sender's. */
const REFUSALS: Partial<Record<GrandpaErrorCode, RefusalKind>> = {
  // The authorities who signed are not those in force here: an honest peer may be ahead of us.
  GRANDPA_BEYOND_SET_CHANGE: 'obsolete',
  GRANDPA_OTHER_SET: 'obsolete',
  // What a block announces of the next authorities, its runtime said; what it does to finality depends on how far that is here.
  GRANDPA_BAD_AUTHORITIES: 'host',
  GRANDPA_SECOND_FORCED_CHANGE: 'host',
  GRANDPA_FORCED_CHANGE_TOO_EARLY: 'host',
}

export class GrandpaError extends EngineError<GrandpaErrorCode> {
  constructor(code: GrandpaErrorCode, message: string, options: ConstructorParameters<typeof EngineError>[3] = {}) {
    super(code, message, REFUSALS[code] ?? 'proven', options)
  }
}
