/**
 * Is this computer's clock right? Peers announce each block within moments of its slot, so the slots they announce tell
 * the time. One peer may lie or lag; the median of those who have announced several blocks in a row is believed.
 *
 * A peer that catches up announces old blocks faster than time goes by, and one that has just come announces what it has:
 * neither says anything about the clock, so only announcements at the pace of the slots count. Pure: time comes in.
 */

export interface ClockReading {
  /** How far this clock is ahead of the peers', in milliseconds; negative where it is behind. */
  readonly offsetMs: number
  /** How many peers say so. */
  readonly peers: number
}

/** Blocks in a row at the right pace before a peer is heard. */
const SAMPLES = 3
/** What a peer said is forgotten after this many milliseconds. */
const MEMORY_MS = 5 * 60_000
const MAX_PEERS = 256
/** A difference is told beyond so many slots, and never below ten seconds: blocks are on their way for a while. */
const TOLERATED_SLOTS = 3
const LEAST_TOLERANCE_MS = 10_000

interface Witness {
  readonly slot: number
  readonly at: number
  readonly offsetMs: number
  readonly samples: number
}

export class ClockCheck {
  readonly #witnesses = new Map<string, Witness>()
  #slotDurationMs = 0

  /** A peer announced a block of `slot`; `now` is this computer's time. */
  observe(peer: string, slot: number, slotDurationMs: number, now: number): void {
    this.#slotDurationMs = slotDurationMs
    const last = this.#witnesses.get(peer)
    if (last !== undefined && slot <= last.slot) return
    const atPace = last !== undefined && (slot - last.slot) * slotDurationMs <= now - last.at + 2 * slotDurationMs
    this.#witnesses.delete(peer)
    this.#witnesses.set(peer, { slot, at: now, offsetMs: now - slot * slotDurationMs, samples: atPace ? last.samples + 1 : 1 })
    if (this.#witnesses.size > MAX_PEERS) this.#witnesses.delete(this.#witnesses.keys().next().value as string)
  }

  /** Undefined where nobody can tell; `offsetMs` is 0 while the clock is right. */
  reading(now: number): ClockReading | undefined {
    const offsets = [...this.#witnesses.values()]
      .filter(({ samples, at }) => samples >= SAMPLES && Math.abs(now - at) <= MEMORY_MS)
      .map(({ offsetMs }) => offsetMs)
      .sort((a, b) => a - b)
    const median = offsets[Math.floor(offsets.length / 2)]
    if (median === undefined) return undefined
    const tolerance = Math.max(LEAST_TOLERANCE_MS, TOLERATED_SLOTS * this.#slotDurationMs)
    return { offsetMs: Math.abs(median) <= tolerance ? 0 : median, peers: offsets.length }
  }

  /** The clock was set: what was said before is of no use. */
  reset(): void {
    this.#witnesses.clear()
  }
}
