/** Slots are numbered from the Unix epoch: floor(milliseconds / slot duration). */

/** Clocks differ a little: a block of the next slot is not from the future yet. */
const SLOTS_AHEAD = 1

export function slotAt(ms: number, slotDuration: number): number {
  return Math.floor(ms / slotDuration)
}

/** When a block of this slot is not from the future any more; undefined where it is not now. */
export function retryAt(slot: number, nowMs: number, slotDuration: number): number | undefined {
  return slot <= slotAt(nowMs, slotDuration) + SLOTS_AHEAD ? undefined : (slot - SLOTS_AHEAD) * slotDuration
}
