/** Why no block was sealed or finalized on request, with the numbers that clients of Substrate's nodes know. */
import { NodeError } from '../../../../base/errors.ts'

/** JSON-RPC codes of the field's `engine_*` methods. */
export const SEALING_CODES = {
  SEALING_STOPPED: 10_000,
  SEALING_IMPORT_FAILED: 11_000,
  /** There is nothing to put into a block, and an empty one was not wanted. */
  SEALING_EMPTY_POOL: 12_000,
  SEALING_BLOCK_NOT_FOUND: 13_000,
  SEALING_NOT_FINALIZED: 16_000,
} as const

export type SealingErrorCode = keyof typeof SEALING_CODES

export class SealingError extends NodeError<SealingErrorCode> {}
