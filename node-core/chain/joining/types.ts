/**
 * What the stages of joining share: whom they ask, what they write, and what they show.
 *
 * A node joins a running chain in three stages. *Proofs*: finality is followed from the authorities that are trusted to the newest
 * finalized block, the target. *State*: the whole state of the target is fetched in pieces, each proven under its root. *Anchor*: the
 * target becomes the block on which this node's chain stands, in one batch. Then the node follows the head as any other.
 */
import type { PeerJudge, RequestSender } from '../../network/contracts.ts'
import type { AuthoritySet, ProvenBlock } from '../core/engines/joining.ts'
import type { BlockRef } from '../scale/block.ts'
import type { AnchorWriter } from '../state/types.ts'
import type { StateDownloadStatus } from './state/state-download.ts'

/** A peer of which the status is known. */
export interface JoinPeer {
  readonly id: string
  readonly best: BlockRef
}

/** The network, as far as joining needs it. */
export interface JoinNetwork {
  readonly sender: RequestSender
  readonly judge: PeerJudge
  /** Full nodes that are here now, light clients left out. */
  peers(): readonly JoinPeer[]
}

/** Where the chain of proofs begins. */
export interface TrustedStart {
  readonly block: BlockRef
  readonly set: AuthoritySet
}

/** What is written as the node joins. Each call is one batch, on the disk itself when it resolves. */
export type JoinStore = AnchorWriter

/** How far the proofs have come. */
export interface ProofProgress {
  /** Proven steps so far, those of earlier starts included. */
  readonly fragments: number
  /** The newest proven block. */
  readonly block: BlockRef
  /** The best block of most peers, as they tell: nothing of it is proven. Never below `block`. */
  readonly highest: number
  /** At the pace of this start; undefined before the first step. */
  readonly secondsLeft: number | undefined
}

export type JoinStage = 'peers' | 'proofs' | 'state' | 'anchor'

/** Why nothing moves: bounded. */
export type JoinHold = 'no-peers' | 'nobody-serves-proofs' | 'nobody-serves-state'

export interface JoinProgress {
  readonly stage: JoinStage
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly peers: number
  readonly proofs: ProofProgress | undefined
  /** The block whose state is fetched. */
  readonly target: BlockRef | undefined
  readonly state: StateDownloadStatus | undefined
  readonly hold: JoinHold | undefined
}

export interface JoiningStatus extends JoinProgress {
  /** Where nobody serves proofs for a minute every block is executed from the first one; otherwise the node waits for somebody who does. */
  readonly fallsBack: boolean
}

/** How joining ended. */
export type JoinOutcome =
  /** The chain stands on `block`. `bytes` of keys and values of its state; undefined where an earlier start fetched them. */
  | { readonly kind: 'joined'; readonly block: BlockRef; readonly fragments: number; readonly bytes: number | undefined; readonly tookMs: number }
  /** Every block is executed from the first one, because nothing was final yet, or because nobody served proofs. */
  | { readonly kind: 'young' | 'unserved' }

/** The newest finalized block that was proven, of which the state is wanted. */
export type JoinTarget = ProvenBlock
