/** What a program asks of a chain that is here, besides its blocks: states, accounts, transactions. */
import type { Hash } from '../../base/bytes.ts'
import type { AccountState, ExtrinsicDetails } from '../explorer/types.ts'
import type { DispatchInfo } from '../runtime/api/payment.ts'
import type { RuntimeVersion } from '../runtime/types.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'

export type QueryErrorCode =
  /** Neither an SS58 address nor 32 bytes in hexadecimal. */
  | 'QUERY_ACCOUNT_INVALID'
  /** It does not begin with its length, or ends before it. */
  | 'QUERY_TRANSACTION_MALFORMED'
  | 'QUERY_BLOCK_UNKNOWN'

/** What became of a transaction. */
export type TransactionStatus =
  | { readonly kind: 'future' | 'ready' | 'dropped' | 'invalid' }
  | { readonly kind: 'usurped'; readonly by: Hash }
  | { readonly kind: 'broadcast'; readonly peers: readonly string[] }
  /** `index`: its place in the block. */
  | { readonly kind: 'inBlock' | 'finalized'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'retracted' | 'finalityTimeout'; readonly block: Hash }

export interface Submitted {
  /** BLAKE2b-256 of its encoding. */
  readonly hash: Hash
  /** Every status, in order; ends after a final one, or when the signal aborts. */
  readonly statuses: AsyncIterable<TransactionStatus>
}

/**
 * Errors are those of the state (`STATE_PRUNED`, `STATE_UNKNOWN_ROOT`), of the runtime (`RUNTIME_…`) and of the pool (`TX_…`), and {@link QueryErrorCode}.
 * `at` is a block that is here.
 */
export interface ChainQueriesView {
  /** In the order of the keys; undefined where there is nothing. */
  values(at: Hash, keys: readonly Uint8Array[]): readonly (Uint8Array | undefined)[]
  /** Keys that begin with `prefix`, after `after` where one is given, in order. */
  keys(at: Hash, prefix: Uint8Array, count: number, after?: Uint8Array): readonly Uint8Array[]
  call(at: Hash, name: string, args: Uint8Array): Promise<Uint8Array>
  version(at: Hash): Promise<RuntimeVersion>
  /** At the best block. `account` is an SS58 address, or `0x…` of 32 bytes. */
  account(account: string): Promise<AccountState>
  /** What its next transaction has to carry, those in the pool counted. */
  nonce(account: string): Promise<number>
  /** In words, by the runtime of the best block. */
  parse(transaction: Uint8Array): Promise<ExtrinsicDetails>
  /** At the best block. */
  fee(transaction: Uint8Array): Promise<{ readonly at: BlockRef; readonly info: DispatchInfo }>
  /** Resolves once it is in the pool. The signal ends the watching, not the transaction. */
  submit(transaction: Uint8Array, signal: AbortSignal): Promise<Submitted>
  /** Those that a block could take, in its order. */
  ready(): readonly Extrinsic[]
}
