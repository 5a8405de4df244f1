/**
 * What a runtime says about a transaction (Polkadot Host spec, section C.9.1
 * `TaggedTransactionQueue_validate_transaction`, and C.7.1 `BlockBuilder_apply_extrinsic`).
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Extrinsic, BlockRef } from '../../scale/block.ts'
import { encodeHeader } from '../../scale/header.ts'
import { ScaleError, decodeAll, type ScaleReader } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { CallOptions } from '../types.ts'
import { byVersion, type ApiCaller } from './by-version.ts'

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

/** Versions of the API: with a source, and with the hash of the block; the latter need no block to be begun. */
const FIRST_WITH_SOURCE = 2
const FIRST_WITH_BLOCK = 3
const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

/**
 * Asks the runtime at `stateRoot`, the state of `block`, whether a transaction is valid there. Older runtimes answer for the block that
 * is being made, so one has to be begun: without it they do not know the hash of `block`, to which transactions bind themselves.
 */
export function validateTransaction(
  caller: ApiCaller,
  stateRoot: Hash,
  block: BlockRef,
  source: TransactionSource,
  extrinsic: Extrinsic,
  options?: CallOptions,
): Promise<TransactionValidity> {
  return byVersion(caller, stateRoot, 'TaggedTransactionQueue', async (version) => {
    const writer = new ScaleWriter(extrinsic.length + 40)
    if (version >= FIRST_WITH_SOURCE) writer.u8(SOURCES.indexOf(source))
    writer.raw(extrinsic)
    if (version >= FIRST_WITH_BLOCK) writer.hash(block.hash)
    const begin = version >= FIRST_WITH_BLOCK ? {} : { begin: emptyHeaderAbove(block) }
    return decodeTransactionValidity(await caller.call(stateRoot, 'TaggedTransactionQueue_validate_transaction', writer.finish(), { ...options, ...begin }))
  })
}

/** The header with which a block on top of `block` is begun, to ask about it. Encoded. */
export function emptyHeaderAbove({ hash, number }: BlockRef): Uint8Array {
  return encodeHeader({ parentHash: hash, number: number + 1, stateRoot: ZERO_HASH, extrinsicsRoot: ZERO_HASH, digest: [] })
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
