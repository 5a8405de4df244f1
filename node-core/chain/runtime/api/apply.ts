/** `ApplyExtrinsicResult` (Polkadot Host spec, section C.7.1 `BlockBuilder_apply_extrinsic`). */
import { ScaleReader } from '../../../scale/reader.ts'
import type { ApplyOutcome } from '../types.ts'
import { readValidityError, validityReason } from './validity.ts'

/**
 * Whether the extrinsic is in the block. An included one may have failed in its dispatch; that part is of the runtime's
 * own types and is not read. Throws a ScaleError.
 */
export function decodeApplyResult(input: Uint8Array): ApplyOutcome {
  const reader = new ScaleReader(input)
  if (!reader.bool()) return { kind: 'included' }
  const error = readValidityError(reader)
  if (error.reason === 'ExhaustsResources') return { kind: 'exhausted' }
  return { kind: 'invalid', reason: validityReason(error), later: error.reason === 'Future' }
}
