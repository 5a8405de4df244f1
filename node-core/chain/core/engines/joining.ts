/**
 * What an engine has for a node that joins in the middle of a chain (chain/joining): proofs of finality in place of blocks, and what the
 * engine must remember so that it can go on from a block of which the node has only header, proof and state.
 *
 * A chain of proofs begins with a set of authorities that is trusted: that of the genesis state, or the one that the chain specification
 * brings (`lightSyncState`). Each step is signed by the set before and names the set after it.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Logger } from '../../../base/logger.ts'
import type { BatchVerifier } from '../../../crypto/ed25519/ed25519-batch.ts'
import type { RequestSender } from '../../../network/contracts.ts'
import type { ApiCaller } from '../../runtime/api/by-version.ts'
import type { BlockRef, Justification } from '../../scale/block.ts'
import type { Header } from '../../scale/header.ts'
import type { AuxEntry, StorageReader } from '../../state/types.ts'
import type { AuthorityFork } from './engine.ts'

/** Who decides on finality, as far as it has been proven. */
export interface AuthoritySet {
  readonly setId: number
  readonly authorities: readonly { readonly key: Hash; readonly weight: number }[]
}

/** A finalized block with its proof, and who decides after it. */
export interface ProvenBlock extends BlockRef {
  readonly header: Header
  readonly justification: Justification
  readonly set: AuthoritySet
  /** It ends the set before it. */
  readonly changesSet: boolean
}

export interface FinalityProofs {
  /**
   * Asks a peer for proofs from the block `begin` on, which `trusted` is in charge after, and hands out each step once it is proven. Returns
   * whether the peer has nothing newer. Throws a NodeError; one that is the peer's fault carries it as `fault`.
   */
  follow(sender: RequestSender, peer: string, begin: Hash, trusted: AuthoritySet, signal: AbortSignal): AsyncGenerator<ProvenBlock, boolean>
  /**
   * What finality keeps to go on from `anchor`, whose state is here. `changes` are the blocks that ended a set, lowest first: all above the
   * height `since`. Rejects with what reading the state, or calling its runtime, rejects with.
   */
  anchorEntries(anchor: Omit<ProvenBlock, 'justification'>, changes: readonly BlockRef[], since: number): Promise<AuxEntry[]>
}

/** How a finality engine follows proofs; `genesisSet` asks the runtime of the state in which the chain began. */
export interface ProofSource {
  readonly proofs: (dependencies: ProofDependencies) => FinalityProofs
  readonly genesisSet: (caller: ApiCaller, genesisRoot: Hash) => Promise<AuthoritySet>
  /** What finality keeps to go on from a block of which nothing is known but what its state says. Rejects with what reading it rejects with. */
  readonly entriesByState: (state: Pick<ProofDependencies, 'storage' | 'caller' | 'logger'>, anchor: AnchorBlock) => Promise<AuxEntry[]>
}

export interface ProofDependencies {
  readonly crypto: BatchVerifier
  /** Changes of the authorities that the network agreed on instead of what its headers say. */
  readonly authorityForks: readonly AuthorityFork[]
  /** For the state of the anchor. */
  readonly storage: Pick<StorageReader, 'get'>
  readonly caller: ApiCaller
  readonly logger: Logger
}

/** A block of which the node has the state. */
export interface AnchorBlock extends BlockRef {
  readonly header: Header
}

/** What authoring keeps to go on from a block, as its runtime tells it. */
export type AnchorAuthoring = (caller: ApiCaller, anchor: AnchorBlock) => Promise<AuxEntry[]>
