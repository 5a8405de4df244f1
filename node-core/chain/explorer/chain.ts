/** The chain that is here, its states and its engine, as the explorer reads them. The rest of the node fits these. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { BlockRef, Extrinsic, Justification } from '../scale/block.ts'
import type { DigestDecoder } from '../scale/digest-facts.ts'
import type { Header } from '../scale/header.ts'

/** Facts, told after they are on disk. */
export interface ExplorerBlockEvents {
  imported: { readonly block: BlockRef; readonly header: Header }
  bestChanged: { readonly best: BlockRef }
  finalized: { readonly head: BlockRef }
}

export interface ExplorerBlocks {
  readonly events: EventSource<ExplorerBlockEvents>
  best(): BlockRef
  finalized(): BlockRef
  /** Unfinalized blocks without children, and the finalized one where it has none. */
  leaves(): readonly BlockRef[]
  /** Undefined where the block is not here. */
  header(hash: Hash): Header | undefined
  /** The hash at this height on the chain that ends in the best block. */
  hashByNumber(number: number): Hash | undefined
  body(hash: Hash): Promise<readonly Extrinsic[] | undefined>
  justifications(hash: Hash): Promise<readonly Justification[] | undefined>
}

export interface ExplorerStorage {
  /** True where this state is here. */
  has(stateRoot: Hash): boolean
  /** Throws STATE_UNKNOWN_ROOT where it is not. */
  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined
}

/** What the chain's engine reads in headers and states. */
export interface ExplorerEngine {
  readonly digests: Required<DigestDecoder>
  /** Milliseconds. */
  readonly slotDuration: number
  /** By the block's own state; undefined where that does not tell. */
  authorByState(header: Header): Promise<Hash | undefined>
}

export interface ExplorerRuntime {
  version(stateRoot: Hash): Promise<{ readonly specName: string; readonly specVersion: number; readonly implVersion: number }>
  /** The metadata in the first of these versions that the runtime has, or what it has instead; beginning with `meta`. */
  metadata(stateRoot: Hash, versions: readonly number[]): Promise<Uint8Array>
}
