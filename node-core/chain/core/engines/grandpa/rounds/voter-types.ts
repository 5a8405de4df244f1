/** What a voter needs, what it is told and what it answers. */
import type { BlockRef, Justification } from '../../../../scale/block.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../../../state/types.ts'
import type { AuthoritySets } from '../sets/authority-sets.ts'
import type { GrandpaMessage, RoundRef, SignedVote } from '../messages.ts'
import type { Abstention, OwnVotesDependencies, VoteRecord } from './own-votes.ts'
import type { VerifySignature } from '../proofs/signatures.ts'

export interface VoterDependencies extends OwnVotesDependencies {
  readonly blocks: Pick<BlockStateReader, 'finalized' | 'best' | 'leaves' | 'header' | 'hasBlock' | 'isAncestor'>
  readonly sets: AuthoritySets
  readonly aux: AuxStore
  readonly verify?: VerifySignature
  /** Knows what was checked elsewhere, and asks `verify`'s like for the rest; without it every vote is checked here. */
  readonly isSigned?: (vote: SignedVote, position: RoundRef) => boolean
}

export interface VoterOptions {
  /** How long a message takes to reach (nearly) everybody, in milliseconds. */
  readonly gossipDuration?: number
}

export interface GrandpaEquivocation {
  readonly round: number
  readonly setId: number
  readonly first: SignedVote
  readonly second: SignedVote
}

export type VoterAction =
  /** The records go to the key memory, and first: they are what may never be forgotten. */
  | { readonly kind: 'store'; readonly aux: readonly AuxEntry[]; readonly records: readonly VoteRecord[] }
  | { readonly kind: 'broadcast'; readonly message: GrandpaMessage }
  | { readonly kind: 'send'; readonly peer: string; readonly message: GrandpaMessage }
  /** Finalize, then call `finalized`, or `finalizeFailed` where it cannot be done. */
  | { readonly kind: 'finalize'; readonly block: BlockRef; readonly justification: Justification }
  /** A vote of another that is good: worth passing on to everybody but the peer it came from. */
  | { readonly kind: 'accepted'; readonly message: GrandpaMessage; readonly peer: string }
  | { readonly kind: 'equivocation'; readonly equivocation: GrandpaEquivocation }
  | Extract<Abstention, { kind: 'abstains' }>
  | { readonly kind: 'misbehaviour'; readonly peer: string; readonly reason: Complaint }

/** The peer sent what no honest voter sends. */
export type Complaint = 'bad-signature' | 'stranger' | 'bad-catch-up' | 'bad-commit'
