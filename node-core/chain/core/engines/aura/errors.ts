/** Why a header or a claim is refused. The codes are bounded: they are metric labels too. */
import type { RefusalKind } from '../../types.ts'
import { EngineError } from '../engine.ts'

export type AuraErrorCode =
  /** The digest does not have exactly one Aura pre-digest that decodes. */
  | 'AURA_NO_PRE_DIGEST'
  /** The last digest item is not an Aura seal of 64 bytes, or there is a second one. */
  | 'AURA_NO_SEAL'
  /** Not signed by the authority whose slot it is. */
  | 'AURA_BAD_SEAL'
  | 'AURA_UNKNOWN_PARENT'
  | 'AURA_SLOT_NOT_AFTER_PARENT'
  /** `data.retryAt`: when the block may be good. */
  | 'AURA_SLOT_IN_FUTURE'
  /** Neither what is remembered here nor the state of the parent, which is gone, tells whose turns there are. */
  | 'AURA_UNKNOWN_AUTHORITIES'
  /** What the runtime says of the chain's configuration makes no sense. */
  | 'AURA_BAD_CONFIGURATION'

/** Whose fault it is where it is not the sender's. */
const REFUSALS: Partial<Record<AuraErrorCode, RefusalKind>> = {
  AURA_SLOT_IN_FUTURE: 'early',
  AURA_UNKNOWN_PARENT: 'orphan',
  AURA_UNKNOWN_AUTHORITIES: 'host',
  AURA_BAD_CONFIGURATION: 'host',
}

export class AuraError extends EngineError<AuraErrorCode> {
  constructor(code: AuraErrorCode, message: string, options: ConstructorParameters<typeof EngineError>[3] = {}) {
    super(code, message, REFUSALS[code] ?? 'proven', options)
  }
}
