/** The chain and the runtime that a transaction is made for, and the pool that takes it. The rest of the node fits these. */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'

export interface SenderBlocks {
  readonly genesisHash: Hash
  best(): BlockRef
  finalized(): BlockRef
  /** Undefined where the block is not here. */
  header(hash: Hash): Header | undefined
}

export interface SenderStorage {
  /** Throws STATE_UNKNOWN_ROOT where the state is not here. */
  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined
}

export interface RunningVersion {
  readonly specName: string
  readonly specVersion: number
  readonly implVersion: number
  readonly transactionVersion: number
}

/** Throws a NodeError of the runtime where it cannot be asked. */
export interface SenderRuntime {
  version(stateRoot: Hash): Promise<RunningVersion>
  /** The metadata in the first of these versions that the runtime has, or what it has instead; beginning with `meta`. */
  metadata(stateRoot: Hash, versions: readonly number[]): Promise<Uint8Array>
  /** What the account's next transaction has to carry, by the best block and what waits in the pool. */
  nextNonce(accountId: Uint8Array): Promise<number>
}

/** What became of a transaction, as far as its sender acts on it. */
export type SentStatus =
  | { readonly kind: 'future' | 'ready' | 'broadcast' }
  /** `index`: its place in the block. */
  | { readonly kind: 'inBlock' | 'finalized'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'retracted' | 'finalityTimeout'; readonly block: Hash }
  | { readonly kind: 'usurped' | 'dropped' | 'invalid' }

export interface SenderPool {
  /** Every status of this transaction, in order; ends after a final one or when `signal` aborts. Throws a NodeError where it is refused. */
  submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<{ hash: Hash; statuses: AsyncIterable<SentStatus> }>
}
