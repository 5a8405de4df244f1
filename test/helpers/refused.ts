/** What the importer answers for a block that it refuses with a code. */
import { NodeError } from '../../node-core/base/errors.ts'
import { BabeError, type BabeErrorCode } from '../../node-core/chain/core/engines/babe/errors.ts'
import { refusalOf } from '../../node-core/chain/core/import/refusals.ts'
import type { ImportOutcome } from '../../node-core/chain/core/types.ts'

export function refused(code: string, message: string, retryAt?: number): ImportOutcome & { readonly kind: 'invalid' } {
  const refusal = refusalOf(code.startsWith('BABE_') ? new BabeError(code as BabeErrorCode, message) : new NodeError(code, message))
  if (refusal === undefined || refusal === 'orphan') throw new Error(`no block is refused with ${code}`)
  return { kind: 'invalid', refusal, code, message, ...(retryAt === undefined ? {} : { retryAt }) }
}
