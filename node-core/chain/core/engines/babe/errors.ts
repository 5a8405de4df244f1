/** Why a header or a claim is refused. The codes are bounded: they are metric labels too. */
import type { RefusalKind } from '../../types.ts'
import { EngineError } from '../engine.ts'

export type BabeErrorCode =
  /** The digest does not have exactly one BABE pre-digest that decodes. */
  | 'BABE_NO_PRE_DIGEST'
  /** The last digest item is not a BABE seal of 64 bytes, or there is a second one. */
  | 'BABE_NO_SEAL'
  | 'BABE_BAD_SEAL'
  | 'BABE_UNKNOWN_PARENT'
  | 'BABE_SLOT_NOT_AFTER_PARENT'
  /** `data.temporary` is true: the block may be good later. */
  | 'BABE_SLOT_IN_FUTURE'
  /** The authority index points behind the end of the epoch's list. */
  | 'BABE_UNKNOWN_AUTHORITY'
  | 'BABE_BAD_VRF'
  /** The VRF is valid, but what it draws is not below the authority's threshold. */
  | 'BABE_THRESHOLD'
  | 'BABE_SECONDARY_NOT_ALLOWED'
  | 'BABE_WRONG_SECONDARY_AUTHOR'
  /** Two consensus messages of one kind. */
  | 'BABE_BAD_CONSENSUS_LOG'
  | 'BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT'
  | 'BABE_MISSING_EPOCH_ANNOUNCEMENT'
  /** A new configuration without a new epoch. */
  | 'BABE_UNEXPECTED_CONFIG_CHANGE'
  /** What the runtime says of the chain's configuration does not decode or makes no sense. */
  | 'BABE_BAD_CONFIGURATION'
  /** What the aux store should remember of a block is not there. */
  | 'BABE_UNKNOWN_EPOCH'

/** Whose fault it is where it is not the sender's. */
const REFUSALS: Partial<Record<BabeErrorCode, RefusalKind>> = {
  BABE_SLOT_IN_FUTURE: 'early',
  BABE_UNKNOWN_PARENT: 'orphan',
  // Which authorities, which right and whether an epoch begins here: this node keeps account of that, and may err.
  BABE_UNKNOWN_AUTHORITY: 'execution',
  BABE_SECONDARY_NOT_ALLOWED: 'execution',
  BABE_WRONG_SECONDARY_AUTHOR: 'execution',
  BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT: 'execution',
  BABE_MISSING_EPOCH_ANNOUNCEMENT: 'execution',
  BABE_UNKNOWN_EPOCH: 'host',
  BABE_BAD_CONFIGURATION: 'host',
}

export class BabeError extends EngineError<BabeErrorCode> {
  constructor(code: BabeErrorCode, message: string, options: ConstructorParameters<typeof EngineError>[3] = {}) {
    super(code, message, REFUSALS[code] ?? 'proven', options)
  }
}
