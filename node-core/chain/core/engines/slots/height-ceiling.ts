/**
 * How high a chain can be by now. Slots rise from block to block, so there is at most one block for each slot that has gone by:
 * whoever claims more above a block that is final claims what cannot be.
 */
import type { Header } from '../../../scale/header.ts'
import { preDigestOf } from '../babe/digest.ts'
import { slotAt } from '../babe/epoch.ts'

/** Undefined above genesis, which has no slot. */
export function heightCeiling(finalized: Header, nowMs: number, slotDuration: number): number | undefined {
  if (finalized.number === 0) return undefined
  const slots = slotAt(nowMs, slotDuration) - preDigestOf(finalized).slot
  // Another's clock may be in the next slot already.
  return finalized.number + Math.max(0, slots) + 1
}
