/**
 * What an engine is put together from: the part that says who may write blocks, and the part that makes them final. An engine's folder
 * makes one of them (`create.ts`), table.ts chooses two, and combine.ts makes the {@link Engine} of them that everybody else asks.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { MetricDefinition } from '../../../base/metric.ts'
import type { Service } from '../../../base/service.ts'
import type { InherentData } from '../../runtime/types.ts'
import type { DigestDecoder } from '../../scale/digest-facts.ts'
import type { BlockRef, Justification } from '../../scale/block.ts'
import type { DigestItem, Header } from '../../scale/header.ts'
import type { AuxEntry } from '../../state/types.ts'
import type {
  Authoring, AuthoringTools, AuthorityList, ChainWeights, EngineDependencies, EnginePeers, FinalityEngine, PeerDoor, SealingControls, Verifier, Voters,
} from './engine.ts'
import type { EngineMethods } from './methods.ts'

/** What a part of an engine is made of: the node's means, and the state of the finalized block, genesis at first. */
export type PartDependencies = EngineDependencies & { readonly baseRoot: Hash }

/** What every part of an engine has. */
interface EnginePart {
  /** For people and logs: `BABE`. */
  readonly name: string
  readonly digests: DigestDecoder
  readonly lists: readonly AuthorityList[]
  readonly rpc?: EngineMethods
  metrics?(): readonly MetricDefinition[]
}

/** What the runtime wants to see in a block of a slot, from whoever makes it. */
export interface SlotStamp {
  readonly preDigest: DigestItem
  readonly inherents: InherentData
}

/** Who may write blocks, and when. */
export interface AuthoringPart extends EnginePart {
  /** Milliseconds that a slot lasts. */
  readonly slotDuration: number
  /** Whether the slot of a new block shows the time. */
  readonly followsClock: boolean
  readonly verifier: Verifier
  readonly weights: ChainWeights
  /** Undefined where this node is not to author. */
  readonly authoring: ((tools: AuthoringTools) => Authoring) | undefined
  /** The highest that a chain above this finalized block can be by now; undefined where that cannot be told. */
  heightCeiling(finalized: Header, nowMs: number): number | undefined
  /**
   * Whose turn a slot above `parent` certainly is, so that the slot is missed where nobody makes a block in it: undefined where there is no
   * such authority, as where chance alone decides.
   */
  turnOf?(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  /**
   * A key of this node that chance chose for a slot above `parent`. Who draws in secret is known to nobody else, so this tells nothing of other
   * authorities, nor of keys here that are locked or may not sign yet. Undefined where chance chose none, or decides nothing.
   */
  drawnHere?(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  /** By the block's own state, where nobody has verified the header; undefined where that does not tell. */
  authorByState(header: Header): Promise<Hash | undefined>
  /** What finalizing `head` changes in the aux store, for the same batch: asked for before it is final. */
  finalizing(head: Hash): readonly AuxEntry[]
  /** Where blocks are sealed on request. */
  readonly sealing?: SealingControls
  /** What a block of `slot` on `parent` bears where nobody checks who made it. */
  stamp(parent: Header, slot: number): Promise<SlotStamp>
}

export interface FinalityPart extends EnginePart, Service {
  readonly finality: FinalityEngine
  /** Who votes on finality now, and what a supermajority must reach. */
  voters(): Voters
  /** Whether a justification proves an ancestor of the finalized block, as far as it is known here who was in charge then. */
  provesOld(block: BlockRef, justification: Justification): Promise<boolean>
  /** Resolves when all that is under way is done. */
  idle(): Promise<void>
  peers(door: PeerDoor): EnginePeers
}
