/** A transaction as the pool keeps it, with what the runtime said of it. */
import type { Hash } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import type { Extrinsic } from '../../scale/block.ts'
import type { TransactionErrorCode } from '../types.ts'

export class TransactionError extends NodeError<TransactionErrorCode> {}

export interface PoolTransaction {
  /** blake2b-256 of the encoding. */
  readonly hash: Hash
  readonly extrinsic: Extrinsic
  readonly source: 'local' | 'external'
  /** u64: higher first. */
  readonly priority: bigint
  /** Tags (as `0x…`) that another transaction or an earlier block must provide. */
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  /** The last block number at which what the runtime said still holds. */
  readonly validTill: number
  /** Whether it may be gossiped. */
  readonly propagate: boolean
  /** Order of arrival: breaks ties, older first. */
  readonly sequence: number
}

/** Which of two goes into a block first: higher priority, then the one that expires sooner, then the older. */
export function compareTransactions(a: PoolTransaction, b: PoolTransaction): number {
  if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1
  if (a.validTill !== b.validTill) return a.validTill - b.validTill
  return a.sequence - b.sequence
}
