/**
 * Never the same question to the same peer within a minute.
 *
 * Nodes of this family count identical requests per peer, over all its connections, and ban who sends the third within a
 * minute: it looks like somebody who wants to wear them out. An honest node gets there easily, by asking again after a lost
 * answer, or for a block that it could not import. So every request of a protocol that counts goes by this guard, which
 * compares the bytes; it remembers by identity, so that a peer that went and came back is still known. Whoever is refused
 * asks somebody else, something else, or later; those who plan ahead (the syncer) keep the same rule before they choose.
 */
import { toBinaryString } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { RecentKeys } from '../../base/recent-keys.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import type { RequestSpec } from '../contracts.ts'

/** A minute, and what two requests may differ in how long they are on their way. */
export const REPEAT_MS = 65_000

/** Requests of one such span: a thousand a second, far above what syncing takes. */
const MAX_REMEMBERED = 65_536

export class RepeatGuard {
  readonly #clock: Clock
  readonly #asked = new RecentKeys(REPEAT_MS, MAX_REMEMBERED)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of a request that is about to go out; false where it must not. */
  pass(peer: string, { protocol, noRepeats }: RequestSpec, request: Uint8Array): boolean {
    if (noRepeats !== true) return true
    return this.#asked.add(`${peer} ${protocol} ${toBinaryString(blake2b256(request))}`, this.#clock.now())
  }
}
