/** The chain, its states and its runtime, as upgrades read them. The rest of the node fits these. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { BlockRef } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'

export interface UpgradeBlocks {
  /** Facts, told after they are on disk. */
  readonly events: EventSource<{ readonly bestChanged: { readonly best: BlockRef }; readonly finalized: { readonly head: BlockRef } }>
  best(): BlockRef
  finalized(): BlockRef
  /** Undefined where the block is not here. */
  header(hash: Hash): Header | undefined
  /** The hash at this height on the chain that ends in the best block. */
  hashByNumber(number: number): Hash | undefined
}

export interface UpgradeStorage {
  /** True where this state is here; the others throw STATE_UNKNOWN_ROOT where it is not. */
  has(stateRoot: Hash): boolean
  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined
  /** Keys that start with `prefix`, in order, `count` at the most. */
  keys(stateRoot: Hash, prefix: Uint8Array, count: number): Uint8Array[]
}

/** Throws a NodeError of the runtime where it cannot be asked. */
export interface UpgradeRuntime {
  /** Asked in the lane of imports: an upgrade is looked at whenever a block comes. */
  version(stateRoot: Hash): Promise<{ readonly specVersion: number }>
  /** The metadata in this version, or what the runtime has instead; beginning with `meta`. */
  metadata(stateRoot: Hash, version: number): Promise<Uint8Array>
}
