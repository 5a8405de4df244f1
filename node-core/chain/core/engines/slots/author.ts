/**
 * Authoring by slots: the local keys' side of an engine in which each stretch of time has its authors.
 *
 * A slot is claimed before anything is built, because the claim stands in the header that the runtime sees. The seal comes last, over
 * the finished header, and the claim is on record before it: one key never signs two blocks for one slot (slot-claims.ts).
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { DigestItem, Header } from '../../../scale/header.ts'
import type { InherentData } from '../../../runtime/types.ts'

/** The right to author in a slot. */
export interface SlotClaim {
  readonly slot: number
  /** Public key of the local authority that claims it. */
  readonly authority: Hash
  /** Goes into the header before the runtime runs. */
  readonly preDigest: DigestItem
  /** What the engine wants among the inherents (`babeslot`). */
  readonly inherents: InherentData
  /** Weight in fork choice. */
  readonly weight: number
}

export interface Author {
  /** Milliseconds a slot lasts. */
  readonly slotDuration: number
  /** The last slot that a local key claimed, in this run or an earlier one: only those after it can be claimed. */
  readonly lastClaimed: number | undefined
  /** How many authorities share the slots in which a child of `parent` in `slot` would stand. */
  authorityCount(parent: Header, parentHash: Hash, slot: number): Promise<number>
  /** Undefined where none of the local keys may author on top of `parent` in `slot`, or has claimed it before. */
  claimSlot(parent: Header, parentHash: Hash, slot: number): Promise<SlotClaim | undefined>
  /**
   * Puts the claim on record for good, then appends the seal to a header built on it. Throws where the record cannot be written, or shows
   * that the slot was claimed before: no block is made then.
   */
  seal(header: Header, claim: SlotClaim): Promise<Header>
}
