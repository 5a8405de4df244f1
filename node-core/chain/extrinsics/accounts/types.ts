/** The accounts that a node can sign for, and what it sent for them: plain data, which crosses IPC and WebSocket. */
import type { Hash } from '../../../base/bytes.ts'
import type { Account, DispatchFailure, Token } from '../../explorer/types.ts'
import type { BlockRef } from '../../scale/block.ts'

export type TransferErrorCode =
  /** This is a public network: the node sends nothing there by itself. */
  | 'TRANSFER_NOT_HERE'
  /** The node has no key of the account. */
  | 'TRANSFER_NO_KEY'
  | 'TRANSFER_KEYS_LOCKED'
  | 'TRANSFER_BAD_RECIPIENT'
  /** Not a number, nothing, or with more decimals than the token has. */
  | 'TRANSFER_BAD_AMOUNT'
  /** More than is free in the account. */
  | 'TRANSFER_TOO_MUCH'

export interface HeldAccount extends Account {
  /** What its owner called the key; empty where nobody did. */
  readonly label: string
  /** Everybody knows the key of a development account; a file's may be locked. */
  readonly key: 'development' | 'file' | 'locked'
  /** In the smallest unit of the token. `reserved` comes on top of `free`; `frozen` is the part of both that may not be spent. */
  readonly free: string
  readonly reserved: string
  readonly frozen: string
}

export interface TransferFailure {
  /** A TransactionErrorCode, or an ExtrinsicErrorCode. */
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  /** The runtime's own error, where the transaction was dispatched. */
  readonly reason: DispatchFailure | undefined
}

export interface Transfer {
  /** Counts up from the start of the node. */
  readonly id: number
  readonly from: Account
  readonly to: Account
  /** In the smallest unit. */
  readonly amount: string
  readonly hash: Hash
  /** `failed` ends it as `final` does; in a block it may have failed already, which is final with the block. */
  readonly state: 'pooled' | 'inBlock' | 'final' | 'failed'
  readonly block: BlockRef | undefined
  readonly failure: TransferFailure | undefined
}

export interface AccountsState {
  readonly token: Token
  /** The block at which the balances are these; undefined before they were read. */
  readonly at: BlockRef | undefined
  /** Development accounts that have something, and those whose keys are in the keystore. */
  readonly accounts: readonly HeldAccount[]
  /** The newest first. */
  readonly transfers: readonly Transfer[]
}

export interface TransferRequest {
  /** An address that is among the {@link AccountsState.accounts}. */
  readonly from: string
  /** An address, or the name of a development account. */
  readonly to: string
  /** In units of the token, as decimal text: `1.5`. */
  readonly amount: string
}

export interface AccountsView {
  /** As it was read last, and read anew in the background where the chain has moved; undefined on public networks. */
  state(): AccountsState | undefined
  /** Resolves when the pool took it; what becomes of it is in the state. Throws a NodeError: TransferErrorCode, or what the pool said. */
  send(request: TransferRequest): Promise<Transfer>
  /** Forgets transfers that have come to their end. */
  dismiss(): void
}
