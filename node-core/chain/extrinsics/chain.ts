/** The chain that a transaction is made for, and the pool that takes it. The rest of the node fits these. */
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

/** What became of a transaction, as far as its sender acts on it. */
export type SentStatus =
  | { readonly kind: 'future' | 'ready' | 'broadcast' }
  /** `index`: its place in the block. */
  | { readonly kind: 'inBlock' | 'finalized'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'retracted' | 'finalityTimeout'; readonly block: Hash }
  | { readonly kind: 'usurped' | 'dropped' | 'invalid' }

export interface SenderPool {
  /** Those that wait for a block, with the tags that they provide as `0x…`. */
  ready(): readonly { readonly provides: readonly string[] }[]
  /** Every status of this transaction, in order; ends after a final one or when `signal` aborts. Throws a NodeError where it is refused. */
  submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<{ hash: Hash; statuses: AsyncIterable<SentStatus> }>
}
