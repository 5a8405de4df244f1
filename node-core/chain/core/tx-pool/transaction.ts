/** A transaction as the pool keeps it, with what the runtime said of it. */
import { toHex, type Hash } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import type { Extrinsic, BlockRef } from '../../scale/block.ts'
import type { TransactionErrorCode } from '../types.ts'

/** Where a transaction came from. */
export type TransactionSource = 'local' | 'external'

export class TransactionError extends NodeError<TransactionErrorCode> {}

/** What the runtime says of a transaction (`TaggedTransactionQueue_validate_transaction`). */
export type TransactionValidity =
  | {
      readonly kind: 'valid'
      readonly priority: bigint
      readonly requires: readonly Uint8Array[]
      readonly provides: readonly Uint8Array[]
      /** Blocks for which this holds. */
      readonly longevity: bigint
      readonly propagate: boolean
    }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** `inBlock` asks about one that is in a block on top of `at`. */
export type ValidateTransaction = (at: BlockRef, extrinsic: Extrinsic, source: TransactionSource | 'inBlock') => Promise<TransactionValidity>

export interface PoolTransaction {
  /** blake2b-256 of the encoding. */
  readonly hash: Hash
  readonly extrinsic: Extrinsic
  readonly source: TransactionSource
  /** u64: higher first. */
  readonly priority: bigint
  /** Tags (as `0x…`) that another transaction or an earlier block must provide. */
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  /** The last block number at which what the runtime said still holds. */
  readonly validTill: number
  /** Number of the block that the runtime was asked about it at. */
  readonly validatedAt: number
  /** Whether it may be gossiped. */
  readonly propagate: boolean
  /** Order of arrival: breaks ties, older first. */
  readonly sequence: number
}

/** What was found valid at block number `at`, the `sequence`-th to come. */
export function toTransaction(
  hash: Hash,
  extrinsic: Extrinsic,
  source: TransactionSource,
  validity: Extract<TransactionValidity, { kind: 'valid' }>,
  at: number,
  sequence: number,
): PoolTransaction {
  const validTill = Number(validity.longevity > BigInt(Number.MAX_SAFE_INTEGER - at) ? BigInt(Number.MAX_SAFE_INTEGER) : BigInt(at) + validity.longevity)
  const { priority, propagate } = validity
  const [requires, provides] = [validity.requires.map(toHex), validity.provides.map(toHex)]
  return { hash, extrinsic, source, priority, requires, provides, validTill, validatedAt: at, propagate, sequence }
}

/** Which of two goes into a block first: higher priority, then the one that expires sooner, then the older. */
export function compareTransactions(a: PoolTransaction, b: PoolTransaction): number {
  if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1
  if (a.validTill !== b.validTill) return a.validTill - b.validTill
  return a.sequence - b.sequence
}
