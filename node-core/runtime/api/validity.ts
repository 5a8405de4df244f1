/**
 * What a runtime says about a transaction (Polkadot Host spec, section C.9.1
 * `TaggedTransactionQueue_validate_transaction`, and C.7.1 `BlockBuilder_apply_extrinsic`).
 */
import type { Hash } from '../../base/bytes.ts'
import type { Extrinsic } from '../../scale/block.ts'
import { ScaleError, decodeAll, type ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { CallOptions, RuntimeExecutor } from '../types.ts'

/** Where a transaction came from; decides what the runtime accepts. */
export type TransactionSource = 'inBlock' | 'local' | 'external'

export interface ValidTransaction {
  /** Higher goes first, within what the tags allow. */
  readonly priority: bigint
  /** Tags that other transactions must provide first. */
  readonly requires: readonly Uint8Array[]
  readonly provides: readonly Uint8Array[]
  /** How many blocks it stays valid at the least. */
  readonly longevity: bigint
  /** Whether to tell others about it. */
  readonly propagate: boolean
}

/** Names by index of the runtime's `InvalidTransaction`. `Custom` carries a number of the runtime's own. */
const INVALID = [
  'Call', 'Payment', 'Future', 'Stale', 'BadProof', 'AncientBirthBlock', 'ExhaustsResources', 'Custom', 'BadMandatory',
  'MandatoryValidation', 'BadSigner', 'IndeterminateImplicit', 'UnknownOrigin',
] as const
const UNKNOWN = ['CannotLookup', 'NoUnsignedValidator', 'Custom'] as const

export type InvalidReason = (typeof INVALID)[number]
export type UnknownReason = (typeof UNKNOWN)[number]

export type TransactionValidityError =
  | { readonly kind: 'invalid'; readonly reason: InvalidReason; readonly custom: number | undefined }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly custom: number | undefined }

export type TransactionValidity = ({ readonly kind: 'valid' } & ValidTransaction) | TransactionValidityError

const SOURCES: readonly TransactionSource[] = ['inBlock', 'local', 'external']

/** Asks the runtime at `stateRoot`, the state of the block `blockHash`, whether a transaction is valid there. */
export async function validateTransaction(
  executor: RuntimeExecutor,
  stateRoot: Hash,
  blockHash: Hash,
  source: TransactionSource,
  extrinsic: Extrinsic,
  options?: CallOptions,
): Promise<TransactionValidity> {
  const args = new ScaleWriter(extrinsic.length + 40).u8(SOURCES.indexOf(source)).raw(extrinsic).hash(blockHash).finish()
  return decodeTransactionValidity(await executor.call(stateRoot, 'TaggedTransactionQueue_validate_transaction', args, options))
}

/** Throws a ScaleError. */
export function decodeTransactionValidity(input: Uint8Array): TransactionValidity {
  return decodeAll(input, 'the validity of a transaction', (reader): TransactionValidity =>
    reader.bool()
      ? readValidityError(reader)
      : {
          kind: 'valid',
          priority: reader.u64(),
          requires: reader.vec((r) => r.bytes()),
          provides: reader.vec((r) => r.bytes()),
          longevity: reader.u64(),
          propagate: reader.bool(),
        },
  )
}

export function readValidityError(reader: ScaleReader): TransactionValidityError {
  const isUnknown = reader.bool()
  const index = reader.u8()
  const reason = (isUnknown ? UNKNOWN : INVALID)[index]
  if (reason === undefined) throw new ScaleError('SCALE_INVALID', `unknown reason ${index} why a transaction is not valid`)
  const custom = reason === 'Custom' ? reader.u8() : undefined
  // The two lists are told apart by the same flag that picked the name.
  return { kind: isUnknown ? 'unknown' : 'invalid', reason, custom } as TransactionValidityError
}

/** For people and RPC errors: `Stale`, `Custom(3)`. */
export function validityReason(error: TransactionValidityError): string {
  return error.custom === undefined ? error.reason : `${error.reason}(${error.custom})`
}
