/**
 * What serving others may take of this node, beside the rate and the budget that each protocol has.
 *
 * The room for answers is sized for a desktop: a few of the largest answers at once, and hundreds of ordinary ones. Late nodes
 * and light clients are served at full speed while there is room, and wait for each other where there is not.
 */
import type { TurnstileLimits } from './turnstile.ts'

const MIB = 1024 * 1024

/** Bytes of answers that are being made or sent, and of long requests. */
export const ROOM: TurnstileLimits = { total: 64 * MIB, forGrowth: 16 * MIB, perPeer: 24 * MIB, perSubscriber: 32 * MIB, perSite: 40 * MIB, waiting: 256 }

/** Who has answers that wait, or are being made, on one protocol: what a subscriber and a site may take of its places. */
export const PLACE_SHARES = { subscriber: 0.5, site: 0.75, waiting: 128 } as const

/** The longest wait for budget, place and room together: well below what others wait for an answer. */
export const MAX_WAIT_MS = 8_000

/** How long a handler may work on when nobody waits for it any more: the longest call of the runtime. */
export const LINGER_MS = 5_000

/** Of each rate, what a subscriber and a site may have in multiples of a peer's: many light clients may share a router. */
export const RATE_SHARES = { subscriber: 8, site: 16 } as const

/** A request longer than this takes of the room while it arrives. */
export const SHORT_REQUEST_BYTES = 16 * 1024
