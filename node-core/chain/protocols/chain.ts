/** The chain that is here, as those see it who speak with peers of it. The rest of the node fits these. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { BlockRef, Extrinsic, Justification } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'

/** Headers of this chain. */
export interface KnownHeaders {
  /** Undefined where the block is not here. */
  header(hash: Hash): Header | undefined
  /** The hash at this height on the chain that ends in the best block. */
  hashByNumber(number: number): Hash | undefined
}

/** What a block request is answered from. */
export interface StoredBlocks extends KnownHeaders {
  body(hash: Hash): Promise<readonly Extrinsic[] | undefined>
  justifications(hash: Hash): Promise<readonly Justification[] | undefined>
}

export interface ImportEvents {
  /** A block is on disk. `isOwn`: this node built it. */
  imported: { readonly block: BlockRef; readonly header: Header; readonly isBest: boolean; readonly isOwn?: boolean }
}

/** What is announced, and what a status tells. */
export interface AnnouncedChain extends KnownHeaders {
  readonly events: EventSource<ImportEvents>
  readonly genesisHash: Hash
  best(): BlockRef
  finalized(): BlockRef
}
