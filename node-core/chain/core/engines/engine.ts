/**
 * The consensus engine interface: author, verify, finalize.
 *
 * An engine is made of pure state machines. It has no socket, clock, database or randomness of its own; core gives it
 * time and entries of the aux store, and writes what it returns. BABE with GRANDPA is the first engine; another one is
 * another implementation of these interfaces.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { DigestItem, Header } from '../../scale/header.ts'
import type { AuxEntry, BlockRef, Justification } from '../../state/types.ts'
import type { InherentData } from '../../runtime/types.ts'

/** The right to author in a slot. */
export interface SlotClaim {
  readonly slot: number
  /** Public key of the local authority that claims it. */
  readonly authority: Hash
  /** Goes into the header before the runtime runs. */
  readonly preDigest: DigestItem
  /** What the engine wants among the inherents (`babeslot`). */
  readonly inherents: InherentData
  /** Weight in fork choice (BABE: 1 for primary, 0 for secondary). */
  readonly weight: number
}

export interface VerifiedHeader {
  readonly hash: Hash
  /** The header as the runtime wants to see it: without the seal. */
  readonly unsealed: Header
  readonly slot: number
  /** Who wrote it, as `0x` of the public key. */
  readonly author: Hash
  readonly weight: number
  /** Goes into the batch that stores the block. */
  readonly aux: readonly AuxEntry[]
}

export interface Author {
  /** Milliseconds a slot lasts. */
  readonly slotDuration: number
  /** The last slot that a local key claimed, in this run or an earlier one: only those after it can be claimed. */
  readonly lastClaimed: number | undefined
  /** How many authorities share the slots of the epoch that a child of `parent` in `slot` would belong to. */
  authorityCount(parent: Header, parentHash: Hash, slot: number): Promise<number>
  /** Undefined where none of the local keys may author on top of `parent` in `slot`, or has claimed it before. */
  claimSlot(parent: Header, parentHash: Hash, slot: number): Promise<SlotClaim | undefined>
  /**
   * Puts the claim on record for good, then appends the seal to a header built on it. Throws where the record cannot be written, or shows
   * that the slot was claimed before: no block is made then.
   */
  seal(header: Header, claim: SlotClaim): Promise<Header>
}

export interface Verifier {
  /**
   * Checks everything that can be checked without executing: pre-digest, slot after the parent's and not in the future,
   * author's right (VRF, threshold, secondary slot), seal, epoch announcements.
   * Throws a NodeError whose code is one of the engine's, with `data.temporary: true` where the block may be good later.
   */
  verify(header: Header, nowMs: number): Promise<VerifiedHeader>
}

/** What a finality engine wants done. */
export interface FinalityEvents {
  finalize: { readonly block: BlockRef; readonly justification: Justification; readonly aux: readonly AuxEntry[] }
}
