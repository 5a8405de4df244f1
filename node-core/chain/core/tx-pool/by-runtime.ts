/** Transactions are validated by the runtime of the block that they are validated against. */
import { validateTransaction, validityReason } from '../../runtime/api/validity.ts'
import type { RuntimeExecutor } from '../../runtime/types.ts'
import type { BlockStateReader } from '../../state/types.ts'
import type { ValidateTransaction } from './transaction.ts'

export function validationByRuntime({ blocks, executor }: { readonly blocks: Pick<BlockStateReader, 'header'>; readonly executor: RuntimeExecutor }): ValidateTransaction {
  return async (at, extrinsic, source) => {
    const header = blocks.header(at.hash)
    if (header === undefined) return { kind: 'unknown', reason: 'the block to validate against is gone' }
    const validity = await validateTransaction(executor, header.stateRoot, { hash: at.hash, number: header.number }, source, extrinsic)
    return validity.kind === 'valid' ? validity : { kind: validity.kind, reason: validityReason(validity) }
  }
}
