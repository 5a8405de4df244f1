/** Why a slot of ours stays without a block. The codes are bounded: they are metric labels too. */
import { EngineError } from '../engine.ts'

export type SlotErrorCode =
  /** The local key claimed this slot, or one after it, before. */
  | 'SLOT_CLAIMED'
  /** The local key that claimed the slot is not in the key store any more. */
  | 'SLOT_NO_KEY'

export class SlotError extends EngineError<SlotErrorCode> {
  constructor(code: SlotErrorCode, message: string) {
    super(code, message, 'host')
  }
}
