/**
 * How high a chain can be by now. Slots rise from block to block, so there is at most one block for each slot that has gone by:
 * whoever claims more above a block that is final claims what cannot be.
 */
import type { Header } from '../../../scale/header.ts'
import { slotAt } from './slot-time.ts'

/** `slot` is the finalized block's; undefined above genesis, which has none. */
export function heightCeiling(finalized: Header, slot: number | undefined, nowMs: number, slotDuration: number): number | undefined {
  if (finalized.number === 0 || slot === undefined) return undefined
  // Another's clock may be in the next slot already.
  return finalized.number + Math.max(0, slotAt(nowMs, slotDuration) - slot) + 1
}
